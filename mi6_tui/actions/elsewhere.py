"""The way to a session of another machine: a terminal here, in which ssh attaches to its multiplexer."""

from __future__ import annotations

import json
import shlex
from typing import Final

from mi6_tui.actions.errors import FocusError
from mi6_tui.actions.holder import name_of
from mi6_tui.actions.spot import Spot, spot_named
from mi6_tui.frameworks.text import one_line
from mi6_tui.model import Session
from mi6_tui.model.ssh import is_address

Command = tuple[str, ...]
_SHOWN: Final = 60


def attach_command(session: Session, address: str | None) -> Command:
    """What shows a session's terminal in a terminal here; `address` is its machine's, None: not known.

    FocusError if that cannot be done.
    """
    machine = one_line(session.machine_id, _SHOWN)
    if address is None:
        line = f'[machines.{json.dumps(machine, ensure_ascii=False)}] ssh = "user@host"'
        raise FocusError(
            f"{name_of(session)} runs on another machine, {machine}",
            f"say in the settings how to get there: {line}",
        )
    if not is_address(address):
        raise FocusError(
            f"{machine} cannot be reached: {one_line(address, _SHOWN)!r} is nothing that ssh takes"
        )
    spot = spot_named(session.terminal)
    words = _attach(spot) if spot is not None else ()
    if not words:
        where = (
            f"in {one_line(session.terminal, _SHOWN)}"
            if session.terminal
            else "nothing tells in which terminal"
        )
        raise FocusError(
            f"{name_of(session)} runs on {machine}, {where}: only tmux, zellij and screen can be attached to"
        )
    return "ssh", "-t", "--", address, shlex.join(words)


def _attach(spot: Spot) -> Command:
    """The words that show a pane on the terminal in which they run."""
    if spot.program == "tmux":
        pane = ("-t", spot.pane)
        choose = ("select-window", *pane, ";", "select-pane", *pane, ";")
        return "tmux", "-S", spot.session, *choose, "attach-session", *pane
    if spot.program == "zellij":
        return "zellij", "attach", "--", spot.session
    return ("screen", "-x", spot.session) if spot.program == "screen" else ()
