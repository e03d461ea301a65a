"""Qwen Code, counted again.

Every response stands in its session's file as telemetry, also those of subagents, whose own files repeat
them. A reply that follows with the same numbers is the same request; one without telemetry before it
counts by itself. What came from the cache is within the prompt; the thoughts may be beside the output,
which the total tells. A fork repeats its parent's records, and says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import Any, NamedTuple

from mi6_tui.verify.lines import objects
from mi6_tui.verify.recount import File, Request, fields, fresh, text, whole

_TELEMETRY = ("input", "output", "cached_content", "thoughts", "total")
_REPLY = ("prompt", "candidates", "cachedContent", "thoughts", "total")


class _Told(NamedTuple):
    """A request in one file; the original comes before a fork's copy."""

    copied: bool
    began: str
    session: str
    numbers: tuple[int, int, int]


def requests(files: Iterable[File]) -> Iterator[Request]:
    """Each request in these files once."""
    found: dict[str, _Told] = {}
    for file in files:
        if PurePath(file.path).parent.parent.name == "subagents":
            continue
        for name, told in _of_file(file):
            found[name] = min(found.get(name, told), told)
    for told in found.values():
        sent, said, cached = told.numbers
        yield Request(told.session, sent, said, cached, 0)


def _of_file(file: File) -> Iterator[tuple[str, _Told]]:
    session, began = PurePath(file.path).stem, ""
    noted: dict[str, Any] | None = None
    for _, line in objects(file):
        session = text(line.get("sessionId")) or session
        began = began or text(line.get("timestamp")) or ""
        name = text(line.get("uuid"))
        if name is None or not began:
            continue
        response = _response(line)
        if response is not None:
            if not (response.get("subagent_id") or response.get("subagent_name")):
                noted = response
        elif line.get("type") == "assistant":
            response, before, noted = fields(line.get("usageMetadata")), noted, None
            told = {f"{ours}_token_count": response.get(f"{theirs}TokenCount") for ours, theirs in _NAMES}
            if before is not None and ("usageMetadata" not in line or _same(before, told)):
                continue
            response = {key: number for key, number in told.items() if number is not None}
        else:
            continue
        yield name, _Told("forkedFrom" in line, began, session, _numbers(response))


_NAMES = tuple(zip(_TELEMETRY, _REPLY, strict=True))


def _response(line: dict[str, Any]) -> dict[str, Any] | None:
    if line.get("type") != "system" or line.get("subtype") != "ui_telemetry":
        return None
    event = fields(fields(line.get("systemPayload")).get("uiEvent"))
    return event if event.get("event.name") == "qwen-code.api_response" else None


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    names = [f"{name}_token_count" for name in _TELEMETRY[:3]]
    return all((whole(one.get(name)) or 0) == (whole(other.get(name)) or 0) for name in names)


def _numbers(told: dict[str, Any]) -> tuple[int, int, int]:
    sent, said, cached, thoughts, total = (whole(told.get(f"{name}_token_count")) for name in _TELEMETRY)
    if sent is None and said is None:
        return 0, 0, cached or 0
    beside = thoughts is not None and total == (sent or 0) + (said or 0) + thoughts
    usable = sent is not None and (cached or 0) <= sent
    return (
        fresh(sent, cached or 0) if usable else 0,
        (said or 0) + (thoughts or 0 if beside else 0),
        cached or 0,
    )
