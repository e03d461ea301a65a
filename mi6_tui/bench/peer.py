"""Our totals beside those of ccusage, which reads the same transcripts; every difference has a rule.

On Claude Code's transcripts the two agree to the token. Elsewhere they read what a client means
differently: `RULES` says where and why, and a difference without a rule is a mistake of one of them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from mi6_tui import frameworks
from mi6_tui.errors import Mi6Error
from mi6_tui.ingest.scanner import Scanner
from mi6_tui.model import EventQuery
from mi6_tui.paths import machine_id
from mi6_tui.storage.sqlite import SqliteStorage

VERSION: Final = "20.0.24"
"""Of the peer that the rules were written for."""

_NAMES: Final = {
    "tokens_input": "inputTokens",
    "tokens_output": "outputTokens",
    "tokens_cache_read": "cacheReadTokens",
    "tokens_cache_write": "cacheCreationTokens",
}
_UNNAMED: Final = "unknown"
_ARGUMENTS: Final = ("monthly", "--json", "--offline", "--by-agent", "--no-cost")


class Rule(msgspec.Struct, frozen=True):
    """Why some numbers of a client differ. `more`: whether ours are the larger ones."""

    framework: str
    fields: tuple[str, ...]
    more: bool
    why: str


RULES: Final = (
    Rule(
        "codex",
        ("tokens_input", "tokens_output", "tokens_cache_read"),
        True,
        "we count every usage record: those of subagents, and those that no token_count follows",
    ),
    Rule(
        "codex",
        ("tokens_cache_read",),
        True,
        "where more is cached than was sent, we keep the client's number; ccusage cuts it to what was sent",
    ),
    Rule("gemini", ("tokens_output",), True, "thoughts are billed as output"),
    Rule(
        "copilot",
        ("tokens_input", "tokens_output", "tokens_cache_read", "tokens_cache_write"),
        True,
        "we count usage records one by one; ccusage the totals of a run that ended well",
    ),
    Rule("opencode", ("tokens_output",), True, "reasoning is billed as output"),
    Rule(
        "opencode",
        ("tokens_input", "tokens_output", "tokens_cache_read", "tokens_cache_write"),
        False,
        "a fork begins with copies of its parent's messages; we count them once",
    ),
)


class Compared(msgspec.Struct, frozen=True):
    """One number of one model. `rules`: numbers (from 1) of those that may explain the difference."""

    framework: str
    model: str
    field: str
    ours: int
    theirs: int
    rules: tuple[int, ...]

    @property
    def explained(self) -> bool:
        """Whether the two agree, or a rule says why not."""
        return self.ours == self.theirs or bool(self.rules)


class Comparison(msgspec.Struct, frozen=True):
    """What `bench --peer --json` prints."""

    rows: tuple[Compared, ...]
    rules: tuple[Rule, ...]
    """That the numbers in `rows` mean."""
    unexplained: int
    """Rows that differ without a rule."""


def program(env: Mapping[str, str] = os.environ) -> str | None:
    """Where ccusage is; None if it is not installed."""
    return shutil.which("ccusage", path=env.get("PATH"))


def compare(ccusage: str, folder: Path) -> Iterator[Compared]:
    """Both totals over the transcripts of this user; our store is made in `folder`."""
    ours, theirs = _ours(folder), _theirs(ccusage)
    for framework, model in sorted(ours.keys() | theirs.keys()):
        for field in _NAMES:
            mine, other = (sums.get((framework, model), {}).get(field, 0) for sums in (ours, theirs))
            if mine or other:
                rules = _rules(framework, field, mine - other)
                yield Compared(framework, model, field, mine, other, rules)


def _rules(framework: str, field: str, difference: int) -> tuple[int, ...]:
    return tuple(
        number
        for number, rule in enumerate(RULES, 1)
        if difference and rule.framework == framework and field in rule.fields
        if rule.more == (difference > 0)
    )


_Sums = dict[tuple[str, str], dict[str, int]]
"""By framework and model."""


def _ours(folder: Path) -> _Sums:
    storage = SqliteStorage(folder / "mi6.db")
    try:
        clients = [frameworks.framework(name) for name in frameworks.names()]
        Scanner(storage, clients, machine_id(), watch=False).scan_once()
        sums: _Sums = {}
        for event in storage.query(EventQuery().api_requests_only()):
            key = event.framework or _UNNAMED, event.model or _UNNAMED
            total = sums.setdefault(key, dict.fromkeys(_NAMES, 0))
            for name in _NAMES:
                total[name] += getattr(event, name) or 0
        return sums
    finally:
        storage.close()


def _theirs(ccusage: str) -> _Sums:
    done = subprocess.run(  # noqa: S603
        (ccusage, *_ARGUMENTS), capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    try:
        return _parsed(json.loads(done.stdout))
    except (ValueError, KeyError, TypeError) as error:
        said = done.stderr.strip().splitlines()
        raise Mi6Error(
            f"{ccusage} gave no totals ({said[-1] if said else error!r})", f"the rules are for {VERSION}"
        ) from error


def _parsed(report: Any) -> _Sums:
    sums: _Sums = {}
    for month in report["monthly"]:
        for agent in month["agents"]:
            if agent["agent"] not in frameworks.names():
                continue
            for model in agent["modelBreakdowns"]:
                key = agent["agent"], model["modelName"]
                total = sums.setdefault(key, dict.fromkeys(_NAMES, 0))
                for name, theirs in _NAMES.items():
                    total[name] += model[theirs]
    return sums
