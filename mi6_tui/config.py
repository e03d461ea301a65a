"""The settings file: what the user decides, read strictly, told in one line when it is wrong."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, ValidationError

from mi6_tui.errors import Mi6Error

Needs = Literal["waiting", "error", "your turn"]
"""Shown statuses in which a session needs the user."""
Desktop = Literal["auto", "osc9", "osc99", "osc777", "none"]
"""How a terminal is asked to show a message on the desktop; `auto`: in the way it is known to understand."""

_DAY: Final = 24 * 60
_HOURS: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)-([01]?\d|2[0-3]):([0-5]\d)")


_PLAIN: Final = {
    "tuple_type": "input should be a list",
    "model_type": "input should be a table",
}
"""Faults whose usual words speak of Python."""


class ConfigError(Mi6Error):
    """The settings file cannot be used; the message names file, line where known, key and reason."""


class Hours(NamedTuple):
    """A part of every day, in minutes since midnight, local time; the end is no part of it."""

    start: int
    end: int

    def holds(self, minute: int) -> bool:
        """Whether `minute` of a day lies in it; it may reach over midnight."""
        return (minute - self.start) % _DAY < (self.end - self.start) % _DAY


def _hours(value: object) -> Hours:
    found = _HOURS.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError('write hours as "22:00-07:00"')
    first, minute, last, until = map(int, found.groups())
    hours = Hours(first * 60 + minute, last * 60 + until)
    if hours.start == hours.end:
        raise ValueError("it begins and ends at the same minute")
    return hours


class _Table(BaseModel):
    """A table of the file: no key but the declared ones, no value of another type."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Notifications(_Table):
    """`[notifications]`: what is told of sessions that begin to need the user, and how."""

    on: Annotated[tuple[Needs, ...], Field(strict=False)] = ("waiting", "error", "your turn")
    """Which statuses are told."""
    toast: bool = True
    """Within the dashboard."""
    bell: bool = True
    """The terminal's bell."""
    desktop: Desktop = "auto"
    command: Annotated[tuple[str, ...], Field(strict=False)] = ()
    """A program of the user's with its arguments; no shell."""
    quiet: Annotated[
        tuple[Annotated[Hours, PlainValidator(_hours, json_schema_input_type=str)], ...], Field(strict=False)
    ] = ()
    """Hours in which there are toasts and nothing else."""


class Settings(_Table):
    """The whole file. A further table is a further field."""

    notifications: Notifications = Notifications()
    prices: Any = None
    """Read by prices.overrides, by its own rules."""


def read_settings(path: Path) -> Settings:
    """The settings in the file at `path`, the defaults if there is none. ConfigError if it is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except FileNotFoundError:
        return Settings()
    except tomllib.TOMLDecodeError as error:
        reason, _, place = str(error).partition(" (at line ")
        line = place.partition(",")[0]
        raise ConfigError(f"{path}{f':{line}' if line else ''}: {reason}") from error
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ConfigError(f"{path}: {why}") from error
    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        # The first is enough: the next one comes when it is mended.
        raise ConfigError(_told(path, text, error.errors()[0])) from error


def _told(path: Path, text: str, fault: Mapping[str, Any]) -> str:
    place = fault["loc"]
    keys = [part for part in place if isinstance(part, str)]
    line = _line_of(text, keys)
    if fault["type"] == "extra_forbidden":
        reason = f"unknown key{_nearest(place)}"
    else:
        words = _PLAIN.get(fault["type"], fault["msg"].removeprefix("Value error, "))
        reason = f"{words[:1].lower()}{words[1:]}, not {str(fault['input'])[:40]!r}"
    return f"{path}{f':{line}' if line else ''}: {_dotted(place)}: {reason}"


def _dotted(place: Sequence[str | int]) -> str:
    """`notifications.quiet[1]`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".")


def _nearest(place: Sequence[str | int]) -> str:
    """What the key may have been meant to be: one of the same table, at least."""
    table: Any = Settings
    for part in place[:-1]:
        table = table.model_fields[part].annotation
    known = list(table.model_fields)
    close = difflib.get_close_matches(str(place[-1]), known, n=1)
    return f", did you mean {close[0]}?" if close else f"; it may be one of {', '.join(known)}"


def _line_of(text: str, keys: Sequence[str]) -> int | None:
    """Number of the line that sets `keys` (table, key), from 1; None where it is written in a rarer way."""
    head = re.compile(rf"""\s*\[\s*["']?{re.escape(keys[0])}["']?\s*\]""")
    name = re.compile(rf"""\s*["']?{re.escape(keys[-1])}["']?\s*=""")
    inside = len(keys) == 1
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("["):
            inside = head.match(line) is not None
            if inside and len(keys) == 1:
                return number
        elif inside and name.match(line):
            return number
    return None


class SettingsFile:
    """The settings in force: those of the file as it was when it was last right."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int, int] | Literal["never"] | None = "never"
        self.current = Settings()
        self.problem = ""
        """Why the file is not in force, in one line; empty if it is."""

    def look(self) -> bool:
        """Read the file if it was changed; whether it was."""
        try:
            found = self._path.stat()
            seen = found.st_mtime_ns, found.st_size, found.st_ino
        except OSError:
            seen = None
        if seen == self._seen:
            return False
        self._seen = seen
        try:
            self.current, self.problem = read_settings(self._path), ""
        except ConfigError as error:
            self.problem = f"{error}; the last good settings hold"
        return True
