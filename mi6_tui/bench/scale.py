"""Years of work in one store: what the dashboard takes, and what its questions take."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Final

from mi6_tui.bench.fleet import PAINTED, WORDS, fill
from mi6_tui.bench.painting import bare, keys
from mi6_tui.bench.place import FULL, OURS, Place
from mi6_tui.bench.row import Figure, Row
from mi6_tui.bench.terminal import Terminal
from mi6_tui.bench.timing import percentile
from mi6_tui.model import EventQuery, SearchQuery, SessionQuery, UsageQuery
from mi6_tui.storage.sqlite import SqliteStorage

_EMPTY: Final = "an empty Textual app"
_MANY: Final = f"{FULL.many:,} sessions, {FULL.many * FULL.events:,} events"

RECORD: Final = Row(name="many-record", title=f"{_MANY}: recording a thousand events", unit="ms")
MEMORY: Final = Row(
    name="many-memory",
    title=f"memory of the dashboard after a walk through its pages, {_MANY}",
    unit="MB",
    most=120,
    against={_EMPTY: None},
)
KEY: Final = Row(name="many-key", title="a key there, until the selected row is painted", unit="ms")
KEY_SLOW: Final = Row(name="many-key-p95", title="95th percentile of these keys", unit="ms")
LIST: Final = Row(name="many-list", title="all its sessions asked for", unit="ms")
AFTER: Final = Row(name="many-after", title="a hundred events after an id", unit="ms")
USAGE: Final = Row(name="many-usage", title="tokens and dollars of 30 days", unit="ms")
SEARCH: Final = Row(name="many-search", title="a search for a word that every other text holds", unit="ms")
SEARCH_RARE: Final = Row(name="many-search-rare", title="for two words that few texts hold", unit="ms")
ROWS: Final = (RECORD, LIST, AFTER, USAGE, SEARCH, SEARCH_RARE, MEMORY, KEY, KEY_SLOW)

_PAGES: Final = (b"2", b"3", b"4", b"5", b"1")
_PAGE: Final = 2.0
"""Seconds on each."""
_SETTLE: Final = 5.0


def measure(place: Place) -> Iterator[Figure]:
    """Fill a store, ask it, and look at it."""
    started = time.perf_counter()
    events = fill(place.store("many"), place.sizes.many, place.sizes.events)
    yield RECORD.figure([(time.perf_counter() - started) * 1e6 / events])
    yield from _questions(place)
    env, settle = place.env("many"), _SETTLE * place.sizes.patience
    with Terminal(bare(0), env) as terminal:
        terminal.wait_for(b"PAINTED")
        terminal.drain(settle)
        empty = terminal.rss()
    with Terminal(OURS, env) as terminal:
        terminal.wait_for(PAINTED.encode())
        terminal.drain(settle)
        took = keys(terminal, place.sizes.keys * place.runs)
        for page in _PAGES:
            terminal.press(page)
            terminal.drain(_PAGE * place.sizes.patience)
        used = terminal.rss()
    yield MEMORY.figure([used / 1e6], {_EMPTY: empty / 1e6})
    yield KEY.figure(took)
    yield KEY_SLOW.figure(took, value=percentile(took, 0.95))
    place.forget("many")()


def _questions(place: Place) -> Iterator[Figure]:
    storage = SqliteStorage(place.store("many"), read_only=True)
    day = 86_400_000
    try:
        listed = len(storage.list_sessions(SessionQuery().active_only()))
        if listed != place.sizes.many:
            raise AssertionError(f"the dashboard would list {listed} of {place.sizes.many} sessions")
        latest = storage.last_event_id()
        after = EventQuery().order_by_id().with_after_id(latest - 100)
        since = int(time.time() * 1000) - 30 * day
        asked: tuple[tuple[Row, Callable[[], object]], ...] = (
            (LIST, lambda: storage.list_sessions(SessionQuery())),
            (AFTER, lambda: storage.query(after)),
            (USAGE, lambda: storage.usage(UsageQuery(by="day", since=since))),
            (SEARCH, lambda: storage.search(SearchQuery(text=WORDS[0]))),
            (SEARCH_RARE, lambda: storage.search(SearchQuery(text=f"{WORDS[-1]} {WORDS[-2]}"))),
        )
        for row, ask in asked:
            ask()
            yield row.figure([_ms(ask) for _ in range(place.runs)])
    finally:
        storage.close()


def _ms(ask: Callable[[], object]) -> float:
    started = time.perf_counter()
    if not ask():
        raise AssertionError("a question found nothing")
    return (time.perf_counter() - started) * 1000
