"""Lines as the client writes them, and ways to read them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from mi6_tui.frameworks.base import Decoded, Line
from mi6_tui.frameworks.codex import FRAMEWORK
from mi6_tui.model import Event, EventType

DATA = Path(__file__).parents[2] / "data" / "codex"
HOME = DATA / "home" / ".codex"
THREAD = "019b0000-0000-7000-8000-000000000001"
PARENT = "019a0000-0000-7000-8000-000000000002"
FOLDER = "/home/dev/.codex/sessions/2026/09/01"
PATH = f"{FOLDER}/rollout-2026-09-01T12-00-00-{THREAD}.jsonl"
DAY = "2026-09-01T10:00:"
OLD = "0.120.0"


def as_lines(data: bytes) -> list[Line]:
    """The complete lines of a file's bytes, with their offsets."""
    found, offset = [], 0
    for line in data.split(b"\n")[:-1]:
        found.append((offset, line))
        offset += len(line) + 1
    return found


def sample_files() -> dict[str, list[Line]]:
    """The recorded rollouts: path, as the client named it, to its lines."""
    found = {}
    for path in sorted(HOME.rglob("*.jsonl.gz")):
        name = str(path.relative_to(DATA)).removesuffix(".gz")
        found[f"/{name}"] = as_lines(gzip.decompress(path.read_bytes()))
    return found


def raw_records() -> Iterator[dict[str, Any]]:
    """The lines of all recorded rollouts as plain objects."""
    for lines in sample_files().values():
        yield from (json.loads(line) for _, line in lines)


def decode(lines: list[Line], path: str = PATH) -> Decoded:
    """One run over the lines of a file."""
    return FRAMEWORK.decoder(path, "devbox", None).decode(lines)


def raw(*records: dict[str, Any] | bytes) -> list[Line]:
    """The lines of a file of these records."""
    encoded = (record if isinstance(record, bytes) else json.dumps(record).encode() for record in records)
    return as_lines(b"".join(line + b"\n" for line in encoded))


def read(*records: dict[str, Any] | bytes, path: str = PATH) -> Decoded:
    """What a file of these records says."""
    return decode(raw(*records), path)


def of_type(events: Iterable[Event], event_type: str) -> list[Event]:
    """The events of one type."""
    return [event for event in events if event.event_type == event_type]


def requests(decoded: Decoded) -> list[tuple[int | None, int | None, int | None]]:
    """Fresh input, cached input and output of each request, each key once, the best reading of it."""
    best: dict[str | None, Event] = {}
    for event in of_type(decoded.events, EventType.API_REQUEST):
        old = best.get(event.key)
        if old is None or event.version > old.version:
            best[event.key] = event
    return [(e.tokens_input, e.tokens_cache_read, e.tokens_output) for e in best.values()]


def record(kind: str, second: float, payload: Any, **more: Any) -> dict[str, Any]:
    """A line."""
    return {"timestamp": f"{DAY}{second:06.3f}Z", "type": kind, "payload": payload, **more}


def meta(second: float = 0, thread: str = THREAD, version: str = "0.169.0", **more: Any) -> dict[str, Any]:
    """A `session_meta`."""
    payload = {
        "id": thread,
        "session_id": thread,
        "cwd": "/home/dev/project",
        "originator": "codex-tui",
        "cli_version": version,
        "source": "cli",
        "git": {"branch": "main"},
        **more,
    }
    return record("session_meta", second, {name: told for name, told in payload.items() if told is not ...})


def child_meta(
    second: float = 0, version: str = "0.169.0", parent: str = PARENT, **more: Any
) -> dict[str, Any]:
    """A `session_meta` of a subagent."""
    spawn = {"parent_thread_id": parent, "depth": 1, "agent_path": "/team/counter", "agent_role": None}
    settings = {"session_id": parent, "parent_thread_id": parent, "agent_path": "/team/counter"}
    return meta(
        second, version=version, **({"source": {"subagent": {"thread_spawn": spawn}}} | settings | more)
    )


def event(kind: str, second: float, /, **payload: Any) -> dict[str, Any]:
    """An `event_msg`."""
    return record("event_msg", second, {"type": kind, **payload})


def item(kind: str, second: float, /, **fields: Any) -> dict[str, Any]:
    """An `item_completed`."""
    return event("item_completed", second, item={"type": kind, **fields})


def response(kind: str, second: float, /, **fields: Any) -> dict[str, Any]:
    """A `response_item`."""
    return record("response_item", second, {"type": kind, **fields})


def started(second: float, turn: str = "t1") -> dict[str, Any]:
    """The beginning of a turn."""
    return event("task_started", second, turn_id=turn, model_context_window=258400)


def completed(second: float, turn: str = "t1", **more: Any) -> dict[str, Any]:
    """The end of a turn."""
    return event("task_complete", second, turn_id=turn, duration_ms=1500, **more)


def context(second: float, turn: str = "t1", model: str = "gpt-5.5", **more: Any) -> dict[str, Any]:
    """The settings of a turn."""
    told = {"turn_id": turn, "cwd": "/home/dev/project", "model": model, "approval_policy": "on-request"}
    return record("turn_context", second, told | more)


def numbers(
    whole: Any = 9000, cached: Any = 7000, out: Any = 150, reasoning: Any = 90, **more: Any
) -> dict[str, Any]:
    """Token numbers as older clients write them."""
    total = whole + out if isinstance(whole, int) and isinstance(out, int) else None
    return {
        "input_tokens": whole,
        "cached_input_tokens": cached,
        "output_tokens": out,
        "reasoning_output_tokens": reasoning,
        "total_tokens": total,
        **more,
    }


def bill(
    second: float, response_id: str | None = "resp_1", thread: str = THREAD, turn: str = "t1", **usage: Any
) -> dict[str, Any]:
    """A `token_usage_record`."""
    return record("token_usage_record", second, bare_bill(response_id, thread, turn, **usage))


def bare_bill(
    response_id: str | None, thread: str = THREAD, turn: str = "t1", **usage: Any
) -> dict[str, Any]:
    """The payload of a `token_usage_record`."""
    written = {"cache_write_input_tokens": 0}
    usage = numbers(**usage) | (written if "cache_write_input_tokens" not in usage else {})
    return {"thread_id": thread, "turn_id": turn, "response_id": response_id, "usage": usage}


def counters(second: float, total: Any, last: Any, window: int = 258400) -> dict[str, Any]:
    """A `token_count`."""
    info = {"total_token_usage": total, "last_token_usage": last, "model_context_window": window}
    return event("token_count", second, info=info, rate_limits=None)
