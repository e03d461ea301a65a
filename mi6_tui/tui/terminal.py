"""What a terminal is asked for beside painting: its bell, and messages on the desktop."""

from __future__ import annotations

import re
import select
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TextIO

from mi6_tui.tui.text import clean

if TYPE_CHECKING:
    from mi6_tui.config import Desktop

BELL: Final = "\a"
TITLE_KEPT: Final = "\x1b[22;2t"
"""The terminal remembers its title."""
TITLE_BACK: Final = "\x1b[23;2t"
"""It takes the remembered one."""
ASIDE: Final = "\x1b[?1049h\x1b[2J\x1b[H"
"""An empty screen beside the one of the shell."""
GIVEN_BACK: Final = (
    "\x1b[?1049h\x1b[<u"  # keyboards are told on each screen apart
    "\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1016l"
    "\x1b[?1004l\x1b[?2004l\x1b[?2048l\x1b[?1l\x1b>\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l"
)
"""Takes back what a program that draws usually asks for: its screen, mouse, pastes, a hidden cursor."""
_ESC: Final = "\x1b"
_LIMIT: Final = 160
"""Characters of a title or a body: GNU screen drops longer sequences."""
_NAMELESS: Final = re.compile(r"[^A-Za-z0-9-]")

# What the terminal says of itself; the first that fits. A multiplexer hides TERM and TERM_PROGRAM, but
# hands down the other variables.
_BY_TERM: Final = {
    "xterm-kitty": "osc99",
    "xterm-ghostty": "osc777",
    "foot": "osc777",
    "foot-extra": "osc777",
    "wezterm": "osc777",
    "rxvt-unicode-256color": "osc777",
}
_BY_PROGRAM: Final = {"iTerm.app": "osc9", "WezTerm": "osc777", "ghostty": "osc777", "WarpTerminal": "osc9"}
_BY_VARIABLE: Final = {
    "KITTY_WINDOW_ID": "osc99",
    "GHOSTTY_RESOURCES_DIR": "osc777",
    "WEZTERM_PANE": "osc777",
    "ITERM_SESSION_ID": "osc9",
    "VTE_VERSION": "osc777",
}


def title(words: str) -> str:
    """Asks for a title."""
    return f"\x1b]2;{clean(words, _LIMIT)}\a"


def understood(env: Mapping[str, str]) -> Desktop:
    """How the terminal that `env` speaks of shows a message on the desktop; `none` where nobody knows."""
    how = _BY_TERM.get(env.get("TERM", "")) or _BY_PROGRAM.get(env.get("TERM_PROGRAM", ""))
    if how is None and env.get("LC_TERMINAL") == "iTerm2":
        how = "osc9"
    if how is None:
        how = next((way for name, way in _BY_VARIABLE.items() if env.get(name)), "none")
    return how  # type: ignore[return-value]


def message(how: Desktop, title: str, body: str, *, about: str, env: Mapping[str, str]) -> str:
    """The bytes that make the terminal show a message; empty if it cannot. Nothing in the text ends them.

    Of two messages `about` the same a terminal may show the later one alone.
    """
    if how == "auto":
        how = understood(env)
    title, body = clean(title, _LIMIT), clean(body, _LIMIT)
    match how:
        case "osc9":
            # Its first word is never a number: that would be a progress bar.
            sequences = [f"9;mi6: {title}: {body}"]
        case "osc99":
            name = "mi6-" + _NAMELESS.sub("-", about)[:60]
            sequences = [f"99;i={name}:d=0:p=title;{title}", f"99;i={name}:d=1:p=body;{body}"]
        case "osc777":
            sequences = [f"777;notify;{title.replace(';', ',')};{body.replace(';', ',')}"]
        case _:
            sequences = []
    return "".join(_through(f"{_ESC}]{sequence}{BELL}", env) for sequence in sequences)


def _through(sequence: str, env: Mapping[str, str]) -> str:
    """The same, past a multiplexer: to the terminal around it."""
    if env.get("TMUX"):
        return f"{_ESC}Ptmux;{sequence.replace(_ESC, _ESC * 2)}{_ESC}\\"
    if env.get("STY"):
        return f"{_ESC}P{sequence}{_ESC}\\"
    return sequence


def hung_up(stream: TextIO | None) -> bool:
    """Whether the terminal that a stream reads from is gone for good."""
    if stream is None:
        return False
    poll = select.poll()
    poll.register(stream.fileno(), 0)
    return any(event & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, event in poll.poll(0))
