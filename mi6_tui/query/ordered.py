"""Comparisons of what can be larger or smaller: numbers, dollars, spans and moments."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from mi6_tui.model import Session
from mi6_tui.query.error import wrong
from mi6_tui.query.fields import Field, Test, Value
from mi6_tui.query.tree import Item
from mi6_tui.query.values import EXAMPLES, NAMES, Bounded, bounds, percent

_RANGE: Final = ".."
_PERCENT: Final = "%"

_COMPARE: Final[dict[str, Callable[[float, float, float], bool]]] = {
    ":": lambda value, low, high: low <= value <= high,
    "=": lambda value, low, high: low <= value <= high,
    "<": lambda value, low, high: value < low,
    "<=": lambda value, low, high: value <= high,
    ">": lambda value, low, high: value > high,
    ">=": lambda value, low, high: value >= low,
}
"""What holds between a session's value and the bounds of that of the query."""


def compared(field: Field, item: Item) -> Value:
    """What of a session a value is compared with."""
    return field.share if field.share and _PERCENT in item.text else field.value


def ordered(field: Field, operator: str, item: Item) -> Test:
    """The test of one comparison; QueryError for a value of another kind."""
    value = compared(field, item)
    limits = _range(field, operator, item) if _RANGE in item.text else _limits(field, item.text, item)
    holds = _COMPARE[operator]

    def test(session: Session, now: int) -> bool:
        known = value(session, now)
        return known is not None and holds(known, *limits(now))

    return test


def _range(field: Field, operator: str, item: Item) -> Bounded:
    if operator not in (":", "="):
        raise wrong(item, "a range is neither large nor small", f"write {field.name}:{item.text}")
    first, _, last = item.text.partition(_RANGE)
    if not first and not last:
        raise wrong(item, "the range has no bounds", "write it like 1..5, 1.. or ..5")
    lowest = _limits(field, first, item) if first else lambda now: (-math.inf, -math.inf)
    highest = _limits(field, last, item) if last else lambda now: (math.inf, math.inf)
    return lambda now: (lowest(now)[0], highest(now)[1])


def _limits(field: Field, text: str, item: Item) -> Bounded:
    if _PERCENT in item.text:
        if field.share is None:
            raise wrong(item, f"{field.name} is no share of anything", "only context is compared in %")
        share = percent(text)
        if share is None:
            raise wrong(item, f"{text!r} is no share", "write it like 60%")
        return lambda now: (share, share)
    limits = bounds(field.kind, text)
    if limits is None:
        raise wrong(item, f"{text!r} is no {NAMES[field.kind]}", EXAMPLES[field.kind])
    return limits
