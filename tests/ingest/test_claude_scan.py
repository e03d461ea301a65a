"""Real transcripts through the whole path: file, decoder, store."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mi6_tui.frameworks import framework
from mi6_tui.ingest.scanner import Scanner
from mi6_tui.model import Event, EventQuery, Session
from mi6_tui.storage.sqlite import SqliteStorage
from tests.ingest.growth import NOW, PROJECTS, billed, contents, final_files, records, writes


@contextmanager
def scanned_home() -> Iterator[tuple[Path, SqliteStorage, Scanner]]:
    """An empty home, an empty store, and a scanner between them."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder).resolve() / "home"
        storage = SqliteStorage(Path(folder) / "mi6.db", clock=lambda: NOW)
        seconds = iter(range(0, 10**9, 60))
        scanner = Scanner(
            storage,
            [framework("claude")],
            "box",
            env={},
            home=home,
            watch=False,
            clock=lambda: NOW,
            monotonic=lambda: float(next(seconds)),
        )
        try:
            yield home, storage, scanner
        finally:
            storage.close()


@pytest.fixture(scope="module")
def clean() -> tuple[Sequence[Event], Sequence[Session]]:
    """What one scan of the finished files gives."""
    with scanned_home() as (home, storage, scanner):
        for name, content in final_files().items():
            path = home / PROJECTS / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        scanner.scan_once()
        return contents(storage, home)


def test_every_request_is_counted_once(clean: tuple[Sequence[Event], Sequence[Session]]) -> None:
    events, sessions = clean
    assert len(billed()) > 10
    assert sum(event.is_api_request for event in events) == len(billed())
    assert sum(session.api_request_count for session in sessions) == len(billed())
    assert {session.session_id[:8] for session in sessions} == {
        "8305ea3f",
        "ca9d481b",
        "40835d15",
        "0c6b1e46",
    }


def test_a_decoder_memory_of_another_version_is_read_again_from_the_first_byte(
    clean: tuple[Sequence[Event], Sequence[Session]],
) -> None:
    with scanned_home() as (home, storage, scanner):
        for name, content in final_files().items():
            path = home / PROJECTS / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content[: content.index(b"\n", len(content) // 2) + 1])
        scanner.scan_once()
        for path_text, position in storage.query_transcript_positions():
            tail = msgspec.msgpack.decode(position.state or b"")
            forgotten = msgspec.msgpack.encode([b"\xc1 no memory", *tail[1:]])
            storage.set_transcript_position(path_text, position.with_(state=forgotten))
        for name, content in final_files().items():
            (home / PROJECTS / name).write_bytes(content)
        report = scanner.scan_once()
        assert not report.problems
        assert contents(storage, home) == clean


def test_a_recorded_day_told_again_write_by_write(clean: tuple[Sequence[Event], Sequence[Session]]) -> None:
    """After each write a sweep, and a notification now and then: each event once, in the files' order."""
    with scanned_home() as (home, storage, scanner):
        lines = 0
        for number, write in enumerate(writes()):
            path = write.do(home)
            report = scanner.sweep({str(path)} if number % 3 else set())
            lines += report.lines
        assert lines == len(records()), "every line was read exactly once, the moved file's too"
        assert contents(storage, home) == clean
        by_file: dict[str | None, list[int]] = {}
        for event in storage.query(EventQuery().order_by_id()):
            if event.byte_offset is not None:
                by_file.setdefault(event.transcript_path, []).append(event.byte_offset)
        assert len(by_file) == len(final_files())
        for offsets in by_file.values():
            assert offsets == sorted(offsets)


def test_a_recorded_day_scanned_by_a_new_process_after_each_write(
    clean: tuple[Sequence[Event], Sequence[Session]],
) -> None:
    with scanned_home() as (home, storage, scanner):
        for write in writes():
            write.do(home)
            scanner.scan_once()
        assert contents(storage, home) == clean


Step = tuple[int, float, int]
"""Which file grows, to which share of what it lacks, and its modification time (days)."""


@settings(max_examples=40, deadline=None)
@given(
    steps=st.lists(st.tuples(st.integers(0, 20), st.floats(0, 1), st.integers(1, 1000)), max_size=12),
    last=st.permutations(range(len(final_files()))),
)
def test_any_order_of_files_and_any_split_of_bytes_gives_the_same_rows(
    clean: tuple[Sequence[Event], Sequence[Session]], steps: list[Step], last: list[int]
) -> None:
    files = sorted(final_files().items())
    with scanned_home() as (home, storage, scanner):

        def grow(index: int, share: float, days: int) -> None:
            name, content = files[index % len(files)]
            path = home / PROJECTS / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("ab") as file:
                size = file.tell()
                file.write(content[size : size + round((len(content) - size) * share)])
            os.utime(path, (days * 86_400, days * 86_400))

        for index, share, days in steps:
            grow(index, share, days)
            scanner.scan_once() if days % 2 else scanner.sweep()
        for days, index in enumerate(last):
            grow(index, 1, 1 + days)
        scanner.scan_once()
        scanner.scan_once(full=True)
        assert contents(storage, home) == clean
