"""Which sessions home shows, and in which order: query, sort, groups, projects, views."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import msgspec
from textual import events, on

from mi6_tui.model import Session
from mi6_tui.tui import text
from mi6_tui.tui.home.frame import HomeFrame
from mi6_tui.tui.rows import Head
from mi6_tui.tui.view import View, next_group
from mi6_tui.tui.widgets.bar import Piece
from mi6_tui.tui.widgets.session_table import SessionTable

if TYPE_CHECKING:
    from mi6_tui.config import Settings
    from mi6_tui.query import Completion, Query, Sort
    from mi6_tui.tui.columns import Choice
    from mi6_tui.tui.home.views import NamedView
    from mi6_tui.tui.widgets.projects import Projects
    from mi6_tui.tui.widgets.query_bar import QueryBar

_BESIDE: Final = 50
"""Cells of screen from which there is room for projects beside the list."""


class Arranging(HomeFrame):
    """The home screen as the user arranges it."""

    _bar: QueryBar | None = None
    _projects: Projects | None = None
    _before: View | None = None
    """How it was when the query began to be written."""
    _views: Sequence[NamedView] = ()
    _view_name: str = ""
    _outside: View | None = None
    """What was on show before the user's own views."""
    _settings: Settings | None = None
    _chosen: Choice | None = None
    """The columns that the user chose for all views without some of their own."""

    @property
    def view(self) -> View:
        """What is on show."""
        return self.table.rows.view

    def look_at(self, view: View, name: str = "") -> None:
        """Show something else; `name`: what the user calls it."""
        self._view_name = name
        self.table.look_at(view, self._clock())
        self.table.begin()
        self._show_columns()
        self.counts_changed()
        self.fit()

    def _change(self, **changes: object) -> None:
        self.look_at(msgspec.structs.replace(self.view, **changes), self._view_name)

    def counts_changed(self) -> None:
        """There are other sessions, or others are on show."""
        super().counts_changed()
        self._show_strip()
        if self._projects is not None and self._projects.display:
            self._projects.fill(self.table.rows.projects())

    def _show_strip(self) -> None:
        """What was asked for, and how much that is."""
        view, rows = self.view, self.table.rows
        pieces: list[Piece] = []
        writing = self._bar is not None and self._bar.display
        if (self.is_narrowed or self._view_name) and not writing:
            if self._view_name:
                pieces.append((f" {text.clean(self._view_name, 40)} ", "bold $name"))
            if view.project is not None:
                pieces.append((f" in {text.clean(view.project, 80) or 'no project'} ", "$name"))
            if view.query is not None:
                pieces.append((f" / {text.clean(str(view.query))} ", "$needs-you"))
            pieces.append((f" {rows.matching} of {len(rows.held)} ", "$plain"))
        self.strip.say(pieces, [("Esc shows all ", "$quiet")] if pieces else ())
        if bool(pieces) != bool(self.strip.display):
            self.fit()

    # The query.

    async def action_query(self) -> None:
        """Write a query."""
        from mi6_tui.tui.widgets.query_bar import LABEL, Known, QueryBar

        if self._bar is None:
            self._bar = QueryBar(Known(lambda: self.table.rows.known, self._completions), id="query")
            await self.mount(self._bar, after=self.banner)
        self._before = self.view
        written = str(self.view.query) if self.view.query is not None else ""
        self._bar.ask(LABEL, written)
        self._show_strip()

    def _completions(self, written: str, cursor: int) -> Sequence[Completion]:
        from mi6_tui.query import complete

        return complete(written, cursor, list(self.table.rows.sessions()), self._clock())

    def preview(self, query: Query | None) -> None:
        """Show what a query finds while it is written."""
        if self._bar is None or not self._bar.display:
            return
        if (str(query) if query else "") != (str(self.view.query) if self.view.query else ""):
            self.look_at(self.view.asking(query))
        rows = self.table.rows
        if not self._bar.fault:
            self._bar.say(f"{rows.matching} of {len(rows.held)}")

    def end_query(self, *, keep: bool) -> None:
        """Go on with what the query finds, or with what there was before."""
        if self._bar is None or self._before is None:
            return
        self._bar.display = False
        if not keep and self.view is not self._before:
            self.look_at(self._before)
        self._before = None
        self.table.focus()
        self._show_strip()

    def clear(self) -> bool:
        """Show all sessions again: leave a view, else drop the query, else the project; False: they are."""
        if self._view_name:
            outside, self._outside = self._outside, None
            self.look_at(outside or View(ended=self.view.ended, hidden=self.view.hidden))
        elif self.view.query is not None:
            self.look_at(self.view.asking(None))
        elif self.view.project is not None:
            self.look_at(msgspec.structs.replace(self.view, project=None))
            if self._projects is not None:
                self._projects.put(None)
        else:
            return False
        return True

    # The order.

    @on(SessionTable.Titled)
    def _titled(self, message: SessionTable.Titled) -> None:
        message.stop()
        from mi6_tui.tui.sorting import sort_key, sorted_by

        key = sort_key(message.column, self.table.painter.live)
        if key is None:
            self.notify(f"{message.column.name} has no order", markup=False)
        else:
            self.sort(sorted_by(self.view.sort, key, more=message.more))

    def sort(self, sort: Sort | None) -> None:
        """Show the sessions in another order; None: by attention."""
        from mi6_tui.tui.sorting import is_measured

        self._change(sort=sort, measured=is_measured(sort))

    def action_sort(self) -> None:
        """Sort by the next column on show, after the last one by attention."""
        from mi6_tui.query import Sort
        from mi6_tui.tui.sorting import sort_key, sort_name

        columns = [slot.column for slot in self.table.slots if sort_name(slot.column) is not None]
        names = [sort_name(column) for column in columns]
        now = self.view.sort.keys[0].name if self.view.sort is not None and self.view.sort.keys else None
        place = names.index(now) + 1 if now in names else 0
        key = sort_key(columns[place], self.table.painter.live) if place < len(columns) else None
        self.sort(Sort((key,)) if key is not None else None)

    def action_reverse(self) -> None:
        """Turn the order round."""
        from mi6_tui.tui.sorting import reversed_sort

        self.sort(reversed_sort(self.view.sort))

    def action_group(self) -> None:
        """Group by the next thing."""
        self._change(group=next_group(self.view.group))

    def action_ended(self) -> None:
        """Show or hide ended sessions."""
        self._change(ended=not self.view.ended)

    def action_hidden(self) -> None:
        """Show or hide what the user hid."""
        self._change(hidden=not self.view.hidden)

    # Projects.

    def action_projects(self) -> None:
        """Show or hide the panel of projects."""
        from mi6_tui.tui.widgets.projects import Projects

        if self._projects is None:
            self._projects = Projects(id="projects")
            self._projects.display = False
            self.body.mount(self._projects, before=self.table)
        shown = not self._projects.display
        if shown and self.size.width < _BESIDE:
            self.notify("the screen is too narrow for projects beside the list", markup=False)
            return
        self._projects.display = shown
        if shown:
            self._projects.fill(self.table.rows.projects())
            self._projects.put(self.view.project)
            self._projects.focus()
        else:
            self.table.focus()

    def choose_project(self, name: str | None) -> None:
        """Show one project's sessions alone, or with None those of all."""
        if name != self.view.project:
            self._change(project=name)

    def fit(self) -> None:
        """Give each part the room that is due to it."""
        super().fit()
        if self._projects is not None and self._projects.display and self.size.width < _BESIDE:
            had_focus = self._projects.has_focus
            self._projects.display = False
            if had_focus:
                self.table.focus()

    def action_aside(self, step: int) -> None:
        """Left: collapse the group, or go to the projects. Right: the other way."""
        table, projects = self.table, self._projects
        if projects is not None and projects.has_focus:
            if step > 0:
                table.focus()
        elif step > 0:
            table.fold(collapsed=False)
        elif not table.fold(collapsed=True) and projects is not None and projects.display:
            projects.focus()

    # The user's own views.

    def take_settings(self, settings: Settings) -> None:
        """Follow what the user set: columns, views."""
        from mi6_tui.tui.home.views import views_of

        self._settings = settings
        self._chosen = settings.columns
        self._views = views_of(settings.views)
        self._show_columns()

    def _show_columns(self) -> None:
        """Those of the view on show, else those that the user chose for all."""
        view = next((view for view in self._views if view.name == self._view_name), None)
        choice = self._chosen
        if view is not None and view.columns:
            from mi6_tui.tui.columns.draft import Chosen

            choice = Chosen(view.columns, choice.widths if choice is not None else {})
        self.table.choose(choice)

    def action_columns(self) -> None:
        """Choose the columns."""
        from mi6_tui.tui.screens.columns import ColumnsScreen

        rows, live = self.table.rows, self.table.painter.live
        path = self.mi6.settings_path if not self.mi6.refusal else None
        self.app.push_screen(
            ColumnsScreen(self._chosen, rows.chosen(rows.keys), self._clock(), path, live), self._take_columns
        )

    def _take_columns(self, chosen: Choice | None) -> None:
        if chosen is not None:
            from mi6_tui.tui.columns.draft import Draft

            if self.mi6.refusal and chosen != Draft.of(self._chosen).choice():
                self.mi6.tell_for_this_run()
            self._chosen = chosen
            self._show_columns()

    @property
    def views(self) -> Sequence[NamedView]:
        """The views of the settings, in their order."""
        return self._views

    def show_view(self, view: NamedView) -> None:
        """Show what the user keeps under a name."""
        if not self._view_name:
            self._outside = self.view
        shown = View(sort=view.sort, group=view.group, ended=self.view.ended, hidden=self.view.hidden)
        self.look_at(shown.asking(view.query), view.name)

    def on_key(self, event: events.Key) -> None:
        """A key that nothing else takes may be that of a view."""
        for view in self._views:
            if event.key == view.key and self._before is None:
                event.stop()
                self.show_view(view)
                return

    def session_under(self) -> Session | None:
        """The session under the cursor."""
        return self.table.selected

    def fold_head(self) -> bool:
        """Open or collapse the group whose head is under the cursor; False if there is none."""
        return isinstance(self.table.cursor, Head) and self.table.toggle_fold()
