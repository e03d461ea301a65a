"""What it costs while nobody touches it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Final

from mi6_tui.bench.fleet import PAINTED, fill, running
from mi6_tui.bench.place import FULL, OURS, Place
from mi6_tui.bench.row import Figure, Row
from mi6_tui.bench.terminal import Idle, Terminal, left_alone

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
RUNNING: Final = (LIVE, LIVE_WRITTEN, *PAGES, FOLLOW, FOLLOW_WRITTEN)

_SETTLE: Final = 12.0
"""Seconds until a program that was started has read what there is and looked at every process once."""
_PAGE_SETTLE: Final = 3.0
_WATCHED: Final = 60.0
"""Seconds, however many runs are asked for: some things are done every half minute, and count twice then."""


def measure_running(place: Place) -> Iterator[Figure]:
    """With sessions that run: on every page, and without a dashboard.

    All of them in the same minute, each with a store of its own: one after the other takes eight minutes, and
    what is counted is what each process used. Together they need a fiftieth of a core.
    """
    with running(place, "watched") as env, ExitStack() as opened:

        def start(state: str, *words: str) -> Terminal:
            return opened.enter_context(Terminal((*OURS, *words), {**place.env(state), "HOME": env["HOME"]}))

        home, *others = [start(f"watched-{page}") for page in range(1, 2 + len(PAGES))]
        follower = start("followed", "scan", "--follow")
        left_alone([follower, home, *others], 0.0, _SETTLE * place.sizes.patience)
        for key, terminal in enumerate(others, 2):
            terminal.press(str(key).encode())
        without, used, *pages = _watch(place, [follower, home, *others], _PAGE_SETTLE)
    yield _share(LIVE, used)
    yield _written(LIVE_WRITTEN, used)
    for row, page in zip(PAGES, pages, strict=True):
        yield _share(row, page)
    yield _share(FOLLOW, without)
    yield _written(FOLLOW_WRITTEN, without)


def measure_list(place: Place) -> Iterator[Figure]:
    """With a long list, and a history on disk."""
    corpus = place.corpus(place.sizes.files)
    fill(place.store("listed"), place.sizes.listed, place.sizes.events)
    env = place.reading("listed", corpus)
    place.run(env, "scan", "--json")
    with Terminal(OURS, env) as terminal:
        terminal.wait_for(PAINTED.encode())
        (used,) = _watch(place, [terminal], _SETTLE)
    yield _share(LISTED, used)
    place.forget("listed")()


def _watch(place: Place, terminals: Sequence[Terminal], settle: float) -> list[Idle]:
    return left_alone(terminals, settle * place.sizes.patience, _WATCHED * place.sizes.patience)


def _share(row: Row, used: Idle) -> Figure:
    return row.figure([used.cpu * 100])


def _written(row: Row, used: Idle) -> Figure:
    return row.figure([] if used.written is None else [used.written])
