"""The worker's rounds: what is due when, with hints and without."""

from __future__ import annotations

from pathlib import Path

from mi6_tui.ingest.scanner import Scanner
from mi6_tui.storage.sqlite import SqliteStorage
from tests.ingest.conftest import Clock, NewScanner
from tests.ingest.looking import write


def sweep(scanner_: Scanner, clock: Clock, seconds: float) -> int:
    """Let time pass and sweep; how many events that gave."""
    clock.forward(seconds)
    return scanner_.sweep().events


def test_sweeps_find_what_is_new_without_any_notification(
    root: Path, new_scanner: NewScanner, clock: Clock
) -> None:
    now = clock.ms / 1000
    hot = write(root / "s" / "hot.num", [1], mtime=now)
    cold = write(root / "s" / "cold.num", [2], mtime=now - 7200)
    scanner_ = new_scanner()
    assert sweep(scanner_, clock, 0) == 2
    write(hot, [3], mtime=now)
    assert sweep(scanner_, clock, 0) == 0, "not due yet"
    assert sweep(scanner_, clock, 1) == 1
    write(cold, [4], mtime=now - 7000)
    write(root / "s" / "fresh.num", [5], mtime=now)
    assert sweep(scanner_, clock, 1) == 0, "cold files and new ones wait for the walk"
    assert sweep(scanner_, clock, 5) == 2


def test_a_root_that_appears_later_is_found(
    store: SqliteStorage, tmp_path: Path, new_scanner: NewScanner, clock: Clock
) -> None:
    scanner_ = new_scanner(home=tmp_path / "later")
    assert sweep(scanner_, clock, 0) == 0
    write(tmp_path / "later" / "numbers" / "s" / "a.num", [1])
    assert sweep(scanner_, clock, 5) == 1


def test_a_hint_is_enough_for_a_known_file_and_for_a_new_one(
    root: Path, new_scanner: NewScanner, clock: Clock
) -> None:
    path = write(root / "s" / "a.num", [1])
    scanner_ = new_scanner()
    scanner_.sweep()
    write(path, [2])
    assert scanner_.sweep({str(path)}).events == 1
    fresh = write(root / "s" / "b.num", [3])
    assert scanner_.sweep({str(fresh)}).events == 1
    folder = write(root / "u" / "c.num", [4]).parent
    assert scanner_.sweep({str(folder)}).events == 1
    assert scanner_.sweep({str(root / "s" / "not-ours.txt"), "/elsewhere/x.num"}).events == 0


def test_a_file_made_just_before_its_folder_was_watched_is_found_soon(
    root: Path, new_scanner: NewScanner, clock: Clock
) -> None:
    scanner_ = new_scanner()
    scanner_.sweep()
    folder = root / "u"
    folder.mkdir()
    assert scanner_.sweep({str(folder)}).events == 0
    write(folder / "c.num", [4])
    assert sweep(scanner_, clock, 1) == 1


def test_a_status_that_only_time_changes_is_judged_again(
    store: SqliteStorage, root: Path, new_scanner: NewScanner, clock: Clock
) -> None:
    write(root / "s" / "a.num", [1])
    scanner_ = new_scanner()
    scanner_.sweep()
    revision = store.revision()
    session = store.get_session("s")
    assert session is not None
    assert session.status_until is not None
    clock.ms = max(clock.ms, session.status_until) + 2000
    scanner_.sweep()
    assert store.revision() > revision
