"""Prompts, replies and commands of all sessions by their words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, ClassVar, Final

import msgspec
from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.timer import Timer
from textual.widgets import Input

from mi6_tui.model import Hit, SearchQuery
from mi6_tui.storage import Storage
from mi6_tui.tui import text
from mi6_tui.tui.commands import PAGE, Command, bindings, moves
from mi6_tui.tui.feed import FeedTick, Question
from mi6_tui.tui.history import History, history
from mi6_tui.tui.moving import MovingPage
from mi6_tui.tui.rows import Key
from mi6_tui.tui.search_words import SYNTAX, Asked, asked, snippet
from mi6_tui.tui.widgets.ask_bar import AskBar
from mi6_tui.tui.widgets.bar import Bar, Piece
from mi6_tui.tui.widgets.footer import Footer
from mi6_tui.tui.widgets.pick_list import PickList
from mi6_tui.tui.widgets.scroller import Page as Lines
from mi6_tui.tui.worker import ScanView

if TYPE_CHECKING:
    from mi6_tui.tui.app import Mi6App

COMMANDS: Final = (
    Command("open", "enter", "Enter", "open", "Open the session at what was found", PAGE),
    *moves("Next and previous hit, also while typing (arrows)", "First and last hit"),
    Command("ask", "slash", "/", "type", "Type what to look for", PAGE),
    Command("back", "escape", "Esc", "back", "Leave the line that is typed in, or the page", PAGE),
)

_TYPED: Final = (
    Command("app.simulate_key('enter')", "enter", "Enter", "open"),
    Command("app.simulate_key('down')", "down,up", "↓ ↑", "hits"),
    Command("app.simulate_key('escape')", "escape", "Esc", "leave the line: then 1-5 change pages"),
)

PATIENCE: Final = 0.15
"""Seconds without a key after which what was typed is looked for."""
LIMIT: Final = 100
"""Hits of a page; the next ones are asked for when the cursor nears the end."""
MOST: Final = 2000
"""Hits that are kept."""
_NEAR: Final = 20
_REMEMBERED: Final = 20
"""Earlier searches that are offered."""
_PREVIEW: Final = 3
_AGE: Final = 5
_KIND: Final = 7
_PROJECT: Final = 14
_NAME: Final = 24
_ROOM_FOR_KIND: Final = 70
_ROOM_FOR_NAME: Final = 110
"""Cells from which on a line has these."""


class Found(msgspec.Struct, frozen=True):
    """The hits of one question."""

    query: SearchQuery
    hits: tuple[Hit, ...]


class Find:
    """A question of the page (see `tui.feed.Question`), answered once: hits stay where they are."""

    def __init__(self, query: SearchQuery) -> None:
        self._query = query

    def ask(self, storage: Storage, changed: frozenset[Key] | None) -> Found | None:
        """The hits, at the first call."""
        if changed is not None:
            return None
        return Found(self._query, tuple(storage.search(self._query)))


class HitRow(msgspec.Struct, frozen=True):
    """A line of the list: a hit and how old it is, or an earlier search."""

    hit: Hit | None
    age: str = ""
    words: str = ""

    @property
    def key(self) -> int | str:
        """The event's id, or what was searched for."""
        return self.hit.event_id if self.hit is not None else self.words


class HitList(PickList[HitRow]):
    """Hits, the newest first; or earlier searches."""

    def draw(self, row: HitRow, width: int) -> Iterable[Piece]:
        """Age, kind, whose it is, and the words around what was found."""
        hit = row.hit
        if hit is None:
            yield text.fit(text.clean(row.words, 200), width), "plain"
            return
        yield text.fit(row.age, _AGE, right=True) + " ", "faint"
        left = width - _AGE - 1
        if width >= _ROOM_FOR_KIND:
            yield f"{text.fit(hit.kind, _KIND)} ", "quiet"
            left -= _KIND + 1
        yield f"{text.fit(text.clean(hit.project, 80) or text.UNKNOWN, _PROJECT)} ", "quiet"
        left -= _PROJECT + 1
        if width >= _ROOM_FOR_NAME:
            yield f"{text.fit(text.clean(hit.name, 80), _NAME)} ", "faint"
            left -= _NAME + 1
        for words, marked in snippet(hit, max(1, left)):
            yield words, "found" if marked else "plain"


