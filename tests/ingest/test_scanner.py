"""Scans over a store: what is read, in which order, and that nothing is read or counted twice."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path

import pytest

from mi6_tui.errors import StorageError, StoreLockedError
from mi6_tui.ingest import recorder
from mi6_tui.ingest.lock import WriterLock
from mi6_tui.ingest.problem import Problem
from mi6_tui.ingest.progress import Progress
from mi6_tui.ingest.scanner import Scanner
from mi6_tui.model import Batch, EventQuery
from mi6_tui.storage.sqlite import SqliteStorage
from tests.ingest.conftest import Clock, NewScanner


def write(path: Path, numbers: range | list[int], *, mtime: float | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.write(b"".join(b"%d\n" % number for number in numbers))
    if mtime is not None:
        os.utime(path, (mtime, mtime))
    return path


def uuids(store: SqliteStorage) -> list[str | None]:
    """In the order in which they were recorded."""
    return [event.uuid for event in store.query(EventQuery().order_by_id())]


def test_a_scan_reads_everything_and_says_what_it_did(
    store: SqliteStorage, root: Path, new_scanner: NewScanner
) -> None:
    write(root / "s" / "a.num", range(10))
    write(root / "t" / "b.num", range(5))
    (root / "s" / "c.num").write_bytes(b"100\nnot a number\n\n101\nhalf")
    report = new_scanner().scan_once()
    assert (report.files, report.files_total, report.sessions) == (3, 3, 2)
    assert (report.lines, report.bytes) == (10 + 5 + 4, 20 + 10 + 22)
    assert (report.events, report.requests) == (17, 5 + 2 + 1)
    assert (report.malformed, report.skipped, report.problems) == (1, 0, ())
    assert store.count() == 17


def test_a_second_scan_reads_nothing_and_writes_nothing(
    store: SqliteStorage, root: Path, new_scanner: NewScanner
) -> None:
    write(root / "s" / "a.num", range(10), mtime=1e9)
    new_scanner().scan_once()
    witness = SqliteStorage(store.path)
    version = witness.data_version()
    report = new_scanner().scan_once()
    assert (report.files, report.files_total, report.bytes, report.events) == (0, 1, 0, 0)
    assert witness.data_version() == version, "no other connection wrote"
    witness.close()


def test_a_file_touched_just_now_is_settled_by_the_next_scan_and_then_left_alone(
    store: SqliteStorage, root: Path, new_scanner: NewScanner, clock: Clock
) -> None:
    write(root / "s" / "a.num", range(10), mtime=clock.ms / 1000)
    new_scanner().scan_once()
    position = store.query_transcript_positions()[0][1]
    assert position.mtime_ns is None, "its time proves nothing yet"
    clock.forward(10)
    new_scanner().scan_once()
    position = store.query_transcript_positions()[0][1]
    assert position.mtime_ns == clock.ms * 1_000_000 - 10_000_000_000
    witness = SqliteStorage(store.path)
    version = witness.data_version()
    new_scanner().scan_once()
    assert witness.data_version() == version
    witness.close()


def test_appended_lines_are_read_alone(store: SqliteStorage, root: Path, new_scanner: NewScanner) -> None:
    path = write(root / "s" / "a.num", [1, 2])
    new_scanner().scan_once()
    write(path, [3])
    report = new_scanner().scan_once()
    assert (report.lines, report.events, report.bytes) == (1, 1, 2)
    last = store.query(EventQuery().with_limit(1))[0]
    assert last.preview == "line 3", "the decoder remembers the lines before"


def test_a_full_scan_reads_again_and_records_nothing_twice(
    store: SqliteStorage, root: Path, new_scanner: NewScanner
) -> None:
    write(root / "s" / "a.num", range(10))
    new_scanner().scan_once()
    sessions = store.get_session("s")
    report = new_scanner().scan_once(full=True)
    assert (report.lines, report.events, report.requests) == (10, 0, 0)
    assert store.count() == 10
    assert store.get_session("s") == sessions


def test_the_newest_file_comes_first(store: SqliteStorage, root: Path, new_scanner: NewScanner) -> None:
    write(root / "s" / "old.num", [1], mtime=1e9)
    write(root / "s" / "new.num", [3], mtime=3e9)
    write(root / "s" / "mid.num", [2], mtime=2e9)
    new_scanner().scan_once()
    assert uuids(store) == ["3", "2", "1"]


def test_a_large_file_does_not_keep_the_others_waiting(
    store: SqliteStorage, root: Path, new_scanner: NewScanner
) -> None:
    large = root / "s" / "large.num"
    large.write_bytes(b"".join(b"%01023d\n" % number for number in range(9000)))
    os.utime(large, (3e9, 3e9))
    write(root / "s" / "small.num", [9999], mtime=1e9)
    new_scanner().scan_once()
    order = uuids(store)
    assert len(order) == 9001
    assert 4096 <= order.index("9999") < 6000, "after the large file's first turn"


def test_small_files_share_transactions(
    store: SqliteStorage, root: Path, new_scanner: NewScanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches: list[Batch] = []
    record = store.record

    def watched(batch: Batch) -> object:
        batches.append(batch)
        return record(batch)

    monkeypatch.setattr(store, "record", watched)
    for number in range(130):
        write(root / "s" / f"{number}.num", [number])
    new_scanner().scan_once()
    assert [len(batch.positions) for batch in batches] == [64, 64, 2]
    batches.clear()
    for name in "abc":
        (root / "t").mkdir(exist_ok=True)
        (root / "t" / f"{name}.num").write_bytes((b"x" * 1023 + b"\n") * 3000)
    new_scanner().scan_once()
    assert [len(batch.positions) for batch in batches] == [2, 1]


def test_trap_3_an_endless_line_is_passed_and_counted_once(
    store: SqliteStorage, root: Path, new_scanner: NewScanner
) -> None:
    """With the real limit of 64 MB; the file is sparse, so only the reading costs."""
    path = write(root / "s" / "a.num", [1])
    os.truncate(path, 80 << 20)
    report = new_scanner().scan_once()
    assert (report.skipped, report.lines) == (0, 1)
    write(path, [2, 3])
    report = new_scanner().scan_once()
    assert (report.skipped, report.lines, report.malformed) == (1, 2, 0)
    assert uuids(store) == ["1", "3"]


def test_counts_of_a_file_begin_anew_with_its_content(
    store: SqliteStorage, root: Path, new_scanner: NewScanner
) -> None:
    path = root / "s" / "a.num"
    for number, (content, malformed) in enumerate([(b"1\nx\n", 1), (b"1\nx\ny\n", 2), (b"1\n2\ny\n4\n", 1)]):
        path.write_bytes(content)
        os.utime(path, (number, number))
        new_scanner().scan_once()
        position = store.get_transcript_position(str(path))
        assert position is not None
        assert position.malformed == malformed


def test_a_file_that_grows_during_a_long_scan_need_not_wait_for_its_end(
    store: SqliteStorage, root: Path, new_scanner: NewScanner, clock: Clock
) -> None:
    now = clock.ms / 1000
    live = write(root / "s" / "live.num", [1000], mtime=now)
    for number in range(20):
        write(root / "s" / f"{number}.num", [number], mtime=now - 9999 - number)

    def slow() -> float:
        clock.forward(0.2)
        return clock.seconds()

    def grow(progress: Progress) -> None:
        write(live, [1001 + len(grown)], mtime=now)
        grown.append(progress)

    grown: list[Progress] = []
    report = new_scanner(monotonic=slow).scan_once(grow)
    order = uuids(store)
    assert order.index("1005") < 15
    assert {str(number) for number in range(20)} < set(order), "the others have their turns all the same"
    assert len(grown) < 60, "one of theirs for each of its own"
    assert report.events == report.lines == len(order), "no turn began where the one before it did"


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


def test_trap_16_a_file_that_cannot_be_read_is_told_and_the_scan_goes_on(
    store: SqliteStorage, root: Path, new_scanner: NewScanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = write(root / "s" / "bad.num", [1], mtime=3e9), write(root / "s" / "good.num", [2])
    real = os.open

    def refusing(path: str, flags: int, mode: int = 0o777) -> int:
        if path == str(bad):
            raise PermissionError(13, "Permission denied", path)
        return real(path, flags, mode)

    monkeypatch.setattr(os, "open", refusing)
    report = new_scanner().scan_once()
    assert report.problems == (Problem(str(bad), "Permission denied"),)
    assert uuids(store) == ["2"]
    assert good.exists()
    monkeypatch.undo()
    assert new_scanner().scan_once().events == 1


def test_trap_16_a_read_error_keeps_what_was_read_before_it(
    store: SqliteStorage, root: Path, new_scanner: NewScanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = root / "s" / "a.num"
    path.write_bytes(b"".join(b"%01023d\n" % number for number in range(1500)))
    real = os.pread

    def failing(fd: int, size: int, offset: int) -> bytes:
        if offset >= 1 << 20:
            raise OSError(5, "Input/output error")
        return real(fd, size, offset)

    with monkeypatch.context() as patch:
        patch.setattr(os, "pread", failing)
        report = new_scanner().scan_once()
    assert report.problems == (Problem(str(path), "Input/output error"),)
    assert report.events == 1024
    assert new_scanner().scan_once().events == 1500 - 1024


def test_trap_22_a_failed_transaction_leaves_no_trace_and_is_repeated(
    store: SqliteStorage, root: Path, new_scanner: NewScanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(root / "s" / "a.num", [1, 2])
    scanner_ = new_scanner()

    def failing(batch: Batch) -> object:
        raise StoreLockedError("the store is locked")

    with monkeypatch.context() as patch:
        patch.setattr(store, "record", failing)
        with pytest.raises(StorageError):
            scanner_.scan_once()
    assert store.query_transcript_positions() == []
    assert scanner_.scan_once().events == 2


def test_trap_21_only_the_holder_of_the_lock_scans(
    store: SqliteStorage, root: Path, new_scanner: NewScanner, tmp_path: Path
) -> None:
    write(root / "s" / "a.num", [1])
    other = WriterLock(tmp_path / "lock")
    assert other.try_acquire()
    lock = WriterLock(tmp_path / "lock")
    report = new_scanner(lock=lock).scan_once()
    assert (report.blocked, report.holder, report.events) == (True, os.getpid(), 0)
    other.release()
    assert new_scanner(lock=lock).scan_once().events == 1
    assert not lock.held, "a single scan lets go"


def test_trap_21_two_scanners_without_a_lock_count_once(
    store: SqliteStorage, root: Path, new_scanner: NewScanner
) -> None:
    """Each goes on from a memory that the other one's work made old."""
    path = write(root / "s" / "a.num", range(10))
    other = SqliteStorage(store.path)
    first, second = new_scanner(), new_scanner(storage=other)
    first.sweep()
    second.sweep()
    for number in range(10, 40):
        write(path, [number])
        (first, second)[number % 3 == 0].scan_once()
    second.scan_once()
    first.scan_once()
    other.close()
    assert sorted(int(uuid or -1) for uuid in uuids(store)) == list(range(40))
    session = store.get_session("s")
    assert session is not None
    assert session.api_request_count == 20


