"""kill -9 at any moment: the next scan finds a store that a clean scan would have made."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from mi6_tui.frameworks import framework
from mi6_tui.ingest.scanner import Scanner
from mi6_tui.storage.sqlite import SqliteStorage
from tests.ingest.growth import NOW, billed, contents, writes

REPOSITORY = Path(__file__).parents[2]


@contextmanager
def victim(folder: Path, mode: str) -> Iterator[tuple[subprocess.Popen[str], IO[str]]]:
    """A scanning process; killed at the end if it still runs."""
    command = [sys.executable, "-m", "tests.ingest.victim", str(folder), mode]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout
        finally:
            process.send_signal(signal.SIGKILL)


def scan(storage: SqliteStorage, home: Path) -> None:
    Scanner(storage, [framework("claude")], "box", env={}, home=home, clock=lambda: NOW).scan_once()


@pytest.mark.timeout(120)
def test_trap_22_killed_fifty_times_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    """A growing folder, and a scanner that is killed while it reads, records, commits or ends."""
    chance = random.Random(7)
    home = tmp_path / "home"
    todo = list(writes())
    killed_at: dict[str, int] = {}
    for round_ in range(50):
        for _ in range(-(-len(todo) // (50 - round_))):
            todo.pop(0).do(home)
        with victim(tmp_path, "once") as (process, output):
            step = ""
            for _ in range(chance.randint(1, 4)):
                step = output.readline().strip() or step
            process.send_signal(signal.SIGKILL)
            killed_at[step] = killed_at.get(step, 0) + 1
    assert not todo
    assert killed_at["recording"] > 5, "some died in a transaction"

    storage = SqliteStorage(tmp_path / "mi6.db", clock=lambda: NOW)
    scan(storage, home)
    survivor = contents(storage, home)
    storage.close()
    storage = SqliteStorage(tmp_path / "clean.db", clock=lambda: NOW)
    scan(storage, home)
    clean = contents(storage, home)
    storage.close()
    assert survivor == clean
    assert sum(event.is_api_request for event in survivor[0]) == len(billed())


def test_trap_21_two_processes_on_one_store(tmp_path: Path) -> None:
    """One writes, the other waits in vain: nothing is counted twice, nobody fails."""
    home = tmp_path / "home"
    for write in writes():
        write.do(home)
    with victim(tmp_path, "once") as (first, _), victim(tmp_path, "once") as (second, _):
        assert first.communicate(timeout=30)[0].endswith("done\n")
        assert second.communicate(timeout=30)[0].endswith("done\n")
        assert (first.returncode, second.returncode) == (0, 0)
    storage = SqliteStorage(tmp_path / "mi6.db", clock=lambda: NOW)
    events, sessions = contents(storage, home)
    storage.close()
    assert sum(event.is_api_request for event in events) == len(billed())
    assert sum(session.api_request_count for session in sessions) == len(billed())
