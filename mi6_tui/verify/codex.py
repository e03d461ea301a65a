"""Codex CLI, counted again.

Newer clients write a record a response. Older ones tell running totals, again and again: each growth is a
request. A fork's totals begin with its parent's, whose lines it may hold as copies. Cached and written
tokens are within the input, reasoning is within the output. A subagent's requests belong to its root.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any

from mi6_tui.verify.lines import objects
from mi6_tui.verify.recount import File, Request, fields, fresh, text, whole

_NAMES = (
    "input_tokens",
    "cached_input_tokens",
    "cache_write_input_tokens",
    "output_tokens",
    "reasoning_output_tokens",
)
_LATER = ("cache_write_input_tokens", "reasoning_output_tokens")
"""Numbers that the oldest clients do not write."""
_BURST = timedelta(seconds=1)
"""Copies are written at once, when the fork is made."""
_UUID = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


def requests(files: Iterable[File]) -> Iterator[Request]:
    """Each request in these files once, in whichever of them it stands."""
    found: dict[str, Request] = {}
    repeated: dict[str, Request] = {}
    for file in files:
        rollout = _Rollout(file)
        found |= rollout.requests()
        repeated |= rollout.repeated
    yield from (repeated | found).values()


class _Rollout:
    """One file."""

    def __init__(self, file: File) -> None:
        self._file = file
        self._found: dict[str, Request] = {}
        self.repeated: dict[str, Request] = {}
        """What a compaction repeats of a bill whose record may be missing."""
        names = re.findall(_UUID, PurePath(file.path).name)
        self._named = names[-1] if names else PurePath(file.path).name.split(".")[0]
        self._thread = self._session = self._named
        self._known = False
        """Whether the thread has said what it is."""
        self._records = False
        self._copies_until: datetime | None = None
        self._copies_below = 0
        self._certain = True
        """False while the totals may hold a parent's share that nobody told."""
        self._total: tuple[int, ...] = (0,) * len(_NAMES)
        self._falls = 0

    def requests(self) -> dict[str, Request]:
        """The requests by a name of their own."""
        for number, (offset, line) in enumerate(objects(self._file)):
            kind, payload = line.get("type"), fields(line.get("payload"))
            at = _time(line.get("timestamp"))
            if kind == "session_meta":
                self._introduce(payload, at, first=number == 0)
            elif kind == "token_usage_record":
                self._bill(payload, offset)
            elif self._is_copy(line, payload, at):
                if payload.get("type") == "token_count":
                    self._inherit(payload)
            elif kind == "compacted":
                self._repeat(fields(payload.get("latest_token_usage_record")))
            elif kind == "event_msg" and payload.get("type") == "token_count" and not self._records:
                self._count(fields(payload.get("info")))
        return self._found

    def _introduce(self, meta: dict[str, Any], at: datetime | None, *, first: bool) -> None:
        """Only the first line says what a file is; if that is broken, one of the thread it is named after."""
        name = text(meta.get("id"))
        if self._known or not (first or name == self._named):
            return
        self._known = True
        self._thread = self._session = name or self._named
        source = fields(meta.get("source")).get("subagent")
        parent = text(meta.get("parent_thread_id")) or text(
            fields(fields(source).get("thread_spawn")).get("parent_thread_id")
        )
        root = text(meta.get("session_id"))
        above = (root if root != self._thread else None) or parent
        child = bool((source is not None or parent) and above)
        if child and above:
            self._session = above
        forked = child or text(meta.get("forked_from_id")) is not None
        numbers = re.findall("[0-9]+", text(meta.get("cli_version")) or "")
        self._records = [int(number) for number in numbers[:3]] >= [0, 153, 0]
        self._certain = not forked
        ordinal = whole(meta.get("subagent_history_start_ordinal"))
        if ordinal is not None:
            self._copies_below = ordinal
        elif forked and meta.get("history_mode") != "paginated" and at is not None:
            self._copies_until = at + _BURST

    def _is_copy(self, line: dict[str, Any], payload: dict[str, Any], at: datetime | None) -> bool:
        if self._copies_below:
            ordinal = whole(line.get("ordinal"))
            return ordinal is not None and ordinal < self._copies_below
        if self._copies_until is None:
            return False
        if (at is not None and at > self._copies_until) or self._is_own_turn(line, payload):
            self._copies_until = None
            return False
        return True

    def _is_own_turn(self, line: dict[str, Any], payload: dict[str, Any]) -> bool:
        """Whether a turn was made after the thread: the ids of both begin with a time."""
        if line.get("type") not in ("event_msg", "turn_context"):
            return False
        turn, thread = _made(payload.get("turn_id")), _made(self._thread)
        return bool(turn and thread and turn >= thread)

    def _bill(self, record: dict[str, Any], offset: int) -> None:
        if text(record.get("thread_id")) not in (None, self._thread):
            return
        self._records = True
        response = text(record.get("response_id"))
        name = f"{self._thread}:{response}" if response else f"{self._thread}@{offset}"
        self._found[name] = self._request(fields(record.get("usage")))

    def _repeat(self, record: dict[str, Any]) -> None:
        response = text(record.get("response_id"))
        if response and text(record.get("thread_id")) in (None, self._thread):
            self.repeated[f"{self._thread}:{response}"] = self._request(fields(record.get("usage")))

    def _inherit(self, payload: dict[str, Any]) -> None:
        total = _totals(fields(fields(payload.get("info")).get("total_token_usage")))
        if total is not None:
            self._total, self._certain = total, True

    def _count(self, info: dict[str, Any]) -> None:
        last, total = fields(info.get("last_token_usage")), _totals(fields(info.get("total_token_usage")))
        if total is None:
            return
        before, self._total = self._total, total
        step: dict[str, Any] = last
        grown = [new - old for new, old in zip(total, before, strict=True)]
        if not self._certain:
            self._certain = True
        elif not any(grown):
            return
        elif min(grown) < 0:
            # A compaction lowers the totals: what the last response used is still told beside them.
            self._falls += 1
        else:
            step = dict(zip(_NAMES, grown, strict=True))
        if step.get("input_tokens") != 0 or step.get("output_tokens") != 0:
            self._found[f"{self._thread}/{self._falls}/{total}"] = self._request(step)

    def _request(self, usage: dict[str, Any]) -> Request:
        sent, read, written, said, _ = (whole(usage.get(name)) for name in _NAMES)
        if written is None and "cache_write_input_tokens" not in usage:
            written = 0
        numbers = (fresh(sent, read, written), said or 0, read or 0, written or 0)
        return Request(self._session, *numbers)


def _totals(usage: dict[str, Any]) -> tuple[int, ...] | None:
    found = [whole(usage.get(name, 0 if name in _LATER else None)) for name in _NAMES]
    known = tuple(number for number in found if number is not None)
    return known if len(known) == len(found) else None


def _made(name: object) -> str | None:
    """The part of a version 7 UUID that tells when it was made."""
    found = re.fullmatch(_UUID, name) if isinstance(name, str) else None
    return found[0][:13].lower() if found and found[0][14] == "7" else None


def _time(found: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(found) if isinstance(found, str) else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None
