"""On which machine, and beside which versions, something was measured."""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import subprocess
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Final

import msgspec
import psutil

from mi6_tui import __version__

_LIBRARIES: Final = ("apsw", "msgspec", "textual")
_RIVALS: Final = ("ccusage", "mi6")


class About(msgspec.Struct, frozen=True, kw_only=True):
    """The machine and the programs."""

    command: str
    date: str
    """As YYYY-MM-DD."""
    version: str
    system: str
    cpu: str
    cores: int
    memory: int
    """Bytes."""
    load: float
    """Processes that wanted a core in the minute before: above 0.5 the figures are of a busy machine."""
    python: str
    versions: dict[str, str | None]
    """Of what is measured or held against; None: it is not on this machine."""


def about(arguments: list[str]) -> About:
    """This machine, now."""
    return About(
        command=shlex.join(["mi6-tui", *arguments]),
        date=date.today().isoformat(),
        version=__version__,
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        cpu=_cpu(),
        cores=os.cpu_count() or 1,
        memory=psutil.virtual_memory().total,
        load=round(os.getloadavg()[0], 2),
        python=platform.python_version(),
        versions={**{name: version(name) for name in _LIBRARIES}, **{name: _rival(name) for name in _RIVALS}},
    )


def _cpu() -> str:
    if platform.system() == "Darwin":
        return _said("sysctl", "-n", "machdep.cpu.brand_string") or platform.processor()
    info = Path("/proc/cpuinfo")
    names = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if "model name" in line]
    return names[0] if names else platform.machine()


def _rival(name: str) -> str | None:
    program = shutil.which(name)
    return None if program is None else (_said(program, "--version").split() or ["unknown"])[-1]


def _said(*argv: str) -> str:
    done = subprocess.run(argv, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)  # noqa: S603
    return done.stdout.strip()
