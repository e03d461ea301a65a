"""Home: who needs you, what is everyone doing."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.binding import BindingType
from textual.message import Message

from mi6_tui.tui.acting import Acting
from mi6_tui.tui.commands import HOME, bindings
from mi6_tui.tui.home.marking import Marking
from mi6_tui.tui.moving import Moving
from mi6_tui.tui.rows import Key
from mi6_tui.tui.widgets.session_table import SessionTable

if TYPE_CHECKING:
    from mi6_tui.tui.widgets.projects import Projects


class HomeScreen(Acting, Moving, Marking):
    """The session table with its header, query, projects, details and footer."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(HOME)]

    # What widgets say that are loaded when they are wanted; handlers by name need not load them.

    def on_prompt_kept(self, message: Message) -> None:
        """Something was written."""
        from mi6_tui.tui.widgets.prompt import Prompt

        if isinstance(message, Prompt.Kept):
            message.stop()
            if message.prompt is self._bar:
                self.end_query(keep=True)
            else:
                self.end_prompt(message.prompt, message.text)

    def on_prompt_dropped(self, message: Message) -> None:
        """Nothing was written after all."""
        from mi6_tui.tui.widgets.prompt import Prompt

        if isinstance(message, Prompt.Dropped):
            message.stop()
            if message.prompt is self._bar:
                self.end_query(keep=False)
            else:
                self.end_prompt(message.prompt, None)

    def on_query_bar_previewed(self, message: Message) -> None:
        """What is being written is a query."""
        from mi6_tui.tui.widgets.query_bar import QueryBar

        if isinstance(message, QueryBar.Previewed):
            message.stop()
            self.preview(message.query)

    def on_pick_list_moved(self, message: Message) -> None:
        """Another project is under the cursor of the panel."""
        message.stop()
        projects = self._projects
        if projects is not None and projects.display and projects.selected is not None:
            self.choose_project(projects.selected.name)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Whoever turns to the list has done with what he was writing."""
        if event.widget in (self.table, self._projects):
            self.end_query(keep=True)
            self.drop_prompt()

    @property
    def _panel_is_open(self) -> bool:
        return self._projects is not None and self._projects.display

    # Moving.

    @property
    def pane(self) -> SessionTable | Projects:
        """What the keys move."""
        projects = self._projects
        return projects if projects is not None and projects.has_focus else self.table

    def action_next(self, step: int) -> None:
        """Go to the next session that needs the user, or to the previous one."""
        key = self.next_needing(self.table.cursor if step else None, step)
        if key is None:
            self.notify("nobody on show needs you", markup=False)
        else:
            self.table.focus()
            self.table.select(key)

    def next_needing(self, key: object, step: int) -> Key | None:
        """The next session on show, from one on, that needs the user; None if nobody does."""
        return self.table.rows.next_needing(key if isinstance(key, tuple) else None, step)

    # What a session can be asked for.

    def action_open(self) -> None:
        """Open the session under the cursor, or the group."""
        session = self.table.selected
        if self.pane is not self.table:
            self.table.focus()
        elif not self.fold_head() and session is not None:
            self.mi6.open_session(session.key)

    def action_why(self) -> None:
        """Show why the session stands as it does."""
        session = self.table.selected
        if session is not None:
            self.mi6.open_session(session.key, tab="why")

    def action_back(self) -> None:
        """One step back: to the list; there give up the selection, the query, the project, its panel."""
        if not self.table.has_focus:
            self.table.focus()
        elif not self.table.unpick() and not self.clear() and self._panel_is_open:
            self.action_projects()

    @on(SessionTable.Activated)
    async def _activated(self, message: SessionTable.Activated) -> None:
        message.stop()
        await self.app.run_action("act('focus')", self)
