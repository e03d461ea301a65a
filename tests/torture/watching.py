"""The dashboard on a terminal, beside a scanner, and both are killed."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import sys
import termios
from functools import partial
from random import Random
from typing import Final

from mi6_tui import cli
from tests.torture.killing import Child, Deaths, Kill, any_kill, ended, note
from tests.torture.world import World

_LONGEST: Final = 1.5
"""Seconds that it is looked at: it has read everything then."""
_SIZE: Final = struct.pack("HHHH", 35, 120, 0, 0)


def play(world: World, chance: Random, deaths: Deaths) -> None:
    """A dashboard is opened, and closed by force, while others scan."""
    for _ in range(chance.randint(1, 2)):
        world.grow(0.3)
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, _SIZE)
        kill = Kill("time", chance.uniform(0.1, _LONGEST))
        dashboard = Child(partial(_dashboard, world, slave), kill, screen=master)
        os.close(slave)
        other = any_kill(chance)
        note("scan", other, Child(world.scan, other).end(), deaths)
        world.grow(0.3)
        note("dashboard", kill, dashboard.end(), deaths)
        os.close(master)
    world.grow_up()
    # It asks the processes of this machine, and judges by the time of the day.
    ended(lambda: world.trouble(judged=False))


def _dashboard(world: World, terminal: int) -> str | None:
    os.setsid()
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    for descriptor in range(3):
        os.dup2(terminal, descriptor)
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        stream = open(number, mode, closefd=False)  # noqa: SIM115
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    kept = {"PATH": os.environ["PATH"], "HOME": str(world.home), "MI6_TUI_HOME": str(world.state)}
    os.environ.clear()
    os.environ.update(kept, TERM="xterm-256color", LC_ALL="C.UTF-8", TZ="UTC")
    return f"it ended with {cli.main([])}"
