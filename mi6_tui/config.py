"""The settings file: what the user decides, read strictly, told in one line when it is wrong."""

from __future__ import annotations

import difflib
import re
import shutil
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NamedTuple, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator, ValidationError

from mi6_tui.errors import Mi6Error
from mi6_tui.toml_lines import Place, dotted, nearest_line, text_of
from mi6_tui.toml_lines import line_of as line_of

Needs = Literal["waiting", "error", "your turn"]
"""Shown statuses in which a session needs the user."""
Desktop = Literal["auto", "osc9", "osc99", "osc777", "none"]
"""How a terminal is asked to show a message on the desktop; `auto`: in the way it is known to understand."""

PageName = Literal["sessions", "events", "usage", "search", "system"]
"""Pages of the dashboard."""

_NAME_LIMIT: Final = 60
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


_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")


def _colour(value: object) -> str:
    if not isinstance(value, str) or _COLOUR.fullmatch(value) is None:
        raise ValueError('write colours as "#f0b04a"')
    return value


def _keys(value: object) -> tuple[str, ...]:
    keys = [value] if isinstance(value, str) else value
    if isinstance(keys, list) and keys and all(isinstance(key, str) and key for key in keys):
        return tuple(keys)
    raise ValueError('write a key as "ctrl+d", several as ["j", "down"]')


Colour = Annotated[str, PlainValidator(_colour, json_schema_input_type=str)]
Keys = Annotated[tuple[str, ...], PlainValidator(_keys, json_schema_input_type=str | list[str])]


class _Table(BaseModel):
    """A table of the file: no key but the declared ones, no value of another type."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, use_attribute_docstrings=True)


class Notifications(_Table):
    """`[notifications]`: what is told of sessions that begin to need the user, and how."""

    on: Annotated[tuple[Needs, ...], Field(strict=False)] = ("waiting", "error", "your turn")
    """Which statuses are told."""
    toast: bool = True
    """Within the dashboard."""
    bell: bool = True
    """The terminal's bell."""
    desktop: Desktop = "auto"
    """How the terminal is asked to show a message on the desktop; auto: as it is known to understand."""
    command: Annotated[tuple[str, ...], Field(strict=False)] = ()
    """A program of the user's with its arguments; no shell. If it is not there, that is told."""
    quiet: Annotated[
        tuple[Annotated[Hours, PlainValidator(_hours, json_schema_input_type=str)], ...], Field(strict=False)
    ] = ()
    """Hours in which there are toasts and nothing else."""


class Dashboard(_Table):
    """`[dashboard]`: how the dashboard looks and starts."""

    theme: Annotated[str, Field(max_length=_NAME_LIMIT)] = "mi6-night"
    """Colours: the name of one of ours, of Textual's, or of a table in [themes]."""
    ascii: bool = False
    """Draw with plain ASCII characters only; so does MI6_TUI_ASCII=1."""
    motion: Literal["full", "reduced"] = "full"
    """Whether anything may flash or glide; changes are shown at once otherwise."""
    start: PageName = "sessions"
    """The page that is shown first."""
    title: bool = False
    """Tell the terminal's title how many sessions need you."""


class Theme(_Table):
    """`[themes.NAME]`: colours of the user's own, as `#rrggbb`; those that are not given come from `like`."""

    model_config = ConfigDict(alias_generator=lambda name: name.replace("_", "-"))

    like: Annotated[str, Field(max_length=_NAME_LIMIT)] = "mi6-night"
    """The theme that it changes."""
    background: Colour | None = None
    """Ground of the lists."""
    surface: Colour | None = None
    """Ground of the details."""
    panel: Colour | None = None
    """Ground of the lines at the top and the bottom."""
    row_cursor: Colour | None = None
    """Ground of the selected row."""
    needs_you: Colour | None = None
    """What needs you."""
    trouble: Colour | None = None
    """What is wrong."""
    working: Colour | None = None
    """Sessions at work."""
    turn: Colour | None = None
    """Sessions whose turn ended."""
    name: Colour | None = None
    """Names of sessions and heads of pages."""
    plain: Colour | None = None
    """Text."""
    quiet: Colour | None = None
    """Text of less weight."""
    faint: Colour | None = None
    """Text of the least weight."""
    rule: Colour | None = None
    """Lines and marks without a meaning."""
    bar: Colour | None = None
    """Bars and curves."""


class Columns(_Table):
    """`[columns]`: the columns of the session table."""

    show: Annotated[tuple[str, ...], Field(strict=False)] = ()
    """Names of columns in their order, `~name`: only where sessions differ in it; empty: the usual ones."""
    widths: dict[str, Annotated[int, Field(ge=1, le=200)]] = {}
    """Cells by name, instead of the column's own: `widths = { name = 40 }`."""


Dollars = Annotated[float, Field(gt=0, le=1_000_000_000, allow_inf_nan=False)]


class Budgets(_Table):
    """`[budgets]`: dollars that you want to spend at most; the usage page shows how much of them is gone."""

    day: Dollars | None = None
    """Of a day."""
    week: Dollars | None = None
    """Of a week, which begins on Monday."""
    month: Dollars | None = None
    """Of a month."""
    project: dict[str, Dollars] = {}
    """Of a month, by the project's name: `project = { web = 50 }`."""


