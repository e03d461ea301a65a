"""One session in full: what it does, said, called, used, changed, and why it stands as it does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from itertools import count
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.message import Message
from textual.widget import Widget

from mi6_tui.model import Session
from mi6_tui.tui import marks
from mi6_tui.tui.acting import Acting
from mi6_tui.tui.commands import bindings
from mi6_tui.tui.feed import FeedTick, Question
from mi6_tui.tui.page import Page
from mi6_tui.tui.rows import Key
from mi6_tui.tui.session.head_lines import name_line, state_line
from mi6_tui.tui.session.keys import COMMANDS
from mi6_tui.tui.session.questions import Row, RowOf
from mi6_tui.tui.session.tab import Tab
from mi6_tui.tui.session.tab_line import TabLine
from mi6_tui.tui.widgets.bar import Bar
from mi6_tui.tui.widgets.footer import Footer
from mi6_tui.tui.worker import ScanView

if TYPE_CHECKING:
    from mi6_tui.tui.widgets.prompt import Prompt

_TABS: Final = {
    "activity": "ActivityTab",
    "conversation": "ConversationTab",
    "tools": "ToolsTab",
    "usage": "UsageTab",
    "files": "FilesTab",
    "why": "WhyTab",
}
"""Each stands in the module of its name, and is made when it is first wanted."""
_numbers = count()
_AT: Final = ("activity", "conversation", "usage")
"""Those that can begin at an event."""


class SessionScreen(Acting, Page):
    """Shows the session of `key`; `tab` is open first, and `at` is the id of the event to begin with."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(COMMANDS)]

    def __init__(self, key: Key, tab: str = "activity", at: int | None = None) -> None:
        super().__init__()
        self.key = key
        self._at = at
        self._wanted = tab if tab in _TABS else "activity"
        self._before = "activity"
        """The tab from which `why` was opened."""
        self._row = RowOf(key)
        # One such screen may still let go of its questions when the next one asks its own.
        self._mine = f"session {next(_numbers)} "
        self._asked: dict[str, Question] = {}
        self._lost = False
        self._noted_at: int | None = None
        self.session: Session | None = None
        self.tabs: dict[str, Tab] = {}
        self.name_bar = Bar(keeps_left=True, id="who")
        self.state_bar = Bar(keeps_left=True, id="stands")
        self.tab_line = TabLine(tuple(_TABS), id="tabs")
        self.body = Container(id="room")
        self.foot = Footer(COMMANDS, id="footer")

    def compose(self) -> ComposeResult:
        """Top to bottom."""
        yield self.name_bar
        yield self.state_bar
        yield self.tab_line
        yield self.body
        yield self.foot

    def on_mount(self) -> None:
        """Show what is known already."""
        self.session = self.mi6.session(self.key)
        self._show_head()
        self._note_look()
        self.open_tab(self._wanted)

    # Tabs.

    @property
    def tab(self) -> Tab | None:
        """The one that is open."""
        return self.tabs.get(self._wanted)

    def open_tab(self, name: str) -> None:
        """Show a tab; what is hidden asks nothing."""
        before = self.tab
        self._wanted = name
        if not self.body.is_mounted:
            return
        tab = self.tabs.get(name) or self._make(name)
        if before is not None and before is not tab:
            before.leave()
            before.display = False
        tab.display = True
        if tab.ready:
            self._enter(tab)

    def _make(self, name: str) -> Tab:
        kind = getattr(import_module(f"mi6_tui.tui.session.{name}"), _TABS[name])
        at, self._at = (self._at, None) if name in _AT else (None, self._at)
        tab: Tab = kind(self.session, self.key, at) if at is not None else kind(self.session, self.key)
        self.tabs[name] = tab
        self.body.mount(tab)
        return tab

    @on(Tab.Ready)
    def _ready(self, message: Tab.Ready) -> None:
        message.stop()
        if message.tab is self.tab:
            self._enter(message.tab)

    def _enter(self, tab: Tab) -> None:
        if self.session is not None and tab.session != self.session:
            tab.show_session(self.session)
        tab.resume()
        pane = tab.pane
        if isinstance(pane, Widget):
            pane.focus()
        if self.is_current:
            self.ask_again()
        self._show_tabs()

    @on(TabLine.Picked)
    def _picked(self, message: TabLine.Picked) -> None:
        message.stop()
        self.open_tab(message.name)

    @on(Tab.Asks)
    def _asks(self, message: Tab.Asks) -> None:
        message.stop()
        if self.is_current:
            self.ask_again()

    @on(Tab.Told)
    def _told(self, message: Tab.Told) -> None:
        message.stop()
        self._show_tabs()

    @on(Tab.Jump)
    def _jump(self, message: Tab.Jump) -> None:
        message.stop()
        if message.tab not in self.tabs:
            self._at = message.event_id
            self.open_tab(message.tab)
        else:
            self.open_tab(message.tab)
            self.tabs[message.tab].go_to(message.event_id)

    # News.

    def questions(self) -> Mapping[str, Question]:
        """The row, and what the open tab wants to know."""
        asked: dict[str, Question] = {f"{self._mine}row": self._row}
        if self.tab is not None and self.tab.ready:
            asked |= {f"{self._mine}{name}": question for name, question in self.tab.questions().items()}
        return asked

    def ask_again(self) -> None:
        """Ask what is new to ask, and nothing that is no longer."""
        wanted = dict(self.questions())
        for name in self._asked.keys() - wanted.keys():
            self.mi6.feed.ask(name, None)
        for name, question in wanted.items():
            if self._asked.get(name) is not question:
                self.mi6.feed.ask(name, question)
        self._asked = wanted

    def on_screen_resume(self) -> None:
        """Ask anew: nothing was heard meanwhile."""
        self._asked = {}
        self._row = RowOf(self.key)
        if self.tab is not None and self.tab.ready:
            self.tab.resume()

    def on_screen_suspend(self) -> None:
        """It is covered, or gone: note that it was looked at."""
        for name in self._asked:
            self.mi6.feed.ask(name, None)
        self._asked = {}
        self._note_look()

    def take(self, tick: FeedTick) -> None:
        """Apply what the feed found."""
        mine = self._mine
        answers = {
            name.removeprefix(mine): told for name, told in tick.answers.items() if name.startswith(mine)
        }
        row = answers.get("row")
        if isinstance(row, Row):
            self._take_row(row.session)
        if self.tab is not None and self.tab.ready:
            self.tab.take(answers)

    def _take_row(self, session: Session | None) -> None:
        self._lost = session is None
        if session is not None and session != self.session:
            self.session = session
            if self.tab is not None and self.tab.ready:
                self.tab.show_session(session)
        self._show_head()
        self._show_tabs()

    def take_scan(self, view: ScanView) -> None:
        """Show how the scan stands."""
        self.foot.show(view)

    def tick(self, now: int) -> None:
        """Ages read differently."""
        self._show_head()
        if self.tab is not None and self.tab.ready:
            self.tab.tick(now)

    def _show_head(self) -> None:
        session = self.session
        if session is None:
            self.name_bar.say([(f" session {self.key[1][:80]} ", "bold $name")])
        else:
            self.name_bar.say(*name_line(session))
        if self._lost:
            self.state_bar.say([(" ▲ the store no longer holds this session", "$trouble")])
        elif session is not None:
            self.state_bar.say(*state_line(session, self.mi6.now()))

    def _show_tabs(self) -> None:
        self.tab_line.show(self._wanted, self.tab.state() if self.tab is not None else ())

    def _note_look(self) -> None:
        """The user sees the session, or saw it until now; noted once for all that happened before."""
        session = self.session
        if session is None or self._lost:
            return
        since = session.status_since or 0
        seen = max(session.seen_at or 0, self._noted_at or 0)
        if session.seen_at is None or seen < since:
            self._noted_at = self.mi6.now()
            self.mi6.feed.note(session, seen=self._noted_at)

    # Commands.

    def session_under(self) -> Session | None:
        """The session that actions are about."""
        return self.session

    def selected_sessions(self) -> Sequence[Session]:
        """The same."""
        return () if self.session is None else (self.session,)

    def action_turn(self, step: int) -> None:
        """Open the next tab."""
        names = list(_TABS)
        self.open_tab(names[(names.index(self._wanted) + step) % len(names)])

    def action_why(self) -> None:
        """Show why it stands as it does, or again what was shown before."""
        if self._wanted == "why":
            self.open_tab(self._before)
        else:
            self._before = self._wanted
            self.open_tab("why")

    def action_move(self, step: int) -> None:
        """Move by lines."""
        if self.tab is not None:
            self.tab.pane.move(step)

    def action_page(self, pages: float) -> None:
        """Move by pages."""
        if self.tab is not None:
            self.tab.pane.move_page(pages)

    def action_end(self, last: bool) -> None:
        """Move to either end."""
        if self.tab is not None:
            self.tab.end(last=last)

    def action_open(self) -> None:
        """Do what Enter does in the tab."""
        if self.tab is not None:
            self.tab.open()

    def action_hold(self) -> None:
        """Do what Space does in the tab."""
        if self.tab is not None:
            self.tab.hold()

    def action_filter(self) -> None:
        """Another kind of activity."""
        if self._wanted != "activity":
            self.open_tab("activity")
        elif self.tab is not None:
            self.tab.filter()

    def action_again(self) -> None:
        """Look again."""
        if self.tab is not None:
            self.tab.again()

    def action_find(self) -> None:
        """Look for words, which is done in the conversation."""
        if self._wanted != "conversation":
            self.open_tab("conversation")
        if self.tab is not None:
            self.tab.call_after_refresh(self.tab.find)

    def action_step(self, step: int) -> None:
        """The next place that was found, or else the next session that needs the user."""
        if self.tab is not None and self.tab.found(step):
            return
        home = self.mi6.home
        key = home.next_needing(self.key, step) if home is not None else None
        if key is None or key == self.key:
            self.notify("no other session needs you" if key else "nobody on show needs you", markup=False)
        else:
            self.mi6.open_session(key, tab=self._wanted)

    def action_back(self) -> None:
        """Let go of something, or return to the list, with the cursor on this session."""
        if self.tab is not None and self.tab.back():
            self._show_tabs()
            return
        home = self.mi6.home
        if home is not None:
            home.table.select(self.key)
        self.app.pop_screen()

    def action_copy(self) -> None:
        """Copy the text at the cursor, or ask what."""
        words = self.tab.copied() if self.tab is not None else None
        if words is None:
            self.action_act("copy")
        else:
            self.mi6.actions.copy("text", words)

    def action_pin(self) -> None:
        """Keep it on top, or no longer."""
        if self.session is not None:
            pinned = marks.flag_after([self.session], "pinned")
            self.mi6.feed.note(self.session, pinned=int(pinned))

    def action_rename(self) -> None:
        """Give it a name of the user's own."""
        from mi6_tui.tui.widgets.prompt import Prompt

        if self.session is None:
            return
        found = self.query(Prompt)
        prompt = found.first() if found else Prompt(id="prompt")
        if not found:
            self.mount(prompt, before=self.foot)
        prompt.display = True
        prompt.call_after_refresh(self._begin_prompt, prompt)

    def _begin_prompt(self, prompt: Prompt) -> None:
        if self.session is not None and prompt.is_attached:  # else the screen was left meanwhile
            prompt.ask("name", self.session.nickname or "")

    def on_prompt_kept(self, message: Message) -> None:
        """A name was written."""
        from mi6_tui.tui.widgets.prompt import Prompt

        if isinstance(message, Prompt.Kept):
            self._end_prompt(message, message.prompt)
            if self.session is not None:
                self.mi6.feed.note(self.session, nickname=marks.nickname_of(message.text))

    def on_prompt_dropped(self, message: Message) -> None:
        """Nothing was written after all."""
        from mi6_tui.tui.widgets.prompt import Prompt

        if isinstance(message, Prompt.Dropped):
            self._end_prompt(message, message.prompt)

    def _end_prompt(self, message: Message, prompt: Widget) -> None:
        message.stop()
        prompt.display = False
        if self.tab is not None:
            self._enter(self.tab)
