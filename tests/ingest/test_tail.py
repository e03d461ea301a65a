"""One growing file: which lines come out, and when reading starts again."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from mi6_tui.frameworks.base import Line
from mi6_tui.ingest import tail
from mi6_tui.ingest.tail import Visit, unchanged
from mi6_tui.model import FilePosition

LONG_AGO = 1_000_000_000
"""A modification time (s) that lies before every `now` of these tests."""
NOW = 1_800_000_000_000
"""ms"""


def read(
    path: Path,
    position: FilePosition | None = None,
    *,
    budget: int = 1 << 30,
    block: int = tail.BLOCK,
    limit: int = tail.LINE_LIMIT,
    now: int = NOW,
) -> tuple[list[Line], FilePosition, bool]:
    """One visit: its lines, the position after it, and whether it went on from `position`."""
    with Visit(str(path), position, block=block, limit=limit) as visit:
        lines = [line for run in visit.runs(budget) for line in run]
        return lines, visit.position(b"memory", now), visit.resumed


def texts(lines: list[Line]) -> list[bytes]:
    return [text for _, text in lines]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.num"


def test_reads_whole_lines_with_their_offsets(path: Path) -> None:
    path.write_bytes(b"one\ntwo\n\nfour\n")
    lines, position, resumed = read(path)
    assert lines == [(0, b"one"), (4, b"two"), (8, b""), (9, b"four")]
    assert not resumed
    assert (position.byte_offset, position.line_number, position.size) == (14, 4, 14)


def test_an_empty_file_gives_nothing(path: Path) -> None:
    path.write_bytes(b"")
    lines, position, _ = read(path)
    assert lines == []
    assert position.byte_offset == 0


def test_trap_1_a_line_without_its_newline_is_left_for_later(path: Path) -> None:
    path.write_bytes(b'1\n{"whole": "object"}')
    lines, position, _ = read(path)
    assert texts(lines) == [b"1"]
    assert position.byte_offset == 2
    with path.open("ab") as file:
        file.write(b"\n3")
    lines, position, resumed = read(path, position)
    assert lines == [(2, b'{"whole": "object"}')]
    assert resumed
    assert position.byte_offset == 22


def test_trap_2_a_torn_line_is_a_line(path: Path) -> None:
    path.write_bytes(b'{"a": 1, "b\n{"a": 1, "b": 2}\n')
    assert texts(read(path)[0]) == [b'{"a": 1, "b', b'{"a": 1, "b": 2}']


def test_trap_3_a_line_longer_than_many_blocks_comes_whole(path: Path) -> None:
    long = b"x" * (3 * tail.BLOCK + 17)
    path.write_bytes(b"1\n" + long + b"\n3\n")
    lines, position, _ = read(path)
    assert texts(lines) == [b"1", long, b"3"]
    assert position.skipped == 0


def test_trap_3_a_line_above_the_limit_is_passed_and_counted(path: Path) -> None:
    path.write_bytes(b"1\n" + b"x" * 200 + b"\n3\n")
    lines, position, _ = read(path, block=16, limit=100)
    assert lines == [(0, b"1"), (203, b"3")]
    assert (position.skipped, position.line_number, position.byte_offset) == (1, 3, 205)
    lines, position, resumed = read(path, position, block=16, limit=100)
    assert (lines, resumed, position.skipped) == ([], True, 1)


def test_trap_3_a_line_of_exactly_the_limit_is_read(path: Path) -> None:
    path.write_bytes(b"x" * 99 + b"\n" + b"y" * 100 + b"\n")
    lines, position, _ = read(path, block=16, limit=100)
    assert texts(lines) == [b"x" * 99]
    assert position.skipped == 1


def test_trap_3_a_restart_in_the_middle_of_an_endless_line_does_not_read_it_again(path: Path) -> None:
    path.write_bytes(b"1\n" + b"x" * 1000)
    lines, position, _ = read(path, block=16, limit=100)
    assert texts(lines) == [b"1"]
    assert position.byte_offset == 2, "the position always stands behind a newline"
    with path.open("ab") as file:
        file.write(b"y" * 500 + b"\n3\n")
    lines, position, resumed = read(path, position, block=16, limit=100, budget=520)
    assert (lines, resumed) == ([], True)
    assert (position.skipped, position.byte_offset) == (1, 1503)
    assert read(path, position)[0] == [(1503, b"3")]


def test_trap_3_the_search_for_the_end_of_an_endless_line_keeps_to_the_budget(path: Path) -> None:
    path.write_bytes(b"x" * 5000 + b"\n2\n")
    position: FilePosition | None = None
    visits = 0
    lines: list[Line] = []
    while not lines:
        lines, position, _ = read(path, position, block=16, limit=100, budget=500)
        visits += 1
    assert lines == [(5001, b"2")]
    assert visits > 5


def test_trap_3_an_endless_line_that_was_rewritten_is_noticed(path: Path) -> None:
    path.write_bytes(b"1\n" + b"x" * 1000)
    _, position, _ = read(path, block=16, limit=100)
    path.write_bytes(b"1\n" + b"2\n" * 600)
    lines, _, resumed = read(path, position, block=16, limit=100)
    assert not resumed
    assert len(lines) == 601


def test_trap_4_only_newlines_end_a_line(path: Path) -> None:
    text = "a\u2028b\u2029c\u0085d\fe\rf".encode()
    path.write_bytes(text + b"\n2\n")
    assert texts(read(path)[0]) == [text, b"2"]


def test_trap_5_bytes_that_are_no_text_pass_through(path: Path) -> None:
    path.write_bytes(b"\xff\xfe\x00\xed\xa0\xbd\n2\n")
    assert texts(read(path)[0]) == [b"\xff\xfe\x00\xed\xa0\xbd", b"2"]


def test_trap_6_one_carriage_return_before_the_newline_goes(path: Path) -> None:
    path.write_bytes(b"1\r\n2\r\r\n\r\n4\n")
    assert read(path)[0] == [(0, b"1"), (3, b"2\r"), (7, b""), (9, b"4")]


def test_trap_6_a_byte_order_mark_stays_for_the_decoder(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf1\n")
    assert read(path)[0] == [(0, b"\xef\xbb\xbf1")]


def test_trap_9_a_file_cut_in_place_is_read_again(path: Path) -> None:
    path.write_bytes(b"1\n2\n3\n")
    _, position, _ = read(path)
    os.truncate(path, 4)
    lines, position, resumed = read(path, position)
    assert not resumed
    assert texts(lines) == [b"1", b"2"]
    assert position.byte_offset == 4


def test_trap_9_cut_and_grown_beyond_the_old_end_between_two_visits(path: Path) -> None:
    path.write_bytes(b"1\n2\n3\n")
    _, position, _ = read(path)
    path.write_bytes(b"1\n2\n4\n5\n6\n")
    lines, _, resumed = read(path, position)
    assert not resumed
    assert texts(lines) == [b"1", b"2", b"4", b"5", b"6"]


def test_trap_10_another_head_with_the_same_end_is_noticed(path: Path) -> None:
    rest = b"x\n" * 2000
    path.write_bytes(b"old\n" + rest)
    _, position, _ = read(path)
    path.write_bytes(b"new\n" + rest + b"more\n")
    lines, _, resumed = read(path, position)
    assert not resumed
    assert len(lines) == 2002


def test_trap_10_another_end_with_the_same_head_is_noticed(path: Path) -> None:
    head = b"x\n" * 2000
    path.write_bytes(head + b"old\n")
    _, position, _ = read(path)
    path.write_bytes(head + b"new\nmore\n")
    lines, _, resumed = read(path, position)
    assert not resumed
    assert texts(lines)[-2:] == [b"new", b"more"]


@pytest.mark.parametrize("size", [1, 255, 256, 257, 1023, 1024, 1025, 5000])
def test_the_fingerprints_grow_with_the_file(path: Path, size: int) -> None:
    """Whatever the place of the first stop, both fingerprints hold at the next."""
    text = b"".join(b"%d\n" % number for number in range(3000))
    stop = text.rfind(b"\n", 0, size + 1) + 1
    path.write_bytes(text[:stop])
    position = read(path)[1]
    path.write_bytes(text)
    lines, position, resumed = read(path, position, block=64)
    assert resumed == (stop > 0)
    assert lines[0][0] == stop
    assert read(path, position)[2]


def test_trap_11_a_file_that_took_the_place_of_another_is_read_whole(path: Path) -> None:
    path.write_bytes(b"1\n2\n")
    _, position, _ = read(path)
    other = path.with_suffix(".new")
    other.write_bytes(b"1\n2\n3\n")
    other.rename(path)
    lines, _, resumed = read(path, position)
    assert not resumed
    assert texts(lines) == [b"1", b"2", b"3"]


def test_trap_11_an_inode_used_again_does_not_deceive(path: Path) -> None:
    path.write_bytes(b"1\n2\n")
    _, position, _ = read(path)
    path.write_bytes(b"7\n8\n9\n")
    inode = path.stat().st_ino
    lines, _, resumed = read(path, position.with_(inode=inode))
    assert not resumed
    assert texts(lines) == [b"7", b"8", b"9"]


def test_trap_16_a_symlink_is_not_opened(path: Path, tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"1\n")
    path.symlink_to(tmp_path / "real")
    with pytest.raises(OSError, match="symbolic links"):
        read(path)


@pytest.mark.parametrize("kind", ["folder", "fifo"])
def test_trap_16_only_regular_files_are_read(path: Path, kind: str) -> None:
    """Opening a FIFO must not wait for somebody to write into it."""
    if kind == "folder":
        path.mkdir()
    else:
        os.mkfifo(path)
    with pytest.raises(OSError, match="not a regular file"):
        read(path)


def test_trap_16_a_vanished_file_says_so(path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read(path)


def test_trap_18_an_untouched_file_needs_no_opening(path: Path) -> None:
    path.write_bytes(b"1\nhalf")
    os.utime(path, (LONG_AGO, LONG_AGO))
    _, position, _ = read(path)
    assert unchanged(position, path.stat())
    with path.open("ab") as file:
        file.write(b" line\n")
    os.utime(path, (LONG_AGO, LONG_AGO))
    assert not unchanged(position, path.stat()), "the size alone tells"


def test_trap_18_a_file_touched_just_now_is_opened_once_more(path: Path) -> None:
    """Rewritten to the same size within one tick of a coarse clock, only its bytes tell."""
    path.write_bytes(b"1\n2\n")
    os.utime(path, (LONG_AGO, LONG_AGO))
    _, position, _ = read(path, now=LONG_AGO * 1000 + 1500)
    path.write_bytes(b"1\n3\n")
    os.utime(path, (LONG_AGO, LONG_AGO))
    assert not unchanged(position, path.stat())
    lines, position, _ = read(path, position, now=LONG_AGO * 1000 + 2500)
    assert texts(lines) == [b"1", b"3"]
    assert unchanged(position, path.stat())


def test_a_budget_ends_a_visit_and_the_rest_is_not_forgotten(path: Path) -> None:
    path.write_bytes(b"0123456\n" * 100)
    os.utime(path, (LONG_AGO, LONG_AGO))
    with Visit(str(path), None, block=64) as visit:
        lines = [line for run in visit.runs(128) for line in run]
        assert visit.more
        position = visit.position(b"memory", NOW)
    assert len(lines) == 16
    assert not unchanged(position, path.stat()), "half a file is never a finished one"
    assert len(read(path, position)[0]) == 84


def test_the_decoders_memory_comes_back_only_with_the_place_it_belongs_to(path: Path) -> None:
    path.write_bytes(b"1\n")
    _, position, _ = read(path)
    with Visit(str(path), position) as visit:
        assert visit.decoder_state == b"memory"
    path.write_bytes(b"2\n")
    with Visit(str(path), position) as visit:
        assert visit.decoder_state is None


@pytest.mark.parametrize("state", [b"", b"\xc1", msgspec.msgpack.encode({"other": 1})])
def test_a_state_that_is_not_ours_starts_the_decoder_afresh(path: Path, state: bytes) -> None:
    path.write_bytes(b"1\n")
    _, position, _ = read(path)
    with Visit(str(path), position.with_(state=state)) as visit:
        assert visit.decoder_state is None


def test_a_position_without_fingerprints_is_not_trusted(path: Path) -> None:
    path.write_bytes(b"1\n2\n")
    lines, _, resumed = read(path, FilePosition(file_path=str(path), byte_offset=2, line_number=1))
    assert not resumed
    assert texts(lines) == [b"1", b"2"]


def test_a_hole_without_measure_is_passed(path: Path) -> None:
    """As long as all the disks of the world: whoever made it wrote nothing."""
    end = 1 << 42
    with open(path, "wb") as file:
        file.write(b"one\n")
        file.truncate(end)
        file.seek(end)
        file.write(b"\ntwo\n")
    lines: list[Line] = []
    position = FilePosition(file_path=str(path))
    more = True
    while more:
        with Visit(str(path), position) as visit:
            lines += [line for run in visit.runs(1 << 20) for line in run]
            position, more = visit.position(None, 0), visit.more and visit.progressed
    assert lines == [(0, b"one"), (end + 1, b"two")]
    assert (position.skipped, position.line_number) == (1, 3)
