"""Price rows and how the one for a request is found: by exact name and date, never by likeness."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time
from functools import cache, cached_property
from pathlib import Path
from typing import Final
from zlib import crc32

import msgspec

from mi6_tui.prices.names import candidates

_SNAPSHOT: Final = Path(__file__).with_name("snapshot.json")


class Rates(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """USD per million tokens; a cache rate that is not given is that of `input`."""

    input: float
    output: float
    cache_read: float | None = None
    cache_write_5m: float | None = None
    cache_write_1h: float | None = None
    """Not given: as `cache_write_5m`."""


class Tier(Rates, frozen=True, kw_only=True, omit_defaults=True):
    """Rates of every token of a request whose prompt is longer than `above` tokens."""

    above: int


class Price(Rates, frozen=True, kw_only=True, omit_defaults=True, rename={"start": "from", "end": "until"}):
    """One row: what the requests to some models cost from one day (UTC, inclusive) to another (exclusive)."""

    id: str
    models: tuple[str, ...]
    start: date | None = None
    end: date | None = None
    tiers: tuple[Tier, ...] = ()
    """By `above`, smallest first."""
    multipliers: dict[str, float] = {}
    """By term of a request, such as `speed=fast`; a term that is not named here has an unknown price."""
    web_search: float | None = None
    """USD per thousand searches."""
    context_window: int | None = None
    """Tokens."""

    def rates(self, prompt_tokens: int) -> Rates:
        """What a request with so long a prompt is charged by, the whole of it."""
        reached: Rates = self
        for tier in self.tiers:
            if prompt_tokens > tier.above:
                reached = tier
        return reached

    def covers(self, at: int) -> bool:
        """Whether the row holds at a time (ms)."""
        return (self.start is None or at >= _midnight(self.start)) and (
            self.end is None or at < _midnight(self.end)
        )


class Snapshot(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The packaged table as a file."""

    source: str
    captured: date
    prices: tuple[Price, ...]


class PriceTable:
    """Rows to find prices in; of rows for one name the first that holds at the time counts.

    The rows of one's own, `own`, come before all others, by whichever form of the name they are found.
    `load` gives the others when the first one is asked for; most runs of the program only compare versions.
    """

    def __init__(
        self, load: Callable[[], Iterable[Price]], version: str, own: tuple[Price, ...] = ()
    ) -> None:
        self._load = load
        self._own = own
        self.version = version
        """Differs whenever any price does."""

    @cached_property
    def rows(self) -> tuple[Price, ...]:
        """All of them, those that come first in doubt first."""
        return (*self._own, *self._load())

    @cached_property
    def _by_name(self) -> tuple[dict[str, list[Price]], ...]:
        return _by_name(self.rows[: len(self._own)]), _by_name(self.rows[len(self._own) :])

    def _named(self, model: str) -> Iterator[Price]:
        for rows in self._by_name:
            for name in candidates(model) if rows else ():
                yield from rows.get(name, ())

    def find(self, model: str | None, at: int) -> Price | None:
        """The row for a request to `model` at `at` (ms); None if nobody knows."""
        return next((row for row in self._named(model) if row.covers(at)), None) if model else None

    def window(self, model: str) -> int | None:
        """Size of the model's context window in tokens; None if nobody knows."""
        sizes = (row.context_window for row in self._named(model))
        return next((size for size in sizes if size is not None), None)

    def overruled(self, rows: tuple[Price, ...]) -> PriceTable:
        """This table with `rows` before its own."""
        if not rows:
            return self
        version = f"{self.version}+{_digest(msgspec.json.encode(rows))}"
        return PriceTable(lambda: self.rows, version, rows)


def _by_name(rows: Iterable[Price]) -> dict[str, list[Price]]:
    found: dict[str, list[Price]] = {}
    for row in rows:
        for name in row.models:
            found.setdefault(name, []).append(row)
    return found


@cache
def packaged() -> PriceTable:
    """The table that comes with the program."""
    data = _SNAPSHOT.read_bytes()
    return PriceTable(lambda: msgspec.json.decode(data, type=Snapshot).prices, _digest(data))


def _digest(data: bytes) -> str:
    # Tells versions apart at each scan; nobody is kept from making two alike, and OpenSSL is slow to load.
    return f"{len(data):x}.{crc32(data):08x}"


@cache
def _midnight(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp()) * 1000
