"""Counting changed lines with the git program, in good repositories and in hostile ones."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mi6_tui.ingest.git.diff import Change, changed_files, diff_stat
from tests.ingest.git.program import Git

PATIENCE = 60.0


@pytest.fixture
def git(tmp_path: Path) -> Git:
    return Git(tmp_path / "home")


@pytest.fixture
def repo(git: Git, tmp_path: Path) -> Path:
    return git.repo(tmp_path / "r")


def count(git: Git, folder: Path) -> tuple[int, int] | None:
    return diff_stat(str(folder), PATIENCE, git.env)


def test_lines_since_the_last_commit(git: Git, repo: Path) -> None:
    assert count(git, repo) == (0, 0)
    (repo / "a").write_text("1\nzwei\n3\n4\n")
    (repo / "untracked").write_text("x\n")
    assert count(git, repo) == (2, 1)
    (repo / "sub").mkdir()
    (repo / "sub" / "b").write_text("x\ny\n")
    git(repo, "add", "sub")
    assert count(git, repo) == count(git, repo / "sub") == (4, 1)
    git(repo, "commit", "-qam", "second")
    (repo / "a").unlink()
    assert count(git, repo) == (0, 4)
    (repo / "sub" / "b").write_text("x\ny\nz\n")
    git(repo, "config", "diff.relative", "true")
    git(repo, "config", "color.ui", "always")
    git(repo, "config", "core.pager", "false")
    assert count(git, repo / "sub") == (1, 4)


def test_before_the_first_commit_all_that_is_added_is_new(git: Git, tmp_path: Path) -> None:
    repo = tmp_path / "new"
    git(tmp_path, "init", "-q", str(repo))
    assert count(git, repo) == (0, 0)
    (repo / "a").write_text("1\n2\n")
    git(repo, "add", "a")
    (repo / "a").write_text("1\n2\n3\n")
    assert count(git, repo) == (3, 0)


def test_worktrees_and_binary_files(git: Git, repo: Path, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    git(repo, "worktree", "add", "-q", str(linked))
    (linked / "a").write_text("")
    (linked / "b").write_bytes(b"\0" * 100)
    git(linked, "add", "b")
    assert count(git, linked) == (0, 3)
    assert count(git, repo) == (0, 0)


def test_what_cannot_be_counted(git: Git, repo: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(repo), "bare")
    head = repo / ".git" / "refs" / "heads" / "main"
    for folder in (tmp_path, tmp_path / "bare", tmp_path / "gone", repo / "a", Path("/\0")):
        assert count(git, folder) is None
    assert diff_stat(str(repo), PATIENCE, {"PATH": str(tmp_path)}) is None, "there is no git"
    head.write_text("1" * 40 + "\n")
    assert count(git, repo) is None, "the last commit is missing: that is not the same as none"
    (repo / ".git" / "config").write_text("[nonsense\n")
    assert count(git, repo) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_another_user_is_left_alone(git: Git, repo: Path) -> None:
    git(repo, "config", "--global", "safe.directory", "*")
    assert count(git, repo) == (0, 0)
    for place in (repo, repo / ".git"):
        os.chown(place, 4_711, 4_711)
    assert count(git, repo) is None


def _touching(place: Path) -> str:
    """A command that leaves a trace, and passes on what it is given."""
    return f"touch '{place}'; cat"


HOSTILE = {
    "core.fsmonitor": "{}",
    "core.pager": "{}",
    "core.sshCommand": "{}",
    "core.editor": "{}",
    "core.alternateRefsCommand": "{}",
    "diff.external": "{}",
    "diff.evil.command": "{}",
    "diff.evil.textconv": "{}",
    "filter.evil.clean": "{}",
    "filter.evil.smudge": "{}",
    "filter.evil.process": "{}",
    "filter.evil.required": "true",
    "filter.e.v i.l.clean": "{}",
    "pager.diff": "{}",
    "alias.diff": "!{}",
    "interactive.diffFilter": "{}",
}


def test_nothing_that_a_repository_names_is_run(git: Git, repo: Path, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    hooks = repo / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-index-change", "fsmonitor-watchman", "post-checkout", "reference-transaction"):
        (hooks / name).write_text(f"#!/bin/sh\n{_touching(trace)}\n")
        (hooks / name).chmod(0o755)
    for name, value in HOSTILE.items():
        git(repo, "config", name, value.format(_touching(trace)))
    (repo / "b").write_text("1\n")
    (repo / ".gitattributes").write_text('a filter=evil diff=evil\nb filter="e.v i.l"\n')
    (repo / ".git" / "info" / "attributes").write_text("* filter=evil diff=evil\n")
    trace.unlink(missing_ok=True)
    (repo / "a").write_text("1\n2\n3\n4\n")
    os.utime(repo / ".gitattributes", (1, 1))
    assert count(git, repo) == (1, 0)
    assert not trace.exists()
    git(repo, "diff", ok=False)
    assert trace.exists(), "without care it would have been run"


def test_a_filter_from_an_included_file_is_not_run(git: Git, repo: Path, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    (tmp_path / "more").write_text(f'[filter "evil"]\n\tclean = "{_touching(trace)}"\n')
    git(repo, "config", "include.path", str(tmp_path / "more"))
    (repo / ".git" / "info" / "attributes").write_text("* filter=evil\n")
    (repo / "a").write_text("1\n2\n")
    assert count(git, repo) == (0, 1)
    assert not trace.exists()
    git(repo, "diff")
    assert trace.exists()


def test_a_filter_that_cannot_be_switched_off_leaves_it_uncounted(
    git: Git, repo: Path, tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    with open(repo / ".git" / "config", "a") as config:
        config.write(f'[filter "a=b"]\n\tclean = "{_touching(trace)}"\n')
    (repo / ".git" / "info" / "attributes").write_text("* filter=a=b\n")
    (repo / "a").write_text("1\n2\n")
    assert count(git, repo) is None
    assert not trace.exists()


def test_too_many_filters(git: Git, repo: Path) -> None:
    with open(repo / ".git" / "config", "a") as config:
        config.writelines(f'[filter "{number}"]\n\tclean = cat\n' for number in range(101))
    assert count(git, repo) is None
    with open(repo / ".git" / "config", "a") as config:
        config.writelines(f'[filter "{"x" * 100}{number}"]\n\tclean = cat\n' for number in range(2_000))
    assert count(git, repo) is None


def test_submodules_are_not_entered(git: Git, repo: Path, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    inner = git.repo(tmp_path / "inner")
    git(repo, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner), "sub")
    git(repo, "commit", "-qm", "sub")
    git(repo / "sub", "config", "core.fsmonitor", _touching(trace))
    git(repo, "config", "diff.ignoreSubmodules", "none")
    (repo / "sub" / "a").write_text("changed\n")
    (repo / "a").write_text("1\n2\n3\n4\n")
    assert count(git, repo) == (1, 0)
    assert not trace.exists()


def test_what_a_partial_clone_lacks_is_not_fetched(git: Git, repo: Path, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    git(repo, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--no-checkout", "--filter=blob:none", f"file://{repo}", "partial")
    partial = tmp_path / "partial"
    git(partial, "reset", "-q", "--mixed")
    (partial / "a").write_text("other\n")
    for url in ("ssh://example.invalid/r", f"ext::sh -c {_touching(trace)}", "evil::x", f"file://{repo}"):
        git(partial, "config", "remote.origin.url", url)
        git(partial, "config", "remote.origin.uploadpack", _touching(trace))
        git(partial, "config", "core.sshCommand", _touching(trace))
        git(partial, "config", "protocol.allow", "always")
        assert count(git, partial) is None
        assert not trace.exists()
    git(partial, "config", "remote.origin.url", "ssh://example.invalid/r")
    git(partial, "diff", "HEAD", ok=False)
    assert trace.exists()


def test_the_index_is_not_written(git: Git, repo: Path) -> None:
    os.utime(repo / "a", (1_000_000_000, 1_000_000_000))
    index = repo / ".git" / "index"
    before = index.read_bytes(), index.stat().st_mtime_ns, index.stat().st_ino
    assert count(git, repo) == (0, 0)
    assert (index.read_bytes(), index.stat().st_mtime_ns, index.stat().st_ino) == before


def test_the_users_programs_in_the_current_folder_are_not_git(
    git: Git, repo: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (repo / "git").write_text(f"#!/bin/sh\ntouch '{tmp_path}/trace'\n")
    (repo / "git").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    assert diff_stat(str(repo), PATIENCE, git.env | {"PATH": f".:{git.env['PATH']}"}) == (0, 0)
    assert not (tmp_path / "trace").exists()


def in_its_place(git: Git, folder: Path, script: str) -> dict[str, str]:
    """The environment in which a shell script in `folder` is called git."""
    program = folder / "bin" / "git"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return git.env | {"PATH": f"{program.parent}:{git.env['PATH']}"}


def test_a_git_that_hangs_is_killed_with_its_children(tmp_path: Path, git: Git) -> None:
    os.mkfifo(tmp_path / "alive")
    reader = os.open(tmp_path / "alive", os.O_RDONLY | os.O_NONBLOCK)
    script = f"trap '' TERM\n(exec 3>'{tmp_path}/alive'; sleep 1000) &\nsleep 1000"
    assert diff_stat(str(tmp_path), 0.5, in_its_place(git, tmp_path, script)) is None
    os.set_blocking(reader, True)
    assert os.read(reader, 1) == b"", "the end of the pipe: no child has it open for writing"
    os.close(reader)


def test_a_git_that_talks_without_end_is_killed(tmp_path: Path, git: Git) -> None:
    assert diff_stat(str(tmp_path), PATIENCE, in_its_place(git, tmp_path, "exec yes")) is None


def test_git_gets_none_of_our_variables(tmp_path: Path, git: Git) -> None:
    env = in_its_place(git, tmp_path, f"env > '{tmp_path}/env'\nexit 7")
    env |= {"TOKEN": "x", "GIT_DIR": "/x", "GIT_TRACE": "1"}
    assert diff_stat(str(tmp_path), PATIENCE, env) is None
    given = dict(line.split("=", 1) for line in (tmp_path / "env").read_text().splitlines())
    assert not {"TOKEN", "GIT_DIR", "GIT_TRACE"} & given.keys()
    assert given["GIT_OPTIONAL_LOCKS"] == "0"


def test_files_behind_the_count(git: Git, repo: Path) -> None:
    def changed(folder: Path) -> list[Change] | None:
        return changed_files(str(folder), PATIENCE, git.env)

    assert changed(repo) == []
    (repo / "sub").mkdir()
    (repo / "sub" / "naïve\tname\n").write_text("x\ny\n")
    git(repo, "add", ".")
    git(repo, "commit", "-qm", "second")
    (repo / "sub" / "naïve\tname\n").write_text("x\n")
    (repo / "a").unlink()
    (repo / "pixels").write_bytes(b"\0" * 10)
    git(repo, "add", "pixels")
    (repo / ".gitignore").write_text("*.o\n")
    (repo / "x.o").write_text("ignored")
    (repo / "new").mkdir()
    (repo / "new" / "file").write_text("1\n")
    expected = [
        Change("a", 0, 3),
        Change("pixels", None, None),
        Change("sub/naïve\tname\n", 0, 1),
        Change(".gitignore", None, None, untracked=True),
        Change("new/", None, None, untracked=True),
    ]
    assert changed(repo) == changed(repo / "sub") == expected


def test_files_outside_of_a_working_copy_cannot_be_told(git: Git, tmp_path: Path) -> None:
    assert changed_files(str(tmp_path / "nowhere"), PATIENCE, git.env) is None
    plain = tmp_path / "plain"
    plain.mkdir()
    assert changed_files(str(plain), PATIENCE, git.env) is None
    repo = tmp_path / "empty"
    git(tmp_path, "init", "-q", str(repo))
    (repo / "a").write_text("1\n")
    assert changed_files(str(repo), PATIENCE, git.env) == [Change("a", None, None, untracked=True)]
    git(repo, "add", "a")
    assert changed_files(str(repo), PATIENCE, git.env) == [Change("a", 1, 0)]
