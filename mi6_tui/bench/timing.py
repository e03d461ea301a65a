"""Commands timed in turn, so that what the machine does meanwhile falls on all of them alike."""

from __future__ import annotations

import contextlib
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec
import psutil

_LOOK: Final = 0.01
_WEIGH: Final = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


class Timed(msgspec.Struct, frozen=True):
    """Seconds of several runs of one thing, in the order of the runs."""

    name: str
    seconds: tuple[float, ...]
    cpu: tuple[float, ...]
    """Processor time of the same runs, with all that they started; user and system."""
    outputs: tuple[bytes, ...]
    """What each of them printed."""

    @property
    def median(self) -> float:
        """The middle run, in seconds."""
        return statistics.median(self.seconds)

    @property
    def median_cpu(self) -> float:
        """The same of processor time."""
        return statistics.median(self.cpu)


class Contender(msgspec.Struct, frozen=True):
    """A command to time, with `given` on its stdin; `prepare` runs before each run and is not timed."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    prepare: Callable[[], object] = lambda: None
    given: bytes | None = None


class _Run(msgspec.Struct, frozen=True):
    seconds: float
    cpu: float
    output: bytes


def time_in_turn(contenders: Sequence[Contender], runs: int) -> dict[str, Timed]:
    """Run A, B, C, A, B, C, ... after one round that does not count; CalledProcessError if one fails."""
    done: dict[str, list[_Run]] = {contender.name: [] for contender in contenders}
    for _ in range(runs + 1):
        for contender in contenders:
            contender.prepare()
            done[contender.name].append(_run(contender))
    return {name: _timed(name, counted) for name, (_, *counted) in done.items()}


def _timed(name: str, runs: Sequence[_Run]) -> Timed:
    seconds, cpu, outputs = zip(*((run.seconds, run.cpu, run.output) for run in runs), strict=True)
    return Timed(name, seconds, cpu, outputs)


def _run(contender: Contender) -> _Run:
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complained:
        started = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603
            contender.argv,
            env=dict(contender.env),
            stdin=subprocess.DEVNULL if contender.given is None else subprocess.PIPE,
            stdout=said,
            stderr=complained,
        )
        try:
            if process.stdin is not None:
                with contextlib.suppress(BrokenPipeError), process.stdin:  # not all wait for the end
                    process.stdin.write(contender.given or b"")
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            process.wait()
            raise
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        complained.seek(0)
        if process.returncode:
            raise subprocess.CalledProcessError(
                process.returncode, contender.argv, said.read(), complained.read()
            )
        return _Run(seconds, usage.ru_utime + usage.ru_stime, said.read())


def peak(argv: Sequence[str], env: Mapping[str, str]) -> int:
    """Resident bytes that a command and all that it starts take at most at once; CalledProcessError.

    Pages that two of them share count twice. Of the largest process it is the system's own figure, of several
    together the largest sum that was met: they are looked at a hundred times a second. A small process stands
    between: to the system, what starts a program is part of its peak.
    """
    weighing = (sys.executable, "-c", _WEIGH, *argv)
    with (
        tempfile.TemporaryFile() as complained,
        subprocess.Popen(  # noqa: S603
            weighing, env=dict(env), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=complained
        ) as between,
    ):
        most = 0
        try:
            while between.poll() is None:
                most = max(most, resident(between.pid))
                time.sleep(_LOOK)
            said, _ = between.communicate()
        except BaseException:
            between.kill()
            raise
        if between.returncode:
            complained.seek(0)
            raise subprocess.CalledProcessError(between.returncode, weighing, said, complained.read())
    return max(most, int(said) * (1 if sys.platform == "darwin" else 1024))


def resident(pid: int) -> int:
    """Resident bytes of all that this process started, now; 0 if it is gone."""
    total = 0
    with contextlib.suppress(psutil.Error):
        for child in psutil.Process(pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):  # it ended meanwhile
                total += child.memory_info().rss
    return total


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` (above 0, to 1) of them do not exceed: the nearest rank.

    ValueError for no values.
    """
    if not values:
        raise ValueError("no values")
    return sorted(values)[math.ceil(share * len(values)) - 1]
