"""How fast tokens are used and what the day cost so far: asked of the feed every few seconds, while shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from typing import Final

import msgspec

from mi6_tui.model import UsageQuery, UsageRow
from mi6_tui.model.rates import MINUTE, Rates
from mi6_tui.storage import Storage
from mi6_tui.tui.feed import FeedTick, Question
from mi6_tui.tui.periods import day_of, midnight
from mi6_tui.tui.rows import Key

NAME: Final = "rates"
"""Of the question, and of its answer in `FeedTick.answers`."""
MINUTES: Final = 14
"""That the rates go back; a whole number falls on each spark of a column."""
_SOON: Final = 3_000
"""ms between two questions while the store changes."""
_LATER: Final = 20_000
"""ms between two questions while nothing happens, and rates fall."""


class Flow(msgspec.Struct, frozen=True):
    """The answer."""

    rates: Rates
    today: UsageRow | None
    """All requests since midnight; None: not known."""


class RatesQuestion(msgspec.Struct, frozen=True):
    """Asks once: for the rates up to `until`, and the usage since `midnight` (both ms)."""

    until: int
    midnight: int

    def ask(self, storage: Storage, changed: frozenset[Key] | None) -> Flow | None:
        """The answer the first time; afterwards `RatePulse` decides when to ask anew."""
        if changed is not None:
            return None
        return Flow(
            rates=storage.rates(self.until - MINUTES * MINUTE, self.until),
            today=storage.usage(UsageQuery(by="framework", since=self.midnight)).total,
        )


class RatePulse:
    """Decides when rates are asked for: soon after the store changed, and now and then while they fall.

    Until today's first request is found, every change is asked about at the next tick.

    `ask` is the feed's; `zone` says when a day begins, None: the machine's.
    """

    def __init__(self, ask: Callable[[str, Question | None], None], zone: tzinfo | None) -> None:
        self._ask = ask
        self._zone = zone
        self._asked: RatesQuestion | None = None
        self._changed = True
        self._flows = True
        self._spent = False
        """Whether the last answer has a request of today."""
        self._listed = False
        self._told: Flow | None = None

    def take(self, tick: FeedTick) -> Flow | None:
        """Note what the feed found; what is known now if that changed.

        What an empty store answered says nothing of today once there are sessions.
        """
        first = bool(tick.sessions) and not self._listed
        if tick.sessions:
            self._changed = self._listed = True
        flow = tick.answers.get(NAME)
        if not isinstance(flow, Flow):
            if first and self._told is not None and not self._spent:
                return msgspec.structs.replace(self._told, today=None)
            return None
        self._told = flow
        self._spent = flow.today is not None and flow.today.api_request_count > 0
        self._flows = any(rate.total or rate.incomplete for rate in flow.rates.sessions.values())
        return flow

    def tick(self, now: int) -> None:
        """The clock moved to `now` (ms) while rates are shown."""
        if self._is_due(now):
            self._changed = False
            # The request of this very moment, too.
            self._asked = RatesQuestion(now + 1, midnight(day_of(now, self._zone), self._zone))
            self._ask(NAME, self._asked)

    def stop(self) -> None:
        """Rates are not shown any more, until the next `tick`."""
        if self._asked is not None:
            self._asked, self._changed = None, True
            self._ask(NAME, None)

    def _is_due(self, now: int) -> bool:
        if self._asked is None:
            return True
        # Also after the clock was set back.
        passed = abs(now + 1 - self._asked.until)
        if self._changed:
            # A day without a request costs next to nothing to ask for, and its first one is news.
            return passed >= _SOON or not self._spent
        if self._flows:
            return passed >= _LATER
        return midnight(day_of(now, self._zone), self._zone) != self._asked.midnight
