"""Lines as the client writes them, and ways to read them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mi6_tui.frameworks.base import Decoded
from mi6_tui.frameworks.gemini import FRAMEWORK
from tests.frameworks.pieces import as_lines, jsonl

DATA = Path(__file__).parents[2] / "data" / "gemini"
SESSION = "11111111-2222-4333-8444-555555555555"
CHATS = "/home/dev/.gemini/tmp/project/chats"
PATH = f"{CHATS}/session-2026-09-01T10-00-11111111.jsonl"
TOKENS = {"input": 7000, "output": 40, "cached": 5000, "thoughts": 12, "tool": 3, "total": 7055}


def read(*records: dict[str, Any] | bytes, path: str = PATH) -> Decoded:
    """What a file of these records says."""
    return FRAMEWORK.decoder(path, "devbox", None).decode(as_lines(jsonl(records)))


def at(second: float) -> str:
    """A time of the day."""
    return f"2026-09-01T10:00:{second:06.3f}Z"


def header(second: float = 0, session: str = SESSION, **more: Any) -> dict[str, Any]:
    """A first line, also of each later process."""
    times = {"startTime": at(second), "lastUpdated": at(second)}
    return {"sessionId": session, "projectHash": "ab", **times, "kind": "main", **more}


def user(text: Any, second: float = 1, message_id: str = "u1") -> dict[str, Any]:
    """A user's message; a text, or parts."""
    content = [{"text": text}] if isinstance(text, str) else text
    return {"id": message_id, "timestamp": at(second), "type": "user", "content": content}


def reply(
    text: str = "Hello.", second: float = 2, message_id: str = "g1", tokens: Any = ..., **more: Any
) -> dict[str, Any]:
    """A reply of the model."""
    return {
        "id": message_id,
        "timestamp": at(second),
        "type": "gemini",
        "content": text,
        "thoughts": [],
        "tokens": TOKENS if tokens is ... else tokens,
        "model": "gemini-3-flash-preview",
        **more,
    }


def call(name: str, second: float = 3, call_id: str = "c1", **more: Any) -> dict[str, Any]:
    """A tool call that succeeded."""
    return {"id": call_id, "name": name, "args": {}, "status": "success", "timestamp": at(second), **more}


def info(text: str, second: float = 4, message_id: str = "i1", kind: str = "info") -> dict[str, Any]:
    """A note of the client."""
    return {"id": message_id, "timestamp": at(second), "type": kind, "content": text}


def patch(**fields: Any) -> dict[str, Any]:
    """A change of what was told."""
    return {"$set": fields}
