"""Transcripts to measure with: constructed Claude Code sessions with the sizes and repeats of real ones.

A real one-word session is 85 to 150 KB, of which attachments and recorded requests are nine tenths; each
reply stands on one line per content block, all with the same usage.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
from pathlib import Path
from typing import Any, Final

import msgspec

_SNAPSHOT: Final = "lorem ipsum dolor sit amet " * 2_100
_SHAPE: Final = "consectetur adipiscing elit " * 1_350
_SKILLS: Final = "sed do eiusmod tempor incididunt " * 420
_BLOB: Final = "ut labore et dolore magna aliqua " * 300
_REPLY: Final = "The parser reads the file from the last newline and keeps the rest for the next visit. " * 4
MODEL: Final = "claude-opus-5-5"


class Corpus(msgspec.Struct, frozen=True):
    """What was written: the client's home, and what a right count of it gives."""

    home: Path
    files: int
    bytes: int
    requests: int
    tokens_output: int


def make_corpus(home: Path, *, files: int, start: int, turns: int = 1) -> Corpus:
    """Write `files` sessions of `turns` turns below `home`/.claude/projects, from `start` (ms) on.

    They start a second apart; the same call writes the same bytes.
    """
    size = requests = tokens = 0
    for number in range(files):
        folder = home / ".claude" / "projects" / f"-work-project-{number % 20}"
        folder.mkdir(parents=True, exist_ok=True)
        session = _id("session", number)
        lines, written, output = _session(session, number, turns, start + number * 1000)
        requests, tokens = requests + written, tokens + output
        data = b"".join(json.dumps(line, separators=(",", ":")).encode() + b"\n" for line in lines)
        path = folder / f"{session}.jsonl"
        path.write_bytes(data)
        written_at = start / 1000 + number
        os.utime(path, (written_at, written_at))
        size += len(data)
    return Corpus(home, files, size, requests, tokens)


def prompt_line(session: str, number: int, at: int) -> bytes:
    """One complete prompt record at `at` (ms), as a client appends it."""
    line = _envelope(session, "user", f"live-{number}", at) | {
        "message": {"role": "user", "content": f"live prompt {number}"},
        "promptSource": "typed",
    }
    return json.dumps(line, separators=(",", ":")).encode() + b"\n"


def _id(kind: str, *parts: object) -> str:
    digest = hashlib.md5(f"{kind}:{parts}".encode(), usedforsecurity=False).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:]}"


def _time(at: int) -> str:
    moment = datetime.datetime.fromtimestamp(at / 1000, datetime.UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at % 1000:03}Z"


def _envelope(session: str, kind: str, uuid: str, at: int) -> dict[str, Any]:
    return {
        "parentUuid": None,
        "isSidechain": False,
        "type": kind,
        "uuid": _id(uuid, session),
        "timestamp": _time(at),
        "userType": "external",
        "entrypoint": "cli",
        "cwd": f"/work/project-{int(session[:4], 16) % 20}",
        "sessionId": session,
        "version": "2.1.330",
        "gitBranch": "main",
    }


def _session(session: str, number: int, turns: int, at: int) -> tuple[list[dict[str, Any]], int, int]:
    lines: list[dict[str, Any]] = [{"type": "mode", "mode": "normal", "sessionId": session}]
    lines.append(
        {"type": "api-request-shape", "sessionId": session, "timestamp": _time(at), "shape": _SHAPE + session}
    )
    lines.append({"type": "api-request-blob", "sessionId": session, "hash": session, "message": _BLOB})
    requests = tokens = 0
    for turn in range(turns):
        at += 60_000
        lines.append(
            _envelope(session, "user", f"prompt-{turn}", at)
            | {
                "message": {"role": "user", "content": f"Make step {turn} of {number} work"},
                "promptSource": "typed",
            }
        )
        if turn == 0:
            for kind, content in (("skill_listing", _SKILLS), ("prompt_snapshot", _SNAPSHOT)):
                lines.append(
                    _envelope(session, "attachment", kind, at)
                    | {"attachment": {"type": kind, "content": content}}
                )
        tool = f"toolu_{_id('tool', number, turn)[:22]}"
        call = {"type": "tool_use", "id": tool, "name": "Bash", "input": {"command": f"make step-{turn}"}}
        result = {"type": "tool_result", "tool_use_id": tool, "content": "ok\n" * 60}
        first, second = 120 + number % 50, 240 + turn
        thought = {"type": "thinking", "thinking": _REPLY, "signature": "c2ln"}
        lines += _reply(session, f"{number}-{turn}-a", at + 2_000, first, [thought, call], "tool_use")
        lines.append(
            _envelope(session, "user", f"result-{turn}", at + 4_000)
            | {"message": {"role": "user", "content": [result]}, "toolUseResult": {"stdout": "ok\n" * 60}}
        )
        text = [{"type": "text", "text": _REPLY * 3}]
        lines += _reply(session, f"{number}-{turn}-b", at + 6_000, second, text, "end_turn")
        lines.append(
            _envelope(session, "system", f"end-{turn}", at + 6_100)
            | {"subtype": "turn_duration", "durationMs": 6_100, "messageCount": 5}
        )
        lines.append({"type": "last-prompt", "lastPrompt": f"Make step {turn} work", "sessionId": session})
        requests, tokens = requests + 2, tokens + first + second
    return lines, requests, tokens


def _reply(
    session: str, name: str, at: int, output: int, blocks: list[dict[str, Any]], stop: str
) -> list[dict[str, Any]]:
    usage = {
        "input_tokens": 12,
        "cache_creation_input_tokens": 900,
        "cache_read_input_tokens": 14_000,
        "output_tokens": output,
        "cache_creation": {"ephemeral_5m_input_tokens": 900, "ephemeral_1h_input_tokens": 0},
        "service_tier": "standard",
    }
    message = {"id": f"msg_{name}", "type": "message", "role": "assistant", "model": MODEL}
    return [
        _envelope(session, "assistant", f"{name}-{index}", at + index * 50)
        | {
            "requestId": f"req_{name}",
            "apiBlockIndex": index,
            "message": message | {"content": [block], "stop_reason": stop, "usage": usage},
        }
        for index, block in enumerate(blocks)
    ]
