"""What a session's row is made of: the columns that are wanted, and what is known beside the store."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Final

from mi6_tui.model import Session
from mi6_tui.tui.columns import GAP, NOTHING, Choice, Column, Live, Slot, columns_for, layout
from mi6_tui.tui.rows import Key
from mi6_tui.tui.table_lines import Piece

_MOVING: Final = frozenset(("waiting", "error", "working", "background"))
"""What sessions are shown as that go on, or wait for somebody."""
_YOUNG: Final = 60_000
"""Ms for which their ages are told by the second."""
_EVERY: Final = 5_000
"""Ms after which older ones are told anew."""
_AT_REST: Final = 10_000
"""The same of all other sessions."""
_DIM: Final = dict.fromkeys(("needs-you", "trouble", "working", "turn", "name", "plain", "bar"), "quiet")
"""Inks of a row that may be otherwise by now."""
Slots = tuple[Slot, ...]
LiveOf = Callable[[Iterable[Key]], dict[Key, Live]]
"""What is known of sessions beside their rows."""


def nothing(keys: Iterable[Key]) -> dict[Key, Live]:
    """Nothing is."""
    return dict.fromkeys(keys, NOTHING)


class RowPainter:
    """Sessions as pieces of text."""

    def __init__(self, live_of: LiveOf) -> None:
        self._live_of = live_of
        self._choice: Choice | None = None
        self._columns = columns_for(None, ())
        self._seen: dict[Key, Live] = {}
        self._painted: dict[Key, tuple[str, ...]] = {}
        """Ages as they were painted."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """Those that are wanted, whether they fit or not."""
        return self._columns

    def choose(self, choice: Choice | None, sessions: Collection[Session]) -> bool:
        """Want the columns that the user chose, None: the usual ones; whether there are others now."""
        if choice == self._choice:
            return False
        self._choice = choice
        return self.differ(sessions)

    def differ(self, sessions: Collection[Session]) -> bool:
        """Find out which columns these sessions differ in; whether there are others now."""
        before, self._columns = self._columns, columns_for(self._choice, sessions)
        return before is not self._columns

    def enliven(self, keys: Iterable[Key]) -> set[Key]:
        """There is news beside the rows; those of `keys`, which are in sight, that it is about."""
        before, self._seen = self._seen, self._live_of(keys)
        return {key for key, live in self._seen.items() if before.get(key) != live}

    def live(self, key: Key) -> Live:
        """What is known of a session beside its row."""
        return self._live_of((key,))[key]

    def slots(self, width: int) -> Slots:
        """The columns that fit into a width."""
        return layout(max(1, width), self._columns)

    def ages(self, session: Session, now: int, slots: Slots) -> tuple[str, ...]:
        """What the clock (ms) makes of a row that is painted now."""
        ages = self._painted[session.key] = self._ages(session, now, slots)
        return ages

    def aged(self, session: Session, before: int, now: int, slots: Slots) -> bool:
        """Whether the clock, which went on from `before` to `now`, makes something else of a painted row."""
        moving = session.status_shown in _MOVING
        if not moving or now - (session.status_since or 0) >= _YOUNG:
            every = _EVERY if moving else _AT_REST
            if before // every == now // every:
                return False
        return self._painted.get(session.key) != self._ages(session, now, slots)

    def _ages(self, session: Session, now: int, slots: Slots) -> tuple[str, ...]:
        live = self.live(session.key)
        aging = (slot for slot in slots if slot.column.ages)
        return tuple(slot.column.value(session, now, slot.width, live)[0][0] for slot in aging)

    def row(self, session: Session, now: int, slots: Slots) -> Iterable[Piece]:
        """The cells, with the gaps between them."""
        live = self.live(session.key)
        dim = live.is_stale(session)
        for number, slot in enumerate(slots):
            yield (" " * GAP if number else ""), "plain"
            for words, ink in slot.column.value(session, now, slot.width, live):
                yield words, _DIM.get(ink, ink) if dim else ink
