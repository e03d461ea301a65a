"""A real terminal, seen through a tmux server of the test's own, with the real program on it."""

from __future__ import annotations

import os
import re
import select
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import psutil

PROGRAM: Final = f"{shlex.quote(sys.executable)} -m mi6_tui"
DEADLINE: Final = 40.0
"""Seconds after which what is waited for is missing, however slow the machine."""
_STATE: Final = "#{alternate_on} #{cursor_flag} #{mouse_any_flag} #{mouse_sgr_flag} #{keypad_flag}"
_ESCAPE: Final = "\x1b[27u"
"""The key, as terminals send it that keep it apart from Alt with the next key."""
RESTORED: Final = "0 1 0 0 0"
"""No alternate screen, a cursor, no mouse reporting, no application keypad."""


class Terminal:
    """Runs one command line of the program; everything lies in `folder`, whose name must be short.

    The home is `folder`/home. After the program ended, the pane goes on so that it can be looked at.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.home.mkdir()
        self.size = (0, 0)
        self._socket = folder / "tmux"
        self._output = -1
        self._env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "MI6_TUI_HOME": str(self.home / "state"),
            "TZ": "UTC",
            "LC_ALL": "C.UTF-8",
            "TERM": "xterm-256color",
            "PYTHONWARNINGS": "error",
            "SHELL": "/bin/sh",
        }

    def __call__(self, *args: str) -> str:
        """What tmux prints."""
        command = ("tmux", "-S", str(self._socket), "-f", os.devnull, *args)
        done = subprocess.run(
            command, env=self._env, capture_output=True, text=True, errors="replace", check=False
        )
        assert done.returncode == 0, f"tmux {' '.join(args)}: {done.stderr}"
        return done.stdout.rstrip("\n")

    # The program.

    def start(
        self, *args: str, width: int = 120, height: int = 35, env: Mapping[str, str] | None = None
    ) -> None:
        """Start the program with these arguments on a terminal of this size."""
        self._env |= env or {}
        self.size = (width, height)
        told = shlex.quote(str(self.folder))
        script = self.folder / "run"
        script.write_text(
            # The shell must outlive what ends the program.
            f"trap : HUP TERM INT\n"
            f"tmux -S {told}/tmux wait-for go\n"
            f"stty -g < /dev/tty > {told}/before\n"
            f"{PROGRAM} {shlex.join(args)}\n"
            f"echo $? > {told}/code\n"
            f"stty -g < /dev/tty > {told}/after\n"
            f"tmux -S {told}/tmux wait-for -S over\n"
            f"exec cat\n"
        )
        fifo = self.folder / "output"
        os.mkfifo(fifo)
        self._output = os.open(fifo, os.O_RDWR | os.O_NONBLOCK)
        size = ("-x", str(width), "-y", str(height))
        self("new-session", "-d", *size, f"exec /bin/sh {shlex.quote(str(script))}")
        # What tmux itself draws below would take a line.
        self("set-option", "-g", "status", "off")
        self("set-option", "-g", "window-size", "manual")
        self.resize(width, height)
        self("pipe-pane", f"exec cat > {shlex.quote(str(fifo))}")
        self("wait-for", "-S", "go")

    def finish(self) -> int:
        """The exit code, once the program is gone; a failing test shows what a bad end told."""
        done = subprocess.run(
            ("tmux", "-S", str(self._socket), "wait-for", "over"), timeout=DEADLINE, check=False
        )
        assert done.returncode == 0
        code = int((self.folder / "code").read_text())
        if code:
            print(self.told())
        return code

    @property
    def pid(self) -> int:
        """The program's process: the child of the pane's shell."""
        shell = self("display-message", "-p", "#{pane_pid}")
        (child,) = psutil.Process(int(shell)).children()
        return child.pid

    def close(self) -> None:
        """End the server, and with it what runs on it."""
        subprocess.run(("tmux", "-S", str(self._socket), "kill-server"), capture_output=True, check=False)
        if self._output >= 0:
            os.close(self._output)

    # What can be done.

    def press(self, *keys: str) -> None:
        """Press keys, as tmux names them; a single character is itself."""
        for key in keys:
            if key == "Escape":
                self("send-keys", "-l", _ESCAPE)
            elif len(key) == 1:
                self("send-keys", "-l", "--", key)
            else:
                self("send-keys", key)

    def resize(self, width: int, height: int) -> None:
        """Give the terminal another size."""
        self.size = (width, height)
        self("resize-window", "-x", str(width), "-y", str(height))

    # What can be seen.

    @property
    def lines(self) -> list[str]:
        """What stands on the screen, from the first line to the last."""
        lines = self("capture-pane", "-p").split("\n")
        return lines + [""] * (self.size[1] - len(lines))

    @property
    def state(self) -> str:
        """How the terminal is set, as RESTORED."""
        return self("display-message", "-p", _STATE)

    def comes(self, reached: Callable[[list[str]], bool], seconds: float) -> bool:
        """Whether a screen comes within some seconds. Wakes when the program writes, and only then."""
        deadline = time.monotonic() + seconds
        while not reached(self.lines):
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            if select.select([self._output], [], [], left)[0]:
                os.read(self._output, 1 << 20)
        return True

    def until(self, reached: Callable[[list[str]], bool], what: str) -> None:
        """Wait for a screen."""
        shown = "" if self.comes(reached, DEADLINE) else "\n".join(self.lines)
        assert not shown, f"{what} did not come; instead:\n{shown}"

    def see(self, pattern: str) -> None:
        """Wait until a line matches."""
        found = re.compile(pattern)
        self.until(lambda lines: any(found.search(line) for line in lines), repr(pattern))

    def see_head(self, pattern: str) -> None:
        """Wait until the first line matches."""
        found = re.compile(pattern)
        self.until(lambda lines: bool(found.search(lines[0])), f"a head of {pattern!r}")

    def lose(self, pattern: str) -> None:
        """Wait until no line matches."""
        found = re.compile(pattern)
        self.until(lambda lines: not any(found.search(line) for line in lines), f"no {pattern!r}")

    def told(self) -> str:
        """What stands on the screen, and in the program's log."""
        logs = (self.home / "state").glob("logs/*")
        return "\n".join((*self.lines, *(log.read_text(errors="replace") for log in logs)))

    def check_restored(self) -> None:
        """The terminal is as it was before the program."""
        assert self.state == RESTORED
        assert (self.folder / "after").read_text() == (self.folder / "before").read_text()

    def check_quiet(self) -> None:
        """The program told of no failure: neither on the screen nor in its log."""
        told = self.told()
        assert "Traceback" not in told and "Error" not in told, told
