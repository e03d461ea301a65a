"""What is known of sessions beside their rows: what their processes use, how fast they use tokens,
and whether anything was heard of their machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mi6_tui.model import Session
from mi6_tui.model.rates import Rate
from mi6_tui.tui.columns import Column, Live, Vitals
from mi6_tui.tui.feed import FeedTick
from mi6_tui.tui.fleet import Fleet
from mi6_tui.tui.rates import Flow, RatePulse
from mi6_tui.tui.rows import Key
from mi6_tui.tui.vitals import VitalsNews, VitalsWorker, Wanted, wanted


class Living:
    """Asks `pulse` and `worker` for what is on the screen and for nothing else, and keeps what they found.

    Without a worker vitals are not known.
    """

    def __init__(self, pulse: RatePulse, worker: VitalsWorker | None, fleet: Fleet) -> None:
        self._pulse = pulse
        self.fleet = fleet
        self._worker = worker
        self._wanted = Wanted()
        self._vitals: Mapping[Key, Vitals] = {}
        self._rates: Mapping[Key, Rate] | None = None
        self._none = Rate(())

    def tick(
        self,
        now: int,
        columns: Iterable[Column],
        sessions: Iterable[Session],
        detailed: Session | None = None,
    ) -> None:
        """The clock moved to `now` (ms), and these columns of these sessions are on the screen.

        So is a panel with all vitals of the `detailed` one, if there is one.
        """
        self._pulse.tick(now)
        self._watch(wanted(columns, sessions, detailed))

    def pause(self) -> None:
        """Nothing of it is on the screen, until the next `tick`."""
        self._pulse.stop()
        self.fleet.stop()
        self._watch(Wanted())

    def _watch(self, needed: Wanted) -> None:
        if self._worker is not None and needed != self._wanted:
            self._wanted = needed
            self._worker.watch(needed)

    def take(self, tick: FeedTick) -> Flow | None:
        """Note what the feed found; the rates and today's usage if they are among it."""
        flow = self._pulse.take(tick)
        if flow is not None:
            self._rates = flow.rates.sessions
            self._none = Rate((0,) * len(flow.rates.total.minutes))
        return flow

    def take_vitals(self, news: VitalsNews) -> None:
        """Note what the worker found."""
        self._vitals = news.vitals

    def of(self, keys: Iterable[Key]) -> dict[Key, Live]:
        """What is known of some sessions; one without a request in the last minutes used no token."""
        rates, vitals, is_stale = self._rates, self._vitals, self.fleet.is_stale
        if rates is None:
            return {key: Live(vitals.get(key), stale=is_stale(key[0])) for key in keys}
        return {key: Live(vitals.get(key), rates.get(key, self._none), is_stale(key[0])) for key in keys}
