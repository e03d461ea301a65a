"""Files that move, vanish or come back as others."""

from __future__ import annotations

from pathlib import Path

from mi6_tui.model import EventQuery
from mi6_tui.storage.sqlite import SqliteStorage
from tests.ingest.conftest import NewScanner
from tests.ingest.looking import uuids, write


def test_trap_12_a_moved_file_goes_on_where_it_was(
    store: SqliteStorage, root: Path, new_scanner: NewScanner
) -> None:
    path = write(root / "s" / "a.num", [1, 2])
    new_scanner().scan_once()
    (root / "t").mkdir()
    moved = path.rename(root / "t" / "b.num")
    write(moved, [3])
    report = new_scanner().scan_once()
    assert (report.lines, report.events) == (1, 1)
    assert store.get_transcript_position(str(path)) is None
    position = store.get_transcript_position(str(moved))
    assert position is not None
    assert (position.byte_offset, position.line_number) == (6, 3)
    assert {event.transcript_path for event in store.query(EventQuery())} == {str(moved)}


def test_trap_12_a_moved_file_whose_place_was_taken(
    store: SqliteStorage, root: Path, new_scanner: NewScanner
) -> None:
    path = write(root / "s" / "a.num", [1, 2])
    new_scanner().scan_once()
    path.rename(root / "s" / "b.num")
    write(path, [5, 6, 7])
    new_scanner().scan_once()
    assert store.count() == 5


def test_trap_12_a_second_name_for_a_file_is_not_a_move(
    store: SqliteStorage, root: Path, new_scanner: NewScanner, tmp_path: Path
) -> None:
    path = write(root / "s" / "a.num", [1, 2])
    new_scanner().scan_once()
    link = tmp_path / "backup" / "s" / "a.num"
    link.parent.mkdir(parents=True)
    link.hardlink_to(path)
    report = new_scanner(paths=[tmp_path / "backup"]).scan_once()
    assert (report.lines, report.events) == (2, 0)
    assert len(store.query_transcript_positions()) == 2


def test_trap_12_a_moved_file_that_has_two_names_then(
    store: SqliteStorage, root: Path, new_scanner: NewScanner
) -> None:
    path = write(root / "s" / "a.num", [1, 2])
    new_scanner().scan_once()
    moved = path.rename(root / "s" / "b.num")
    (root / "s" / "c.num").hardlink_to(moved)
    assert new_scanner().scan_once().events == 0
    assert [found for found, _ in store.query_transcript_positions()] == [
        str(moved),
        str(root / "s" / "c.num"),
    ]


def test_trap_12_a_moved_file_of_which_nothing_was_read(
    store: SqliteStorage, root: Path, new_scanner: NewScanner
) -> None:
    path = root / "s" / "a.num"
    path.write_bytes(b"1")
    new_scanner().scan_once()
    moved = write(path.rename(root / "s" / "b.num"), [2])
    assert new_scanner().scan_once().events == 1
    assert [found for found, _ in store.query_transcript_positions()] == [str(moved)]


def test_trap_11_an_inode_used_again_is_not_a_move(
    store: SqliteStorage, root: Path, new_scanner: NewScanner
) -> None:
    old = write(root / "s" / "a.num", [1, 2])
    new_scanner().scan_once()
    old.write_bytes(b"8\n9\n")
    old.rename(root / "s" / "b.num")
    report = new_scanner().scan_once()
    assert report.events == 2
    assert store.get_transcript_position(str(old)) is not None, "no move: the old position stays"


def test_trap_17_rows_outlive_their_file(store: SqliteStorage, root: Path, new_scanner: NewScanner) -> None:
    path = write(root / "s" / "a.num", [1, 2])
    new_scanner().scan_once()
    before = store.get_session("s")
    path.unlink()
    report = new_scanner().scan_once()
    assert (report.files_total, report.problems) == (0, ())
    assert store.count() == 2
    assert store.get_session("s") == before


def test_trap_9_rows_of_a_cut_file_stay(store: SqliteStorage, root: Path, new_scanner: NewScanner) -> None:
    path = write(root / "s" / "a.num", [1, 2, 3])
    new_scanner().scan_once()
    path.write_bytes(b"1\n2\n4\n")
    report = new_scanner().scan_once()
    assert (report.lines, report.events) == (3, 1)
    assert uuids(store) == ["1", "2", "3", "4"]
