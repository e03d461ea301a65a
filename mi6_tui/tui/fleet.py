"""The machines whose sessions are shown: how fresh what they told is, asked of the store now and then."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from mi6_tui.judge.freshness import silent_for, skew
from mi6_tui.model import Machine
from mi6_tui.storage import Storage
from mi6_tui.tui import status, text
from mi6_tui.tui.feed import FeedTick, Question
from mi6_tui.tui.pieces import Piece
from mi6_tui.tui.rows import Key

NAME: Final = "fleet"
"""Of the question, and of its answer in `FeedTick.answers`."""
_EVERY: Final = 5_000
"""ms between two questions where there is a fleet."""
_SELDOM: Final = 30_000
"""The same where no machine was ever seen."""
_SAME: Final = 1_000
"""ms by which two measures of one clock may differ: an answer takes its time."""
_JUST_NOW: Final = 20_000
"""ms since the latest word that nobody need count."""
_STEP: Final = 10_000
_WORST: Final = 80
"""Characters of what is wrong with a machine."""


class Seen(msgspec.Struct, frozen=True):
    """The answer."""

    machines: tuple[Machine, ...]
    ahead: int
    """ms that the store's clock is ahead of ours."""


class FleetQuestion:
    """Asks once; answers only what differs from what is `known`. `clock` gives ms."""

    def __init__(self, clock: Callable[[], int], known: Seen | None = None) -> None:
        self._clock = clock
        self._known = known

    def ask(self, storage: Storage, changed: frozenset[Key] | None) -> Seen | None:
        """The answer the first time; afterwards `Fleet` decides when to ask anew."""
        if changed is not None:
            return None
        machines, known = tuple(storage.machines()), self._known
        if not machines:
            return None if known is not None and not known.machines else Seen((), 0)
        ahead = storage.now() - self._clock()
        if known is not None and known.machines == machines and abs(known.ahead - ahead) < _SAME:
            return None
        return Seen(machines, ahead)


class Fleet:
    """What is known of the machines. `ask` is the feed's, `clock` gives ms."""

    def __init__(self, ask: Callable[[str, Question | None], None], clock: Callable[[], int]) -> None:
        self._ask = ask
        self._clock = clock
        self._asked_at: int | None = None
        self._seen: Seen | None = None
        self._known: dict[str, Machine] = {}
        self._names: set[str] = set()
        """Of machines that were seen or have sessions."""
        self._stale: frozenset[str] = frozenset()
        self.lost_at: int | None = None
        """Since when (ms) the store cannot be read: nothing that is shown is fresh; None: it can."""

    # News.

    def take(self, tick: FeedTick) -> bool:
        """Note what the feed found; whether other sessions are stale now."""
        self._names.update(session.machine_id for session in tick.sessions)
        seen = tick.answers.get(NAME)
        if isinstance(seen, Seen):
            self._seen = seen
            self._known = {machine.machine_id: machine for machine in seen.machines}
            self._names.update(self._known)
        was_lost = self.lost_at is not None
        if not tick.problem:
            self.lost_at = None
        elif not was_lost:
            self.lost_at = self._clock()
        return self._judge() or was_lost != (self.lost_at is not None)

    def tick(self) -> bool:
        """Time went by while machines are shown; whether other sessions are stale now."""
        now = self._clock()
        every = _EVERY if self._known else _SELDOM
        # Also after the clock was set back.
        if self._asked_at is None or abs(now - self._asked_at) >= every:
            self._asked_at = now
            self._ask(NAME, FleetQuestion(self._clock, self._seen))
        return self._judge()

    def stop(self) -> None:
        """They are not shown any more, until the next `tick`."""
        if self._asked_at is not None:
            self._asked_at = None
            self._ask(NAME, None)

    def _judge(self) -> bool:
        before = self._stale
        self._stale = frozenset(name for name in self._known if self._silence(name) is not None)
        return before != self._stale

    # What there is to say.

    def is_stale(self, machine_id: str) -> bool:
        """Whether what is shown of its sessions may be otherwise by now."""
        return self.lost_at is not None or machine_id in self._stale

    def about(self, machine_id: str) -> Iterable[Piece]:
        """How fresh a machine is, and what is wrong with it; nothing of one that nobody saw."""
        machine = self._known.get(machine_id)
        if machine is None:
            return
        for words, ink in freshness(machine, self._now):
            yield f" · {words}", ink

    def why_stale(self, machine_id: str) -> str:
        """Why what is shown of its sessions may be old, in a few words; empty if it is fresh."""
        if self.lost_at is not None:
            return f"stale: no word from the store for {text.age(self._clock() - self.lost_at)}"
        silence = self._silence(machine_id)
        return "" if silence is None else f"stale: its machine was not seen for {text.age(silence)}"

    def summary(self) -> tuple[str, ...]:
        """`3 machines, 1 not seen for 2h05`, and shorter; empty where there is but one, and it is fresh."""
        silent = [silence for name in self._stale if (silence := self._silence(name)) is not None]
        number = text.plural(len(self._names), "machine")
        if not silent:
            return (number,) if len(self._names) > 1 else ()
        more = "" if len(silent) == 1 else " and more"
        told = f"{len(silent)} not seen for {text.age(min(silent))}{more}"
        return f"{number}, {told}", f"{len(silent)} of {number} stale"

    def _silence(self, machine_id: str) -> int | None:
        machine = self._known.get(machine_id)
        return None if machine is None else silent_for(machine, self._now)

    @property
    def _now(self) -> int:
        """Ms by the store's clock."""
        return self._clock() + (self._seen.ahead if self._seen is not None else 0)


def freshness(machine: Machine, now: int) -> Iterable[Piece]:
    """When a machine was seen, as of `now` (ms by the store's clock), and what is wrong with it."""
    age, silence = now - machine.seen_at, silent_for(machine, now)
    if silence is not None:
        yield f"{status.STALE} not seen for {text.age(silence)}", "needs-you"
    elif age < _JUST_NOW:
        yield "seen just now", "quiet"
    else:
        yield f"seen {text.age(age // _STEP * _STEP)} ago", "quiet"
    if off := skew(machine):
        yield off, "needs-you"
    if machine.problem:
        yield text.clean(machine.problem, _WORST), "trouble"
