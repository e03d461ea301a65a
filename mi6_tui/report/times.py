"""Times as people write them: a day, a moment, or how long ago."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from mi6_tui.errors import UsageError

_UNITS: Final = {"w": 604_800_000, "d": 86_400_000, "h": 3_600_000, "m": 60_000}
_DAY: Final = "a day (2026-11-23), a moment (2026-11-23T14:30) or an age (7d, 12h)"


def zone(name: str | None) -> tzinfo | None:
    """The time zone of that name; None, the machine's own, for None. UsageError for one nobody knows."""
    if name is None:
        return None
    from zoneinfo import ZoneInfo  # late: most people live where their machine is

    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError) as error:
        raise UsageError(f"no time zone is called {name!r}", "write it like Europe/Berlin or UTC") from error


def instant(text: str, where: tzinfo | None, now: int, *, end: bool = False) -> int:
    """The time (ms) that `text` means in the time zone `where`; `now` in ms.

    A day means its first moment, with `end` that of the next day.
    """
    if age := re.fullmatch(r"(\d{1,6})([wdhm])", text.strip(), re.ASCII):
        return now - int(age[1]) * _UNITS[age[2]]
    try:
        moment = datetime.fromisoformat(text.strip())
        if end and _is_day(text.strip()):
            moment += timedelta(days=1)
        if moment.tzinfo is None and where is not None:
            moment = moment.replace(tzinfo=where)
        return int(moment.timestamp() * 1000)
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(f"{text!r} is no time", f"give {_DAY}") from error


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
