"""The shapes of transcript lines and of what is in them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

import msgspec

from mi6_tui.frameworks.pieces import texts
from mi6_tui.frameworks.records import NOTHING, Json, Name
from mi6_tui.frameworks.times import milliseconds

_TIME: Final = re.compile(
    r"<timestamp>\s*[A-Za-z]+, ([A-Z][a-z]{2}) (\d{1,2}), (\d{4}), (\d{1,2}):(\d{2}) ([AP])M"
    r" \(UTC(?:([+-])(\d{1,2})(?::(\d{2}))?)?\)\s*</timestamp>"
)
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_QUERY: Final = re.compile(r"<user_query>\s*(.*?)\s*</user_query>", re.DOTALL)
_INJECTED: Final = re.compile(r"\s*<[a-z_]+>")


class Record(msgspec.Struct):
    """One line: a message, or the end of a turn."""

    role: str | None = None
    message: msgspec.Raw = NOTHING
    type: str | None = None
    status: Name | None = None
    error: str | None = None


class Message(msgspec.Struct):
    """What a line of the conversation holds."""

    content: msgspec.Raw = NOTHING


class Block(msgspec.Struct):
    """One part of a reply."""

    type: str | None = None
    text: str | None = None
    name: Name | None = None
    input: msgspec.Raw = NOTHING


def told_at(content: Json) -> int | None:
    """The minute (ms) that stands with a prompt; None where there is none, or in an unknown zone."""
    found = next((match for text in texts(content) if (match := _TIME.search(text))), None)
    if found is None:
        return None
    month, day, year, hour, minute, half, sign, hours, minutes = found.groups()
    try:
        ahead = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
        zone = timezone(-ahead if sign == "-" else ahead) if sign else UTC
        at = datetime(
            int(year),
            _MONTHS.index(month) + 1,
            int(day),
            int(hour) % 12 + 12 * (half == "P"),
            int(minute),
            tzinfo=zone,
        )
        return milliseconds(at)
    except (ValueError, OverflowError):
        return None


def reply_of(content: Json) -> str:
    """What the model said, without the mark that stands for its thoughts."""
    return "\n".join(texts(content)).replace("[REDACTED]", "")


def prompt_of(content: Json) -> str:
    """What the user typed; empty where the client speaks."""
    whole = "\n".join(texts(content))
    asked = _QUERY.findall(whole)
    return "\n".join(asked) if asked else "" if _INJECTED.match(whole) else whole.strip()
