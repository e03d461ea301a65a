"""Reads the settings file, strictly, and follows it; each thing that is wrong with it is told in one line."""

from __future__ import annotations

import difflib
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal, get_args

from pydantic import BaseModel, ValidationError

from mi6_tui.config import NAME_LIMIT, Settings
from mi6_tui.errors import Mi6Error
from mi6_tui.toml_lines import Place, UnusableError, dotted, nearest_line, read_toml

Fault = tuple[Place, str]
"""Where in the file something stands that cannot be meant, and why it cannot."""
Check = Callable[[Settings], Iterable[Fault]]
"""Finds what of well-formed settings cannot be meant."""

_PLAIN: Final = {
    "dict_type": "input should be a table",
    "tuple_type": "input should be a list",
    "model_type": "input should be a table",
}
"""Faults whose usual words speak of Python."""


class ConfigError(Mi6Error):
    """The settings file cannot be used. Each of `faults` names file, line where known, key and reason."""

    def __init__(self, *faults: str) -> None:
        super().__init__(shortened(faults))
        self.faults = faults


def shortened(faults: Sequence[str]) -> str:
    """The first, and how many more there are; empty for none."""
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return f"{faults[0]}{more}" if faults else ""


def no_check(_: Settings) -> Iterable[Fault]:
    """Takes all that is well-formed."""
    return ()


def read_settings(path: Path, check: Check = no_check) -> Settings:
    """The settings in the file at `path`, the defaults if there is none. ConfigError if it is wrong."""
    settings, _ = _read(path, check)
    return settings


def doubts(path: Path, check: Check = no_check, doubted: Check = no_check) -> Iterator[str]:
    """All that is wrong with the file at `path`, a line each; by `doubted` what leaves the rest of use."""
    try:
        settings, text = _read(path, check)
    except ConfigError as error:
        yield from error.faults
    else:
        yield from _doubts(path, text, settings, doubted)


def _read(path: Path, check: Check) -> tuple[Settings, str]:
    try:
        text, data = read_toml(path)
    except FileNotFoundError:
        return Settings(), ""
    except UnusableError as error:
        raise ConfigError(error.told(path)) from error
    try:
        settings = Settings.model_validate(data)
    except ValidationError as error:
        faults = [(fault["loc"], _reason(fault)) for fault in error.errors()]
        raise ConfigError(*_told(path, text, faults)) from error
    if told := _told(path, text, check(settings)):
        raise ConfigError(*told)
    return settings, text


def _doubts(path: Path, text: str, settings: Settings, doubted: Check) -> tuple[str, ...]:
    return _told(path, text, (*_absent(settings), *doubted(settings)))


def _absent(settings: Settings) -> Iterator[Fault]:
    command = settings.notifications.command
    if command and shutil.which(command[0]) is None:
        reason = f"no program is called {command[0][:NAME_LIMIT]!r} here: install it, or name another"
        yield ("notifications", "command"), reason


def _told(path: Path, text: str, faults: Iterable[Fault]) -> tuple[str, ...]:
    """A line each, in the order of the file."""
    found = sorted(
        ((nearest_line(text, place) or 0, place, why) for place, why in faults), key=lambda one: one[0]
    )
    return tuple(f"{path}{f':{line}' if line else ''}: {dotted(place)}: {why}" for line, place, why in found)


def _reason(fault: Mapping[str, Any]) -> str:
    if fault["type"] == "extra_forbidden":
        return f"unknown key{nearest(str(fault['loc'][-1]), _known(fault['loc'][:-1]))}"
    words = _PLAIN.get(fault["type"], fault["msg"].removeprefix("Value error, "))
    return f"{words[:1].lower()}{words[1:]}, not {_shown(fault['input'])!r}"


def _shown(value: object) -> str:
    try:
        return str(value)[:40]
    except ValueError:  # thousands of digits, which Python does not write
        return "..."


def nearest(word: str, known: Sequence[str]) -> str:
    """What `word` may have been meant to be, as the end of a sentence."""
    close = difflib.get_close_matches(word, known, n=1)
    return f", did you mean {close[0]}?" if close else f"; it may be one of {', '.join(known)}"


def _known(place: Place) -> list[str]:
    """The keys of the table at `place`."""
    table: Any = Settings
    for part in place:
        if isinstance(table, type) and issubclass(table, BaseModel):
            table = {field.alias or name: field.annotation for name, field in table.model_fields.items()}[
                str(part)
            ]
        else:
            # Of a table of tables, or a list of them.
            table = next(one for one in reversed(get_args(table)) if one is not ...)
    return [field.alias or name for name, field in table.model_fields.items()]


class SettingsFile:
    """The settings in force: those of the file as it was when it was last right.

    What `check` finds keeps the whole file out of force, what `doubted` finds is only told.
    """

    def __init__(self, path: Path, check: Check = no_check, doubted: Check = no_check) -> None:
        self.path = path
        self._check = check
        self._doubted = doubted
        self._seen: tuple[int, int, int] | Literal["never"] | None = "never"
        self._text = ""
        self._wrong: tuple[str, ...] = ()
        self._doubts: tuple[str, ...] = ()
        self.current = Settings()

    @property
    def problems(self) -> tuple[str, ...]:
        """Why the file is not in force, and what of those in force is of no use; a line each."""
        return (*self._wrong, *self._doubts)

    @property
    def problem(self) -> str:
        """The same in one line; empty if all is well."""
        if self._wrong:
            return f"{shortened(self._wrong)}; the last good settings hold"
        return shortened(self._doubts)

    def look(self) -> bool:
        """Read the file if it was changed; whether anything is otherwise now."""
        try:
            found = self.path.stat()
            seen = found.st_mtime_ns, found.st_size, found.st_ino
        except OSError:
            seen = None
        changed = seen != self._seen
        if changed:
            self._seen = seen
            try:
                (self.current, self._text), self._wrong = _read(self.path, self._check), ()
            except ConfigError as error:
                self._wrong = error.faults
        if changed or self._doubts:
            # A program that is not there may be installed any time.
            before = self._doubts
            self._doubts = _doubts(self.path, self._text, self.current, self._doubted)
            changed = changed or before != self._doubts
        return changed
