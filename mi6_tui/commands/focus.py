"""Brings the terminal that a session runs in before the user."""

from __future__ import annotations

import os
import re
import shlex
import stat
import subprocess
from pathlib import Path
from typing import Final, NamedTuple

from mi6_tui.errors import Mi6Error
from mi6_tui.model import Session
from mi6_tui.paths import machine_id
from mi6_tui.report.cells import clean

_TMUX: Final = re.compile(r"tmux (/.+) (%\d{1,9})", re.ASCII)
_SECONDS: Final = 5.0
"""How long tmux may take to answer."""
_PANES: Final = "#{pane_id} #{session_id} #{window_id}"
_CLIENTS: Final = "#{client_activity} #{session_id} #{client_name}"


class FocusError(Mi6Error):
    """The terminal cannot be reached."""


def focus(session: Session) -> None:
    """Show the session's terminal to the user. FocusError says what is known where that cannot be done."""
    name = clean(session.name)[:60]
    if session.machine_id != machine_id():
        raise FocusError(f"{name!r} runs on another machine, {clean(session.machine_id)}")
    pane = _TMUX.fullmatch(session.terminal or "")
    if pane is None:
        raise FocusError(f"cannot go to {name!r}: {_known(session)}", "only panes of tmux can be gone to")
    _Tmux(pane[1]).show(pane[2])


def _known(session: Session) -> str:
    """Where a session runs, as far as anything tells."""
    where = f"it runs in {session.terminal}" if session.terminal else "nothing tells its terminal"
    process = f", process {session.pid}" if session.pid is not None else ""
    folder = f", in the folder {session.cwd}" if session.cwd else ""
    return clean(f"{where}{process}{folder}")


class _Client(NamedTuple):
    """A terminal that tmux draws on."""

    activity: int
    session: str
    name: str


class _Tmux:
    """The tmux server behind a socket. Everything is named by tmux's own ids: names may hold anything."""

    def __init__(self, socket: str) -> None:
        # Whoever listens is told our environment and given our terminal.
        try:
            status = Path(socket).stat()
        except (OSError, ValueError):
            status = None
        if status is None or not stat.S_ISSOCK(status.st_mode):
            raise FocusError(f"there is no tmux server at {clean(socket)}; it has ended")
        if status.st_uid != os.geteuid():
            raise FocusError(f"the tmux server at {clean(socket)} is another user's")
        self._socket = socket

    def show(self, pane: str) -> None:
        """Have the terminal that was used last show a pane."""
        places = [place.split(" ") for place in self._run("list-panes", "-a", "-F", _PANES).splitlines()]
        windows = {session: window for found, session, window in places if found == pane}
        if not windows:
            raise FocusError(f"tmux has no pane {pane} any more; the session's terminal was closed")
        told = (client.split(" ", 2) for client in self._run("list-clients", "-F", _CLIENTS).splitlines())
        clients = sorted(_Client(int(activity), session, name) for activity, session, name in told)
        client = clients[-1] if clients else None
        # A window can be linked into several sessions: that which is on show already need not change.
        session = client.session if client and client.session in windows else min(windows)
        self._run("select-window", "-t", f"{session}:{windows[session]}")
        self._run("select-pane", "-t", pane)
        if client is None:
            attach = shlex.join(("tmux", "-S", self._socket, "attach-session", "-t", session))
            raise FocusError("no terminal shows this tmux server", f"`{attach}` does")
        self._run("switch-client", "-c", client.name, "-t", session)

    def _run(self, *args: str) -> str:
        try:
            done = subprocess.run(  # noqa: S603
                ("tmux", "-S", self._socket, *args),  # noqa: S607
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_SECONDS,
                check=False,
            )
        except FileNotFoundError as error:
            raise FocusError("the session runs in tmux, but no program is called tmux") from error
        except subprocess.TimeoutExpired as error:
            raise FocusError(f"tmux does not answer within {_SECONDS:g} s") from error
        if done.returncode:
            raise FocusError(f"tmux {args[0]}: {clean(done.stderr.decode(errors='replace'))}")
        return done.stdout.decode(errors="replace")
