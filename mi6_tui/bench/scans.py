"""Reading transcripts: for the first time, and when nothing changed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Final

from mi6_tui.bench.corpus import Corpus
from mi6_tui.bench.place import FULL, OURS, Place
from mi6_tui.bench.row import Figure, Row
from mi6_tui.bench.timing import Contender, Timed, time_in_turn

_DECODE: Final = """
import msgspec, pathlib, sys
class Line(msgspec.Struct):
    type: str = ""
    uuid: str | None = None
    message: msgspec.Raw = msgspec.Raw()
decode = msgspec.json.Decoder(Line).decode
for path in pathlib.Path(sys.argv[1]).rglob("*.jsonl"):
    for line in path.read_bytes().splitlines():
        decode(line)
"""
_SAMPLE: Final = 40
"""Files from which the original's time is told: it takes one a call, and minutes for all."""

COLD: Final = Row(
    name="cold",
    title=f"first scan of {FULL.files} transcripts, 105 MB",
    unit="ms",
    against={"decoding alone": None, "ccusage": 4.0, "mi6": 0.2},
)
UNCHANGED: Final = Row(
    name="unchanged",
    title="the same again, nothing changed",
    unit="ms",
    against={"importing msgspec and apsw": None, "ccusage": 1.2},
)
STORE: Final = Row(
    name="store", title="size of its store, of short sessions", unit="MB", against={"the transcripts": 0.08}
)
STORE_LONG: Final = Row(
    name="store-long",
    title="size of the store of one session of 27 MB, turns and nothing else",
    unit="MB",
    against={"its transcript": None},
)
COLD_LARGE: Final = Row(
    name="cold-large",
    title=f"first scan of {FULL.large_files:,} transcripts, 1.25 GB",
    unit="ms",
    against={"decoding alone": None, "ccusage": 3.0},
    large=True,
)
UNCHANGED_LARGE: Final = Row(
    name="unchanged-large",
    title=f"the same {FULL.large_files:,} again, nothing changed",
    unit="ms",
    against={"importing msgspec and apsw": None, "ccusage": 0.25},
    large=True,
)
ROWS: Final = (COLD, UNCHANGED, STORE, STORE_LONG)
LARGE: Final = (COLD_LARGE, UNCHANGED_LARGE)


def measure(place: Place) -> Iterator[Figure]:
    """The usual history."""
    corpus = place.corpus(place.sizes.files)
    timed = _scans(place, corpus, place.runs)
    original = _original(place, corpus)
    yield _figure(COLD, timed["cold"], timed, original)
    yield _figure(UNCHANGED, timed["unchanged"], timed)
    yield STORE.figure([_store(place, corpus)], {"the transcripts": corpus.bytes / 1e6})
    long = place.corpus(1, place.sizes.turns)
    yield STORE_LONG.figure([_store(place, long)], {"its transcript": long.bytes / 1e6})


def measure_large(place: Place) -> Iterator[Figure]:
    """A long one; seconds a run, so that few must do."""
    timed = _scans(place, place.corpus(place.sizes.large_files), min(3, place.runs))
    yield _figure(COLD_LARGE, timed["cold"], timed)
    yield _figure(UNCHANGED_LARGE, timed["unchanged"], timed)


def check(printed: str | bytes, corpus: Corpus) -> None:
    """A speed is worth nothing with wrong numbers: the scan must have counted what was written."""
    report = json.loads(printed)
    if report["requests"] != corpus.requests or report["files"] != corpus.files:
        raise AssertionError(f"counted {report}, written {corpus}")


def check_ccusage(printed: str | bytes, corpus: Corpus) -> None:
    """The same of ccusage: who reads less is no rival. AssertionError."""
    report = json.loads(printed)
    sessions, totals = report.get("session", ()), report.get("totals", {})
    if (len(sessions), totals.get("outputTokens")) != (corpus.files, corpus.tokens_output):
        raise AssertionError(f"ccusage counted {len(sessions)} sessions and {totals}, written {corpus}")


def _store(place: Place, corpus: Corpus) -> float:
    """MB of the store after a scan of it."""
    check(place.run(place.reading("stored", corpus), "scan", "--json"), corpus)
    size = sum(path.stat().st_size for path in place.store("stored").parent.glob("mi6.db*"))
    place.forget("stored")()
    return size / 1e6


def _scans(place: Place, corpus: Corpus, runs: int) -> Mapping[str, Timed]:
    """Times by name."""
    cold, warm = place.reading("cold", corpus), place.reading("warm", corpus)
    check(place.run(warm, "scan", "--json"), corpus)
    contenders = [
        Contender("cold", (*OURS, "scan", "--json"), cold, place.forget("cold")),
        Contender("unchanged", (*OURS, "scan", "--json"), warm),
        Contender("decoding alone", (sys.executable, "-c", _DECODE, str(corpus.config)), cold),
        Contender("importing msgspec and apsw", (sys.executable, "-c", "import msgspec, apsw"), cold),
    ]
    if ccusage := shutil.which("ccusage"):
        argv = (ccusage, "session", "--json", "--offline")
        contenders.append(Contender("ccusage", argv, cold))
    timed = time_in_turn(contenders, runs)
    for output in timed["cold"].outputs:
        check(output, corpus)
    if ccusage:
        for output in timed["ccusage"].outputs:
            check_ccusage(output, corpus)
    place.forget("cold")()
    place.forget("warm")()
    return timed


def _figure(row: Row, ours: Timed, timed: Mapping[str, Timed], original: float | None = None) -> Figure:
    references: dict[str, float | None] = {name: one.median * 1000 for name, one in timed.items()}
    return row.figure(
        [seconds * 1000 for seconds in ours.seconds],
        {**references, "mi6": original},
        cpu=ours.median_cpu * 1000,
    )


def _original(place: Place, corpus: Corpus) -> float | None:
    """What the original takes for as many files, in ms, from some of them; None if it is not here."""
    program = shutil.which("mi6")
    if program is None:
        return None
    state = place.folder / "original"
    env = {**place.env("original"), "MI6_DIR_PATH": str(state)}
    files = sorted(corpus.config.rglob("*.jsonl"))
    sample = files[:: max(1, len(files) // _SAMPLE)]
    started = time.perf_counter()
    for path in sample:
        subprocess.run(  # noqa: S603
            (program, "ingest", "transcript", str(path)), env=env, capture_output=True, check=True,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
    seconds = time.perf_counter() - started
    if not any(path.is_file() and path.stat().st_size for path in state.rglob("*")):
        raise AssertionError(f"{program} recorded nothing in {state}")
    return seconds / len(sample) * len(files) * 1000
