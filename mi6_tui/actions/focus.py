"""Brings the terminal that a session runs in before the user."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Final

from mi6_tui.actions import emulators, multiplexers, programs, windows
from mi6_tui.actions.errors import ActionError, FocusError, UnknownWindowError
from mi6_tui.actions.holder import check_here, holder, name_of
from mi6_tui.actions.spot import Spot, spot_of
from mi6_tui.actions.tmux import Tmux, socket_of
from mi6_tui.frameworks.text import one_line
from mi6_tui.ingest.live.processes import Process, Processes, system_processes
from mi6_tui.model import Claim, Session

_WAYS: Final = ("WEZTERM_UNIX_SOCKET",)
"""Variables of the session's process that its terminal program goes by."""
_NESTED: Final = 4
"""Terminals within terminals that are gone through."""


def focus(
    session: Session,
    claims: Iterable[Claim] = (),
    *,
    env: Mapping[str, str] = os.environ,
    processes: Processes | None = None,
    platform: str = sys.platform,
) -> str:
    """Show the session's terminal to the user; what he should know besides, if anything.

    `claims` are those on the session: they tell its process. FocusError says what is known where it cannot
    be done.
    """
    check_here(session)
    processes = processes or system_processes()
    try:
        process: Process | None = holder(session, claims, processes)
    except ActionError:
        process = None
    try:
        return _Way(processes, env, platform).show(spot_of(session.terminal, process, processes, platform))
    except UnknownWindowError as error:
        raise FocusError(f"cannot go to {name_of(session)}: {_known(session)}") from error
    except ActionError as error:
        raise FocusError(f"cannot go to {name_of(session)}: {error.message}", error.hint) from error


def _known(session: Session) -> str:
    """Where a session runs, as far as anything tells."""
    where = f"it runs in {session.terminal}" if session.terminal else "nothing tells its terminal"
    process = f", process {session.pid}" if session.pid is not None else ""
    folder = f", in the folder {session.cwd}" if session.cwd else ""
    return one_line(f"{where}{process}{folder}", 400)


class _Way:
    """Goes from the inside out: to the pane, then to the terminal that shows it."""

    def __init__(self, processes: Processes, env: Mapping[str, str], platform: str) -> None:
        self.processes = processes
        self._env = env
        self._platform = platform

    def show(self, spot: Spot, depth: int = 0) -> str:
        """Show a place; a remark, if one is due. ActionError if that cannot be done."""
        if spot.program == "tmux":
            client = Tmux(spot.session, self._env).show(spot.pane)
            # In the server that we run in, the terminal that was used last has our keys.
            return "" if socket_of(self._env) == spot.session else self._show_client(client, depth)
        if spot.program == "zellij":
            multiplexers.show_zellij(spot, self._env)
            return "" if self._env.get("ZELLIJ_SESSION_NAME") else "its pane is chosen in zellij"
        if spot.program == "screen":
            multiplexers.show_screen(spot, self._env)
            return "" if self._env.get("STY") == spot.session else "its window is chosen in screen"
        return self._show_window(spot)

    def _show_client(self, pid: int, depth: int) -> str:
        """Show the terminal that a multiplexer draws on, itself perhaps a pane of another one."""
        try:
            client = self.processes.find(pid)
        except OSError:
            client = None
        if client is None or client.owner != os.geteuid() or depth == _NESTED:
            return ""
        try:
            spot = spot_of(None, client, self.processes, self._platform)
            return self.show(spot, depth + 1)
        except UnknownWindowError:
            return ""  # over SSH, or on a console: it has no window that could be raised
        except ActionError as error:
            return f"its pane is chosen, but its terminal stays where it is: {error.message}"

    def _show_window(self, spot: Spot) -> str:
        """Show a window of a terminal program: the right tab of it where the program can be asked."""
        command = self._precise(spot)
        refused: ActionError | None = None
        if command is not None:
            own = {name: spot.own[name] for name in _WAYS if name in spot.own}
            try:
                programs.run(command, {**self._env, **own})
            except ActionError as error:
                refused = error
            else:
                with suppress(ActionError):  # most programs have come to the front by now
                    self._raise(spot)
                return ""
        try:
            self._raise(spot)
        except ActionError as error:
            raise refused or error from None
        return f"its window is in front, perhaps not its tab{f': {refused.message}' if refused else ''}"

    def _precise(self, spot: Spot) -> emulators.Command | None:
        mac = self._platform == "darwin"
        return (
            emulators.kitty(spot, self._env)
            or emulators.wezterm(spot)
            or (emulators.apple_script(spot) if mac else None)
        )

    def _raise(self, spot: Spot) -> None:
        if self._platform != "darwin":
            windows.raise_window(spot, self._env)
            return
        command = emulators.application(spot)
        if command is None:
            raise UnknownWindowError("nothing tells which window it runs in")
        programs.run(command, self._env)
