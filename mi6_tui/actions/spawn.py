"""Opens a terminal in a folder: beside this one in a multiplexer, else a new window of the desktop's."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from mi6_tui.actions import programs
from mi6_tui.actions.errors import ActionError
from mi6_tui.actions.holder import name_of
from mi6_tui.actions.tmux import socket_of
from mi6_tui.frameworks.text import one_line
from mi6_tui.model import Session

FOLDER: Final = "{folder}"
COMMAND: Final = "{command}"
"""Words of the user's own command line that stand for the folder, and for what runs there."""
_SHELLS: Final = ("bash", "dash", "fish", "ksh", "sh", "zsh")
_HINT: Final = 'say how in the settings: [actions] terminal = ["program", "{folder}", "{command}"]'

# The words come as arguments: AppleScript quotes them itself.
_TERMINAL_APP: Final = """
on run argv
  tell application "Terminal"
    do script "cd " & quoted form of item 1 of argv & "; " & item 2 of argv
    activate
  end tell
end run
"""
_ITERM: Final = """
on run argv
  tell application "iTerm2"
    set w to (create window with default profile)
    tell current session of w to write text "cd " & quoted form of item 1 of argv & "; " & item 2 of argv
    activate
  end tell
end run
"""


Command = tuple[str, ...]


class Opener(NamedTuple):
    """One way to a terminal."""

    program: str
    needs: tuple[str, ...]
    """One of these variables tells that it works here."""
    command: Callable[[Mapping[str, str], str, Command], Command]
    """From our environment, the folder, and what is to run there (empty: a shell)."""

    def available(self, env: Mapping[str, str]) -> bool:
        """Whether it is installed and of use."""
        return any(env.get(name) for name in self.needs) and programs.which(self.program, env)


def _behind(words: Command, command: Command) -> Command:
    return (*words, "--", *command) if command else words


def _window(program: str, *options: str) -> Opener:
    """A terminal program of a Linux desktop."""
    return Opener(
        program,
        ("DISPLAY", "WAYLAND_DISPLAY"),
        lambda _env, folder, command: (
            program,
            *(word.replace(FOLDER, folder) for word in options),
            *command,
        ),
    )


# In tmux not by `-c`: it would carry out what a folder's name says. The server asks where its client is.
OPENERS: Final = (
    Opener(
        "tmux",
        ("TMUX",),
        lambda env, _, command: ("tmux", "-S", socket_of(env) or "", "new-window", *command),
    ),
    Opener(
        "zellij",
        ("ZELLIJ_SESSION_NAME",),
        lambda _, folder, command: _behind(("zellij", "action", "new-pane", "--cwd", folder), command),
    ),
    Opener(
        "kitty",
        ("KITTY_LISTEN_ON",),
        lambda env, folder, command: (
            *("kitty", "@", "--to", env["KITTY_LISTEN_ON"], "launch", "--type=tab", "--cwd", folder),
            *command,
        ),
    ),
    Opener(
        "wezterm",
        ("WEZTERM_PANE",),
        lambda _, folder, command: _behind(("wezterm", "cli", "spawn", "--cwd", folder), command),
    ),
)
"""Ways to a terminal beside ours."""
WINDOWS: Final = (
    _window("ghostty", f"--working-directory={FOLDER}", "-e"),
    _window("foot", f"--working-directory={FOLDER}"),
    _window("alacritty", "--working-directory", FOLDER, "-e"),
    _window("kitty", "--directory", FOLDER),
    _window("wezterm", "start", "--cwd", FOLDER, "--"),
    _window("gnome-terminal", f"--working-directory={FOLDER}", "--"),
    _window("konsole", "--workdir", FOLDER, "-e"),
    _window("xfce4-terminal", f"--working-directory={FOLDER}", "-x"),
    _window("x-terminal-emulator", "-e"),
    _window("xterm", "-e"),
)
"""Windows of Linux desktops; where several are installed `$TERMINAL` decides, else this order."""


def folder_of(session: Session, *, resume: bool = False) -> str:
    """The folder to open a terminal in: the worktree, else where it works; to `resume` only the latter.

    ActionError if there is none any more.
    """
    named = (session.cwd,) if resume else (session.git_worktree_path, session.cwd)
    told = [folder for folder in named if folder]
    for folder in told:
        with suppress(OSError, ValueError):
            if Path(folder).is_absolute() and Path(folder).is_dir():
                return folder
    if not told:
        raise ActionError(f"nothing tells in which folder {name_of(session)} works")
    raise ActionError(f"the folder {one_line(told[-1], 200)} is gone")


def kept(command: Command, env: Mapping[str, str]) -> Command:
    """`command` as the user's shell would run it, which stays afterwards: what it said can be read."""
    shell = _shell(env)
    return shell, "-i", "-c", f"{shlex.join(command)}; exec {shlex.quote(shell)} -i"


def _shell(env: Mapping[str, str]) -> str:
    shell = env.get("SHELL", "")
    return shell if Path(shell).is_absolute() and Path(shell).name in _SHELLS else "/bin/sh"


def open_terminal(
    folder: str,
    command: Command = (),
    *,
    template: Sequence[str] = (),
    env: Mapping[str, str] = os.environ,
    platform: str = sys.platform,
) -> str:
    """Open a terminal in `folder` and run `command` there, else a shell; the name of what opened it.

    `template` is the user's own command line for that, with `{folder}` and `{command}`. ActionError if
    nothing here can do it.
    """
    if template:
        words = [
            [*(command or (_shell(env),))] if word == COMMAND else [word.replace(FOLDER, folder)]
            for word in template
        ]
        programs.launch([part for word in words for part in word], env, cwd=folder)
        return one_line(template[0], 60)
    for opener in OPENERS:
        if opener.available(env):
            programs.run(opener.command(env, folder, command), env, cwd=folder)
            return opener.program
    if platform == "darwin":
        script = _ITERM if env.get("TERM_PROGRAM") == "iTerm.app" else _TERMINAL_APP
        programs.run(("osascript", "-e", script, folder, shlex.join(command)), env)
        return "iTerm2" if script is _ITERM else "Terminal"
    usual = Path(env.get("TERMINAL", "")).name
    for opener in sorted(WINDOWS, key=lambda window: window.program != usual):
        if opener.available(env):
            programs.launch(opener.command(env, folder, command or (_shell(env),)), env, cwd=folder)
            return opener.program
    raise ActionError("this dashboard runs in no multiplexer, and no terminal program is known here", _HINT)
