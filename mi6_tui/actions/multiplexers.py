"""Panes of zellij, windows of GNU screen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from mi6_tui.actions import programs
from mi6_tui.actions.errors import FocusError
from mi6_tui.actions.spot import Spot

_ATTACHED: Final = re.compile(r"\((?:Multi, a|A)ttached\)")

Command = tuple[str, ...]


def zellij(spot: Spot, env: Mapping[str, str]) -> Command:
    """What shows a pane: within its session, or by taking ours there. Needs zellij 0.44."""
    ours = env.get("ZELLIJ_SESSION_NAME")
    pane = f"terminal_{spot.pane}"
    if ours and ours != spot.session:
        return "zellij", "--session", ours, "action", "switch-session", spot.session, "--pane-id", pane
    return "zellij", "--session", spot.session, "action", "focus-pane-id", pane


def screen(spot: Spot) -> Command | None:
    """What chooses a window; None if nobody knows which it is."""
    window = spot.own.get("WINDOW", "")
    if not (window.isascii() and window.isdigit()):
        return None
    return "screen", "-S", spot.session, "-X", "select", window


def show_zellij(spot: Spot, env: Mapping[str, str]) -> None:
    """Have zellij show a pane."""
    programs.run(zellij(spot, env), env)


def show_screen(spot: Spot, env: Mapping[str, str]) -> None:
    """Have GNU screen show a window, where a terminal shows its session."""
    # It ends with 1 where it lists what is attached already.
    listed = programs.run(("screen", "-ls", spot.session), {**env, "LC_ALL": "C"}, codes=(0, 1))
    lines = [line for line in listed.splitlines() if line.split()[:1] == [spot.session]]
    if not lines:
        raise FocusError(f"there is no screen session {spot.session} any more")
    command = screen(spot)
    if command is not None:
        programs.run(command, env)
    if not _ATTACHED.search(lines[0]):
        raise FocusError("no terminal shows this screen session", f"`screen -r {spot.session}` does")
