"""What is read of a repository, against what the git program says of the same one."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from mi6_tui.ingest.git.context import Contexts, GitContext
from tests.ingest.git.program import Git

GITHUB = "git@github.com:Owner/api.git"


@pytest.fixture
def git(tmp_path: Path) -> Git:
    return Git(tmp_path / "home")


def read(git: Git, folder: Path) -> GitContext | None:
    return Contexts(git.env).of(str(folder))


def context(git: Git, folder: Path) -> GitContext:
    """The context, of which every test expects that git names the same folder and branch."""
    found = read(git, folder)
    assert found is not None
    assert found.local_git_dir == git.dir_of(folder)
    if found.detached is None:
        assert found.branch == git(folder, "branch", "--show-current")
    return found


def test_a_branch_in_the_main_worktree(git: Git, tmp_path: Path) -> None:
    repo = git.repo(tmp_path / "r", branch="fix/123-x", origin=GITHUB)
    (repo / "deep" / "er").mkdir(parents=True)
    for folder in (repo, repo / "deep" / "er"):
        found = context(git, folder)
        assert (found.branch, found.detached, found.worktree_path) == ("fix/123-x", None, None)
        assert (found.github_repo, found.issue, found.pr) == ("Owner/api", 123, None)


def test_packed_refs_and_branches_with_strange_names(git: Git, tmp_path: Path) -> None:
    repo = git.repo(tmp_path / "r")
    for name in (
        "a/b/c",
        "größe",
        "x" * 200,
        "-".join("y" * 20),
        "a.b",
        "user@host",
        "ref",
        "heads/refs/heads/z",
    ):
        git(repo, "checkout", "-qb", name)
        git(repo, "pack-refs", "--all")
        assert context(git, repo).branch == name


def test_a_branch_without_a_commit(git: Git, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "not-yet", "r")
    assert context(git, tmp_path / "r").branch == "not-yet"


def test_a_number_needs_a_repository_on_github(git: Git, tmp_path: Path) -> None:
    repo = git.repo(tmp_path / "r", branch="issue-7", origin="https://gitlab.com/o/r.git")
    found = context(git, repo)
    assert (found.github_repo, found.issue) == (None, None)


def test_a_detached_head(git: Git, tmp_path: Path) -> None:
    repo = git.repo(tmp_path / "r")
    git(repo, "checkout", "-q", "--detach")
    found = context(git, repo)
    assert found.branch is None
    assert found.detached == git(repo, "rev-parse", "HEAD")[:7]


@pytest.mark.parametrize("backend", ["--merge", "--apply"])
def test_a_rebase_in_progress_is_about_its_branch(git: Git, tmp_path: Path, backend: str) -> None:
    repo = git.repo(tmp_path / "r", origin=GITHUB)
    git(repo, "checkout", "-qb", "issue-9")
    (repo / "a").write_text("mine\n")
    git(repo, "commit", "-qam", "mine")
    git(repo, "checkout", "-q", "main")
    (repo / "a").write_text("theirs\n")
    git(repo, "commit", "-qam", "theirs")
    contexts = Contexts(git.env)
    git(repo, "rebase", backend, "main", "issue-9", ok=False)
    assert git(repo, "branch", "--show-current") == ""
    found = contexts.of(str(repo))
    assert found is not None
    assert (found.branch, found.detached, found.issue) == ("issue-9", None, 9)
    git(repo, "rebase", "--quit")
    head = git(repo, "rev-parse", "HEAD")
    found = contexts.of(str(repo))
    assert found is not None
    assert (found.branch, found.detached) == (None, head[:7])


def test_a_rebase_of_no_branch(git: Git, tmp_path: Path) -> None:
    repo = git.repo(tmp_path / "r")
    git(repo, "checkout", "-q", "--detach")
    (repo / "a").write_text("mine\n")
    git(repo, "commit", "-qam", "mine")
    git(repo, "-c", "sequence.editor=echo break >>", "rebase", "-qi", "HEAD^")
    assert (repo / ".git" / "rebase-merge" / "head-name").exists()
    assert context(git, repo).branch is None


@pytest.mark.parametrize("relative", [False, True])
def test_a_linked_worktree(git: Git, tmp_path: Path, relative: bool) -> None:
    repo = git.repo(tmp_path / "r", origin=GITHUB)
    linked = tmp_path / "linked"
    git(repo, "worktree", "add", "-q", "-b", "gh-5", str(linked))
    if relative:
        (linked / ".git").write_text("gitdir: ../r/.git/worktrees/linked\n")
    (linked / "sub").mkdir()
    for folder in (linked, linked / "sub"):
        found = context(git, folder)
        assert found.worktree_path == git(folder, "rev-parse", "--show-toplevel") == str(linked)
        assert (found.branch, found.github_repo, found.issue) == ("gh-5", "Owner/api", 5)
        assert found.local_git_dir == str(repo / ".git" / "worktrees" / "linked")
    assert context(git, repo).branch == "main"


def test_a_submodule_has_a_repository_of_its_own(git: Git, tmp_path: Path) -> None:
    inner = git.repo(tmp_path / "inner")
    outer = git.repo(tmp_path / "outer", origin=GITHUB)
    git(outer, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner), "sub")
    sub = outer / "sub"
    git(sub, "remote", "set-url", "origin", "https://github.com/other/inner")
    found = context(git, sub)
    assert found.local_git_dir == str(outer / ".git" / "modules" / "sub")
    assert (found.github_repo, found.worktree_path, found.branch) == ("other/inner", None, "main")
    linked = tmp_path / "linked"
    git(sub, "worktree", "add", "-q", "-b", "w", str(linked))
    assert context(git, linked).github_repo == "other/inner"
    assert context(git, linked).worktree_path == str(linked)


def test_a_bare_repository_and_its_worktree(git: Git, tmp_path: Path) -> None:
    repo = git.repo(tmp_path / "r")
    bare = tmp_path / "bare"
    git(tmp_path, "clone", "-q", "--bare", str(repo), str(bare))
    git(bare, "remote", "set-url", "origin", GITHUB)
    for folder in (bare, bare / "refs", repo / ".git", repo / ".git" / "hooks"):
        assert context(git, folder).worktree_path is None
    assert context(git, bare).github_repo == "Owner/api"
    git(bare, "worktree", "add", "-q", str(bare / "tree"), "-b", "t")
    assert context(git, bare / "tree").worktree_path == str(bare / "tree")
    assert context(git, bare / "worktrees" / "tree").worktree_path is None


def test_a_git_folder_elsewhere_and_links(git: Git, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "m", "--separate-git-dir", str(tmp_path / "apart"), str(tmp_path / "r"))
    assert context(git, tmp_path / "r").worktree_path is None
    (tmp_path / "link").symlink_to(tmp_path / "r")
    assert context(git, tmp_path / "link").branch == "m"
    (tmp_path / "r2").mkdir()
    (tmp_path / "r2" / ".git").symlink_to(tmp_path / "apart")
    assert context(git, tmp_path / "r2").branch == "m"


@pytest.mark.parametrize(
    "remotes",
    [
        {"origin": "https://github.com/A/b.c.git"},
        {"upstream": "ssh://git@ssh.github.com:443/up/stream.git"},
        {"x": "git@github.com:x/x", "origin": "git@github.com:o/o"},
    ],
)
def test_the_remote_that_counts(git: Git, tmp_path: Path, remotes: dict[str, str]) -> None:
    repo = git.repo(tmp_path / "r")
    for name, url in remotes.items():
        git(repo, "remote", "add", name, url)
    main = git(repo, "remote", "get-url", "origin" if "origin" in remotes else next(iter(remotes)))
    found = context(git, repo)
    assert found.github_repo is not None
    assert found.github_repo in main
    assert len(found.github_repos) == len(remotes)


def test_of_several_remotes_that_of_the_branch(git: Git, tmp_path: Path) -> None:
    repo = git.repo(tmp_path / "r")
    for name in ("one", "two"):
        git(repo, "remote", "add", name, f"git@github.com:{name}/r.git")
    assert context(git, repo).github_repo is None
    git(repo, "config", "branch.main.remote", "two")
    assert context(git, repo).github_repo == "two/r"


def test_short_names_of_urls(git: Git, tmp_path: Path) -> None:
    repo = git.repo(tmp_path / "r", origin="gh:o/r")
    assert context(git, repo).github_repo is None
    git(repo, "config", "--global", "url.https://github.com/.insteadOf", "gh:")
    assert git(repo, "remote", "get-url", "origin") == "https://github.com/o/r"
    assert context(git, repo).github_repo == "o/r"
    git(repo, "config", "url.git@github.com:special/.insteadOf", "gh:o/")
    assert git(repo, "remote", "get-url", "origin") == "git@github.com:special/r"
    assert context(git, repo).github_repo == "special/r"


def test_a_copy_does_not_hide_where_it_is_from(git: Git, tmp_path: Path) -> None:
    repo = git.repo(tmp_path / "r", origin="https://github.com/o/r")
    git(repo, "config", "--global", "url.https://copy.example/.insteadOf", "https://github.com/")
    assert context(git, repo).github_repo == "o/r"


def test_no_password_comes_out(git: Git, tmp_path: Path) -> None:
    repo = git.repo(tmp_path / "r", origin="https://me:ghp_secret@github.com/o/r.git")
    git(repo, "remote", "add", "other", "https://ghp_secret@github.com:ghp_secret/x/y")
    found = context(git, repo)
    assert found.github_repo == "o/r"
    assert "secret" not in repr(found)


def test_outside_of_a_repository(git: Git, tmp_path: Path) -> None:
    folder = tmp_path / "plain"
    folder.mkdir()
    (folder / "file").touch()
    for cwd in (folder, folder / "file", folder / "gone", Path("relative"), Path()):
        assert read(git, cwd) is None
    assert Contexts().of("") is None
    assert Contexts().of("/\0") is None
    assert Contexts().of("/" + "x/" * 5_000) is None


def test_a_folder_that_is_no_repository_is_passed_by(git: Git, tmp_path: Path) -> None:
    repo = git.repo(tmp_path / "r")
    (repo / "sub" / ".git").mkdir(parents=True)
    assert context(git, repo / "sub").branch == "main"


@pytest.mark.parametrize(
    "content", ["", "gitdir: ", "gitdir: /nowhere", "nonsense", "gitdir: \0", "gitdir: .."]
)
def test_a_git_file_that_leads_nowhere(git: Git, tmp_path: Path, content: str) -> None:
    repo = git.repo(tmp_path / "r")
    (repo / "sub").mkdir()
    (repo / "sub" / ".git").write_text(content)
    assert read(git, repo / "sub") is None
    assert git(repo / "sub", "rev-parse", "--git-dir", ok=False) == ""


def test_links_in_a_circle(git: Git, tmp_path: Path) -> None:
    repo = git.repo(tmp_path / "r")
    (repo / "loop").symlink_to(repo / "loop")
    assert read(git, repo / "loop") is None
    (repo / "sub").mkdir()
    (repo / "sub" / ".git").symlink_to(repo / "sub" / ".git")
    (repo / "sub" / "deeper").mkdir()
    read(git, repo / "sub" / "deeper")


@pytest.mark.parametrize("name", ["HEAD", "config", "commondir", "objects"])
def test_pipes_and_sockets_do_not_block(git: Git, tmp_path: Path, name: str) -> None:
    repo = git.repo(tmp_path / "r", origin=GITHUB)
    place = repo / ".git" / name
    if place.exists():
        place.rename(place.with_name("away"))
    os.mkfifo(place)
    found = read(git, repo)
    if name in ("HEAD", "objects"):
        assert found is None
    else:
        assert found is not None
        assert found.github_repo == (None if name == "config" else "Owner/api")


def test_a_pipe_instead_of_the_git_folder(git: Git, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".git")
    assert read(git, tmp_path) is None


@pytest.mark.parametrize(
    "head",
    [
        "",
        "ref: refs/heads/.invalid",
        "ref: refs/heads/a..b",
        "ref: refs/heads/a b",
        "ref: refs/heads/a\x1b[31m",
        "ref: refs/heads/a.lock",
        "ref: refs/heads/a/",
        "ref: refs/heads/" + "x" * 600,
        "ref: refs/remotes/origin/main",
        "ref: ../../etc/passwd",
        "\0\0\0",
        "0123",
    ],
)
def test_a_head_that_git_would_not_write(git: Git, tmp_path: Path, head: str) -> None:
    repo = git.repo(tmp_path / "r")
    (repo / ".git" / "HEAD").write_text(head + "\n")
    found = read(git, repo)
    assert found is not None
    assert (found.branch, found.detached) == (None, None)


def test_bytes_that_are_no_text_can_be_stored(git: Git, tmp_path: Path) -> None:
    repo = git.repo(Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff")))
    git(repo, "checkout", "-qb", os.fsdecode(b"\xfe"))
    found = read(git, repo)
    assert found is not None
    assert (found.branch, found.local_git_dir) == ("\ufffd", f"{tmp_path}/\ufffd/.git")


def test_a_configuration_above_the_limit_gives_the_origin_alone(git: Git, tmp_path: Path) -> None:
    repo = git.repo(tmp_path / "r")
    config = repo / ".git" / "config"
    plain = config.read_text()
    branches = "".join(f'[branch "b{number}"]\n\tremote = origin\n' for number in range(3_000))
    config.write_text(f'{plain}[remote "origin"]\n\turl = {GITHUB}\n{branches}')
    assert context(git, repo).github_repo == "Owner/api"
    config.write_text(f'{plain}[remote "one"]\n\turl = {GITHUB}\n{branches}')
    assert context(git, repo).github_repo is None
    for cut in range(len(GITHUB)):
        start = f'{plain}[remote "origin"]\n\turl = {GITHUB[:cut]}'
        padding = "#" * ((1 << 16) - len(start) - 1) + "\n"
        config.write_text(padding + start + GITHUB[cut:] + "\n" + branches)
        assert context(git, repo).github_repo is None


def test_what_changed_is_read_again(git: Git, tmp_path: Path) -> None:
    repo = git.repo(tmp_path / "r")
    (repo / "sub").mkdir()
    contexts = Contexts(git.env)

    def now(folder: Path) -> GitContext:
        found = contexts.of(str(folder))
        assert found is not None
        assert contexts.of(str(folder)) is found, "nothing changed: nothing is read"
        return found

    assert now(repo / "sub").branch == "main"
    git(repo, "checkout", "-qb", "other")
    assert now(repo / "sub").branch == "other"
    git(repo, "remote", "add", "origin", GITHUB)
    assert now(repo / "sub").github_repo == "Owner/api"
    git(repo, "remote", "set-url", "origin", "gh:o/r")
    assert now(repo / "sub").github_repo is None
    git(repo, "config", "--global", "url.https://github.com/.insteadOf", "gh:")
    assert now(repo / "sub").github_repo == "o/r"
    git.repo(repo / "sub", branch="inner")
    assert now(repo / "sub").branch == "inner"
    (repo / "sub" / ".git").rename(tmp_path / "away")
    assert now(repo / "sub").branch == "other"
    (repo / ".git").rename(tmp_path / "away too")
    assert contexts.of(str(repo / "sub")) is None
    (tmp_path / "away too").rename(repo / ".git")
    assert now(repo / "sub").branch == "other"


def test_the_remotes_are_as_old_as_their_file(git: Git, tmp_path: Path) -> None:
    repo = git.repo(tmp_path / "r", origin=GITHUB)
    os.utime(repo / ".git" / "config", ns=(0, 1_700_000_000_123_456_789))
    assert context(git, repo).repo_since == 1_700_000_000_123


def test_a_folder_that_may_not_be_read(git: Git) -> None:
    with TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        repo = git.repo(Path(name, "r"), origin=GITHUB)
        (repo / ".git").chmod(0)
        me = os.geteuid()
        if me == 0:
            os.seteuid(65_534)  # root may read everything
        try:
            found = read(git, repo)
        finally:
            os.seteuid(me)
        (repo / ".git").chmod(0o700)
        assert found is None
        assert context(git, repo).github_repo == "Owner/api"
