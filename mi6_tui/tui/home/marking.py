"""What the user does to the sessions at home: select several, keep on top, name, tag, hide."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from textual.css.query import NoMatches

from mi6_tui.errors import Mi6Error
from mi6_tui.model import Session
from mi6_tui.tui import marks, text
from mi6_tui.tui.feed import FeedTick
from mi6_tui.tui.home.arranging import Arranging

if TYPE_CHECKING:
    from mi6_tui.tui.widgets.prompt import Prompt

_NAME_LIMIT: Final = 40
"""Characters of the name of a view."""


class Marking(Arranging):
    """The home screen where sessions are marked. What is noted comes back with the feed."""

    _asking: Callable[[str], None] | None = None
    """What is done with what is written in the prompt."""
    _hiding: Sequence[Session] = ()
    """Sessions that were hidden, until they are."""
    _waiting: str = ""

    def take(self, tick: FeedTick) -> None:
        """Apply what the feed found, and tell what became of marks."""
        super().take(tick)
        if tick.waiting != self._waiting:
            if not self._waiting:
                self.notify(f"{tick.waiting}; written once it is free", severity="warning", markup=False)
            self._waiting = tick.waiting
            self.take_trouble("marks", tick.waiting)
        rows = [self.table.rows.get(session.key) for session in self._hiding]
        if rows and all(row is not None and row.hidden for row in rows):
            named = marks.named_sessions(self._hiding)
            self.notify(f"{named}: hidden; Z shows what is hidden", markup=False)
            self._hiding = ()
        elif tick.refused:
            self._hiding = ()

    def selected_sessions(self) -> Sequence[Session]:
        """Those that an action is about: the selected ones on show in order, else the one at the cursor."""
        picked = self.table.rows.chosen(self.table.picked)
        under = self.table.selected
        return picked or ([under] if under is not None else [])

    def action_pick(self) -> None:
        """Select the session under the cursor, or no longer, and go on to the next."""
        self.table.pick()
        self.table.move(1)

    def action_pin(self) -> None:
        """Keep sessions on top, or no longer."""
        self._flag("pinned")

    def action_hide(self) -> None:
        """Hide sessions, or no longer."""
        sessions = self.selected_sessions()
        if self._flag("hidden") and not self.view.hidden:
            self._hiding = sessions

    def _flag(self, flag: marks.Flag) -> bool:
        sessions = self.selected_sessions()
        value = marks.flag_after(sessions, flag)
        for session in sessions:
            self._note(session, **{flag: int(value)})
        self.table.unpick()
        return value

    def _note(self, session: Session, **said: str | int | None) -> None:
        self._feed.note(session, **said)
        self._noted.add(session.key)

    async def action_rename(self) -> None:
        """Give the session under the cursor a name of the user's own."""
        session = self.table.selected
        if session is None:
            return
        await self._ask(
            "name",
            session.nickname or "",
            lambda written: self._note(session, nickname=marks.nickname_of(written)),
        )

    async def action_tag(self) -> None:
        """Write the tags of a session, or add some to several."""
        sessions = self.selected_sessions()
        if not sessions:
            return
        label = "tags" if len(sessions) == 1 else f"add tags to {text.plural(len(sessions), 'session')}"

        def note(written: str) -> None:
            for session in sessions:
                self._note(session, tags=marks.tags_after(session, written, alone=len(sessions) == 1))
            self.table.unpick()

        await self._ask(label, marks.tags_written(sessions), note)

    async def action_save_view(self) -> None:
        """Keep what is on show as a view of the settings."""
        await self._ask("keep this view as", self._view_name, self.save_view)

    def save_view(self, name: str) -> None:
        """Write what is on show to the settings, under a name."""
        path, name = self.mi6.settings_path, text.clean(name, _NAME_LIMIT)
        if not name:
            return
        if path is None:
            self.notify("there is no settings file to keep a view in", severity="warning", markup=False)
            return
        from mi6_tui.tui.home.views import saved

        old = self._settings.views.get(name) if self._settings is not None else None
        table = saved(self.view, old)
        self.run_worker(partial(self._write_view, path, name, table), name="views", thread=True)

    def _write_view(self, path: Path, name: str, table: Mapping[str, object]) -> None:
        """In a thread: the library for that takes a moment."""
        from mi6_tui.settings_file import save_setting

        try:
            save_setting(path, "views", {name: table})
        except Mi6Error as error:
            self.app.call_from_thread(self.notify, f"{name} is not kept: {error}", severity="error")
        else:
            self.app.call_from_thread(self._view_kept, name)

    def _view_kept(self, name: str) -> None:
        self._view_name = name
        self._show_strip()
        self.mi6.look_at_settings()

    # The line in which something is written.

    async def _ask(self, label: str, written: str, done: Callable[[str], None]) -> None:
        from mi6_tui.tui.widgets.prompt import Prompt

        try:
            prompt = self.query_one("#prompt", Prompt)
        except NoMatches:
            prompt = Prompt(id="prompt")
            await self.mount(prompt, after=self.banner)
        self._asking = done
        prompt.ask(label, written)

    def drop_prompt(self) -> None:
        """Ask no more."""
        if self._asking is not None:
            from mi6_tui.tui.widgets.prompt import Prompt

            self.end_prompt(self.query_one("#prompt", Prompt), None)

    def end_prompt(self, prompt: Prompt, written: str | None) -> None:
        """Take what was written; None: nothing, after all."""
        done, self._asking = self._asking, None
        prompt.display = False
        self.table.focus()
        if done is not None and written is not None:
            done(written)
