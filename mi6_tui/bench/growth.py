"""How the cost of a first scan grows with what is read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from mi6_tui.bench.corpus import Corpus
from mi6_tui.bench.place import OURS, Place
from mi6_tui.bench.row import Figure, Row
from mi6_tui.bench.scans import check
from mi6_tui.bench.timing import Contender, peak, time_in_turn

_UNIT: Final = "ms/MB"
_SIXTEENTH: Final = "a sixteenth of it"
_QUARTER: Final = "a quarter of it"
_BENT: Final = 1.25
"""Times that a MB may cost more where there is more to read: what is linear, and what the machine adds."""

FOUR: Final = Row(
    name="curve-4", title="first scan of 26 MB in 210 transcripts", unit=_UNIT, against={_QUARTER: _BENT}
)
SIXTEEN: Final = Row(
    name="curve-16", title="first scan of 105 MB in 840 transcripts", unit=_UNIT, against={_SIXTEENTH: _BENT}
)
LONG: Final = Row(
    name="curve-long", title="first scan of one session of 27 MB", unit=_UNIT, against={_QUARTER: _BENT}
)
MEMORY: Final = Row(
    name="curve-memory",
    title="memory of the scan of 105 MB in 840 transcripts",
    unit="MB",
    against={_SIXTEENTH: None},
)
LONG_MEMORY: Final = Row(
    name="curve-long-memory",
    title="memory of the scan of that one session",
    unit="MB",
    against={_QUARTER: None},
)
ROWS: Final = (FOUR, SIXTEEN, LONG, MEMORY, LONG_MEMORY)

HUGE: Final = Row(
    name="curve-large",
    title="first scan of one session of 200 MB",
    unit=_UNIT,
    against={"an eighth of it": _BENT},
    large=True,
)
HUGE_MEMORY: Final = Row(
    name="curve-large-memory",
    title="memory of the scan of 200 MB in one session",
    unit="MB",
    against={"an eighth of it": None},
    large=True,
)
LARGE: Final = (HUGE, HUGE_MEMORY)


class _Scanned(NamedTuple):
    per_mb: list[float]
    """Each run's ms for a MB, by what the scan says that it took: without the program's start."""
    peak: float
    """MB of memory."""

    @property
    def median(self) -> float:
        return sorted(self.per_mb)[len(self.per_mb) // 2]


def measure(place: Place) -> Iterator[Figure]:
    """Many transcripts, and one long one; each size beside the smaller ones."""
    files, turns = place.sizes.files, place.sizes.turns
    sizes = [(files // 16, 1), (files // 4, 1), (files, 1), (1, turns // 4), (1, turns)]
    one, four, sixteen, quarter, long = _scan(place, [place.corpus(*size) for size in sizes], place.runs)
    yield FOUR.figure(four.per_mb, {_QUARTER: one.median})
    yield SIXTEEN.figure(sixteen.per_mb, {_SIXTEENTH: one.median})
    yield LONG.figure(long.per_mb, {_QUARTER: quarter.median})
    yield MEMORY.figure([sixteen.peak], {_SIXTEENTH: one.peak})
    yield LONG_MEMORY.figure([long.peak], {_QUARTER: quarter.peak})


def measure_large(place: Place) -> Iterator[Figure]:
    """One very long transcript."""
    turns = place.sizes.large_turns
    corpora = [place.corpus(1, turns // 8), place.corpus(1, turns)]
    eighth, whole = _scan(place, corpora, min(3, place.runs))
    yield HUGE.figure(whole.per_mb, {"an eighth of it": eighth.median})
    yield HUGE_MEMORY.figure([whole.peak], {"an eighth of it": eighth.peak})


def _scan(place: Place, corpora: Sequence[Corpus], runs: int) -> list[_Scanned]:
    took: list[list[float]] = [[] for _ in corpora]
    scan, forget = (*OURS, "scan", "--json"), place.forget("curve")
    contenders = [
        Contender(str(number), scan, place.reading("curve", corpus), forget)
        for number, corpus in enumerate(corpora)
    ]
    for _ in range(runs):
        timed = time_in_turn(contenders, 1)
        for number, corpus in enumerate(corpora):
            output = timed[str(number)].output
            check(output, corpus)
            took[number].append(json.loads(output)["seconds"] * 1000 / (corpus.bytes / 1e6))
    peaks = []
    for corpus in corpora:
        forget()
        peaks.append(peak(scan, place.reading("curve", corpus)) / 1e6)
    forget()
    return [_Scanned(*one) for one in zip(took, peaks, strict=True)]
