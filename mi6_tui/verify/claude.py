"""Claude Code, counted again.

A reply stands on a line for each of its blocks, all with the same message and request id, in the file of
its session and in that of every fork. Of its lines the one with the largest output is complete. A side
question repeats replies under request ids of its own: there the message id alone tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import reduce
from pathlib import PurePath
from typing import Any, NamedTuple

from mi6_tui.verify.lines import objects
from mi6_tui.verify.recount import File, Request, fields, text, whole


class _Told(NamedTuple):
    """What one line, or several of one request, tell of it."""

    names: tuple[str, str]
    """Message and request id."""
    side: bool
    owner: tuple[bool, bool, float, str]
    """Subagent's or not, copied or not, start of the file, session: the smallest has the request."""
    version: tuple[int, int, int]
    """Output, block, offset: the largest has the numbers."""
    numbers: tuple[int, int, int, int]


def requests(files: Iterable[File]) -> Iterator[Request]:
    """Each request in these files once."""
    messages: dict[str, dict[str, _Told]] = {}
    for file in files:
        for told in _of_file(file):
            message, request = told.names
            same = messages.setdefault(message, {})
            same[request] = _both(same[request], told) if request in same else told
    for same in messages.values():
        replies = list(same.values())
        if any(reply.side for reply in replies):
            replies = [reduce(_both, replies)]
        for reply in replies:
            yield Request(reply.owner[-1], *reply.numbers, copied=reply.owner[1])


def _both(one: _Told, other: _Told) -> _Told:
    best = max(one, other, key=lambda told: told.version)
    owner = min(one.owner, other.owner)
    return best._replace(side=one.side or other.side, owner=owner)


def _of_file(file: File) -> list[_Told]:
    parts = PurePath(file.path).parts
    below = len(parts) - 1 - parts[::-1].index("subagents") if "subagents" in parts else 0
    session = parts[below - 1] if below else _named(parts[-1])
    began: float | None = None
    found: list[_Told] = []
    for offset, line in objects(file):
        if began is None:
            began = _seconds(line.get("timestamp"))
        session = text(line.get("sessionId")) or session
        told = _reply(line, session, bool(below), f"{file.path}@{offset}", offset)
        if told:
            found.append(told)
    return [told._replace(owner=(*told.owner[:2], began or 0.0, told.owner[3])) for told in found]


def _reply(line: dict[str, Any], session: str, below: bool, place: str, offset: int) -> _Told | None:
    message = line.get("message")
    if line.get("type") != "assistant" or not isinstance(message, dict):
        return None
    model, name = text(message.get("model")), text(message.get("id"))
    if model == "<synthetic>" or not (model or name):
        return None
    side = line["isSidechain"] if isinstance(line.get("isSidechain"), bool) else below
    payer = line.get("requestSessionId")
    copied = line.get("forkedFrom") is not None or (isinstance(payer, str) and payer != session)
    numbers = _numbers(fields(message.get("usage")))
    output = -1 if numbers[1] is None else numbers[1]
    return _Told(
        names=(name, text(line.get("requestId")) or "") if name else (text(line.get("uuid")) or place, ""),
        side=side and name is not None,
        owner=(side, copied, 0.0, session),
        version=(output, whole(line.get("apiBlockIndex")) or 0, offset),
        numbers=(numbers[0] or 0, numbers[1] or 0, numbers[2] or 0, numbers[3] or 0),
    )


def _numbers(usage: dict[str, Any]) -> tuple[int | None, int | None, int | None, int | None]:
    """Fresh input, output, cache read, cache write."""
    written = whole(usage.get("cache_creation_input_tokens"))
    if written == 0:
        # Some clients tell the parts by lifetime and leave the whole at 0.
        split = fields(usage.get("cache_creation"))
        parts = [split[name] for name in split if re.fullmatch("ephemeral_(5m|1h)_input_tokens", name)]
        known = [whole(part) for part in parts]
        written = None if None in known else sum(part for part in known if part is not None)
    return (
        whole(usage.get("input_tokens")),
        whole(usage.get("output_tokens")),
        whole(usage.get("cache_read_input_tokens")),
        written,
    )


def _seconds(found: object) -> float | None:
    try:
        moment = datetime.fromisoformat(found) if isinstance(found, str) else None
    except ValueError:
        return None
    if moment is None:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _named(file_name: str) -> str:
    found = re.search("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", file_name)
    return found[0] if found else file_name.rsplit(".", 1)[0]
