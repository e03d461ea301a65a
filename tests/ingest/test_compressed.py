"""Transcripts that their client compressed."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from mi6_tui.frameworks.base import Kind
from mi6_tui.ingest.compressed import head_of
from mi6_tui.ingest.progress import ScanReport
from mi6_tui.ingest.scanner import Scanner
from mi6_tui.ingest.tail import BLOCK
from mi6_tui.model import EventQuery
from mi6_tui.storage.sqlite import SqliteStorage
from tests.ingest.conftest import Clock
from tests.ingest.numbers import MACHINE, Numbers


class Packed(Numbers):
    """The numbers client, which compresses what is old."""

    def kind(self, parts: tuple[str, ...]) -> Kind | None:
        packed = len(parts) == 2 and parts[-1].endswith(".num.zst")
        return "compressed" if packed else super().kind(parts)


def lines(first: int, last: int, *, width: int = 1) -> bytes:
    return b"".join(b"%0*d\n" % (width, number) for number in range(first, last + 1))


def pack(text: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(text)


Scan = Callable[[], ScanReport]


@pytest.fixture
def scan(store: SqliteStorage, root: Path, tmp_path: Path, clock: Clock) -> Scan:
    """Scans with a new scanner, some time after everything was written."""

    def run() -> ScanReport:
        clock.ms = max(path.stat().st_mtime_ns for path in root.rglob("*")) // 1_000_000 + 10_000
        scanner = Scanner(
            store, [Packed()], MACHINE, env={}, home=tmp_path / "home", watch=False, clock=clock
        )
        return scanner.scan_once()

    return run


def keys(store: SqliteStorage) -> set[str]:
    return {event.uuid or "" for event in store.query(EventQuery())}


def numbers(*ranges: range) -> set[str]:
    return {str(number) for some in ranges for number in some}


def test_its_lines_are_read(store: SqliteStorage, root: Path, scan: Scan) -> None:
    text = lines(1, 8_000, width=300)
    assert len(text) > 2 * BLOCK
    # Two frames, as of a file that was compressed in two goes.
    (root / "s" / "a.num.zst").write_bytes(pack(text[:1_000_003]) + pack(text[1_000_003:]))
    report = scan()
    assert (report.lines, report.events, report.malformed, report.problems) == (8_000, 8_000, 0, ())
    event = store.query(EventQuery().with_limit(1))[0]
    assert event.byte_offset is not None
    assert text[event.byte_offset :][:300] == f"{event.uuid:0>300}".encode(), "a place in the text"


def test_what_did_not_change_is_not_opened(root: Path, scan: Scan) -> None:
    path = root / "s" / "a.num.zst"
    path.write_bytes(pack(lines(1, 9)))
    assert scan().lines == 9
    again = scan()
    assert (again.files, again.lines, again.problems) == (0, 0, ())


def test_one_that_changed_is_read_from_its_start(store: SqliteStorage, root: Path, scan: Scan) -> None:
    path = root / "s" / "a.num.zst"
    path.write_bytes(pack(lines(1, 9)))
    scan()
    path.write_bytes(pack(lines(1, 20)))
    report = scan()
    assert (report.lines, report.events) == (20, 11)
    assert keys(store) == numbers(range(1, 21))


def test_the_plain_twin_wins_and_nothing_counts_twice(store: SqliteStorage, root: Path, scan: Scan) -> None:
    plain, packed = root / "s" / "a.num", root / "s" / "a.num.zst"
    plain.write_bytes(lines(1, 9))
    packed.write_bytes(pack(lines(1, 9)))
    report = scan()
    assert (report.files_total, report.lines, report.events) == (1, 9, 9)
    plain.unlink()
    report = scan()
    assert (report.files_total, report.lines, report.events) == (1, 9, 0)
    assert keys(store) == numbers(range(1, 10))


def test_a_truncated_one_gives_what_it_holds_and_is_read_again_when_whole(
    store: SqliteStorage, root: Path, scan: Scan
) -> None:
    whole = pack(lines(1, 8_000, width=300))
    path = root / "s" / "a.num.zst"
    path.write_bytes(whole[: len(whole) // 2])
    report = scan()
    [problem] = report.problems
    assert "ends in the middle" in problem.reason
    assert 0 < report.lines < 8_000
    assert scan().problems == (), "told once, as long as it does not change"
    path.write_bytes(whole)
    assert scan().problems == ()
    assert keys(store) == numbers(range(1, 8_001))


@pytest.mark.parametrize("content", [b"", b"no such thing", pack(lines(1, 9))[:5]])
def test_what_is_not_compressed_at_all(root: Path, scan: Scan, content: bytes) -> None:
    (root / "s" / "a.num.zst").write_bytes(content)
    (root / "s" / "b.num").write_bytes(lines(1, 9))
    report = scan()
    assert report.events == 9
    assert all("cannot be decompressed" in problem.reason for problem in report.problems)


def test_a_bomb_is_given_up(root: Path, scan: Scan) -> None:
    zeros = bytes(BLOCK)
    packed = io.BytesIO()
    with zstandard.ZstdCompressor(level=1).stream_writer(packed, closefd=False) as writer:
        writer.write(lines(1, 9))
        for _ in range(200):
            writer.write(zeros)
    path = root / "s" / "a.num.zst"
    path.write_bytes(packed.getvalue())
    assert path.stat().st_size < BLOCK // 8
    report = scan()
    [problem] = report.problems
    assert problem.reason == "it expands to more than 16 MiB: the rest was not read"
    assert report.events == 9


def test_a_line_above_the_limit_is_skipped(root: Path, scan: Scan) -> None:
    packed = io.BytesIO()
    noise = bytes(range(48, 58)) * 9 + b"x"
    with zstandard.ZstdCompressor(level=1).stream_writer(packed, closefd=False) as writer:
        writer.write(lines(1, 9))
        for _ in range(66):
            writer.write((noise * (BLOCK // len(noise) + 1))[:BLOCK])
        writer.write(b"\n" + lines(10, 12))
    # Enough other bytes that so much text in it is no wonder.
    (root / "s" / "a.num.zst").write_bytes(packed.getvalue() + skippable(300_000))
    report = scan()
    assert (report.skipped, report.events, report.lines, report.problems) == (1, 12, 13, ())


def skippable(size: int) -> bytes:
    """A frame of the format that readers pass over."""
    return (0x184D2A50).to_bytes(4, "little") + size.to_bytes(4, "little") + bytes(size)


def test_the_head_of_a_broken_one_is_empty() -> None:
    assert head_of(io.BytesIO(pack(b"abcdef")), 4) == b"abcd"
    assert head_of(io.BytesIO(b"no"), 4) == b""
