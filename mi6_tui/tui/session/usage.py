"""What the session used: its sums, how its context filled, and every request behind them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo
from functools import partial
from typing import ClassVar, Final

import msgspec
from textual import events as textual_events
from textual import on
from textual.app import ComposeResult
from textual.message import Message

from mi6_tui.judge.cost import amount
from mi6_tui.log import logger
from mi6_tui.model import Event, EventType, Session, TimelineQuery
from mi6_tui.tui import text
from mi6_tui.tui.feed import Question
from mi6_tui.tui.rows import Key
from mi6_tui.tui.session.bases import PagedTab
from mi6_tui.tui.session.curve import curve_lines
from mi6_tui.tui.session.questions import Sums, SumsOf
from mi6_tui.tui.session.tab import Pane
from mi6_tui.tui.session.usage_lines import model_lines, sum_lines
from mi6_tui.tui.widgets.bar import Piece
from mi6_tui.tui.widgets.pick_list import PickList
from mi6_tui.tui.widgets.scroller import Page

READ_UNASKED: Final = 16 << 20
"""Bytes of transcripts that are read again to count repeats; for more the user has to ask."""
_TALL: Final = 30
_CURVE: Final = (4, 7)
"""Lines of the curve on a low and on a tall screen."""


class RequestRow(msgspec.Struct, frozen=True):
    """A line of the ledger."""

    event: Event
    seen: int | None
    """Lines that tell of the request; None: not counted."""
    zone: tzinfo | None

    @property
    def key(self) -> int:
        """Tells it from the others."""
        return self.event.id or 0

    def __hash__(self) -> int:
        return hash((self.event.id, self.event.version, self.seen))


_COLUMNS: Final = (("in", 7), ("out", 7), ("cache r", 8), ("cache w", 8), ("cost", 9), ("seen", 5))


def head(width: int) -> Iterable[Piece]:
    """The titles above the ledger."""
    yield "  time     ", "head"
    yield text.fit("model", _model_width(width)), "head"
    for title, cells in _COLUMNS:
        yield text.fit(title, cells, right=True), "head"
    yield "  from", "head"


def _model_width(width: int) -> int:
    return 18 if width >= 90 else 12


class Ledger(PickList[RequestRow]):
    """The requests, newest last."""

    def draw(self, row: RequestRow, width: int) -> Iterable[Piece]:
        """When, which model, its tokens and cost, how often it was told, and where."""
        event = row.event
        ink = "quiet" if event.is_sidechain else "plain"
        yield f" {text.time_of_day(event.timestamp, row.zone)} ", "faint"
        yield text.fit(text.short_model(event.model), _model_width(width)), ink
        numbers = (event.tokens_input, event.tokens_output, event.tokens_cache_read, event.tokens_cache_write)
        for (_, cells), number in zip(_COLUMNS, numbers, strict=False):
            # An incomplete request has a number that is missing or a lower bound.
            told = text.tokens(number, int(event.tokens_incomplete and number is event.tokens_output))
            yield text.fit(told, cells, right=True), ink
        yield text.fit(cost_of(event), _COLUMNS[4][1], right=True), ink
        seen = "" if row.seen is None else f"{row.seen}x"
        yield text.fit(seen, _COLUMNS[5][1], right=True), "needs-you" if (row.seen or 1) > 1 else "faint"
        yield f"  {place_of(event)}", "faint"


def cost_of(event: Event) -> str:
    """A request's cost with its mark: recorded, `~` estimated, `≥` at least, `-` unknown."""
    usd = event.cost_usd if event.cost_usd is not None else event.cost_estimated_usd
    if usd is None:
        return text.UNKNOWN
    mark = "≥" if event.tokens_incomplete else "" if event.cost_usd is not None else "~"
    return mark + amount(usd)


def place_of(event: Event) -> str:
    """The file's name and where in it the line lies."""
    name = text.clean((event.transcript_path or "").rpartition("/")[2], 200)
    if len(name) > 20:
        name = f"{name[:8]}…{name[-6:]}"
    sub = "subagent " if event.is_sidechain else ""
    return f"{sub}{name} @ {event.byte_offset:,}" if event.byte_offset is not None else f"{sub}{name}"


class Repeated(Message):
    """How often the transcripts tell of each request, by its id."""

    def __init__(self, seen: Mapping[int, int] | None) -> None:
        super().__init__()
        self.seen = seen


