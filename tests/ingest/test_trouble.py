"""Files that cannot be read, a store that fails, more than one scanner."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mi6_tui.errors import StorageError, StoreLockedError
from mi6_tui.ingest.lock import WriterLock
from mi6_tui.ingest.problem import Problem
from mi6_tui.model import Batch
from mi6_tui.storage.sqlite import SqliteStorage
from tests.ingest.conftest import NewScanner
from tests.ingest.looking import uuids, write


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
