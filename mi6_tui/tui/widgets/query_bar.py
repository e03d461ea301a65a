"""The line in which a query is written: coloured as it is read, previewed while it is typed, completed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import ClassVar, Final

import msgspec
from rich.cells import cell_len
from rich.highlighter import Highlighter
from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from mi6_tui.query import Completion, Query, QueryError, parse, spans
from mi6_tui.tui import text
from mi6_tui.tui.commands import TYPED, Command, Commands
from mi6_tui.tui.history import History, history
from mi6_tui.tui.widgets.line_view import LineView
from mi6_tui.tui.widgets.prompt import Field, Prompt

Line = tuple[tuple[str, str], ...]
_KINDS: Final = ("text", "field", "operator", "value", "comma", "keyword", "open", "close")
LABEL: Final = "/"
_MARGIN: Final = " " * (len(LABEL) + 2)
"""Cells left of the query's text."""
_WIDEST: Final = 74
"""Cells of a line that tells what is wrong."""
_LINES: Final = 8
"""Completions on show at once, at the most."""
_SHARE: Final = 4
"""A list of them never takes more than one line of screen in so many."""
_AT_ONCE: Final = 1500
"""Sessions up to which a preview follows every key."""
_PAUSE: Final = 0.06
"""Seconds without a key after which it follows where there are more."""


