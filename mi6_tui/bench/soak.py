"""A long run, watched from outside: `python -m mi6_tui.bench.soak --minutes 20`.

A scanner that writes and a dashboard that reads, each as users start it, beside many sessions that work
faster than any person could follow. What they hold must not grow with what has happened.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Final

import msgspec
import psutil

from mi6_tui.bench.herd import Herd
from mi6_tui.bench.place import OURS, Place
from mi6_tui.bench.terminal import Terminal, cpu_seconds
from mi6_tui.clock import now_ms
from mi6_tui.report import out
from mi6_tui.report.table import Cell, Column, render

SESSIONS: Final = 50
MEGABYTE: Final = 1_000_000

_LONGEST: Final = 20.0
"""Minutes."""
_STEP: Final = 0.1
_TURNS: Final = 2
"""Answers and prompts in a step. In twenty minutes: as many turns as 50 people ask for in a day and night."""
_KEY: Final = 10
"""Steps between two keys."""
_SAMPLE: Final = 50
"""Steps between two samples."""
_REPLACE: Final = 300
"""Steps between two sessions that end and are replaced."""
_KEYS: Final = (
    b"2",
    b"j",
    b"3",
    b"w",
    b"1",
    b"j",
    b"j",
    b"\r",
    b"\t",
    b"\x1b",
    b"5",
    b"1",
    b"d",
    b"d",
    b"k",
    b"n",
)
"""Through the pages and a session, again and again."""
_COLUMNS: Final = (
    Column(header="WATCHED"),
    Column(header="FIRST", right=True),
    Column(header="AFTER WARM-UP", right=True),
    Column(header="LAST", right=True),
    Column(header="LARGEST", right=True),
    Column(header="GROWN", right=True),
    Column(header="ALLOWED", right=True),
    Column(header="FLAT"),
)


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """Something that must stay as it is once everything is warm."""

    name: str
    allowed: float | None
    """By how much it may have grown; None: it may grow, and is told."""
    values: list[float]
    """As sampled, at equal distances of time."""

    @property
    def warm(self) -> float:
        """The middle sample of the third quarter: until then caches fill."""
        return median(_quarter(self.values, 2))

    @property
    def last(self) -> float:
        """The same of the last quarter."""
        return median(_quarter(self.values, 3))

    @property
    def flat(self) -> bool:
        """Whether it grew by no more than it may."""
        return self.allowed is None or self.last - self.warm <= self.allowed


def _quarter(values: Sequence[float], number: int) -> Sequence[float]:
    """From 0; of few values the last ones stand for the last quarter."""
    size = max(1, len(values) // 4)
    end = max(size, len(values) - (3 - number) * size)
    return values[end - size : end]


class Soak:
    """One run in `folder`, with `sessions` sessions."""

    def __init__(self, folder: Path, sessions: int = SESSIONS) -> None:
        self._place = Place(folder, folder, runs=1)
        self._sessions = sessions
        self.turns = 0
        """How many were written."""
        self.watched = {
            watched.name: watched
            for watched in (
                *_of_process("scanner", 2.0),
                *_of_process("dashboard", 4.0),
                Watched(name="write-ahead log, MB", allowed=1.0, values=[]),
                Watched(name="store, MB", allowed=None, values=[]),
                Watched(name="transcripts, MB", allowed=None, values=[]),
            )
        }

    def run(self, minutes: float) -> None:
        """Let it run. EOFError if the dashboard ended, RuntimeError if the scanner did."""
        home = self._place.folder / "soak-home"
        env = {**self._place.env("soak"), "HOME": str(home)}
        with (
            Herd(home, self._sessions, now_ms() - 60_000) as herd,
            Terminal((*OURS, "scan", "--follow"), env) as scanner,
            Terminal(OURS, env) as dashboard,
        ):
            # So that answers follow prompts by half a round.
            for _ in range(self._sessions // 2):
                herd.begin(now_ms())
            end, keys = time.monotonic() + minutes * 60, itertools.cycle(_KEYS)
            for step in itertools.count():
                if time.monotonic() >= end:
                    break
                for _ in range(_TURNS):
                    herd.finish(now_ms())
                    herd.begin(now_ms())
                    self.turns += 1
                if step % _REPLACE == _REPLACE - 1:
                    herd.replace(now_ms())
                if step % _KEY == _KEY - 1:
                    dashboard.press(next(keys))
                scanner.drain(0.0)
                dashboard.drain(_STEP)
                if step % _SAMPLE == _SAMPLE - 1:
                    self._sample(scanner.pid, dashboard.pid)
            self._sample(scanner.pid, dashboard.pid)

    def _sample(self, scanner: int, dashboard: int) -> None:
        for name, pid in (("scanner", scanner), ("dashboard", dashboard)):
            process = psutil.Process(pid)
            self._note(f"{name}: memory, MB", process.memory_info().rss / MEGABYTE)
            self._note(f"{name}: descriptors", process.num_fds())
            self._note(f"{name}: threads", process.num_threads())
            self._note(f"{name}: processor, s", cpu_seconds(pid))
        store = self._place.store("soak")
        self._note("write-ahead log, MB", _size(store.with_name("mi6.db-wal")))
        self._note("store, MB", _size(store))
        projects = self._place.folder / "soak-home" / ".claude" / "projects"
        self._note("transcripts, MB", sum(map(_size, projects.rglob("*.jsonl"))))

    def _note(self, name: str, value: float) -> None:
        self.watched[name].values.append(value)

    def report(self) -> list[str]:
        """A table of what was watched."""
        rows = [_cells(watched) for watched in self.watched.values() if watched.values]
        return render(_COLUMNS, rows)

    @property
    def flat(self) -> bool:
        """Whether nothing grew that must not."""
        return all(watched.flat for watched in self.watched.values() if watched.values)


def _of_process(name: str, memory: float) -> list[Watched]:
    return [
        Watched(name=f"{name}: memory, MB", allowed=memory, values=[]),
        Watched(name=f"{name}: descriptors", allowed=1, values=[]),
        Watched(name=f"{name}: threads", allowed=1, values=[]),
        Watched(name=f"{name}: processor, s", allowed=None, values=[]),
    ]


def _size(path: Path) -> float:
    try:
        return path.stat().st_size / MEGABYTE
    except FileNotFoundError:
        return 0.0


def _cells(watched: Watched) -> list[Cell]:
    values = watched.values
    numbers = (values[0], watched.warm, watched.last, max(values), watched.last - watched.warm)
    allowed = "" if watched.allowed is None else f"{watched.allowed:g}"
    flat = "" if watched.allowed is None else "yes" if watched.flat else "no"
    return [Cell(text) for text in (watched.name, *(f"{value:.1f}" for value in numbers), allowed, flat)]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one soak; 1 if something grew."""
    parser = argparse.ArgumentParser(prog="soak", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=_LONGEST, help="how long (default and at most: 20)")
    parser.add_argument("--sessions", type=int, default=SESSIONS, help="how many run (default: 50)")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="mi6-tui-soak-", ignore_cleanup_errors=True) as folder:
        soak = Soak(Path(folder), max(2, args.sessions))
        soak.run(min(_LONGEST, args.minutes))
    out.lines([f"{args.sessions} sessions, {soak.turns} turns", *soak.report()])
    return 0 if soak.flat else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
