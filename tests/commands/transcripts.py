"""Small transcripts as the client writes them, with counts that a reader of the test can check."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

START = "2026-11-20T10:00:"
SECOND = 1_795_168_800_000
"""ms of START plus zero seconds: 2026-11-20T10:00:00Z."""


def write_session(home: Path, session: str, *, prompt: str = "Say hello", requests: int = 2) -> Path:
    """A session of one prompt and `requests` requests of 10 + 5 fresh and 100 cached tokens each.

    Every reply stands on two lines with the same usage, as real ones do: counted twice they would
    give twice the tokens.
    """
    path = home / ".claude" / "projects" / "-work-greet" / f"{session}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [prompt_line(session, 0, prompt)]
    for number in range(requests):
        lines += reply_lines(session, number, last=number == requests - 1)
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return path


def prompt_line(session: str, second: int, prompt: str) -> dict[str, Any]:
    """What the user typed."""
    return _record(session, "user", f"prompt-{second}", second) | {
        "message": {"role": "user", "content": prompt},
        "promptSource": "typed",
    }


def reply_lines(session: str, number: int, *, last: bool) -> list[dict[str, Any]]:
    """One request to the model on two lines, and the result of the tool it asked for."""
    usage = {
        "input_tokens": 10,
        "output_tokens": 5,
        "cache_read_input_tokens": 100,
        "cache_creation_input_tokens": 0,
    }
    message = {
        "id": f"msg_{session}_{number}",
        "type": "message",
        "role": "assistant",
        "model": "claude-opus-5-5",
        "stop_reason": "end_turn" if last else "tool_use",
        "usage": usage,
    }
    tool = f"toolu_{session}_{number}"
    text: dict[str, Any] = {"type": "text", "text": "Hello."}
    call: dict[str, Any] = {
        "type": "tool_use",
        "id": tool,
        "name": "Bash",
        "input": {"command": "echo hello"},
    }
    second = 10 * number + 1
    lines = [
        _record(session, "assistant", f"reply-{number}-{place}", second + place)
        | {"requestId": f"req_{session}_{number}", "message": message | {"content": [block]}}
        for place, block in enumerate([text, text] if last else [text, call])
    ]
    if not last:
        result = {"type": "tool_result", "tool_use_id": tool, "content": "hello"}
        lines.append(
            _record(session, "user", f"result-{number}", second + 3)
            | {"message": {"role": "user", "content": [result]}, "toolUseResult": {"stdout": "hello"}}
        )
    return lines


def _record(session: str, kind: str, uuid: str, second: int) -> dict[str, Any]:
    return {
        "parentUuid": None,
        "isSidechain": False,
        "type": kind,
        "uuid": f"{session}-{uuid}",
        "timestamp": f"{START}{second:02}.000Z",
        "userType": "external",
        "entrypoint": "cli",
        "cwd": "/work/greet",
        "sessionId": session,
        "version": "2.1.330",
        "gitBranch": "main",
    }
