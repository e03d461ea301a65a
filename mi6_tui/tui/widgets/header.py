"""The top line: who needs you, how much is going on, what the day cost so far."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from mi6_tui.judge.cost import amount, dollars
from mi6_tui.model import UsageRow
from mi6_tui.model.rates import Rate
from mi6_tui.tui import status, text
from mi6_tui.tui.columns.figures import relative_sparks
from mi6_tui.tui.rates import Flow
from mi6_tui.tui.rows import Summary
from mi6_tui.tui.widgets.bar import Bar, Piece, cells

_RECENT: Final = 5
"""Minutes that tokens a minute are the mean of."""
_SPARKS: Final = 7
_GAP: Final = 2
"""Cells at least between the left and the right."""
_REST: Final = ("working", "background", "your turn", "idle", "unknown")

Pieces = Sequence[Piece]


class Header(Bar):
    """Counts by status on the left, and of machines; on the right today's dollars, and tokens a minute.

    A narrow screen shortens what is on the right, then says counts by mark; who needs you stays longest.
    """

    def __init__(self, *, keeps_left: bool = True, id: str | None = None) -> None:  # noqa: A002
        super().__init__(keeps_left=keeps_left, id=id)
        self._summary: Summary | None = None
        self._flow: Flow | None = None
        self._fleet: Sequence[str] = ()
        self._used: Sequence[str] = ()

    def show(self, summary: Summary) -> None:
        """Show other counts."""
        self._summary = summary
        self._arrange()

    def show_flow(self, flow: Flow | None) -> None:
        """Show other dollars and tokens; None: they are not known."""
        self._flow = flow
        self._arrange()

    def show_fleet(self, fleet: Sequence[str]) -> None:
        """Say something else of the machines: in its longest form, and in shorter ones."""
        if fleet != self._fleet:
            self._fleet = fleet
            self._arrange()

    def show_used(self, used: Sequence[str]) -> None:
        """Say what is used up so far, in its longest form and in a shorter one."""
        if used != self._used:
            self._used = used
            self._arrange()

    def on_resize(self) -> None:
        """Another width may have room for other words."""
        self._arrange()

    def _arrange(self) -> None:
        if self._summary is None:
            return
        words, marks = _in_words(self._summary), _in_marks(self._summary)
        rights = _flows(self._flow) if self._flow is not None else ((),)
        used: list[Pieces] = [((f" ◆ {form}", "$needs-you"),) for form in self._used] or [()]
        fleets: list[Pieces] = [((f" · {form}", "$quiet"),) for form in self._fleet] or [()]
        forms = [
            *(((*words, *form, *fleet), right) for form in used for fleet in fleets for right in rights),
            *(((*marks, *used[-1], *fleets[-1]), right) for right in (*rights, ())),
            *(((*marks, *used[-1]), right) for right in (*rights, ())),
            *((marks, right) for right in (*rights, ())),
        ]
        width = self.size.width or 10**6
        fitting = (form for form in forms if _width(*form) <= width)
        self.say(*next(fitting, (marks, ())))


def _width(left: Pieces, right: Pieces) -> int:
    return cells(left) + cells(right) + (_GAP if right else 0)


def _in_words(summary: Summary) -> Pieces:
    others = ((f" · {count} {word}", f"${status.ink(word)}") for word, count in _others(summary))
    return *_first(summary), *others


def _in_marks(summary: Summary) -> Pieces:
    others = ((f" {status.glyph(word)}{count}", f"${status.ink(word)}") for word, count in _others(summary))
    return *_first(summary), *others


def _first(summary: Summary) -> Iterable[Piece]:
    yield " mi6 ", "bold $name"
    waiting = sum(summary.shown.get(word, 0) for word in ("waiting", "error"))
    if waiting:
        yield f" {waiting} {'needs' if waiting == 1 else 'need'} you", "bold $needs-you"
    elif summary.sessions:
        yield " nobody needs you", "$quiet"


def _others(summary: Summary) -> Iterable[tuple[str, int]]:
    return ((word, count) for word in _REST if (count := summary.shown.get(word, 0)))


def _flows(flow: Flow) -> tuple[Pieces, ...]:
    """What is on the right, from the longest form to the shortest."""
    money, rate = _money(flow.today), flow.rates.total
    tokens, drawn = _tokens(rate), relative_sparks(rate.minutes, _SPARKS)
    day: Piece = (f"{money} today", "$plain")
    curve: Piece = (f" {drawn}", "$bar") if rate.total else ("", "$bar")
    long: Piece = (f"  {tokens} tok/min", "$quiet")
    end: Piece = (" ", "$quiet")
    unpriced = flow.today.unpriced_requests if flow.today is not None else 0
    missing: tuple[Piece, ...] = ((f"  {unpriced} unpriced", "$quiet"),) if unpriced else ()
    return (
        (day, *missing, long, curve, end),
        (day, long, curve, end),
        (day, (f"  {tokens}/min", "$quiet"), end),
        (day, end),
        ((money, "$plain"), end),
    )


def _money(today: UsageRow | None) -> str:
    """Nothing was spent where nothing was asked; what is unknown is no zero."""
    if today is None:
        return text.UNKNOWN
    return dollars(today) if today.api_request_count else amount(0.0)


def _tokens(rate: Rate) -> str:
    return ("≥" if rate.incomplete else "") + text.count(rate.per_minute(_RECENT))
