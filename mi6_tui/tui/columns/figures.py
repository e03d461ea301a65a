"""Cells of exact width: words may be cut, figures never."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from rich.cells import cell_len

from mi6_tui.tui import text
from mi6_tui.tui.columns.column import Cell

SPARKS: Final = "▁▂▃▄▅▆▇█"
_TOO_WIDE: Final = "#"
"""Fills a cell that cannot hold its figure, as spreadsheets have it: half a number would be another one."""
_NONE: Final = "·"
_FEWEST: Final = 3_000
"""Tokens a minute up to which a spark is the lowest; each further one stands for up to three times more."""
_PER_SPARK: Final = 3
_UNITS: Final = ("B", "kB", "MB", "GB", "TB")
_MOST: Final = 10**15
"""Counts from here on have no short form."""


def words(line: str | None, width: int, ink: str = "quiet") -> Cell:
    """Foreign text, cleaned and cut."""
    return ((text.fit(text.clean(line) or text.UNKNOWN, width), ink),)


def path(line: str | None, width: int, ink: str = "quiet") -> Cell:
    """A path, cut at its beginning: its end tells more."""
    known = text.clean(line) or text.UNKNOWN
    if cell_len(known) > width:
        known = text.fit(known[::-1], width)[::-1].strip()
    return ((text.fit(known, width), ink),)


def figure(width: int, *forms: str, ink: str = "plain") -> Cell:
    """The first of the forms that fits, at the right."""
    fitting = (form for form in forms if cell_len(form) <= width)
    return ((text.fit(next(fitting, _TOO_WIDE * width), width, right=True), ink),)


def count(number: int | None, width: int, *, mark: str = "", ink: str = "plain") -> Cell:
    """A count; 0 is quiet, unknown a dash. `mark` stands before what is known."""
    if number is None:
        return figure(width, text.UNKNOWN, ink="quiet")
    return figure(width, mark + short_count(number), ink=ink if number else "quiet")


def short_count(number: int) -> str:
    """As text.count, also for counts beyond all that are likely."""
    return text.count(number) if abs(number) < _MOST else f"{number:.0e}".replace("e+", "e")


def span(ms: int | None, width: int, ink: str = "quiet") -> Cell:
    """A time that passed."""
    short = text.age(ms)
    years = f"{(ms or 0) // (365 * 86_400_000)}y"
    return figure(width, short, years, ink=ink)


def money(amount: str, usd: float | None, width: int, ink: str = "plain") -> Cell:
    """Dollars as `amount` says them, in a shorter form where that is too wide."""
    if usd is None:
        return figure(width, amount, ink="quiet")
    mark = amount[0] if amount[0] in "~≥" else ""
    return figure(width, amount, f"{mark}${short_count(int(min(usd, _MOST)))}", ink=ink)


def share(percent: float | None, width: int, *, ink: str = "plain") -> Cell:
    """Percent, of which there may be more than a hundred: `12.3%`."""
    if percent is None:
        return figure(width, text.UNKNOWN, ink="quiet")
    return figure(width, f"{percent:.1f}%", f"{percent:.0f}%", ink=ink if percent >= 0.05 else "quiet")


def size(number: int | None, width: int, suffix: str = "", *, ink: str = "plain") -> Cell:
    """Bytes in powers of 1024: `512B`, `4.8MB`, `93MB`."""
    if number is None:
        return figure(width, text.UNKNOWN, ink="quiet")
    return figure(width, bytes_of(number) + suffix, ink=ink if number else "quiet")


def bytes_of(number: int) -> str:
    """`512B`, `4.8MB`, `93MB`, `1.2GB`: at most six cells below a thousand terabytes."""
    value, unit = _in_units(number)
    return f"{value:.1f}{unit}" if _is_fine(value, unit) else f"{value:.0f}{unit}"


def as_shown(number: int) -> int:
    """Bytes rounded to what `bytes_of` shows, so that what reads the same is the same."""
    value, unit = _in_units(number)
    return round(round(value, int(_is_fine(value, unit))) * float(1024 ** _UNITS.index(unit)))


def _in_units(number: int) -> tuple[float, str]:
    value, unit = float(number), _UNITS[0]
    for bigger in _UNITS[1:]:
        if value < 999.5:
            break
        value, unit = value / 1024, bigger
    return value, unit


def _is_fine(value: float, unit: str) -> bool:
    """Whether it has a digit behind the point."""
    return unit != _UNITS[0] and value < 9.95


def sparks(minutes: tuple[int, ...], cells: int) -> str:
    """One spark for as many minutes as fall on a cell, the latest at the right.

    Their heights are the same in every row: up to 3k tokens a minute, 9k, 27k, 81k, 243k, 729k, 2.2M, more.
    """
    return "".join(_spark(total / max(1, number)) for total, number in _binned(minutes, cells))


def relative_sparks(minutes: tuple[int, ...], cells: int) -> str:
    """The same with heights that are shares of the highest."""
    means = [total / max(1, number) for total, number in _binned(minutes, cells)]
    highest = max(means, default=0)
    tallest = len(SPARKS) - 1
    return "".join(SPARKS[round(mean / highest * tallest)] if mean else _NONE for mean in means)


def _binned(minutes: tuple[int, ...], cells: int) -> list[tuple[int, int]]:
    """Sum and number of the minutes of each cell."""
    edges = [len(minutes) * place // cells for place in range(cells + 1)]
    parts = [minutes[first:last] for first, last in pairwise(edges)]
    return [(sum(part), len(part)) for part in parts]


def _spark(rate: float) -> str:
    if rate <= 0:
        return _NONE
    level, limit = 0, _FEWEST
    while rate > limit and level < len(SPARKS) - 1:
        level, limit = level + 1, limit * _PER_SPARK
    return SPARKS[level]
