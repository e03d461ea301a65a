"""What a scanner costs while nothing changes, in calls of the system counted from outside."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.commands.transcripts import write_session
from tests.faults.failing import can_trace
from tests.ingest.resting import MARKS

if not can_trace():
    pytest.skip("counts calls with strace", allow_module_level=True)

REPOSITORY = Path(__file__).parents[2]
COLD, HOT = 60, 3
HOUR = 3600
WRITES = "pwrite64,pwritev,pwritev2,ftruncate,fallocate,fsync,fdatasync"
_CALL = re.compile(r"^\d+ +(\w+)\(")
_TRANSCRIPT = re.compile(r'(cold|hot)\d+\.jsonl"')


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of a user with some sessions of yesterday, and a few of this hour; all is read already."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MI6_TUI_HOME", str(tmp_path / "state"))
    for name, number, age in (("cold", COLD, 24 * HOUR), ("hot", HOT, HOUR / 6)):
        for place in range(number):
            path = write_session(tmp_path / "home", f"{name}{place}")
            path.write_text(path.read_text().replace("2026-", "2024-"))  # ended, whatever today's date is
            os.utime(path, (time.time() - age,) * 2)
    subprocess.run((sys.executable, "-m", "mi6_tui", "scan"), cwd=REPOSITORY, check=True, capture_output=True)
    return tmp_path


def traced(home: Path, *argv: str) -> tuple[str, list[str]]:
    """What a process of Python says, and its calls: those that name a file, and those that write to one."""
    log = home / "calls"
    trace = ("strace", "-f", "--seccomp-bpf", "-qq", "-e", f"trace=%file,{WRITES}", "-o", str(log))
    done = subprocess.run(
        (*trace, sys.executable, *argv), cwd=REPOSITORY, check=True, capture_output=True, text=True
    )
    return done.stdout, log.read_text().splitlines()


def looks(calls: Sequence[str]) -> Counter[tuple[str, str]]:
    """How many calls of each name went to transcripts of each kind."""
    return Counter(
        (found[1], call[1])
        for line in calls
        if (found := _TRANSCRIPT.search(line)) is not None and (call := _CALL.match(line)) is not None
    )


def of_each(found: Mapping[tuple[str, str], int]) -> Counter[str]:
    """How many calls went to transcripts of each kind."""
    kinds: Counter[str] = Counter()
    for (kind, _), count in found.items():
        kinds[kind] += count
    return kinds


def is_look(call: str) -> bool:
    """Whether it asks for a file's size and times, and for nothing else."""
    return call in ("stat", "lstat", "statx", "newfstatat", "fstatat64")


def writes(calls: Sequence[str]) -> list[str]:
    return [
        line for line in calls if (call := _CALL.match(line)) is not None and call[1] in WRITES.split(",")
    ]


def test_a_scan_looks_once_at_each_file_and_opens_none(home: Path) -> None:
    store = home / "state" / "mi6.db"
    before = store.read_bytes(), store.stat().st_mtime_ns
    _, calls = traced(home, "-m", "mi6_tui", "scan")
    found = looks(calls)
    assert {call for _, call in found if not is_look(call)} == set()
    assert of_each(found) == {"cold": COLD, "hot": HOT}
    assert [line for line in writes(calls) if "sync(" in line] == []
    assert (store.read_bytes(), store.stat().st_mtime_ns) == before


def test_a_minute_without_a_change(home: Path) -> None:
    """Files of this hour are looked at every 5 seconds, all of them every 30, the processes every second."""
    woken, calls = traced(home, "-m", "tests.ingest.resting")
    begin, end = (next(place for place, line in enumerate(calls) if mark in line) for mark in MARKS)
    minute = calls[begin:end]
    found = looks(minute)
    assert {call for _, call in found if not is_look(call)} == set()
    assert of_each(found) == {"cold": 2 * COLD, "hot": 12 * HOT}
    assert int(woken) == 60
    assert writes(minute) == []
