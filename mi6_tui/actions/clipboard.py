"""The clipboard: of the terminal by an escape sequence, of this machine by its programs."""

from __future__ import annotations

import base64
import os
import sys
from collections.abc import Mapping
from typing import Final, NamedTuple

from mi6_tui.actions import programs
from mi6_tui.actions.errors import ActionError

LIMIT: Final = 56_000
"""Bytes that terminals take; they drop what is longer, without a word."""
_ESC: Final = "\x1b"
_SCREEN_PIECE: Final = 252
"""GNU screen hands on at most 256 characters at a time."""


class Program(NamedTuple):
    """A program that fills a clipboard from its input."""

    command: tuple[str, ...]
    needs: str
    """A variable that tells that it works here; empty: always."""
    platform: str = ""


PROGRAMS: Final = (
    Program(("tmux", "load-buffer", "-w", "-"), "TMUX"),
    Program(("pbcopy",), "", "darwin"),
    Program(("wl-copy",), "WAYLAND_DISPLAY"),
    Program(("xclip", "-selection", "clipboard"), "DISPLAY"),
    Program(("xsel", "--clipboard", "--input"), "DISPLAY"),
)
_TERMINALS_OWN: Final = "tmux"
"""It works over SSH too: tmux passes on what it is given to the terminal."""


def sequence(text: str, env: Mapping[str, str] = os.environ) -> str:
    """What makes the terminal fill its clipboard (OSC 52). ActionError if the text is too long for that."""
    content = text.encode("utf-8", "replace")
    if len(content) > LIMIT:
        raise ActionError(f"{len(content) // 1000} kB are more than a terminal's clipboard takes")
    plain = f"{_ESC}]52;c;{base64.b64encode(content).decode()}\a"
    if env.get("TMUX"):
        # tmux listens to the first where `set-clipboard` is on, and hands on the second where
        # `allow-passthrough` is.
        return f"{plain}{_ESC}Ptmux;{plain.replace(_ESC, _ESC * 2)}{_ESC}\\"
    if env.get("STY"):
        pieces = (plain[at : at + _SCREEN_PIECE] for at in range(0, len(plain), _SCREEN_PIECE))
        return "".join(f"{_ESC}P{piece}{_ESC}\\" for piece in pieces)
    return plain


def copy(text: str, env: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """Fill the clipboard by programs of this machine; whether one did. Over SSH it would be the wrong one."""
    remote = bool(env.get("SSH_CONNECTION") or env.get("SSH_TTY"))
    content = text.encode("utf-8", "replace")
    done = False
    for program in PROGRAMS:
        name = program.command[0]
        fits = (not program.needs or env.get(program.needs)) and program.platform in ("", platform)
        if not fits or (remote and name != _TERMINALS_OWN) or not programs.which(name, env):
            continue
        try:
            programs.feed(program.command, env, content)
        except ActionError:
            continue
        done = True
        if name != _TERMINALS_OWN:
            break
    return done
