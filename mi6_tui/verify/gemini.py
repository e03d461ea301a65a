"""Gemini CLI, counted again.

A message is written again in full whenever it changes, also within a history told again: the last telling
holds. Older clients wrote one document, which a file of lines may follow with the same messages. What
came from the cache is within the input; the thoughts are beside the output.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import Any, NamedTuple

from mi6_tui.verify.lines import objects, whole_document
from mi6_tui.verify.recount import File, Request, fields, fresh, text, whole


class _Told(NamedTuple):
    """One telling of a reply."""

    name: str
    owner: tuple[bool, bool, str, str]
    """Subagent's or not, document or not, start of the file, session: the smallest has the request."""
    version: tuple[bool, int | str]
    """Lines before documents, later before earlier: the largest has the numbers."""
    numbers: tuple[int, int, int]
    """Fresh input, output, cache read."""


def requests(files: Iterable[File]) -> Iterator[Request]:
    """Each request in these files once."""
    replies: dict[str, _Told] = {}
    for file in files:
        for told in _document(file) if file.path.endswith(".json") else _lines(file):
            known = replies.get(told.name, told)
            best = max(known, told, key=lambda one: one.version)
            replies[told.name] = best._replace(owner=min(known.owner, told.owner))
    for told in replies.values():
        sent, said, cached = told.numbers
        yield Request(told.owner[-1], sent, said, cached, 0)


def _lines(file: File) -> Iterator[_Told]:
    spawner, session = _spawner(file), PurePath(file.path).stem
    began = ""
    for offset, line in objects(file):
        patch = fields(line.get("$set"))
        began = began or _time(line.get("timestamp"), line.get("startTime"), patch.get("lastUpdated"))
        if line.get("type") is None and text(line.get("sessionId")):
            session = line["sessionId"]
        again = patch.get("messages")
        for message in [line, *(again if isinstance(again, list) else [])]:
            owner = (spawner is not None, False, began, spawner or session)
            yield from _reply(message, owner, (True, offset))


def _document(file: File) -> Iterator[_Told]:
    document, spawner = whole_document(file), _spawner(file)
    found = document.get("messages")
    messages = [message for message in found if isinstance(message, dict)] if isinstance(found, list) else []
    times = [_time(document.get("startTime")), _time(document.get("lastUpdated"))]
    times = sorted(filter(None, [*times, *(_time(message.get("timestamp")) for message in messages)]))
    session = spawner or text(document.get("sessionId")) or PurePath(file.path).stem
    for message in messages if times else ():
        yield from _reply(message, (spawner is not None, True, times[0], session), (False, times[-1]))


def _reply(
    message: Any, owner: tuple[bool, bool, str, str], version: tuple[bool, int | str]
) -> Iterator[_Told]:
    if not isinstance(message, dict) or message.get("type") != "gemini" or not text(message.get("id")):
        return
    if not (text(message.get("model")) or message.get("tokens") is not None):
        return
    tokens = fields(message.get("tokens"))
    sent, said, cached = (whole(tokens.get(name)) for name in ("input", "output", "cached"))
    thoughts, tool = (whole(tokens.get(name)) or 0 for name in ("thoughts", "tool"))
    usable = sent is not None and cached is not None and sent >= cached
    numbers = (
        fresh(sent, cached) + tool if usable else 0,
        said + thoughts if said is not None else 0,
        cached or 0,
    )
    yield _Told(message["id"], owner, version, numbers)


def _spawner(file: File) -> str | None:
    """The session in whose folder a subagent's file stands."""
    folder = PurePath(file.path).parent
    return folder.name if folder.parent.name == "chats" else None


def _time(*found: object) -> str:
    """The first that is a time, as text that compares like it."""
    return next((time for time in map(text, found) if time), "")
