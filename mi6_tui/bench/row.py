"""What is measured and what it may cost, and what came out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

import msgspec


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is measured, and its budget."""

    name: str
    """By which it is asked for; stays."""
    title: str
    unit: str
    most: float | None = None
    """What it may be, in `unit`; None: any."""
    against: Mapping[str, float | None] = {}
    """What it is held against, and how many times that it may be; None: any."""
    large: bool = False
    """Measured only when asked for: it takes gigabytes or minutes."""

    def figure(
        self,
        values: Sequence[float],
        references: Mapping[str, float | None] | None = None,
        *,
        value: float | None = None,
        cpu: float | None = None,
    ) -> Figure:
        """What came out of some runs: their median, or the `value` that sums them up otherwise.

        Without values: what cannot be known on this machine.

        `references` has what it is held against, in the same unit, where that could be measured.
        """
        result = median(values) if value is None and values else value
        compared = tuple(
            _compared(name, result, (references or {}).get(name), most) for name, most in self.against.items()
        )
        own = None if self.most is None or result is None else result <= self.most
        verdicts = [own, *(one.met for one in compared)]
        known = [verdict for verdict in verdicts if verdict is not None]
        return Figure(
            name=self.name,
            title=self.title,
            unit=self.unit,
            value=result,
            least=min(values, default=None),
            most=max(values, default=None),
            runs=len(values),
            cpu=cpu,
            budget=self.most,
            against=compared,
            met=all(known) if known else None,
        )


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """What a figure is held against."""

    name: str
    value: float | None
    """In the unit of the figure; None: it is not on this machine."""
    ratio: float | None
    """Ours through it."""
    budget: float | None
    """What the ratio may be; None: any."""
    met: bool | None
    """None: there is no budget, or nothing to hold against."""


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """What came out."""

    name: str
    title: str
    unit: str
    value: float | None
    """None: it cannot be known on this machine."""
    least: float | None
    most: float | None
    """Of all runs; None: there was none."""
    runs: int
    cpu: float | None
    """Processor time of the middle run in the same unit, where it was measured."""
    budget: float | None
    """What the value may be; None: any."""
    against: tuple[Compared, ...]
    met: bool | None
    """Whether every budget is kept; None: there is none, nothing is known, or nothing to hold against."""


def _compared(name: str, value: float | None, reference: float | None, most: float | None) -> Compared:
    ratio = value / reference if reference and value is not None else None
    met = ratio <= most if ratio is not None and most is not None else None
    return Compared(name=name, value=reference, ratio=ratio, budget=most, met=met)
