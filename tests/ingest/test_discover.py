"""Which files are found, and what stands in the way without stopping the walk."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mi6_tui.frameworks import framework
from mi6_tui.ingest.discover import Root, default_roots, existing, named_roots, walk
from mi6_tui.ingest.problem import Problem
from tests.ingest.numbers import Numbers

NUMBERS = Numbers()


def ignore(problem: Problem) -> None:
    """For walks whose problems do not matter."""


def found(root: Path, problems: list[Problem] | None = None) -> list[str]:
    """Transcripts below `root`, relative to it."""
    report = [] if problems is None else problems
    return sorted(
        str(Path(path).relative_to(root)) for path, *_ in walk(Root(NUMBERS, str(root)), report.append)
    )


def make(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"1\n")
    return path


def test_the_client_decides_what_is_a_transcript(tmp_path: Path) -> None:
    for name in ("s/1.num", "t/2.num", "s/other.txt", "top.num", "s/deeper/3.num"):
        make(tmp_path / name)
    assert found(tmp_path) == ["s/1.num", "t/2.num"]


def test_a_file_comes_with_its_status(tmp_path: Path) -> None:
    make(tmp_path / "s" / "1.num")
    [(path, kind, status)] = walk(Root(NUMBERS, str(tmp_path)), ignore)
    assert kind == "lines"
    assert status.st_size == 2
    assert status.st_ino == os.lstat(path).st_ino


def test_trap_16_symlinks_below_the_root_are_not_followed(tmp_path: Path) -> None:
    inside, outside = tmp_path / "root", tmp_path / "outside"
    make(outside / "s" / "far.num")
    real = make(inside / "s" / "near.num")
    (inside / "loop").symlink_to(inside)
    (inside / "away").symlink_to(outside / "s")
    (inside / "s" / "twin.num").symlink_to(real)
    (inside / "s" / "dangling.num").symlink_to(inside / "nowhere")
    assert found(inside) == ["s/near.num"]


def test_trap_16_what_is_no_file_is_no_transcript(tmp_path: Path) -> None:
    (tmp_path / "s" / "folder.num").mkdir(parents=True)
    os.mkfifo(tmp_path / "s" / "pipe.num")
    assert found(tmp_path) == []


def test_trap_16_an_unreadable_folder_is_told_and_the_walk_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may read everything, so the refusal is made where the system would make it."""
    make(tmp_path / "closed" / "1.num")
    make(tmp_path / "open" / "2.num")
    real = os.open

    def opened(path: str, flags: int) -> int:
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied", path)
        return real(path, flags)

    monkeypatch.setattr(os, "open", opened)
    problems: list[Problem] = []
    assert found(tmp_path, problems) == ["open/2.num"]
    assert problems == [Problem(str(tmp_path / "closed"), "Permission denied")]


def test_trap_16_a_folder_that_vanishes_during_the_walk_is_no_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path / "gone" / "1.num")
    make(tmp_path / "here" / "2.num")
    real = os.open

    def opened(path: str, flags: int) -> int:
        if path.endswith("gone"):
            raise FileNotFoundError(2, "No such file or directory", path)
        return real(path, flags)

    monkeypatch.setattr(os, "open", opened)
    problems: list[Problem] = []
    assert found(tmp_path, problems) == ["here/2.num"]
    assert problems == []


def test_trap_19_ten_thousand_files(tmp_path: Path) -> None:
    file = make(tmp_path / "one")
    for folder in range(100):
        place = tmp_path / f"s{folder:03}"
        place.mkdir()
        for name in range(100):
            (place / f"{name}.num").hardlink_to(file)
    assert len(found(tmp_path)) == 10_000


def test_trap_20_one_place_under_two_names_counts_once(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.mkdir()
    link.symlink_to(real)
    roots = [Root(NUMBERS, str(link)), Root(NUMBERS, str(real))]
    assert [root.path for root in existing(roots, ignore)] == [str(real)]


def test_a_missing_root_is_a_problem_only_if_somebody_named_it(tmp_path: Path) -> None:
    problems: list[Problem] = []
    missing = tmp_path / "missing"
    assert existing(default_roots([NUMBERS], {"NUMBERS_HOME": str(missing)}, tmp_path), problems.append) == []
    assert problems == []
    assert existing(named_roots([NUMBERS], [missing]), problems.append) == []
    assert problems == [Problem(str(missing), "No such file or directory")]


@pytest.mark.parametrize("named", ["backup", "backup/.claude/projects", "backup/.claude/projects/p", "file"])
def test_a_named_place_may_be_anywhere(tmp_path: Path, named: str) -> None:
    """Above the client's folder, within it, or the file itself."""
    file = make(tmp_path / "backup" / ".claude" / "projects" / "p" / "session.jsonl")
    make(tmp_path / "backup" / ".claude" / "settings.json")
    place = file if named == "file" else tmp_path / named
    [root] = existing(named_roots([framework("claude")], [place]), ignore)
    assert [path for path, *_ in walk(root, ignore)] == [str(file)]
