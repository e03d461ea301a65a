"""Foreign text made safe for the screen, and numbers in the fewest cells that stay honest."""

from __future__ import annotations

import re
from datetime import datetime, tzinfo
from textwrap import wrap
from typing import Final

from rich.cells import cell_len, set_cell_size

from mi6_tui.model.thinning import thinned

UNKNOWN: Final = "-"
TEXT_LIMIT: Final = 400
"""Characters of foreign text that one line may hold."""

_ESCAPES: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|.)?", re.DOTALL)
# Controls, joiners, direction marks, variation selectors, skin tones, tags, surrogates: terminals
# disagree about their width or let them rearrange the rest of the line.
_UNSAFE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufe00-\ufe0f"
    "\ufeff\ufff0-\ufffb\U0001f3fb-\U0001f3ff\U000e0000-\U000e0fff]"
)
_STEERING: Final = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

_CLAUDE: Final = re.compile(r"claude-([a-z]+)-(\d{1,3}(?:-\d{1,3})*)(?:-\d{8})?(\[\w+\])?")


def clean(text: str | None, limit: int = TEXT_LIMIT) -> str:
    """`text` as one line without anything that steers a terminal, at most `limit` characters."""
    if not text:
        return ""
    # Cut first: the rest then costs the same for a title and for a megabyte.
    line = " ".join(_ESCAPES.sub("", text[: limit * 4]).split())
    line = thinned(_UNSAFE.sub("", line)).strip()
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def unsteered(text: str) -> str:
    """`text` as it was typed or pasted, but for escape sequences, controls and direction marks."""
    return _STEERING.sub("", _ESCAPES.sub("", text))


def wrapped(words: str, width: int) -> list[str]:
    """Cleaned `words` in lines of at most `width` cells, broken between words where that is possible."""
    # A wide character takes two cells.
    return wrap(words, max(1, width if cell_len(words) <= len(words) else width // 2)) or [""]


def verbatim(line: str) -> str:
    """`line` with all its spaces; what would steer a terminal is shown as a mark of its own."""
    return thinned(_UNSAFE.sub("\N{REPLACEMENT CHARACTER}", line.expandtabs(4)))


def fit(text: str, width: int, *, right: bool = False) -> str:
    """`text` in exactly `width` cells, cut with an ellipsis, padded on the right or on the left."""
    if width <= 0:
        return ""
    cells = cell_len(text)
    if cells > width:
        return set_cell_size(set_cell_size(text, width - 1).rstrip() + "…", width)
    padding = " " * (width - cells)
    return padding + text if right else text + padding


def age(ms: int | None) -> str:
    """A span in at most five cells: `40s`, `4m12`, `31m`, `2h05`, `3d`."""
    if ms is None:
        return UNKNOWN
    seconds = max(0, ms) // 1000
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86_400
    if seconds < 60:
        return f"{seconds}s"
    if minutes < 10:
        return f"{minutes}m{seconds % 60:02}"
    if hours < 1:
        return f"{minutes}m"
    if days < 1:
        return f"{hours}h{minutes % 60:02}"
    return f"{days}d"


def duration(ms: int | None) -> str:
    """How long something took: `12ms`, `1.2s`, `4m12`."""
    if ms is None:
        return ""
    if ms < 1000:
        return f"{ms}ms"
    return f"{ms / 1000:.1f}s" if ms < 59_950 else age(ms)


def count(number: int | None) -> str:
    """A count in at most five cells: `999`, `12.3k`, `4.56M`."""
    if number is None:
        return UNKNOWN
    if number < 1000:
        return str(number)
    for limit, unit in ((10**6, "k"), (10**9, "M"), (10**12, "G")):
        if number < limit * 0.9995 or unit == "G":
            value = number * 1000 / limit
            digits = 2 if value < 9.995 and unit != "k" else 1 if value < 99.95 else 0
            return f"{value:.{digits}f}{unit}"
    raise AssertionError("every count has a unit")


def tokens(number: int | None, incomplete: int) -> str:
    """A token sum; `≥` when some requests miss a number."""
    return f"≥{count(number)}" if incomplete and number is not None else count(number)


def window(size: int | None) -> str:
    """A context window's size: `200k`, `1M`."""
    if size is None:
        return "?"
    if size >= 10**6:
        return f"{size / 10**6:g}M"
    return f"{size / 1000:g}k" if size >= 1000 else str(size)


def bar(share: float, width: int) -> tuple[str, str]:
    """The filled and the empty part of a bar, together `width` cells; never empty above 0."""
    halves = max(1 if share > 0 else 0, round(max(0.0, min(1.0, share)) * width * 2))
    full, rest = divmod(halves, 2)
    filled = "━" * full + ("╸" if rest else "")
    return filled, "─" * (width - len(filled))


def percent(share: float) -> str:
    """A share of a whole, rounded so that only nothing is 0 % and only all of it is 100 %."""
    if 0 < share < 0.005:
        return "<1%"
    return f"{min(99, round(share * 100)) if share < 1 else 100}%"


def plural(number: int, noun: str) -> str:
    """`1 tool`, `2 tools`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def short_model(model: str | None) -> str:
    """`claude-opus-5-5-20261015` as `opus-5.5`; other names as they are."""
    name = clean(model)
    if not name:
        return UNKNOWN
    if found := _CLAUDE.fullmatch(name):
        family, version, variant = found.groups(default="")
        return f"{family}-{version.replace('-', '.')}{variant}"
    return name


def time_of_day(timestamp: int, zone: tzinfo | None) -> str:
    """`14:02:11` in `zone` (None: the machine's); a time no calendar holds is unknown."""
    when = moment(timestamp, zone)
    return f"{when:%H:%M:%S}" if when else "--:--:--"


def moment(timestamp: int, zone: tzinfo | None) -> datetime | None:
    """The calendar's name for `timestamp` (ms); None outside its years."""
    try:
        return datetime.fromtimestamp(timestamp / 1000, zone)
    except (OverflowError, OSError, ValueError):
        return None
