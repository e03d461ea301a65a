"""What keys do to sessions in the world outside, beside the screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from mi6_tui.errors import Mi6Error
from mi6_tui.model import Claim, Session
from mi6_tui.storage import Storage
from mi6_tui.tui.text import clean

if TYPE_CHECKING:
    from textual.app import App

    from mi6_tui.actions.kill import Outcome, Step
    from mi6_tui.actions.losses import Prospect
    from mi6_tui.ingest.live.processes import Process
    from mi6_tui.tui.app import Mi6App

_SAID: Final = 400


class _Sessions(Protocol):
    """What a screen tells of its sessions."""

    @property
    def app(self) -> App[Any]: ...

    def session_under(self) -> Session | None:
        """The session at the cursor."""

    def selected_sessions(self) -> Sequence[Session]:
        """The sessions that were selected, else the one at the cursor."""


class Acting:
    """A screen with `session_under` and `selected_sessions`, on which `commands.ACTION_COMMANDS` work."""

    def action_act(self, what: str) -> None:
        """Do something to the session at the cursor, or to those that are selected."""
        screen = cast(_Sessions, self)
        app = cast("Mi6App", screen.app)
        app.actions.act(what, screen.session_under(), screen.selected_sessions())


class Actions:
    """Carries out actions beside the screen and says what came of them. Used by the app's own thread.

    `env` says where it runs, `write` sends bytes to the terminal.
    """

    def __init__(
        self,
        app: Mi6App,
        storage: Storage,
        env: Mapping[str, str],
        write: Callable[[str], object],
    ) -> None:
        self._app = app
        self._storage = storage
        self._env = env
        self._write = write

    def act(self, what: str, session: Session | None, subjects: Sequence[Session]) -> None:
        """Do `what` (see `commands.ACTION_COMMANDS`) to a session; `copy` and `kill` to all of `subjects`."""
        if what == "copy" and subjects:
            self._ask_what_to_copy(subjects)
        elif what == "kill" and subjects:
            self._ask_to_end(subjects)
        elif session is not None:
            self._begin(partial(self._DOING[what], self, session))

    def tell(self, text: str, severity: str = "information") -> None:
        """Say something for some seconds."""
        self._app.notify(clean(text, _SAID), severity=severity, markup=False)

    @property
    def _template(self) -> Sequence[str]:
        return self._app.settings.actions.terminal

    def _begin(self, work: Callable[[], str]) -> None:
        """Do `work` in a thread; what it returns, or why it failed, is told."""
        self._app.run_worker(
            partial(self._work, work), name="action", group="actions", thread=True, exit_on_error=False
        )

    def _work(self, work: Callable[[], str]) -> None:
        try:
            said, severity = work(), "information"
        except Mi6Error as error:
            said, severity = str(error), "warning"
        if said:
            self._app.call_later(self.tell, said, severity)

    # In threads.

    def _claims(self, session: Session) -> list[Claim]:
        return self._storage.claims(*session.key)

    def _focus(self, session: Session) -> str:
        from mi6_tui.actions.focus import focus
        from mi6_tui.paths import machine_id

        if session.machine_id != machine_id():
            return self._attach(session)
        remark = focus(session, self._claims(session), env=self._env)
        self._app.call_later(self._note_look, session)
        return remark

    def _attach(self, session: Session) -> str:
        """Show the terminal of a session of another machine in one that is opened here."""
        from mi6_tui.actions.elsewhere import attach_command
        from mi6_tui.actions.spawn import kept, open_terminal
        from mi6_tui.paths import user_home

        told = {machine.machine_id: machine.address for machine in self._storage.machines()}
        set_so = self._app.settings.machines.get(session.machine_id)
        command = attach_command(session, set_so.ssh if set_so else told.get(session.machine_id))
        shell = kept(command, self._env)
        opened = open_terminal(str(user_home()), shell, template=self._template, env=self._env)
        self._app.call_later(self._note_look, session)
        return f"{opened}: {' '.join(command)}"

    def _open_terminal(self, session: Session) -> str:
        from mi6_tui.actions.holder import check_here
        from mi6_tui.actions.spawn import folder_of, open_terminal

        check_here(session)
        folder = folder_of(session)
        return f"{open_terminal(folder, template=self._template, env=self._env)}: a terminal in {folder}"

    def _resume(self, session: Session) -> str:
        from mi6_tui.actions.resume import check_ended, resume_command
        from mi6_tui.actions.spawn import folder_of, kept, open_terminal
        from mi6_tui.ingest.live.processes import system_processes

        check_ended(session, self._claims(session), system_processes())
        command, folder = resume_command(session), folder_of(session, resume=True)
        opened = open_terminal(folder, kept(command, self._env), template=self._template, env=self._env)
        return f"{opened}: {' '.join(command)}"

    def _open_page(self, session: Session) -> str:
        from mi6_tui.actions.browse import open_page, page_of

        address = page_of(session)
        open_page(address, env=self._env)
        return address

    _DOING: Final = {
        "focus": _focus,
        "terminal": _open_terminal,
        "resume": _resume,
        "github": _open_page,
    }

    def _note_look(self, session: Session) -> None:
        self._app.feed.note(session, seen=self._app.now())

    # Copying.

    def _ask_what_to_copy(self, sessions: Sequence[Session]) -> None:
        from mi6_tui.tui.screens.copy import CopyScreen, copies

        found = copies(sessions)
        self._app.push_screen(CopyScreen(found), lambda one: self.copy(*one) if one is not None else None)

    def copy(self, what: str, text: str) -> None:
        """Put `text` into the clipboard, the terminal's and this machine's."""
        from mi6_tui.actions.clipboard import sequence

        problem = ""
        try:
            written = sequence(text, self._env)
        except Mi6Error as error:
            problem = str(error)
        else:
            self._write(written)
        self._begin(partial(self._copy, what, text, problem))

    def _copy(self, what: str, text: str, problem: str) -> str:
        from mi6_tui.actions.clipboard import copy

        if copy(text, self._env):
            return f"{what}: copied"
        # Whether the terminal took it, it does not say.
        return f"{what}: {problem or 'sent to the clipboard of the terminal'}"

    # Ending.

    def _ask_to_end(self, sessions: Sequence[Session]) -> None:
        from mi6_tui.tui.screens.kill import KillScreen

        self._app.push_screen(KillScreen(self, sessions))

    def foresee(self, sessions: Sequence[Session], then: Callable[[list[Prospect]], object]) -> None:
        """Find out what would be lost if the sessions ended; `then` is told, in the app's thread."""

        def look() -> str:
            from mi6_tui.actions.losses import foresee
            from mi6_tui.ingest.live.processes import system_processes

            processes = system_processes()
            found = [foresee(one, self._claims(one), processes, self._env) for one in sessions]
            self._app.call_later(then, found)
            return ""

        self._begin(look)

    def end(
        self,
        subjects: Sequence[Process],
        steps: Sequence[Step],
        told: Callable[[Step, int], object],
        then: Callable[[list[Outcome]], object],
    ) -> None:
        """End processes step by step; `told` hears of each step, `then` what became of them."""

        def carry_out() -> str:
            from textual.worker import get_current_worker

            from mi6_tui.actions.kill import Ending
            from mi6_tui.ingest.live.processes import system_processes

            ending = Ending(subjects, system_processes(), get_current_worker().cancelled_event)
            outcomes = ending.carry_out(steps, lambda step, count: self._app.call_later(told, step, count))
            self._app.call_later(then, outcomes)
            return ""

        self._begin(carry_out)
