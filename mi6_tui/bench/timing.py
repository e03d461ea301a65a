"""Commands timed in turn, so that what the machine does meanwhile falls on all of them alike."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence

import msgspec


class Timed(msgspec.Struct, frozen=True):
    """Seconds of several runs of one thing, in the order of the runs."""

    name: str
    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle run, in seconds."""
        return statistics.median(self.seconds)


class Contender(msgspec.Struct, frozen=True):
    """A command to time, with `given` on its stdin; `prepare` runs before each run and is not timed."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    prepare: Callable[[], object] = lambda: None
    given: bytes | None = None


def time_in_turn(contenders: Sequence[Contender], runs: int) -> dict[str, Timed]:
    """Run A, B, C, A, B, C, ... after one round that does not count; CalledProcessError if one fails."""
    seconds: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    for run in range(runs + 1):
        for contender in contenders:
            contender.prepare()
            started = time.perf_counter()
            subprocess.run(  # noqa: S603
                contender.argv,
                env=dict(contender.env),
                check=True,
                capture_output=True,
                **({"stdin": subprocess.DEVNULL} if contender.given is None else {"input": contender.given}),
            )
            if run:
                seconds[contender.name].append(time.perf_counter() - started)
    return {name: Timed(name, tuple(values)) for name, values in seconds.items()}


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of the values lie, by nearest rank; ValueError for no values."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
