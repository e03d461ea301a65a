"""Where a process can be seen: from variables of its environment to the text of `Session.terminal`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from mi6_tui.frameworks.text import one_line

VARIABLES: Final = (
    "TMUX",
    "TMUX_PANE",
    "TERM_PROGRAM",
    "KITTY_WINDOW_ID",
    "WEZTERM_PANE",
    "ZELLIJ_SESSION_NAME",
    "ZELLIJ_PANE_ID",
    "STY",
)
"""All that is asked of an environment: there are secrets among the rest."""
_NAME_LIMIT: Final = 100
_NUMBER: Final = re.compile(r"[0-9]{1,9}")
_PANE: Final = re.compile(r"%[0-9]{1,9}")
_SOCKET: Final = re.compile(r"(/[^,\x00-\x1f\x7f]{1,200}),[0-9]+,[0-9]+")
_SCREEN: Final = re.compile(r"[0-9]{1,9}(?:\.[\w.-]{1,100})?")


def terminal_of(environment: Mapping[str, str]) -> str | None:
    """The place, as in `Session.terminal`; None if the variables tell none.

    A multiplexer comes before the terminal it was started in, whose variables it hands on.
    """
    get = environment.get
    socket, pane = _SOCKET.fullmatch(get("TMUX", "")), get("TMUX_PANE", "")
    if socket and _PANE.fullmatch(pane):
        return f"tmux {socket[1]} {pane}"
    zellij = one_line(get("ZELLIJ_SESSION_NAME", ""), _NAME_LIMIT)
    if zellij and _NUMBER.fullmatch(get("ZELLIJ_PANE_ID", "")):
        return f"zellij {zellij} {get('ZELLIJ_PANE_ID')}"
    if _SCREEN.fullmatch(get("STY", "")):
        return f"screen {get('STY')}"
    for program, variable in (("kitty", "KITTY_WINDOW_ID"), ("wezterm", "WEZTERM_PANE")):
        if _NUMBER.fullmatch(get(variable, "")):
            return f"{program} {get(variable)}"
    return one_line(get("TERM_PROGRAM", ""), _NAME_LIMIT) or None