class SavedView(_Table):
    """`[views.NAME]`: a list of sessions that is looked at again and again."""

    query: str = ""
    """Which sessions, as written behind `/`; empty: all of them."""
    sort: str = ""
    """In which order, as `cost,-age`; empty: by attention."""
    group: Literal["", "project", "framework", "status", "machine"] = ""
    """What they are grouped by."""
    columns: Annotated[tuple[str, ...], Field(strict=False)] = ()
    """Columns instead of the usual ones, in their order."""
    key: str = ""
    """The key that shows it; views that name none have F1 to F8, in their order."""


class Alert(_Table):
    """`[alerts.NAME]`: tells when a session begins to match a query."""

    query: str
    """Which sessions, as written behind `/`."""


_PLACEHOLDER: Final = re.compile(r"\{\w*\}")
_FOLDER: Final = "{folder}"
_COMMAND: Final = "{command}"


def _word(word: str) -> str:
    for found in _PLACEHOLDER.findall(word):
        if found not in (_FOLDER, _COMMAND):
            raise ValueError(f"placeholders are {_FOLDER} and {_COMMAND}")
        if found == _COMMAND != word:
            raise ValueError(f'"{_COMMAND}" must be a word of its own, for several take its place')
    return word


def _template(words: tuple[str, ...]) -> tuple[str, ...]:
    if words and (not words[0].strip() or _PLACEHOLDER.search(words[0])):
        raise ValueError("begin with the program that opens a terminal")
    if words and _COMMAND not in words:
        raise ValueError(f'it would run nothing: add the word "{_COMMAND}"')
    return words


class Actions(_Table):
    """`[actions]`: what is done with sessions outside of the dashboard."""

    terminal: Annotated[
        tuple[Annotated[str, AfterValidator(_word)], ...], Field(strict=False), AfterValidator(_template)
    ] = ()
    """A program that opens a terminal, and its arguments: `{folder}` is where, `{command}` what to run there.
    Empty: the multiplexer that the dashboard runs in, else a terminal program that is known."""


class Settings(_Table):
    """The whole file. A further table is a further field."""

    dashboard: Dashboard = Dashboard()
    columns: Columns = Columns()
    keys: Annotated[dict[str, Keys], Field(strict=False)] = {}
    """`[keys]`: keys of the user's own, by the name of the command: `page-down = "space"`."""
    themes: Annotated[dict[str, Theme], Field(strict=False)] = {}
    views: Annotated[dict[str, SavedView], Field(strict=False)] = {}
    notifications: Notifications = Notifications()
    alerts: Annotated[dict[str, Alert], Field(strict=False)] = {}
    """`[alerts.NAME]`: tells when a session begins to match its `query`."""
    budgets: Budgets = Budgets()
    actions: Actions = Actions()
    prices: Any = None
    """Read by prices.overrides, by its own rules."""


Check = Callable[["Settings"], tuple[Place, str] | None]
"""What of well-formed settings cannot be meant: where, and why; None if nothing."""


def no_check(settings: Settings) -> None:
    """Takes all that is well-formed."""


def read_settings(path: Path, check: Check = no_check) -> Settings:
    """The settings in the file at `path`, the defaults if there is none. ConfigError if it is wrong."""
    try:
        text = text_of(path)
        data = tomllib.loads(text)
    except FileNotFoundError:
        return Settings()
    except tomllib.TOMLDecodeError as error:
        reason, _, place = str(error).partition(" (at line ")
        line = place.partition(",")[0]
        raise ConfigError(f"{path}{f':{line}' if line else ''}: {reason}") from error
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: it is not UTF-8") from error
    except ValueError as error:
        raise ConfigError(f"{path}: a number is too large") from error
    except RecursionError as error:
        raise ConfigError(f"{path}: it is nested too deeply") from error
    try:
        settings = Settings.model_validate(data)
    except ValidationError as error:
        # The first is enough: the next one comes when it is mended.
        fault = error.errors()[0]
        raise _wrong(path, text, fault["loc"], _reason(fault)) from error
    if (found := check(settings)) is not None:
        raise _wrong(path, text, *found)
    return settings


def _wrong(path: Path, text: str, place: Place, reason: str) -> ConfigError:
    line = nearest_line(text, place)
    return ConfigError(f"{path}{f':{line}' if line else ''}: {dotted(place)}: {reason}")


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
    """The settings in force: those of the file as it was when it was last right."""

    def __init__(self, path: Path, check: Check = no_check) -> None:
        self.path = path
        self._check = check
        self._seen: tuple[int, int, int] | Literal["never"] | None = "never"
        self._wrong = ""
        self._absent = ""
        self.current = Settings()

    @property
    def problem(self) -> str:
        """Why the file is not in force, or what of it is of no use, in one line; empty if all is well."""
        return self._wrong or self._absent

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
                self.current, self._wrong = read_settings(self.path, self._check), ""
            except ConfigError as error:
                self._wrong = f"{error}; the last good settings hold"
        if changed or self._absent:
            before, self._absent = self._absent, self._look_for_program()
            changed = changed or before != self._absent
        return changed

    def _look_for_program(self) -> str:
        """What is to be said of a program that is not there; it may be installed any time."""
        command = self.current.notifications.command
        if not command or shutil.which(command[0]) is not None:
            return ""
        try:
            text = self.path.read_text(encoding="utf-8")
        except (OSError, ValueError):
            text = ""
        reason = f"no program is called {command[0][:_NAME_LIMIT]!r} here: install it, or name another"
        return str(_wrong(self.path, text, ("notifications", "command"), reason))
