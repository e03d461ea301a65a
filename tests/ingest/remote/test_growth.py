"""Files that change between two looks: the tailer's rules hold over ssh as they do here."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from mi6_tui.ingest import tail
from mi6_tui.ingest.remote.remotes import Remotes
from mi6_tui.storage.sqlite import SqliteStorage
from tests.ingest.conftest import Clock
from tests.ingest.remote.conftest import NewRemotes
from tests.ingest.remote.machine import Far
from tests.ingest.remote.whole import PROJECT, held, lines, prompts, scanned_there

_FILE = f"{PROJECT}/a.jsonl"


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def quickly() -> float:
    """A clock on which nobody waits long."""
    return 50 * time.monotonic()


@pytest.fixture(params=("standing", "anew"))
def look(request: pytest.FixtureRequest, remotes: NewRemotes) -> Callable[[], tuple[int, int]]:
    """Looks once, on one connection or each time on another; bytes and lines that were new."""
    standing = remotes("far")

    def once() -> tuple[int, int]:
        machines: Remotes = standing if request.param == "standing" else remotes("far")
        report = machines.read_once()
        assert report.problems == ()
        return report.bytes, report.lines

    return once


def test_appended_lines_are_read_once(
    far: Far, look: Callable[[], tuple[int, int]], store: SqliteStorage
) -> None:
    path = far.write(_FILE, lines("a", 1, 2))
    assert look() == (len(lines("a", 1, 2)), 2)
    assert look() == (0, 0)
    append(path, lines("a", 3))
    assert look() == (len(lines("a", 3)), 1)
    assert prompts(store) == ["prompt 1", "prompt 2", "prompt 3"]


def test_half_a_line_waits_for_its_end(
    far: Far, look: Callable[[], tuple[int, int]], store: SqliteStorage
) -> None:
    whole = lines("a", 1, 2)
    path = far.write(_FILE, whole[:-20])
    assert look() == (len(lines("a", 1)), 1)
    assert prompts(store) == ["prompt 1"]
    append(path, whole[-20:])
    assert look() == (len(lines("a", 2)), 1)
    assert prompts(store) == ["prompt 1", "prompt 2"]


def test_a_file_that_was_rewritten_is_read_from_its_start(
    far: Far, look: Callable[[], tuple[int, int]], store: SqliteStorage
) -> None:
    path = far.write(_FILE, lines("a", 1, 2, 3))
    look()
    with path.open("r+b") as file:  # the same file, shorter
        file.truncate()
        file.write(lines("a", 4))
    assert look() == (len(lines("a", 4)), 1)
    with path.open("r+b") as file:  # and longer, with another beginning
        file.write(lines("a", 5, 6, 7))
    assert look() == (len(lines("a", 5, 6, 7)), 3)
    assert prompts(store) == [f"prompt {number}" for number in range(1, 8)]


def test_another_file_in_its_place_is_read_from_its_start(
    far: Far, look: Callable[[], tuple[int, int]], store: SqliteStorage
) -> None:
    path = far.write(_FILE, lines("a", 1, 2))
    look()
    other = far.write("other", lines("a", 1, 3))
    other.replace(path)
    assert look() == (len(lines("a", 1, 3)), 2)
    assert prompts(store) == ["prompt 1", "prompt 2", "prompt 3"]


def test_a_file_that_is_gone_is_no_problem(
    far: Far, look: Callable[[], tuple[int, int]], store: SqliteStorage
) -> None:
    path = far.write(_FILE, lines("a", 1))
    look()
    path.unlink()
    far.write(f"{PROJECT}/b.jsonl", lines("b", 2))
    assert look() == (len(lines("b", 2)), 1)
    assert prompts(store) == ["prompt 1", "prompt 2"]


def test_a_file_nobody_may_read_is_a_problem_of_that_file_alone(
    far: Far, remotes: NewRemotes, store: SqliteStorage
) -> None:
    """What root may is not asked for: the program there says no."""
    far.write(_FILE, lines("a", 1))
    far.write(f"{PROJECT}/b.jsonl", lines("b", 2))
    far.program("dd", 'case "$*" in *b.jsonl*) exit 1;; esac; exec /usr/bin/dd "$@"')
    machines = remotes("far")
    problems = machines.read_once().problems
    assert [(problem.path, problem.reason) for problem in problems] == [
        (f"ssh://far{far.home}/{PROJECT}/b.jsonl", "Permission denied")
    ]
    assert prompts(store) == ["prompt 1"]


def test_long_lines_and_large_files_come_in_pieces(
    far: Far, remotes: NewRemotes, store: SqliteStorage, clock: Clock, tmp_path: Path
) -> None:
    """Lines longer than what is read at once, in files longer than a turn."""
    long = lines("a", 1).replace(b"prompt 1", b"prompt " + b"x" * (tail.BLOCK + 4095))
    wide = lines("b", 3).replace(b"prompt 3", b"prompt " + b"y" * (tail.BLOCK // 8))
    many = wide * 36
    path = far.write(_FILE, long + lines("a", 2))
    far.write(f"{PROJECT}/b.jsonl", many)
    report = remotes("far").read_once()
    assert report.problems == ()
    assert report.bytes == len(many) + path.stat().st_size
    assert held(store, "ssh://far") == scanned_there(far, clock, tmp_path / "there.db")


def test_a_compressed_file_is_read_and_not_beside_its_plain_twin(
    far: Far, remotes: NewRemotes, store: SqliteStorage
) -> None:
    import zstandard

    record = b'{"timestamp":"2026-11-26T10:00:00.000Z","type":"session_meta","payload":{"id":"%b"}}\n'
    packed = zstandard.ZstdCompressor().compress(record % b"c1" * 1000)
    far.write(".codex/sessions/2026/11/26/rollout-1.jsonl.zst", packed)
    far.write(".codex/sessions/2026/11/26/rollout-2.jsonl.zst", packed)
    far.write(".codex/sessions/2026/11/26/rollout-2.jsonl", record % b"c2")
    report = remotes("far").read_once()
    assert (report.problems, report.files, report.lines) == ((), 2, 1001)


@pytest.mark.parametrize("seed", range(2))
def test_cut_anywhere_nothing_is_lost_or_doubled(
    seed: int, far: Far, remotes: NewRemotes, store: SqliteStorage, clock: Clock, tmp_path: Path
) -> None:
    """The program there dies after so many answers, again and again, until all is read."""
    for number in range(12):
        far.write(f"{PROJECT}/s{number}.jsonl", lines(f"s{number}", *range(number, number + 5)))
    left = far.home.parent / "left"
    # $PPID is the loop there, which then ends in the middle of an answer.
    kill = f'n=$(cat "{left}"); n=$((n - 1)); echo $n >"{left}"; [ $n -gt 0 ] || kill -9 $PPID'
    far.program("dd", f'case "$*" in *bs=4096*) {kill};; esac; exec /usr/bin/dd "$@"')
    machines, cuts = remotes("far", monotonic=quickly), 0
    for after in range(1, 6):
        left.write_text(str(after + seed))
        machines.read_once()
        cuts += int(left.read_text()) <= 0
    assert cuts > 1
    left.write_text("1000000")
    report = machines.read_once()
    assert report.problems == ()
    assert held(store, "ssh://far") == scanned_there(far, clock, tmp_path / "there.db")
    assert len(prompts(store)) == 60


def test_a_connection_that_was_cut_is_made_again(far: Far, remotes: NewRemotes, store: SqliteStorage) -> None:
    path = far.write(_FILE, lines("a", 1))
    machines = remotes("far", monotonic=quickly)
    machines.read_once()
    for process in psutil.Process(os.getpid()).children():
        if process.name() == "ssh":
            process.kill()
    append(path, lines("a", 2))
    report = machines.read_once()
    assert (report.problems, report.lines) == ((), 1)
    assert prompts(store) == ["prompt 1", "prompt 2"]


def test_nothing_but_the_listing_is_asked_while_nothing_changes(far: Far, remotes: NewRemotes) -> None:
    for number in range(5):
        path = far.write(f"{PROJECT}/{number}.jsonl", lines(f"s{number}", number))
        os.utime(path, (1_700_000_000, 1_700_000_000))
    log = far.home.parent / "log"
    for name in ("dd", "find", "stat", "date"):
        where = subprocess.run(("which", name), capture_output=True, text=True, check=True).stdout.strip()
        far.program(name, f'echo {name} >>"{log}"; exec {where} "$@"')
    machines = remotes("far")
    machines.read_once()
    log.write_text("")
    machines.read_once()
    machines.read_once()
    assert log.read_text().split() == ["date", "find", "stat"] * 2
