"""What it costs while nobody touches it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mi6_tui.bench.fleet import PAINTED, fill, running
from mi6_tui.bench.place import FULL, OURS, Place
from mi6_tui.bench.row import Figure, Row
from mi6_tui.bench.terminal import Idle, Terminal

_SHARE: Final = "% of a core"
_BYTES: Final = "bytes"

LIVE: Final = Row(
    name="idle", title=f"the dashboard left alone, {FULL.live} sessions run", unit=_SHARE, most=0.5
)
LIVE_WRITTEN: Final = Row(name="idle-written", title="what it writes meanwhile", unit=_BYTES, most=0)
EVENTS: Final = Row(name="idle-events", title="the same on the page of events", unit=_SHARE, most=0.5)
USAGE: Final = Row(name="idle-usage", title="on the page of usage", unit=_SHARE, most=0.5)
SEARCH: Final = Row(name="idle-search", title="on the page of search", unit=_SHARE, most=0.5)
SYSTEM: Final = Row(name="idle-system", title="on the page of the system", unit=_SHARE, most=0.5)
LISTED: Final = Row(
    name="idle-list",
    title=f"the dashboard left alone, {FULL.listed:,} sessions in the list, {FULL.files} transcripts",
    unit=_SHARE,
    most=0.7,
)
FOLLOW: Final = Row(
    name="idle-follow", title=f"`scan --follow` left alone, {FULL.live} sessions run", unit=_SHARE, most=0.2
)
FOLLOW_WRITTEN: Final = Row(name="idle-follow-written", title="what it writes meanwhile", unit=_BYTES, most=0)
PAGES: Final = (EVENTS, USAGE, SEARCH, SYSTEM)
"""In the order of their keys, from 2 on."""
DASHBOARD: Final = (LIVE, LIVE_WRITTEN, *PAGES)
SCANNER: Final = (FOLLOW, FOLLOW_WRITTEN)

_SETTLE: Final = 12.0
"""Seconds until a program that was started has read what there is and looked at every process once."""
_PAGE_SETTLE: Final = 3.0
_WATCHED: Final = 4.0
"""Seconds for each run that is asked for, all in one piece: some things are done every half minute."""


def measure_dashboard(place: Place) -> Iterator[Figure]:
    """With sessions that run, on every page."""
    with running(place, "watched") as env, Terminal(OURS, env) as terminal:
        used = _idle(place, terminal, _SETTLE)
        yield _share(LIVE, used)
        yield LIVE_WRITTEN.figure([used.written])
        for key, row in enumerate(PAGES, 2):
            terminal.press(str(key).encode())
            yield _share(row, _idle(place, terminal, _PAGE_SETTLE))


def measure_list(place: Place) -> Iterator[Figure]:
    """With a long list, and a history on disk."""
    corpus = place.corpus(place.sizes.files)
    fill(place.store("listed"), place.sizes.listed, place.sizes.events)
    env = place.reading("listed", corpus)
    place.run(env, "scan", "--json")
    with Terminal(OURS, env) as terminal:
        terminal.wait_for(PAINTED.encode())
        yield _share(LISTED, _idle(place, terminal, _SETTLE))
    place.forget("listed")()


def measure_scanner(place: Place) -> Iterator[Figure]:
    """Without a dashboard."""
    with running(place, "followed") as env, Terminal((*OURS, "scan", "--follow"), env) as terminal:
        used = _idle(place, terminal, _SETTLE)
        yield _share(FOLLOW, used)
        yield FOLLOW_WRITTEN.figure([used.written])


def _idle(place: Place, terminal: Terminal, settle: float) -> Idle:
    return terminal.idle(settle * place.sizes.patience, _WATCHED * place.runs * place.sizes.patience)


def _share(row: Row, used: Idle) -> Figure:
    return row.figure([used.cpu * 100])
