"""Pi, counted again.

Each reply is an entry; summaries and the like have their usage in an entry of another type. The file of a
fork repeats the entries before it, each with its id and its time. A reply that failed before anything came
has numbers of 0, and is nobody's request.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import Any, NamedTuple

from mi6_tui.verify.lines import objects
from mi6_tui.verify.recount import File, Request, fields, text, whole

_USAGE = ("input", "output", "cacheRead", "cacheWrite")


class _Told(NamedTuple):
    """Where an entry stands: the file that began first has it."""

    began: str
    session: str
    numbers: tuple[int, int, int, int]


def requests(files: Iterable[File]) -> Iterator[Request]:
    """Each request in these files once."""
    entries: dict[tuple[str, str], _Told] = {}
    for file in files:
        session, began = PurePath(file.path).stem.partition("_")[2], ""
        for _, line in objects(file):
            began = began or text(line.get("timestamp")) or ""
            if line.get("type") == "session":
                session = text(line.get("id")) or session
                continue
            name, at = text(line.get("id")), text(line.get("timestamp"))
            numbers = _numbers(line)
            if name and at and numbers is not None:
                told = _Told(began, session, numbers)
                entries[name, at] = min(entries.get((name, at), told), told)
    for told in entries.values():
        yield Request(told.session, *told.numbers)


def _numbers(line: dict[str, Any]) -> tuple[int, int, int, int] | None:
    """What an entry says of a request; None if it is none."""
    message = fields(line.get("message"))
    if line.get("type") == "message":
        if message.get("role") != "assistant":
            return None
        usage = fields(message.get("usage"))
    elif line.get("type") in ("compaction", "branch_summary", "usage") and "usage" in line:
        usage = fields(line["usage"])
    else:
        return None
    sent, said, read, written = (whole(usage.get(name)) or 0 for name in _USAGE)
    if message.get("stopReason") == "error" and not (sent or said or read):
        return None
    return sent, said, read, written