class QueryField(Field):
    """Its text in the inks of its kinds."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"query--{kind}" for kind in _KINDS}

    def __init__(self) -> None:
        super().__init__()
        self.highlighter = _Colours(self)


class _Colours(Highlighter):
    def __init__(self, field: QueryField) -> None:
        self._field = field

    def highlight(self, text: Text) -> None:
        """Give each part of a query the ink of its kind."""
        for span in spans(text.plain):
            style = self._field.get_component_rich_style(f"query--{span.kind}", partial=True)
            text.stylize(style, span.start, span.end)


class Fault(LineView, can_focus=False):
    """Below the query: what is wrong with it, and where."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: Sequence[Line] = ()

    def show(self, lines: Sequence[Line]) -> None:
        """Show other lines; without any it is not there."""
        self.lines = lines
        self.display = bool(lines)
        self.styles.height = len(lines)
        self.virtual_size = Size(0, len(lines))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One of them."""
        line = self.lines[y] if y < len(self.lines) else ()
        return self.painted(line, line)


class Suggestions(LineView, can_focus=False):
    """At the foot of the screen: what is missing in the query, and what may come next."""

    class Picked(Message):
        """A completion was clicked."""

        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

    def __init__(self) -> None:
        super().__init__()
        self.lines: Sequence[Line] = ()
        self._offered = 0
        self._first = 0
        self.chosen: int | None = None

    def show(self, missing: Sequence[Line], offered: Sequence[Completion]) -> None:
        """Show what is missing, and completions; none of them is chosen."""
        name = max((cell_len(one.text) for one in offered), default=0) + 2
        lines = [
            ((_MARGIN + text.fit(text.clean(one.text), name), "name"), (text.clean(one.note), "quiet"))
            for one in offered
        ]
        self.lines = (*missing, *lines)
        self._offered, self._first, self.chosen = len(lines), 0, None
        self._fit()

    def choose(self, place: int | None) -> None:
        """Mark a completion, or none."""
        self.chosen = place
        if place is not None:
            self._first = max(min(self._first, place), place - self._most + 1)
        self.refresh()

    @property
    def _most(self) -> int:
        """Completions on show at once."""
        return max(1, min(_LINES, self.app.size.height // _SHARE))

    def _fit(self) -> None:
        height = len(self.lines) - self._offered + min(self._offered, self._most)
        self.display = height > 0
        self.styles.height = height
        if isinstance(self.parent, Widget):
            # Above the footer: the heads and the first rows of what is found stay in sight.
            self.styles.offset = 0, max(1, self.app.size.height - 1 - height - self.parent.region.y)
        self.virtual_size = Size(0, height)
        self.refresh()

    def _place(self, y: int) -> int:
        """Index of the line at `y` of the view."""
        above = len(self.lines) - self._offered
        return y if y < above else y + self._first

    def render_line(self, y: int) -> Strip:
        """What is missing, or a completion."""
        place = self._place(y)
        if place >= len(self.lines):
            return self.painted("blank", ())
        chosen = self.chosen is not None and place == self.chosen + len(self.lines) - self._offered
        return self.painted(self.lines[place], self.lines[place], cursor=chosen)

    def on_click(self, event: events.Click) -> None:
        """Take the clicked completion."""
        place = self._place(event.y) - (len(self.lines) - self._offered)
        if 0 <= place < self._offered:
            self.post_message(self.Picked(place))


class Known(msgspec.Struct, frozen=True):
    """What the bar needs to know of the sessions."""

    count: Callable[[], int]
    """How many there are."""
    complete: Callable[[str, int], Sequence[Completion]]
    """What may stand in a text at a place."""


class QueryBar(Prompt):
    """A query: Tab takes a completion, the arrows choose one or go through those of before."""

    typed: ClassVar[Commands] = (
        Command("app.simulate_key('tab')", "tab", "Tab", "complete"),
        Command("app.simulate_key('down')", "down,up", "↓ ↑", "choose"),
        *TYPED,
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", show=False),
        Binding("down", "choose(1)", show=False),
        Binding("up", "choose(-1)", show=False),
    ]

    class Previewed(Message):
        """What is written is a query: show what it finds. None: it is empty."""

        def __init__(self, query: Query | None) -> None:
            super().__init__()
            self.query = query

    def __init__(self, known: Known, *, id: str | None = None) -> None:  # noqa: A002 (Textual's own name)
        super().__init__(id=id)
        self._known = known
        self._fault = Fault()
        self._suggestions = Suggestions()
        self._offered: Sequence[Completion] = ()
        self._history = History()
        self._past = 0
        self._draft = ""
        self._waiting: Timer | None = None
        self.fault = ""
        """What is wrong with what is written; empty if nothing is."""

    def _make_field(self) -> Field:
        return QueryField()

    def compose(self) -> ComposeResult:
        """The line, and what is told of it."""
        self._history = history(self.app, "queries")
        yield from super().compose()
        yield self._fault
        yield self._suggestions

    def on_show(self) -> None:
        """Toasts keep away from what is told of the query."""
        self.screen.add_class("-writing")

    def on_hide(self) -> None:
        """They need not any longer."""
        self.screen.remove_class("-writing")

    def ask(self, label: str, text: str) -> None:
        """Begin with a query."""
        self._past = len(self._history.lines)
        self._draft = text
        self._suggestions.show((), ())
        self._fault.show(())
        super().ask(label, text)
        self._look()

    def edited(self) -> None:
        """Follow what is typed: at once where that is quick."""
        if self._waiting is not None:
            self._waiting.stop()
            self._waiting = None
        if self._known.count() <= _AT_ONCE:
            self._look()
        else:
            self._waiting = self.set_timer(_PAUSE, self._look)

    def _look(self) -> None:
        self._waiting = None
        if not self.display:
            return
        wrong: tuple[Line, ...] = ()
        missing: tuple[Line, ...] = ()
        typed = self.field.value
        offered = self._known.complete(typed, self.field.cursor_position)
        self._offered = [one for one in offered if one.text != typed[one.start : one.end]]
        query: Query | None = None
        try:
            query = parse(typed)
        except QueryError as error:
            self.fault = error.message
            # What is still being typed is not wrong yet.
            if error.column + error.length >= len(typed):
                missing = _told(error, self.app.size.width, "quiet")
            else:
                wrong = _pointed(typed, error, min(_WIDEST, self.app.size.width))
            self.say("")
            # Meanwhile what stands before it is shown.
            typed = typed[: typed.rfind(" ", 0, error.column) + 1]
            with suppress(QueryError):
                query = parse(typed)
        else:
            self.fault = ""
        if query is not None:
            self.post_message(self.Previewed(query if typed.strip() else None))
        self._fault.show(wrong)
        self._suggestions.show(missing, self._offered)

    def keep(self) -> None:
        """Take the chosen completion, else end with the query, if it is one."""
        if self._suggestions.chosen is not None:
            self.action_complete()
            return
        if self._waiting is not None:
            self._waiting.stop()
        self._look()
        if self.fault:
            self.say("not a query yet", "trouble")
            return
        kept = self.field.value.strip()
        if kept:
            self._history.add(kept)
        super().keep()

    def action_drop(self) -> None:
        """Let go of the chosen completion, else end with nothing."""
        if self._suggestions.chosen is None:
            super().action_drop()
        else:
            self._suggestions.choose(None)

    def action_complete(self) -> None:
        """Take the chosen completion, or the first."""
        if not self._offered:
            return
        one = self._offered[self._suggestions.chosen or 0]
        typed = self.field.value
        self.field.value = typed[: one.start] + one.text + typed[one.end :]
        self.field.cursor_position = one.start + len(one.text)

    @on(Suggestions.Picked)
    def _picked(self, message: Suggestions.Picked) -> None:
        message.stop()
        self._suggestions.choose(message.place)
        self.action_complete()

    def action_choose(self, step: int) -> None:
        """Choose the next or previous completion; up from the first, or without any, go back in time."""
        chosen = self._suggestions.chosen
        if self._past < len(self._history.lines) or (step < 0 and chosen is None):
            self._recall(step)
        elif self._offered:
            place = (-1 if chosen is None else chosen) + step
            self._suggestions.choose(min(place, len(self._offered) - 1) if place >= 0 else None)

    def _recall(self, step: int) -> None:
        lines = self._history.lines
        if self._past == len(lines):
            self._draft = self.field.value
        self._past = max(0, min(len(lines), self._past + step))
        typed = lines[self._past] if self._past < len(lines) else self._draft
        self.field.value = typed
        self.field.cursor_position = len(typed)


def _told(error: QueryError, width: int, ink: str) -> tuple[Line, ...]:
    """What is wrong and what to do, in lines of at most `width` cells."""
    words = f"{error.message}; {error.hint}" if error.hint else error.message
    lines = text.wrapped(text.clean(words), width - len(_MARGIN))
    return tuple(((_MARGIN + line, ink),) for line in lines)


def _pointed(typed: str, error: QueryError, width: int) -> tuple[Line, ...]:
    """Carets below the part at fault, and what is wrong with it."""
    before = cell_len(typed[: error.column])
    length = max(1, cell_len(typed[error.column : error.column + error.length]))
    return ((_MARGIN + " " * before + "^" * length, "trouble"),), *_told(error, width, "trouble")
