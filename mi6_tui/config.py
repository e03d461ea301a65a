"""What the user decides: the tables of the settings file, and what may stand in them."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal, NamedTuple, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator, model_validator

from mi6_tui.model.ssh import is_address

Needs = Literal["waiting", "error", "your turn"]
"""Shown statuses in which a session needs the user."""
Desktop = Literal["auto", "osc9", "osc99", "osc777", "none"]
"""How a terminal is asked to show a message on the desktop; `auto`: in the way it is known to understand."""

PageName = Literal["sessions", "events", "usage", "search", "system"]
"""Pages of the dashboard."""

NAME_LIMIT: Final = 60
"""Characters of a name that are told."""
_DAY: Final = 24 * 60
_HOURS: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)-([01]?\d|2[0-3]):([0-5]\d)")


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

    theme: Annotated[str, Field(max_length=NAME_LIMIT)] = "mi6-night"
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

    like: Annotated[str, Field(max_length=NAME_LIMIT)] = "mi6-night"
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


def _window(value: object) -> int:
    found = _WINDOW.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError('write a window as "5h" or "7d"')
    return int(found[1]) * {"m": 1, "h": 60, "d": _DAY}[found[2]]


_WINDOW: Final = re.compile(r"([1-9]\d{0,3})([mhd])")
Window = Annotated[int, PlainValidator(_window, json_schema_input_type=str)]
"""Minutes."""
Percent = Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)]


class LimitAlert(_Table):
    """`limit` of an alert: what a provider allows is used up so far."""

    provider: str | None = None
    """The client that is told of it, as `claude`; none: any."""
    window: Window | None = None
    """The time that it is for, as "5h" or "7d"; none: any."""
    above: Percent = 80.0
    """Percent."""


class BudgetAlert(_Table):
    """`budget` of an alert: one of [budgets] is used up so far."""

    of: str
    """day, week, month, or a project of [budgets]."""
    above: Percent = 80.0
    """Percent."""


class Alert(_Table):
    """`[alerts.NAME]`: tells once when something begins to be so, by exactly one of its keys."""

    query: str | None = None
    """A session matches, as written behind `/`."""
    limit: LimitAlert | None = None
    """More of a provider's limit is used: `limit = { provider = "claude", window = "5h", above = 80 }`."""
    budget: BudgetAlert | None = None
    """More of a budget is used: `budget = { of = "day", above = 80 }`."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(one is not None for one in (self.query, self.limit, self.budget)) != 1:
            raise ValueError("it needs one of query, limit and budget")
        return self


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


def _address(address: str) -> str:
    if not is_address(address):
        raise ValueError('write it as "user@host", or as a name of your ssh settings')
    return address


class Machine(_Table):
    """`[machines."NAME"]`: another machine whose sessions are shown."""

    ssh: Annotated[str, AfterValidator(_address)]
    """How ssh gets there: `user@host`, or a name of your ssh settings."""


class Remote(_Table):
    """`[[remotes]]`: a machine whose transcripts are read over ssh."""

    address: Annotated[str, AfterValidator(_address)]
    """As ssh takes it: `user@host`, or a name of your ssh settings."""
    name: Annotated[str, Field(max_length=255)] = ""
    """What it must call itself (`uname -n`); empty: whatever no other machine is called."""

    def __str__(self) -> str:
        return self.address


class Push(_Table):
    """`[push]`: what of the store is forwarded to one that many machines share."""

    previews: bool = True
    """Texts, titles and places below the home folder, too; `--no-previews` keeps them back in any case."""


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
    """`[alerts.NAME]`: tells when a session begins to match its `query`, or more than its `limit` or `budget`
    says is used up."""
    budgets: Budgets = Budgets()
    actions: Actions = Actions()
    machines: Annotated[dict[str, Machine], Field(strict=False)] = {}
    """`[machines."NAME"]`: other machines by their names, and with `ssh = "user@host"` the way there: f then
    opens a terminal that is attached to a session's."""
    push: Push = Push()
    remotes: Annotated[tuple[Remote, ...], Field(strict=False)] = ()
    """`[[remotes]]`: machines whose transcripts are read over ssh; `mi6-tui remote add` adds one."""
    prices: Any = None
    """Read by prices.overrides, by its own rules."""
