"""Scans over a store: what is read, in which order, and that nothing is read or counted twice."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path

import pytest

from mi6_tui.ingest import recorder
from mi6_tui.ingest.progress import Progress
from mi6_tui.model import Batch, EventQuery
from mi6_tui.storage.sqlite import SqliteStorage
from tests.ingest.conftest import Clock, NewScanner
from tests.ingest.looking import uuids, write


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
    assert [len(batch.positions) for batch in batches] == [130]
    batches.clear()
    for number in range(300):
        write(root / "t" / f"{number}.num", [])
    new_scanner().scan_once()
    assert [len(batch.positions) for batch in batches] == [300], "nothing was read in them"
    batches.clear()
    for number in range(300):
        write(root / "t" / f"{number}.num", [1000 + number])
    monkeypatch.setattr(recorder, "BATCH_EVENTS", 10**6)
    monkeypatch.setattr(recorder, "FIRST_EVENTS", 10**6)
    monkeypatch.setattr(recorder, "BATCH_FILES", 256)
    new_scanner().scan_once()
    assert [len(batch.positions) for batch in batches] == [256, 44], "as many files at most"


def test_the_newest_are_recorded_first_and_in_small_batches(
    store: SqliteStorage, root: Path, new_scanner: NewScanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches: list[Batch] = []
    record = store.record

    def watched(batch: Batch) -> object:
        batches.append(batch)
        return record(batch)

    monkeypatch.setattr(store, "record", watched)
    for number in range(60):
        write(root / "s" / f"{number}.num", range(number * 100, number * 100 + 100), mtime=1e9 + number)
    new_scanner().scan_once()
    assert [len(batch.positions) for batch in batches] == [3, 6, 11, 21, 19]
    assert batches[0].positions[0].file_path.endswith("/59.num")


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
