"""The chooser of columns: a list of all there are, and above it what they look like."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final

import msgspec
from textual import on
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.strip import Strip

from mi6_tui.errors import Mi6Error
from mi6_tui.model import Session
from mi6_tui.tui import text
from mi6_tui.tui.columns import GAP, GUTTER, NOTHING, Choice, Column, Live, columns_for, layout, title
from mi6_tui.tui.columns.draft import Chosen, Draft, State
from mi6_tui.tui.commands import PAGE, Command, bindings, moves
from mi6_tui.tui.moving import Moving
from mi6_tui.tui.widgets.bar import Bar, Piece
from mi6_tui.tui.widgets.footer import Footer
from mi6_tui.tui.widgets.line_view import LineView
from mi6_tui.tui.widgets.pick_list import PickList
from mi6_tui.tui.worker import ScanView

COMMANDS: Final = (
    Command("choose", "space,enter", "Space", "show", "Show or hide the column under the cursor", PAGE),
    Command("shift(-1)", "left_square_bracket", "[", "move", "Move it before or behind its neighbour", PAGE),
    Command("shift(1)", "right_square_bracket", "]", "move behind", footer=PAGE),
    Command("widen(1)", "plus,equals_sign", "+", "width", "Make it wider or narrower", PAGE),
    Command("widen(-1)", "minus,underscore", "-", "narrower", footer=PAGE),
    Command("condition", "m", "m", "conditional", "Show it only where the sessions differ in it", PAGE),
    Command("reset", "r", "r", "reset", "The usual columns, order and widths", PAGE),
    *moves("Next and previous column", "First and last column"),
    Command("back", "escape,c,q", "Esc", "save", "Keep the columns and return", PAGE),
)

_SAMPLES: Final = 4
"""Sessions that the preview shows."""
_MARKS: Final[dict[State, str]] = {"shown": "●", "conditional": "~", "hidden": "·"}
_INKS: Final[dict[State, str]] = {"shown": "name", "conditional": "plain", "hidden": "quiet"}
_HEAD: Final = 12
_ID: Final = 12
_TOLD: Final = 18
"""Cells of a column's head, its id, and of what is told of its width."""


LiveOf = Callable[[tuple[str, str]], Live]
"""(key of a session) -> what is known beside its row."""


def nothing(key: tuple[str, str]) -> Live:
    """Nothing is known."""
    return NOTHING


class ColumnRow(msgspec.Struct, frozen=True):
    """One line of the list."""

    key: str
    state: State
    told: str
    """How wide it is, or why it is not to be seen."""
    head: str
    means: str


class ColumnList(PickList[ColumnRow]):
    """All columns, in the order in which they would stand."""

    def draw(self, row: ColumnRow, width: int) -> Iterable[Piece]:
        """Mark, head, name for settings and queries, width, what it shows."""
        ink = _INKS[row.state]
        yield f"{_MARKS[row.state]} {text.fit(row.head or '-', _HEAD)} ", ink
        if width >= _HEAD + _ID + _TOLD + 24:
            yield f"{text.fit(row.key, _ID)} ", "quiet"
        yield f"{text.fit(row.told, _TOLD)} ", "quiet"
        yield row.means, ink


