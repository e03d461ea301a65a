"""How fast tokens were used: what the requests of each minute add up to."""

from __future__ import annotations

from typing import Final

import msgspec

MINUTE: Final = 60_000
"""ms."""


def minutes_in(since: int, until: int) -> int:
    """How many minutes begin in that span (ms)."""
    return max(0, -(-(until - since) // MINUTE))


class Rate(msgspec.Struct, frozen=True):
    """Tokens by minute, the oldest first: input, output and both cache counts."""

    minutes: tuple[int, ...]
    incomplete: int = 0
    """Requests among them that miss a number: the tokens are then lower bounds."""

    @property
    def total(self) -> int:
        """Tokens of all minutes."""
        return sum(self.minutes)

    def per_minute(self, last: int) -> int:
        """Tokens a minute over the `last` minutes, rounded."""
        recent = self.minutes[-last:]
        return round(sum(recent) / len(recent)) if recent else 0


class Rates(msgspec.Struct, frozen=True):
    """The rates of a span of time, in minutes counted from its beginning; the last may be cut short."""

    since: int
    """ms, inclusive."""
    until: int
    """ms, exclusive."""
    sessions: dict[tuple[str, str], Rate]
    """By key; sessions without a request are not in it."""

    @property
    def total(self) -> Rate:
        """Of all sessions."""
        minutes = [0] * minutes_in(self.since, self.until)
        for rate in self.sessions.values():
            for place, tokens in enumerate(rate.minutes):
                minutes[place] += tokens
        return Rate(tuple(minutes), sum(rate.incomplete for rate in self.sessions.values()))
