"""How the cost of a first scan grows with what is read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Final, NamedTuple

from mi6_tui.bench.corpus import Corpus
from mi6_tui.bench.place import OURS, Place
from mi6_tui.bench.row import Figure, Row
from mi6_tui.bench.scans import check
from mi6_tui.bench.timing import Contender, Timed, peak, time_in_turn

_SCAN: Final = (*OURS, "scan", "--json")
_UNIT: Final = "ms/MB"
_SIXTEENTH: Final = "a sixteenth of it"
_QUARTER: Final = "a quarter of it"
_BEFORE: Final = "a MB more before that"
_BENT: Final = 1.25
"""Times that a MB more may cost where there is more to read: what is linear, and what the machine adds."""

FOUR: Final = Row(
    name="curve-4", title="first scan, each MB more from 7 to 26 MB in 210 transcripts", unit=_UNIT
)
SIXTEEN: Final = Row(
    name="curve-16",
    title="first scan, each MB more from 26 to 105 MB in 840 transcripts",
    unit=_UNIT,
    against={_BEFORE: _BENT},
)
LONG: Final = Row(
    name="curve-long",
    title="first scan of one session, each MB more from 7 to 27 MB",
    unit=_UNIT,
    against={_BEFORE: _BENT},
)
MEMORY: Final = Row(
    name="curve-memory",
    title="memory of all processes of the scan of 105 MB in 840 transcripts",
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
    title="first scan of one session, each MB more from 100 to 200 MB",
    unit=_UNIT,
    against={_BEFORE: _BENT},
    large=True,
)
HUGE_MEMORY: Final = Row(
    name="curve-large-memory",
    title="memory of the scan of 200 MB in one session",
    unit="MB",
    against={_QUARTER: None},
    large=True,
)
LARGE: Final = (HUGE, HUGE_MEMORY)


class _Scanned(NamedTuple):
    ms: list[float]
    """Of each round, by what the scan says that it took: without the program's start."""
    mb: float


def measure(place: Place) -> Iterator[Figure]:
    """Many transcripts, and one long one; each size beside the smaller ones."""
    files, turns = place.sizes.files, place.sizes.turns
    many = [place.corpus(size) for size in (files // 16, files // 4, files)]
    long = [place.corpus(1, size) for size in (turns // 16, turns // 4, turns)]
    scanned = _scan(place, [*many, *long], max(place.sizes.rounds, place.runs))
    before = _slopes(*scanned[0:2])
    yield _steady(FOUR, before)
    yield _steady(SIXTEEN, _slopes(*scanned[1:3]), before)
    yield _steady(LONG, _slopes(*scanned[4:6]), _slopes(*scanned[3:5]))
    yield MEMORY.figure([_peak(place, many[2])], {_SIXTEENTH: _peak(place, many[0])})
    yield LONG_MEMORY.figure([_peak(place, long[2])], {_QUARTER: _peak(place, long[1])})


def measure_large(place: Place) -> Iterator[Figure]:
    """One very long transcript. Each size is large enough for a second process to help."""
    turns = place.sizes.large_turns
    corpora = [place.corpus(1, size) for size in (turns // 4, turns // 2, turns)]
    quarter, half, whole = _scan(place, corpora, min(3, place.runs))
    yield _steady(HUGE, _slopes(half, whole), _slopes(quarter, half))
    yield HUGE_MEMORY.figure([_peak(place, corpora[2])], {_QUARTER: _peak(place, corpora[0])})


def _scan(place: Place, corpora: Sequence[Corpus], runs: int) -> list[_Scanned]:
    forget = place.forget("curve")
    timed = time_in_turn(
        [
            Contender(str(number), _SCAN, place.reading("curve", corpus), forget)
            for number, corpus in enumerate(corpora)
        ],
        runs,
    )
    forget()
    return [_scanned(timed[str(number)], corpus) for number, corpus in enumerate(corpora)]


def _scanned(timed: Timed, corpus: Corpus) -> _Scanned:
    for output in timed.outputs:
        check(output, corpus)
    return _Scanned([json.loads(output)["seconds"] * 1000 for output in timed.outputs], corpus.bytes / 1e6)


def _slopes(less: _Scanned, more: _Scanned) -> list[float]:
    """What each MB took that the larger one has more, by round: what nothing at all takes is in neither."""
    return [(large - small) / (more.mb - less.mb) for small, large in zip(less.ms, more.ms, strict=True)]


def _steady(row: Row, slopes: Sequence[float], before: Sequence[float] | None = None) -> Figure:
    """Not known where the machine's noise is larger than what is measured."""
    if min(median(slopes), median(before or slopes)) <= 0:
        return row.figure([])
    return row.figure(slopes, {} if before is None else {_BEFORE: median(before)})


def _peak(place: Place, corpus: Corpus) -> float:
    """MB of memory."""
    found = peak(_SCAN, place.reading("curve", corpus)) / 1e6
    place.forget("curve")()
    return found
