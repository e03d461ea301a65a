"""Amp, counted again.

A thread is one document. The numbers stand with each reply; before 2026 in a ledger, whose entries name the
reply or have its model and numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import Any

from mi6_tui.verify.lines import whole_document
from mi6_tui.verify.recount import File, Request, fields, text, whole

_CACHE = ("cacheReadInputTokens", "cacheCreationInputTokens")


def requests(files: Iterable[File]) -> Iterator[Request]:
    """Each request in these files once."""
    for file in files:
        thread = whole_document(file)
        session = text(thread.get("id")) or PurePath(file.path).stem
        replies = [
            message
            for message in _objects(thread.get("messages"))
            if message.get("role") == "assistant" and isinstance(message.get("usage"), dict)
        ]
        for message in replies:
            yield _request(session, message["usage"], "inputTokens", "outputTokens")
        for spent in _objects(fields(thread.get("usageLedger")).get("events")):
            same = next((message for message in replies if _is_of(spent, message)), None)
            if same is not None:
                replies.remove(same)
                continue
            yield _request(session, fields(spent.get("tokens")), "input", "output")


def _is_of(spent: dict[str, Any], message: dict[str, Any]) -> bool:
    named, own = spent.get("toMessageId"), message.get("messageId")
    if isinstance(named, int) and isinstance(own, int):
        return named == own
    usage, told = message["usage"], fields(spent.get("tokens"))
    numbers = (usage.get("inputTokens"), usage.get("outputTokens"))
    return usage.get("model") == spent.get("model") and numbers == (told.get("input"), told.get("output"))


def _request(session: str, numbers: dict[str, Any], sent: str, said: str) -> Request:
    first, second, read, written = (whole(numbers.get(name)) or 0 for name in (sent, said, *_CACHE))
    return Request(session, first, second, read, written)


def _objects(found: object) -> list[dict[str, Any]]:
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
