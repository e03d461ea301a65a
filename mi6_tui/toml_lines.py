"""In which line of a TOML file something stands: readers of TOML keep the values and forget the places."""

from __future__ import annotations

import errno
import re
import tomllib
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from mi6_tui.plain_file import read_plain

Place = Sequence[str | int]
"""Where in a file something stands: keys, and places in lists."""
_Place = tuple[str | int, ...]

_LARGEST: Final = 1 << 20
"""Bytes that settings may have."""
_DEEPEST: Final = 100
_SPACE: Final = re.compile(r"[ \t]*")
_BLANK: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_REST: Final = re.compile(r"[^\n]*")
_KEY: Final = re.compile(r'"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|[\w-]+')
_STRING: Final = re.compile(
    r'"""(?:\\.|[^\\])*?""""{0,2}' r"|'''.*?''''{0,2}" r'|"(?:\\.|[^"\\\n])*"' r"|'[^'\n]*'", re.DOTALL
)
_BARE: Final = re.compile(r"[^,\]}#\n]+")


class UnusableError(ValueError):
    """A file cannot be used: for which `reason`, and in which `line`, from 1; None: not because of one."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line

    def told(self, path: Path) -> str:
        """The same of the file at `path`, in one line."""
        return f"{path}{f':{self.line}' if self.line else ''}: {self.reason}"


def read_toml(path: Path) -> tuple[str, dict[str, Any]]:
    """Text and values of the settings file at `path`, which is never waited for.

    FileNotFoundError if there is none. UnusableError if it cannot be read, is no plain file, larger than any
    settings are, or no TOML.
    """
    try:
        data = bytes_of(path)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UnusableError(error.strerror or str(error)) from error
    return parse_toml(data)


def bytes_of(path: Path) -> bytes:
    """What the settings file at `path` holds. OSError if it is no plain file, or larger than any settings."""
    try:
        return read_plain(path, _LARGEST)
    except OSError as error:
        if error.errno == errno.EFBIG:
            raise OSError(errno.EFBIG, "it is larger than any settings", path) from error
        raise


def text_of(path: Path) -> str:
    """The text of the settings file at `path` for who shows its lines; empty if it cannot be read."""
    try:
        return bytes_of(path).decode()
    except (OSError, UnicodeDecodeError):
        return ""


def parse_toml(data: bytes) -> tuple[str, dict[str, Any]]:
    """Text and values of what a settings file holds. UnusableError if it is no TOML."""
    try:
        text = data.decode()
        return text, tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise UnusableError("it is not UTF-8", data.count(b"\n", 0, error.start) + 1) from error
    except tomllib.TOMLDecodeError as error:
        reason, _, place = str(error).partition(" (at line ")
        line = place.partition(",")[0]
        raise UnusableError(reason, int(line) if line.isdigit() else None) from error
    except ValueError as error:
        raise UnusableError("a number is too large") from error
    except RecursionError as error:
        raise UnusableError("it is nested too deeply") from error


def dotted(place: Place) -> str:
    """As a person would write it: `notifications.quiet[1]`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".")


def line_of(text: str, place: Place) -> int | None:
    """Number of the first line that says something of `place`, from 1; None if none does."""
    return lines_of(text).get(tuple(place))


def nearest_line(text: str, place: Place) -> int | None:
    """The same, or of what surrounds it: what is missing has no line."""
    lines = lines_of(text)
    around = (tuple(place[:end]) for end in range(len(place), 0, -1))
    return next((lines[one] for one in around if one in lines), None)


@lru_cache(maxsize=4)
def lines_of(text: str) -> Mapping[_Place, int]:
    """The lines of all that stands in a file; of a broken one of what can be made out."""
    walk = _Walk(text)
    with suppress(RecursionError):
        walk.document()
    return walk.lines


class _BrokenError(Exception):
    """It is no TOML from here on."""


class _Walk:
    """Goes through a file from its beginning to its end."""

    def __init__(self, text: str) -> None:
        self.lines: dict[_Place, int] = {}
        self._text = text
        self._at = 0
        self._ends = [match.start() for match in re.finditer("\n", text)]
        self._last: dict[_Place, int] = {}
        """Of each array of tables the last one."""

    def document(self) -> None:
        """Tables, and what is set in them."""
        table: _Place = ()
        self._take(_BLANK)
        while self._at < len(self._text):
            try:
                if self._next("["):
                    table = self._head()
                else:
                    self._pair(table)
            except _BrokenError:
                pass
            self._take(_REST)
            self._take(_BLANK)

    def _head(self) -> _Place:
        line = self._line
        self._at += 1
        is_array = self._next("[")
        self._at += is_array
        self._take(_SPACE)
        keys = self._keys()
        place: _Place = ()
        for key in keys[:-1]:
            place = self._in_last((*place, key))
        place = (*place, keys[-1])
        if is_array:
            self._last[place] = self._last.get(place, -1) + 1
        place = self._in_last(place)
        self._note(place, line)
        return place

    def _in_last(self, place: _Place) -> _Place:
        return (*place, self._last[place]) if place in self._last else place

    def _pair(self, table: _Place) -> None:
        line = self._line
        place = (*table, *self._keys())
        self._note(place, line)
        self._expect("=")
        self._take(_SPACE)
        self._value(place)

    def _keys(self) -> list[str]:
        keys = [self._key()]
        self._take(_SPACE)
        while self._next("."):
            self._at += 1
            self._take(_SPACE)
            keys.append(self._key())
            self._take(_SPACE)
            if len(keys) > _DEEPEST:
                raise _BrokenError
        return keys

    def _key(self) -> str:
        written = self._take(_KEY)
        if written[0] not in "\"'":
            return written
        try:
            return next(iter(tomllib.loads(f"{written} = 0")))
        except tomllib.TOMLDecodeError:
            raise _BrokenError from None

    def _value(self, place: _Place) -> None:
        self.lines.setdefault(place, self._line)
        if self._next("["):
            self._at += 1
            self._take(_BLANK)
            index = 0
            while not self._next("]"):
                self._value((*place, index))
                index += 1
                self._after_item("]")
            self._at += 1
        elif self._next("{"):
            self._at += 1
            self._take(_BLANK)
            while not self._next("}"):
                self._pair(place)
                self._after_item("}")
            self._at += 1
        else:
            self._take(_STRING if self._next('"') or self._next("'") else _BARE)

    def _after_item(self, end: str) -> None:
        self._take(_BLANK)
        if not self._next(end):
            self._expect(",")
            self._take(_BLANK)

    # Text.

    @property
    def _line(self) -> int:
        return bisect_left(self._ends, self._at) + 1

    def _note(self, place: _Place, line: int) -> None:
        for end in range(1, len(place) + 1):
            self.lines.setdefault(place[:end], line)

    def _next(self, mark: str) -> bool:
        return self._text.startswith(mark, self._at)

    def _expect(self, mark: str) -> None:
        if not self._next(mark):
            raise _BrokenError
        self._at += 1

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        if found is None:
            raise _BrokenError
        self._at = found.end()
        return found[0]
