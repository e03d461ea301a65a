"""From a line in a transcript to its event."""

from __future__ import annotations

import re
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Final

from mi6_tui.bench.corpus import make_corpus, prompt_line, session_id
from mi6_tui.bench.place import OURS, Place
from mi6_tui.bench.row import Figure, Row
from mi6_tui.bench.timing import percentile
from mi6_tui.clock import now_ms

TYPICAL: Final = Row(name="lag", title="a line appended, until its event comes out", unit="ms", most=60)
SLOW: Final = Row(name="lag-p99", title="99th percentile of these lines", unit="ms", most=150)
ROWS: Final = (TYPICAL, SLOW)

_STARTING: Final = 2.0
"""Seconds until a follower that was started watches."""
_PATIENCE: Final = 1.5
"""Seconds for each line, within which all of them must have come out."""
_APART: Final = 0.1
_WARMING: Final = 10
_LINES_A_RUN: Final = 20


def measure(place: Place) -> Iterator[Figure]:
    """Through `scan --follow --json`: all of the way, to the line that a script reads."""
    corpus = make_corpus(place.folder / "lag-home", files=place.sizes.live, start=now_ms() - 3_600_000)
    path = next(corpus.config.rglob(f"{session_id(0)}.jsonl"))
    lags, lines = [], max(place.sizes.lines, _LINES_A_RUN * place.runs)
    with _following(place, _PATIENCE * (_WARMING + lines)) as printed:
        time.sleep(_STARTING * place.sizes.patience)
        for number in range(_WARMING + lines):
            line = prompt_line(path.stem, number, now_ms())
            started = time.perf_counter()
            with path.open("ab") as file:
                file.write(line)
            wanted = re.compile(rb"live prompt %d\b" % number)
            while not wanted.search(read := printed.readline()):
                if not read:
                    raise EOFError("scan --follow ended, or told nothing for too long")
            if number >= _WARMING:
                lags.append((time.perf_counter() - started) * 1000)
            time.sleep(_APART * place.sizes.patience)
    yield TYPICAL.figure(lags)
    yield SLOW.figure(lags, value=percentile(lags, 0.99))


@contextmanager
def _following(place: Place, patience: float) -> Iterator[IO[bytes]]:
    env = {**place.env("lag"), "HOME": str(place.folder / "lag-home")}
    with subprocess.Popen(  # noqa: S603
        (*OURS, "scan", "--follow", "--json"),
        env=env,
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as follower:
        # Who waits for a line then sees the end of all lines.
        watchdog = threading.Timer(patience, follower.kill)
        watchdog.start()
        try:
            if follower.stdout is not None:
                yield follower.stdout
        finally:
            watchdog.cancel()
            follower.kill()
