"""Panes of tmux. Everything is named by tmux's own ids: names may hold anything."""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from mi6_tui.actions import programs
from mi6_tui.actions.errors import FocusError
from mi6_tui.frameworks.text import one_line

_PANES: Final = "#{pane_id} #{session_id} #{window_id}"
_CLIENTS: Final = "#{client_activity} #{session_id} #{client_pid} #{client_name}"


class _Client(NamedTuple):
    """A terminal that tmux draws on."""

    activity: int
    session: str
    pid: int
    name: str


def socket_of(env: Mapping[str, str]) -> str | None:
    """The socket of the server in which a process of that environment runs."""
    return env.get("TMUX", "").rsplit(",", 2)[0] or None


class Tmux:
    """The server behind a socket. FocusError if there is none that this user may talk to."""

    def __init__(self, socket: str, env: Mapping[str, str]) -> None:
        # Whoever listens is told our environment and given our terminal.
        try:
            status = Path(socket).stat()
        except (OSError, ValueError):
            status = None
        told = one_line(socket, 200)
        if status is None or not stat.S_ISSOCK(status.st_mode):
            raise FocusError(f"there is no tmux server at {told}; it has ended")
        if status.st_uid != os.geteuid():
            raise FocusError(f"the tmux server at {told} is another user's")
        self._socket = socket
        self._env = env

    def show(self, pane: str) -> int:
        """Have the terminal that was used last show a pane; pid of the client that draws on it."""
        places = [place.split(" ") for place in self._run("list-panes", "-a", "-F", _PANES).splitlines()]
        windows = {session: window for found, session, window in places if found == pane}
        if not windows:
            raise FocusError(f"tmux has no pane {pane} any more; the session's terminal was closed")
        told = (client.split(" ", 3) for client in self._run("list-clients", "-F", _CLIENTS).splitlines())
        clients = sorted(_Client(int(at), session, int(pid), name) for at, session, pid, name in told)
        client = clients[-1] if clients else None
        # A window can be linked into several sessions: that which is on show already need not change.
        session = client.session if client and client.session in windows else min(windows)
        self._run("select-window", "-t", f"{session}:{windows[session]}")
        self._run("select-pane", "-t", pane)
        if client is None:
            attach = shlex.join(("tmux", "-S", self._socket, "attach-session", "-t", session))
            raise FocusError("no terminal shows this tmux server", f"`{one_line(attach, 300)}` does")
        self._run("switch-client", "-c", client.name, "-t", session)
        return client.pid

    def _run(self, *args: str) -> str:
        return programs.run(("tmux", "-S", self._socket, *args), self._env)
