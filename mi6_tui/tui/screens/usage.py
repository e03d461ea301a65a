"""What was used: days, weeks and months, by what, when, and against which budgets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import ClassVar, Final

from textual import events, on
from textual.binding import BindingType
from textual.message import Message

from mi6_tui.tui import periods
from mi6_tui.tui.commands import PAGE, Command, bindings
from mi6_tui.tui.feed import FeedTick, Question
from mi6_tui.tui.lined import LinedPage
from mi6_tui.tui.periods import Unit
from mi6_tui.tui.usage_facts import PARTS, SHOWN, AskSlice, AskTotals, Part, Slice, Totals
from mi6_tui.tui.usage_lines import Measure, drawn
from mi6_tui.tui.widgets.scroller import Page as Lines

COMMANDS: Final = (
    Command("unit('day')", "d", "d", "days", "A bar for each day, week or month", PAGE),
    Command("unit('week')", "w", "w", "weeks", footer=PAGE),
    Command("unit('month')", "m", "m", "months", footer=PAGE),
    Command("choose(-1)", "left,h", "← h", "earlier", "Look at the bar before, and at the next", PAGE),
    Command("choose(1)", "right,l", "→ l", "later", footer=PAGE),
    Command("part(1)", "tab", "Tab", "by", "By model, project, framework or session", PAGE),
    Command("part(-1)", "shift+tab", "Shift+Tab", "by back"),
    Command("measure", "u", "u", "unit", "Measure in dollars or in tokens", PAGE),
    Command("move(1)", "down,j", "↓ j", "down", "Scroll"),
    Command("move(-1)", "up,k", "↑ k", "up"),
    Command("end(False)", "home,g", "Home g", "first", "Scroll to either end"),
    Command("end(True)", "end,G", "End G", "last"),
    Command("page(1.0)", "pagedown", "PgDn", "page down", "A page down and up"),
    Command("page(-1.0)", "pageup", "PgUp", "page up"),
    Command("page(0.5)", "ctrl+d", "Ctrl+D", "half down", "Half a page down and up"),
    Command("page(-0.5)", "ctrl+u", "Ctrl+U", "half up"),
    Command("back", "escape", "Esc", "back", "Return to what runs now, or to the sessions"),
)


class UsageLines(Lines):
    """The page's lines; a click tells which one."""

    class Clicked(Message):
        """Line number `place` was clicked."""

        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

    def on_click(self, event: events.Click) -> None:
        """Tell it."""
        self.post_message(self.Clicked(self.first_line + event.y))


class UsageScreen(LinedPage):
    """Bars of the last units, one of which is chosen and taken apart."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(COMMANDS)]

    def __init__(self) -> None:
        super().__init__(UsageLines(id="usage"), COMMANDS)
        self._unit: Unit = "day"
        self._part: Part = "model"
        self._measure: Measure = "dollars"
        self._chosen: date | None = None
        """First day of the unit that was chosen; None: the one that runs."""
        self._totals: Totals | None = None
        self._slice: Slice | None = None
        self._ask_totals: AskTotals | None = None
        self._ask_slice: AskSlice | None = None
        self._firsts: Mapping[int, date] = {}

    def on_mount(self) -> None:
        """Begin with what runs."""
        self.lines.focus()
        self.draw()

    # News.

    @property
    def _first(self) -> date:
        """The first day of the unit that is taken apart."""
        return self._chosen or periods.begin(self._unit, periods.day_of(self.mi6.now(), self.mi6.zone))

    def questions(self) -> Mapping[str, Question]:
        """What the bars are, and what the chosen one is made of."""
        app = self.mi6
        self._ask_totals = AskTotals(self._unit, app.zone, app.now)
        self._ask_slice = AskSlice(self._unit, self._first, self._part, app.zone)
        return {"usage": self._ask_totals, "usage of": self._ask_slice}

    def _ask_part(self) -> None:
        """Ask anew only what the choice changes."""
        self._ask_slice = AskSlice(self._unit, self._first, self._part, self.mi6.zone)
        self.mi6.feed.ask("usage of", self._ask_slice)
        self.draw()

    def take(self, tick: FeedTick) -> None:
        """Show what was counted."""
        totals, part = tick.answers.get("usage"), tick.answers.get("usage of")
        if isinstance(totals, Totals):
            self._totals = totals
        if isinstance(part, Slice):
            self._slice = part
        if totals is not None or part is not None:
            self.draw()

    def tick(self, now: int) -> None:
        """Ask again what changed meanwhile, and when a new day began."""
        totals = self._totals
        new_day = totals is not None and periods.day_of(now, self.mi6.zone) != totals.today
        late = [one for one in (self._ask_totals, self._ask_slice) if one is not None and one.due]
        if new_day or late:
            self.ask_again()

    # What is shown.

    def draw(self) -> None:
        """Show what is known of what was asked for."""
        self.head.say(
            [
                (" mi6 ", "bold $name"),
                (" usage", "bold $plain"),
                (f" · by {self._unit}", "$plain"),
                (f" · by {self._part}", "$plain"),
                (f" · in {self._measure}", "$quiet"),
            ]
        )
        if self._totals is None:
            self.lines.show([((" adding up …", "quiet"),)])
            return
        part = self._slice
        if part is not None and (part.unit, part.first, part.part) != (self._unit, self._first, self._part):
            part = None
        budgets = self.mi6.settings.budgets
        size = self.lines.line_width, self.lines.size.height
        page = drawn(self._totals, part, self._first, self._measure, budgets, size, self.mi6.zone)
        self._firsts = page.firsts
        self.lines.show(page.lines)

    # Commands.

    def action_unit(self, unit: Unit) -> None:
        """Bars of other units."""
        if unit != self._unit:
            self._unit, self._chosen, self._totals = unit, None, None
            self.ask_again()
            self.draw()

    def action_choose(self, step: int) -> None:
        """Look at an earlier or a later bar."""
        self._choose(periods.shifted(self._unit, self._first, step))

    def _choose(self, first: date) -> None:
        runs = periods.begin(self._unit, periods.day_of(self.mi6.now(), self.mi6.zone))
        earliest = periods.shifted(self._unit, runs, 1 - SHOWN[self._unit])
        first = max(earliest, min(first, runs))
        chosen = None if first == runs else first
        if chosen != self._chosen:
            self._chosen = chosen
            self._ask_part()

    @on(UsageLines.Clicked)
    def _clicked(self, message: UsageLines.Clicked) -> None:
        if message.place in self._firsts:
            self._choose(self._firsts[message.place])

    def action_part(self, step: int) -> None:
        """Take it apart by something else."""
        self._part = PARTS[(PARTS.index(self._part) + step) % len(PARTS)]
        self._ask_part()

    def action_measure(self) -> None:
        """Dollars or tokens."""
        self._measure = "tokens" if self._measure == "dollars" else "dollars"
        self.draw()

    def action_back(self) -> None:
        """Return to what runs; from there to the sessions."""
        if self._chosen is None:
            super().action_back()
        else:
            self._chosen = None
            self._ask_part()
