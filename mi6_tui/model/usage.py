"""What was used: requests, tokens and dollars, by one dimension."""

from __future__ import annotations

from datetime import UTC, tzinfo
from typing import Final, Literal, Self

import msgspec

QUARTER: Final = 900_000
"""ms in a quarter of an hour. Every local midnight on Earth falls on a multiple of it."""

Dimension = Literal["hour", "day", "week", "month", "model", "project", "framework", "machine", "session"]


class UsageQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which requests, and what to add them up by."""

    by: Dimension = "day"
    since: int | None = None
    """ms, inclusive."""
    until: int | None = None
    """ms, exclusive."""
    timezone: tzinfo | None = UTC
    """Where hours, days, weeks and months begin; None: where this machine is."""

    def rounded(self) -> Self:
        """With both times rounded down to a quarter of an hour, the grain that usage is kept in."""
        since, until = (
            None if bound is None else bound // QUARTER * QUARTER for bound in (self.since, self.until)
        )
        return msgspec.structs.replace(self, since=since, until=until)


class UsageRow(msgspec.Struct, frozen=True, kw_only=True):
    """Sums over some requests."""

    key: str | None = None
    """`2026-11-23T14` (of an hour that the clock shows twice, both), `2026-11-23`, `2026-W48` or `2026-11`;
    name of the model, project, framework or machine; session id. None: unknown, and in the total."""
    session_count: int = 0
    """Sessions with at least one of the requests."""
    api_request_count: int = 0
    incomplete_requests: int = 0
    """Requests that miss a token number: the sums of tokens are then lower bounds."""
    tokens_input: int = 0
    tokens_output: int = 0
    tokens_cache_read: int = 0
    tokens_cache_write: int = 0
    tokens_cache_write_1h: int = 0
    tokens_reasoning: int = 0
    cost_usd: float | None = None
    """All that is known: recorded and estimated; a lower bound where `cost_incomplete`."""
    cost_recorded_usd: float | None = None
    cost_estimated_usd: float | None = None
    unpriced_requests: int = 0
    """Requests that nobody knows the cost of."""

    @property
    def cost_incomplete(self) -> bool:
        """True when the requests cost more than `cost_usd`, or may."""
        return bool(self.unpriced_requests or self.incomplete_requests)

    @property
    def total_tokens(self) -> int:
        """Input + output + both cache counts."""
        return self.tokens_input + self.tokens_output + self.tokens_cache_read + self.tokens_cache_write


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """Rows by period ascending, else the dearest first; and the total of all of them."""

    rows: tuple[UsageRow, ...]
    total: UsageRow
