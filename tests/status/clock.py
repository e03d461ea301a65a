"""Time that passes only when told."""

from __future__ import annotations


class Clock:
    """Wall time (callable, ms) and a monotonic one (`seconds`)."""

    def __init__(self, ms: int) -> None:
        self.ms = ms
        self.jumped = 0
        """ms by which somebody set the wall clock forward."""
        self._ran = 0

    def __call__(self) -> int:
        return self.ms

    def seconds(self) -> float:
        return 1000 + self._ran / 1000

    def forward(self, ms: int) -> None:
        """Time passes."""
        self.ms += ms
        self._ran += ms

    def jump(self, ms: int) -> None:
        """Somebody sets the wall clock; no time passes."""
        self.ms += ms
        self.jumped += ms

    def sleep(self, ms: int) -> None:
        """The machine sleeps: time passes, but not on the monotonic clock."""
        self.ms += ms