class SearchScreen(MovingPage):
    """A line to type into, the hits, and more of the one under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(COMMANDS)]

    def __init__(self) -> None:
        super().__init__()
        self._asked = Asked()
        self._page: SearchQuery | None = None
        """The question that is asked now; a later page of the hits, perhaps."""
        self._hits: list[Hit] = []
        self._complete = False
        """Whether there are no more hits than these."""
        self._earlier = History()
        self._typing: Timer | None = None
        self._now = 0
        self._scan = ScanView()
        self.head = Bar(keeps_left=True, id="header")
        self.ask_bar = AskBar("/", "words of a prompt, a reply or a command", typed=_TYPED, id="ask")
        self.syntax = Lines(id="syntax")
        self.list = HitList(id="hits")
        self.preview = Lines(id="preview")
        self.foot = Footer(COMMANDS, id="footer")

    @property
    def pane(self) -> HitList:
        """What the keys move."""
        return self.list

    def compose(self) -> ComposeResult:
        """Top to bottom."""
        yield self.head
        yield self.ask_bar
        yield self.syntax
        yield self.list
        yield self.preview
        yield self.foot

    def on_mount(self) -> None:
        """Ready to be typed into."""
        self._now = self.mi6.now()
        self._earlier = history(self.mi6, "searches")
        self.ask_bar.tell()
        self.ask_bar.input.focus()
        self._show()

    # News.

    def questions(self) -> Mapping[str, Question]:
        """What was typed last; coming back it is looked for again."""
        self._page = self._asked.query
        return {} if self._page is None else {"search": Find(self._page)}

    def on_screen_suspend(self) -> None:
        """It is covered, or gone."""
        self.mi6.feed.ask("search", None)

    def take(self, tick: FeedTick) -> None:
        """Show the hits of the question that is asked now."""
        found = tick.answers.get("search")
        if not isinstance(found, Found) or found.query != self._page:
            return
        if found.query.last_seen is None:
            self._hits = []
            self._now = self.mi6.now()
        self._hits += found.hits
        self._complete = len(found.hits) < LIMIT or len(self._hits) >= MOST
        self._page = None
        self._show()
        if found.query.last_seen is None:
            self.list.move_to_end(last=False)

    def take_scan(self, view: ScanView) -> None:
        """Show how the scan stands."""
        self._scan = view
        self.foot.show(view)

    # Typing.

    @on(Input.Changed)
    def _typed(self) -> None:
        if self._typing is None:
            self._typing = self.set_timer(PATIENCE, self._look_for)
        else:
            self._typing.reset()

    def _look_for(self) -> None:
        """Ask for what was typed, unless that is what was asked."""
        if self._typing is not None:
            self._typing.stop()
            self._typing = None
        before = self._asked
        self._asked = asked(self.ask_bar.text, self.mi6.now(), LIMIT)
        self.ask_bar.tell(self._asked.problem)
        if self._asked.query is None:
            if not self._asked.problem:
                self._hits = []
            self.mi6.feed.ask("search", None)
            self._page = None
        elif self._asked.query != before.query:
            self.ask_again()
        self._show()

    # What is shown.

    def _show(self) -> None:
        empty = not self._hits and self._asked.query is None
        rows = [HitRow(hit, text.age(self._now - hit.timestamp)) for hit in self._hits]
        if empty:
            rows = [HitRow(None, words=words) for words in [*self._earlier.lines][: -_REMEMBERED - 1 : -1]]
        self.syntax.display = empty
        if empty:
            self.syntax.show(_syntax(bool(rows)))
            self.syntax.styles.height = len(self.syntax.lines)
        self.list.show(rows)
        self._tell()

    def _tell(self) -> None:
        right: list[Piece] = []
        query = self._asked.query
        if self._page is not None and not self._hits:
            right = [("looking … ", "$quiet")]
        elif self._hits:
            more = "" if self._complete else " or more"
            right = [(f"{text.plural(len(self._hits), 'hit')}{more} ", "$plain")]
        elif query is not None:
            right = [("nothing found; begin* finds longer words ", "$plain")]
        self.head.say([(" mi6 ", "bold $name"), (" search", "bold $plain")], right)
        row = self.list.selected
        hit = row.hit if row is not None else None
        self.preview.display = hit is not None and self.size.height >= 12
        if hit is not None:
            self.preview.show(_preview(hit, self.list.line_width, self.mi6))
        self.foot.show(self._scan)

    def on_resize(self) -> None:
        """Lines break elsewhere."""
        self.call_after_refresh(self._tell)

    @on(PickList.Moved)
    def _moved(self) -> None:
        self._tell()
        near = self.list.cursor >= len(self._hits) - _NEAR
        if near and self._hits and not self._complete and self._page is None and self._asked.query:
            self._page = self._asked.query.behind(self._hits[-1])
            self.mi6.feed.ask("search", Find(self._page))

    # Commands.

    def action_ask(self) -> None:
        """Type."""
        self.ask_bar.input.focus()

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self._look_for()
        self.action_open()

    @on(PickList.Chosen)
    def _chosen(self) -> None:
        self.action_open()

    def action_open(self) -> None:
        """Open the session of the hit under the cursor, at its place; or search again for what once was."""
        row = self.list.selected
        if row is None or (row.hit is not None and self._page is not None):
            return
        if row.hit is None:
            self.ask_bar.input.value = row.words
            self.ask_bar.input.cursor_position = len(row.words)
            self._look_for()
            return
        self._earlier.add(self.ask_bar.text)
        self.mi6.open_session((row.hit.machine_id, row.hit.session_id), at=row.hit.event_id)

    def action_back(self) -> None:
        """Leave the input, then the page."""
        if self.ask_bar.input.has_focus and self.list.rows:
            self.list.focus()
        else:
            super().action_back()


def _syntax(earlier: bool) -> list[tuple[Piece, ...]]:
    lines: list[tuple[Piece, ...]] = [(), ((" What can be typed", "head"),)]
    lines += [((f"  {text.fit(words, 18)}", "name"), (meaning, "quiet")) for words, meaning in SYNTAX]
    lines.append(((f"  {text.fit('', 18)}", "quiet"), ("and all of these together", "quiet")))
    lines.append(())
    if earlier:
        lines.append(((" Searched for before", "head"),))
    return lines


def _preview(hit: Hit, width: int, app: Mi6App) -> list[tuple[Piece, ...]]:
    """Whose it is and when it was, then the whole snippet."""
    when = text.moment(hit.timestamp, app.zone)
    told = (
        f"{when:%a %d %b %Y %H:%M:%S}" if when else "at no known time",
        text.clean(hit.framework, 40),
        text.clean(hit.tool_name, 40),
    )
    head = f" {text.clean(hit.name, 200)} "
    lines: list[tuple[Piece, ...]] = [
        ((text.fit(head, min(width, len(head))), "name"), ("· " + " · ".join(filter(None, told)), "quiet"))
    ]
    line: list[Piece] = [(" ", "plain")]
    left = width - 1
    for words, marked in snippet(hit, None):
        for part in re.findall(r"\S+\s*|\s+", words):
            if cell_len(part.rstrip()) > left and len(line) > 1:
                lines.append(tuple(line))
                line, left = [(" ", "plain")], width - 1
            line.append((part, "found" if marked else "plain"))
            left -= cell_len(part)
    return [*lines, tuple(line)][: 1 + _PREVIEW]