def test_trap_20_a_home_under_two_names_is_scanned_once(
    store: SqliteStorage, root: Path, new_scanner: NewScanner, tmp_path: Path
) -> None:
    write(root / "s" / "a.num", [1])
    new_scanner().scan_once()
    (tmp_path / "link").symlink_to(root)
    report = new_scanner(env={"NUMBERS_HOME": str(tmp_path / "link")}).scan_once()
    assert (report.files, report.files_total) == (0, 1)


def test_named_paths_replace_the_clients_own_folders(
    store: SqliteStorage, root: Path, new_scanner: NewScanner, tmp_path: Path
) -> None:
    write(root / "s" / "a.num", [1])
    elsewhere = write(tmp_path / "elsewhere" / "deep" / "s" / "b.num", [2])
    assert new_scanner(paths=[elsewhere.parents[1]]).scan_once().events == 1
    assert new_scanner(paths=[tmp_path / "missing"]).scan_once().problems[0].path == str(tmp_path / "missing")
    assert uuids(store) == ["2"]


def test_requests_are_counted_when_only_some_events_are_new(
    store: SqliteStorage, root: Path, new_scanner: NewScanner
) -> None:
    path = write(root / "s" / "a.num", [1, 2, 3])
    new_scanner().scan_once()
    path.write_bytes(b"0\n1\n2\n3\n4\n5\n7\n")
    report = new_scanner().scan_once()
    assert (report.events, report.requests) == (4, 2)


def test_progress_arrives_in_order_and_ends_complete(
    root: Path, new_scanner: NewScanner, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "BATCH_FILES", 1)
    for number in range(50):
        write(root / "s" / f"{number}.num", [number])
    seen: list[Progress] = []

    def ticking() -> float:
        clock.forward(0.03)
        return clock.seconds()

    new_scanner(monotonic=ticking).scan_once(seen.append)
    assert [(seen[0].files_done, seen[0].bytes_done), seen[0].rate, seen[0].seconds_left] == [
        (0, 0),
        None,
        None,
    ]
    assert (seen[-1].files_done, seen[-1].files_total, seen[-1].events) == (50, 50, 50)
    assert seen[-1].bytes_done == seen[-1].bytes_total == 10 * 2 + 40 * 3
    assert seen[-1].seconds_left == 0
    done = [progress.bytes_done for progress in seen]
    assert done == sorted(done)
    assert all(later.elapsed - sooner.elapsed >= 0.1 for sooner, later in pairwise(seen[:-1]))


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
