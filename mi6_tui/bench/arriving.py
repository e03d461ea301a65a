"""What somebody sees and feels who opens the dashboard beside a history that it does not know."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from mi6_tui.bench.corpus import ASKED
from mi6_tui.bench.fleet import running
from mi6_tui.bench.painting import KEYS, keys
from mi6_tui.bench.place import FULL, OURS, Place
from mi6_tui.bench.row import Figure, Row
from mi6_tui.bench.terminal import Terminal
from mi6_tui.bench.timing import percentile
from mi6_tui.clock import now_ms
from mi6_tui.model import StorageStats, StorageStatsQuery
from mi6_tui.storage.sqlite import SqliteStorage

FIRST_LIVE: Final = Row(
    name="first-live",
    title=f"first table to the first session that runs; {FULL.live} run, {FULL.files} transcripts are new",
    unit="ms",
    most=100,
)
BACKFILL: Final = Row(
    name="backfill-key-p95",
    title=f"95th percentile of keys while {FULL.backfill_files:,} new transcripts, 900 MB, are read",
    unit="ms",
    most=30,
    large=True,
)

_TABLE: Final = b"mi6"
"""In the head of the dashboard: painted with the first table."""
_LIVE: Final = b"project-"
"""Begins the folder of every session of a herd, and of no session of a finished history that is listed."""
_LONG: Final = 20.0
"""Seconds of keys."""
_ENOUGH: Final = 40
"""Keys, of which a 95th percentile says something."""
_LISTED: Final = 100
"""Sessions, of which more than a page is in the list: every key moves the cursor."""
_PATIENCE: Final = 120.0
"""Seconds until there are that many."""
_LOOK: Final = 0.1
_REST: Final = 0.15
"""Seconds between an answer and the next key: a list that fills is never quiet."""
_AGO: Final = 3_600_000
"""ms since the last session of the history began: nothing of it runs, and all of it is in the list."""
_LONG_AGO: Final = 30 * 86_400_000
"""The same of a history of which nothing is in the list any more."""


def measure_first_live(place: Place) -> Iterator[Figure]:
    """Each time in an empty store."""
    took: list[float] = []
    with running(place, "first") as env:
        place.new_corpus(Path(env["HOME"]), place.sizes.files, 1, now_ms() - _LONG_AGO)
        for _ in range(place.runs + 1):
            place.forget("first")()
            with Terminal(OURS, env) as terminal:
                painted = terminal.wait_for(_TABLE)
                took.append((terminal.wait_for(_LIVE) - painted) * 1000)
    yield FIRST_LIVE.figure(took[1:])


def measure_backfill(place: Place) -> Iterator[Figure]:
    """In the list, which fills meanwhile. Not known where all was read before enough keys were pressed."""
    sizes, home = place.sizes, place.folder / "backfill-home"
    corpus = place.new_corpus(home, sizes.backfill_files, sizes.backfill_turns, now_ms() - _AGO)
    took: list[float] = []
    with Terminal(OURS, place.reading("backfill", corpus)) as terminal:
        terminal.wait_for(ASKED.encode())
        started = time.perf_counter()
        while _counted(place).session_count < min(_LISTED, corpus.files):
            if time.perf_counter() > started + _PATIENCE:
                raise TimeoutError(f"no {_LISTED} sessions were read in {_PATIENCE:g} s")
            terminal.drain(_LOOK)
        until = time.perf_counter() + _LONG * sizes.patience
        while time.perf_counter() < until:
            answers = keys(terminal, len(KEYS), rest=_REST)
            if _counted(place).total_api_requests == corpus.requests:
                break  # there was nothing to read any more while some of these were pressed
            took += answers
    enough = len(took) >= _ENOUGH
    yield BACKFILL.figure(took, value=percentile(took, 0.95)) if enough else BACKFILL.figure([])
    place.forget("backfill")()
    shutil.rmtree(home)


def _counted(place: Place) -> StorageStats:
    storage = SqliteStorage(place.store("backfill"), read_only=True)
    try:
        return storage.storage_stats(StorageStatsQuery())
    finally:
        storage.close()