class UsageTab(PagedTab):
    """Sums and curve above, the ledger below."""

    LABEL: ClassVar[str] = "usage"

    def __init__(self, session: Session | None, key: Key, at: int | None = None) -> None:
        super().__init__(session, key, at)
        self.sums = Page(id="sums")
        self._head = Page(id="head")
        self.list = Ledger(id="list")
        self._question = SumsOf(key)
        self._answer: Sums | None = None
        self._seen: dict[int, int] = {}
        self._counting = False
        self._too_much = False

    @property
    def query_of_events(self) -> TimelineQuery:
        """The requests that the row's sums are from."""
        machine_id, session_id = self.key
        return TimelineQuery(
            machine_id=machine_id, session_id=session_id, event_types=(EventType.API_REQUEST,), counted=True
        )

    def compose(self) -> ComposeResult:
        """Top to bottom."""
        yield self.sums
        yield self._head
        yield self.list

    @property
    def pane(self) -> Pane:
        """The ledger."""
        return self.list

    # News.

    def questions(self) -> Mapping[str, Question]:
        """The requests and the sums."""
        return {**super().questions(), "sums": self._question}

    def resume(self) -> None:
        """Ask anew."""
        super().resume()
        self._question = SumsOf(self.key)

    def show_session(self, session: Session) -> None:
        """The sums are those of the row."""
        super().show_session(session)
        self._draw_sums()

    def take(self, answers: Mapping[str, object]) -> None:
        """Show sums and requests."""
        sums = answers.get("sums")
        if isinstance(sums, Sums):
            self._answer = sums
            self._draw_sums()
        at_end = self.list.cursor >= len(self.list.rows) - 1
        if self.timeline.take(answers):
            self._draw(at_end)
            if self.awaited is not None:
                self.list.move_to_end(last=self.awaited)
                self.awaited = None
            self.post_message(self.Asks())
            self.post_message(self.Told())
            self._count_repeats()

    def _draw(self, at_end: bool) -> None:
        zone = self.mi6.zone
        rows = [RequestRow(event, self._seen.get(event.id or 0), zone) for event in self.timeline.events]
        self.list.show(rows)
        goal, self.timeline.goal = self.timeline.goal, None
        place = next((place for place, row in enumerate(rows) if row.event.id == goal), None)
        if place is not None:
            self.list.select(place)
        elif at_end and self.timeline.at_end:
            self.list.move_to_end(last=True)

    def _draw_sums(self) -> None:
        if self.session is None or not self.sums.is_mounted:
            return
        width, answer = self.sums.line_width, self._answer
        lines = sum_lines(self.session, width)
        if answer is not None:
            lines += model_lines(answer.models, width)
            height = _CURVE[self.size.height >= _TALL]
            lines += curve_lines(answer.context, self.session.context_window, width, height)
        self.sums.show(lines)
        self.sums.styles.height = len(lines)

    def on_resize(self, event: textual_events.Resize) -> None:
        """Everything is drawn for the width."""
        self._head.show([tuple(head(self.size.width))])
        self.call_after_refresh(self._draw_sums)

    @on(PickList.Moved)
    def _moved(self, message: PickList.Moved) -> None:
        message.stop()
        first, last = self.list.cursor == 0, self.list.cursor >= len(self.list.rows) - 1
        if first or last:
            self.further(last=last)

    def state(self) -> Sequence[Piece]:
        """How many requests are shown, and whether their repeats are counted."""
        shown = len(self.timeline.events)
        known = self.session.api_request_count if self.session is not None else shown
        pieces: list[Piece] = []
        if self._too_much:
            pieces.append(("u counts repeats ", "$quiet"))
        elif self._counting:
            pieces.append(("counting repeats … ", "$quiet"))
        if shown and shown < known:
            pieces.append((f"{shown:,} of {known:,} requests ", "$quiet"))
        return pieces

    # How often each request is told.

    def again(self) -> None:
        """Count the repeats, however much there is to read."""
        self._count_repeats(however_much=True)

    def _count_repeats(self, *, however_much: bool = False) -> None:
        session, events = self.session, tuple(self.timeline.events)
        wanted = [event for event in events if event.id not in self._seen]
        if session is None or self._counting or not (wanted or however_much):
            return
        self._counting, self._too_much = True, False
        work = partial(self._count, session, events, however_much)
        self.run_worker(work, name="repeats", thread=True, group="repeats", exit_on_error=False)
        self.post_message(self.Told())

    def _count(self, session: Session, events: Sequence[Event], however_much: bool) -> None:
        from mi6_tui.ingest.ledger import bytes_to_read, repeats

        seen: dict[int, int] | None = None
        try:
            if however_much or bytes_to_read(session, events) <= READ_UNASKED:
                seen = {number: 1 + len(told) for number, told in repeats(session, events).items()}
        except Exception:  # the border of this thread: the ledger stands without it
            logger().exception("repeats could not be counted")
            seen = {}
        self.post_message(Repeated(seen))

    @on(Repeated)
    def _repeated(self, message: Repeated) -> None:
        message.stop()
        self._counting = False
        self._too_much = message.seen is None
        if message.seen is not None:
            self._seen.update(message.seen)
            self._draw(at_end=False)
        self.post_message(self.Told())

    # Commands.

    def go_to(self, event_id: int) -> None:
        """Show a request among its neighbours."""
        if self.timeline.go_to(event_id):
            self.post_message(self.Asks())
        else:
            self._draw(at_end=False)

    def open(self) -> None:
        """Show the request among what happened."""
        row = self.list.selected
        if row is not None:
            self.post_message(self.Jump("activity", row.key))

    @on(PickList.Chosen)
    def _chosen(self, message: PickList.Chosen) -> None:
        message.stop()
        self.open()
