"""Commands timed in turn, so that what the machine does meanwhile falls on all of them alike."""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence

import msgspec

_WEIGH = """
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
    output: bytes
    """What the last run printed."""

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
    return Timed(name, tuple(run.seconds for run in runs), tuple(run.cpu for run in runs), runs[-1].output)


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
    """Resident bytes that a command takes at most, by the largest of its processes; CalledProcessError.

    A small process stands between: to the system, what starts a program is part of its peak.
    """
    done = subprocess.run(  # noqa: S603
        (sys.executable, "-c", _WEIGH, *argv), env=dict(env), check=True, capture_output=True,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return int(done.stdout) * (1 if sys.platform == "darwin" else 1024)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of the values lie, by nearest rank; ValueError for no values."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
