"""Plots out of characters, each exactly as wide as it was asked to be. Pure: numbers in, text out."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Final

from mi6_tui.tui import text

_EIGHTHS: Final = " ▏▎▍▌▋▊▉"
_FULL: Final = "█"
_SHADES: Final = " ░▒▓█"
"""Nothing, and four degrees of something."""
_STEPS: Final = (1, 2, 5, 10)


def bar(value: float, top: float, width: int) -> str:
    """A bar of `value` on a scale of `width` cells that ends at `top`; some of it for all that is above 0."""
    if top <= 0 or value <= 0 or width <= 0:
        return " " * max(0, width)
    eighths = max(1, round(min(1.0, value / top) * width * 8))
    full, rest = divmod(eighths, 8)
    return (_FULL * full + (_EIGHTHS[rest] if rest else "")).ljust(width)


def shade(value: float, top: float) -> str:
    """One cell, the fuller the nearer `value` is to `top`; only nothing looks like nothing."""
    if value <= 0 or top <= 0:
        return _SHADES[0]
    degrees = len(_SHADES) - 1
    return _SHADES[max(1, ceil(min(1.0, value / top) * degrees))]


def shades() -> str:
    """All that `shade` may give, from nothing to the most."""
    return _SHADES


def scale_top(values: Sequence[float]) -> float:
    """A round number (1, 2 or 5 times a power of ten) that no value is above; 0 if all are nothing."""
    largest = max(values, default=0.0)
    if not largest > 0:
        return 0.0
    power = 1.0
    while power * 10 <= largest:
        power *= 10
    while power > largest:
        power /= 10
    return next(step * power for step in _STEPS if step * power >= largest * (1 - 1e-9))


def axis(labels: Sequence[str], width: int) -> str:
    """Labels evenly along `width` cells: the first at the left end, the last at the right one.

    Those that would touch the one before are left out; the last stays, if there is any room.
    """
    line, last = "", len(labels) - 1
    if width < len(labels[-1]):
        return " " * max(0, width)
    end = labels[-1].rjust(width)
    limit = width - len(labels[-1]) - 1
    for number, label in enumerate(labels[:last]):
        place = round(number * width / last) if not number else round(number * width / last - len(label) / 2)
        if place >= len(line) + (1 if line else 0) and place + len(label) <= limit:
            line = line.ljust(place) + label
    return line + end[len(line) :]


def ticks(labels: Sequence[str], step: int, width: int) -> str:
    """A label at every `step` cells, cut where the next one begins; in all `width` cells."""
    line = "".join(label[: step - 1].ljust(step) for label in labels)
    return text.fit(line.rstrip(), width) if width > 0 else ""
