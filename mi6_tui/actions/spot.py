"""Where a session can be seen: in which pane, window or terminal program."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from mi6_tui.actions.errors import ActionError
from mi6_tui.actions.holder import ancestors
from mi6_tui.ingest.live.processes import Process, Processes
from mi6_tui.ingest.live.terminals import VARIABLES, terminal_of

_OWN: Final = ("KITTY_LISTEN_ON", "WEZTERM_UNIX_SOCKET", "WINDOW")
"""What a pane's process knows of the way to it, besides where it is."""
_FORMS: Final = (
    re.compile(r"(?P<program>tmux) (?P<session>/.+) (?P<pane>%\d{1,9})", re.ASCII),
    re.compile(r"(?P<program>zellij) (?P<session>.+) (?P<pane>\d{1,9})", re.ASCII),
    re.compile(r"(?P<program>screen) (?P<session>\d{1,9}(?:\.[\w.-]{1,100})?)", re.ASCII),
    re.compile(r"(?P<program>kitty|wezterm) (?P<pane>\d{1,9})", re.ASCII),
)
_SINGLE: Final = frozenset({"tmux", "zellij", "screen"})
"""Programs that draw on other terminals: without a pane nothing is known."""


TERMINALS: Final = (
    "alacritty",
    "code",
    "contour",
    "cosmic-term",
    "cursor",
    "foot",
    "ghostty",
    "gnome-terminal",
    "hyper",
    "kgx",
    "kitty",
    "konsole",
    "lxterminal",
    "mate-terminal",
    "ptyxis",
    "rio",
    "rxvt",
    "st",
    "tabby",
    "terminator",
    "terminology",
    "tilix",
    "urxvt",
    "warp",
    "wezterm",
    "xfce4-terminal",
    "xterm",
    "yakuake",
    "zed",
)
"""Terminal programs by the beginning of their processes' names, as far as a dash or a digit."""


class Spot(msgspec.Struct, frozen=True, kw_only=True):
    """A place to go to."""

    program: str
    """`tmux`, `zellij`, `screen`, `kitty`, `wezterm`; else what the terminal calls itself, or nothing."""
    session: str = ""
    """Of a multiplexer; of tmux the socket."""
    pane: str = ""
    own: Mapping[str, str] = {}
    """Variables of the process that is seen there."""
    tty: str | None = None
    above: tuple[Process, ...] = ()
    """The processes that it descends from, the nearest first."""


def spot_of(terminal: str | None, process: Process | None, processes: Processes, platform: str) -> Spot:
    """The place that `terminal` names (see `Session.terminal`), else that where `process` can be seen.

    What is not known of it is empty.
    """
    told = _told(terminal)
    own: Mapping[str, str] = {}
    tty = None
    above: tuple[Process, ...] = ()
    if process is not None:
        own = processes.environment(process.pid, (*VARIABLES, *_OWN))
        tty = _tty(process.pid) if platform == "darwin" else None
        above = tuple(ancestors(process, processes))
        told = told or _told(terminal_of(own)) or _told_above(above, processes)
        terminal = terminal or own.get("TERM_PROGRAM")
    if told is None and terminal in _SINGLE:
        raise ActionError(f"nothing tells in which pane of {terminal} it runs")
    return Spot(own=own, tty=tty, above=above, **(told or {"program": terminal or ""}))


def spot_named(terminal: str | None) -> Spot | None:
    """The place that `terminal` names whole; None if it names none."""
    told = _told(terminal)
    return None if told is None else Spot(own={}, tty=None, above=(), **told)


def _told(terminal: str | None) -> dict[str, str] | None:
    """The parts of a place that names a pane or window."""
    return next((match.groupdict() for form in _FORMS if (match := form.fullmatch(terminal or ""))), None)


def _told_above(above: Sequence[Process], processes: Processes) -> dict[str, str] | None:
    """The place that a shell above knows: whoever nests multiplexers must hide it from the inner one."""
    for process in above:
        if process.owner != os.geteuid() or is_terminal(process.name):
            break  # what a terminal program was started in is not where it shows anything
        if told := _told(terminal_of(processes.environment(process.pid, VARIABLES))):
            return told
    return None


def _tty(pid: int) -> str | None:
    """The device that a process is attached to; only AppleScript finds a terminal by that."""
    import psutil  # late: it takes 17 ms

    try:
        return psutil.Process(pid).terminal()
    except (psutil.Error, OSError):
        return None


def is_terminal(name: str) -> bool:
    """Whether a process of that name draws a window with a terminal in it."""
    name = name.lower().removeprefix(".")
    return any(name == known or name.startswith((f"{known}-", f"{known}.")) for known in TERMINALS)