class Preview(LineView):
    """The head of the table and some rows, as they would look."""

    def __init__(
        self,
        sessions: Sequence[Session],
        now: int,
        live: LiveOf,
        *,
        id: str | None = None,  # noqa: A002 (Textual's own name)
    ) -> None:
        super().__init__(id=id)
        self.can_focus = False
        self._rows = [(session, live(session.key)) for session in sessions]
        self._now = now
        self.columns: tuple[Column, ...] = ()

    def show(self, columns: tuple[Column, ...]) -> None:
        """Show other columns."""
        if columns is not self.columns:
            self.columns = columns
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The head, then the sessions."""
        pieces = tuple(self._line(y))
        return self.painted(pieces, pieces)

    def _line(self, y: int) -> Iterable[Piece]:
        if y > len(self._rows):
            return
        yield " " * GUTTER, "head"
        for number, slot in enumerate(layout(self.line_width, self.columns)):
            yield (" " * GAP if number else ""), "plain"
            if y:
                session, live = self._rows[y - 1]
                yield from slot.column.value(session, self._now, slot.width, live)
            else:
                yield title(slot), "head"


class ColumnsScreen(Moving, Screen[Chosen]):
    """Lets the user choose; returns what was chosen, and keeps it in the settings file at `path`, if any.

    `sessions` are those on show at `now` (ms): they decide what is conditional, the first are the preview;
    `live` tells what is known beside their rows.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(COMMANDS)]

    def __init__(
        self,
        choice: Choice | None,
        sessions: Sequence[Session],
        now: int,
        path: Path | None,
        live: LiveOf = nothing,
    ) -> None:
        super().__init__()
        self._draft = Draft.of(choice)
        self._before = self._draft.choice()
        self._sessions = sessions
        self._path = path
        self.head = Bar(keeps_left=True, id="header")
        self.preview = Preview(sessions[:_SAMPLES], now, live, id="preview")
        self.list = ColumnList(id="columns")
        self.foot = Footer(COMMANDS, id="footer")

    @property
    def pane(self) -> ColumnList:
        """What the keys move."""
        return self.list

    def compose(self) -> ComposeResult:
        """Top to bottom."""
        yield self.head
        yield self.preview
        yield self.list
        yield self.foot

    def on_mount(self) -> None:
        """Begin at the first column."""
        self.foot.show(ScanView())
        self.list.focus()
        self.call_after_refresh(self._show)

    def on_resize(self) -> None:
        """Another width has room for other columns."""
        self.call_after_refresh(self._show)

    @property
    def chosen(self) -> Chosen:
        """What would be kept."""
        return self._draft.choice()

    def _show(self) -> None:
        chosen = self._draft.choice()
        columns = columns_for(chosen, self._sessions)
        self.preview.show(columns)
        there = {column.id for column in columns}
        widths = {slot.column.id: slot.width for slot in layout(self.preview.line_width, columns)}
        rows = [
            ColumnRow(
                key=entry.id,
                state=entry.state,
                told=_told(entry.state, widths.get(entry.id), entry.id in there, own=entry.width is not None),
                head=entry.column.title,
                means=entry.column.name,
            )
            for entry in self._draft.entries
        ]
        self.list.show(rows)
        missing = [column.title for column in columns if column.id not in widths and len(widths) > 1]
        lacking = f" · no room now for {', '.join(missing)}" if missing else ""
        told = f"{self._draft.count} of {len(rows)} chosen{lacking}"
        self.head.say(
            [
                (" columns ", "bold $name"),
                (text.fit(told, self.size.width - 10), "$quiet"),
            ]
        )

    # Commands.

    def _change(self, draft: Draft) -> None:
        self._draft = draft
        self._show()

    def action_choose(self) -> None:
        """Show or hide the column under the cursor."""
        self._change(self._draft.toggled(self.list.cursor))

    def action_condition(self) -> None:
        """Show it only where the sessions differ in it, or always."""
        if self._draft.entries[self.list.cursor].column.differs_by is None:
            self.app.notify("it is not known before it is shown", markup=False)
        self._change(self._draft.made_conditional(self.list.cursor))

    def action_shift(self, step: int) -> None:
        """Move it among the others."""
        self._change(self._draft.moved(self.list.cursor, step))

    def action_widen(self, step: int) -> None:
        """Change its width by `step` cells."""
        place = self.list.cursor
        entry = self._draft.entries[place]
        slots = layout(self.preview.line_width, self.preview.columns)
        now = next((slot.width for slot in slots if slot.column.id == entry.id), entry.column.narrow)
        self._change(self._draft.widened(place, step, now))

    def action_reset(self) -> None:
        """The usual columns again."""
        self._change(Draft.of(None))

    @on(PickList.Chosen)
    def _clicked_twice(self, message: PickList.Chosen) -> None:
        message.stop()
        self.action_choose()

    def action_back(self) -> None:
        """Keep what was chosen and return."""
        chosen = self._draft.choice()
        if chosen != self._before and self._path is not None:
            # The screen is gone by then, and with it its way to the app.
            self.app.run_worker(partial(_keep, self.app, self._path, chosen), name="columns", thread=True)
        self.dismiss(chosen)


def _told(state: State, width: int | None, there: bool, *, own: bool) -> str:
    if state == "hidden":
        return ""
    if not there:
        return "the same in all"
    return "no room" if width is None else f"{text.plural(width, 'cell')}{', yours' if own else ''}"


def _keep(app: App[Any], path: Path, chosen: Chosen) -> None:
    """Write it down, in a thread: the library for that takes a moment."""
    from mi6_tui.settings_file import save_setting

    values = {"show": list(chosen.show) or None, "widths": dict(chosen.widths) or None}
    try:
        save_setting(path, "columns", values)
    except Mi6Error as error:
        app.call_from_thread(app.notify, str(error), severity="error", markup=False)
