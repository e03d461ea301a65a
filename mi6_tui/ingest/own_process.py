"""Starting a process of our own beside this one, to which both ends of a pipe lead."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import subprocess

# The folder of the package: never the working directory, where anything may lie about.
_HERE: Final = Path(__file__).parents[2]


def start_process(argv: Sequence[str]) -> subprocess.Popen[bytes]:
    """It is told by `stdin` and answers by `stdout`, both unbuffered. OSError if there is none to be had."""
    import subprocess  # late: most scans need no other process

    return subprocess.Popen(  # noqa: S603
        argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=_HERE,
        # Not in the terminal's foreground: its signals and its keys are for the program itself.
        process_group=0,
        bufsize=0,
    )
