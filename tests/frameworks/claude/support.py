"""Lines as the client writes them, and ways to read them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mi6_tui.frameworks import framework
from mi6_tui.frameworks.base import Decoded, Line
from mi6_tui.model import Event

DATA = Path(__file__).parents[2] / "data" / "claude"
PROJECTS = DATA / "home" / ".claude" / "projects"
SESSION = "11111111-2222-4333-8444-555555555555"
PATH = f"/home/dev/.claude/projects/-home-dev-project/{SESSION}.jsonl"
DAY = "2026-09-01T10:00:"


def as_lines(data: bytes) -> list[Line]:
    """The complete lines of a file's bytes, with their offsets."""
    found, offset = [], 0
    for line in data.split(b"\n")[:-1]:
        found.append((offset, line))
        offset += len(line) + 1
    return found


def sample_files() -> dict[str, list[Line]]:
    """The recorded transcripts: path, as the client named it, to its lines."""
    found = {}
    for path in sorted(PROJECTS.rglob("*.jsonl.gz")):
        name = str(path.relative_to(DATA)).removesuffix(".gz")
        found[f"/{name}"] = as_lines(gzip.decompress(path.read_bytes()))
    return found


def decode(lines: list[Line], path: str = PATH) -> Decoded:
    """One run over the lines of a file."""
    return framework("claude").decoder(path, "devbox", None).decode(lines)


def read(*records: dict[str, Any] | bytes, path: str = PATH) -> Decoded:
    """What a file of these records says."""
    raw = (r if isinstance(r, bytes) else json.dumps(r).encode() for r in records)
    return decode(as_lines(b"".join(line + b"\n" for line in raw)), path)


def of_type(events: Iterable[Event], event_type: str) -> list[Event]:
    """The events of one type."""
    return [event for event in events if event.event_type == event_type]


def user(text: Any, second: float = 0, **more: Any) -> dict[str, Any]:
    """A `user` record."""
    return _record("user", second, {"message": {"role": "user", "content": text}}, more)


def result(
    tool_id: str, text: Any, second: float = 5, *, is_error: bool = False, **more: Any
) -> dict[str, Any]:
    """A `user` record with one tool result."""
    block = {"type": "tool_result", "tool_use_id": tool_id, "content": text, "is_error": is_error}
    return user([block], second, **more)


def assistant(
    *blocks: dict[str, Any],
    second: float = 1,
    message_id: str | None = "msg_1",
    request_id: str | None = "req_1",
    model: str | None = "claude-opus-5-5",
    stop: str | None = "end_turn",
    usage: Any = None,
    **more: Any,
) -> dict[str, Any]:
    """An `assistant` record."""
    message = {
        "id": message_id,
        "model": model,
        "role": "assistant",
        "stop_reason": stop,
        "content": list(blocks),
        "usage": tokens() if usage is None else usage,
    }
    return _record("assistant", second, {"message": message, "requestId": request_id}, more)


def tokens(out: Any = 120, **more: Any) -> dict[str, Any]:
    """A reply's `usage`."""
    usage = {
        "input_tokens": 4,
        "output_tokens": out,
        "cache_read_input_tokens": 18000,
        "cache_creation_input_tokens": 900,
        "cache_creation": {"ephemeral_5m_input_tokens": 600, "ephemeral_1h_input_tokens": 300},
        "output_tokens_details": {"thinking_tokens": 20},
    }
    return {**usage, **more}


def text(words: str) -> dict[str, Any]:
    """A text block."""
    return {"type": "text", "text": words}


def call(tool_id: str, name: str, **arguments: Any) -> dict[str, Any]:
    """A `tool_use` block."""
    return {"type": "tool_use", "id": tool_id, "name": name, "input": arguments}


def system(subtype: str, second: float = 9, **more: Any) -> dict[str, Any]:
    """A `system` record."""
    return _record("system", second, {"subtype": subtype}, more)


_numbers = iter(range(1, 1_000_000))


def _record(kind: str, second: float, fields: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    record = {
        "type": kind,
        "uuid": f"uuid-{next(_numbers)}",
        "sessionId": SESSION,
        "timestamp": f"{DAY}{second:06.3f}Z",
        "isSidechain": False,
        "cwd": "/home/dev/project",
        "version": "2.1.330",
        "gitBranch": "main",
        "entrypoint": "cli",
        **fields,
        **more,
    }
    return {name: value for name, value in record.items() if value is not ...}
