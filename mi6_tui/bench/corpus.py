"""Transcripts to measure with: constructed Claude Code sessions with the sizes and repeats of real ones.

A real one-word session is 85 to 150 KB, of which attachments and recorded requests are nine tenths; each
reply stands on one line per content block, all with the same usage.
"""

from __future__ import annotations

import datetime
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

_SNAPSHOT: Final = "lorem ipsum dolor sit amet " * 2_100
_SHAPE: Final = "consectetur adipiscing elit " * 1_350
_SKILLS: Final = "sed do eiusmod tempor incididunt " * 420
_BLOB: Final = "ut labore et dolore magna aliqua " * 300
_REPLY: Final = "The parser reads the file from the last newline and keeps the rest for the next visit. " * 4
ASKED: Final = "Make step"
"""Begins what every session was asked."""
MODEL: Final = "claude-opus-5-5"
_ENCODE: Final = msgspec.json.Encoder().encode


class Corpus(msgspec.Struct, frozen=True):
    """What was written: the home whose client wrote it, and what a right count of it gives."""

    home: Path
    files: int
    bytes: int
    requests: int
    tokens_output: int

    @property
    def config(self) -> Path:
        """The client's folder, as CLAUDE_CONFIG_DIR names it."""
        return self.home / ".claude"


def make_corpus(home: Path, *, files: int, start: int, turns: int = 1, first: int = 0) -> Corpus:
    """Write `files` sessions of `turns` turns below `home`/.claude/projects, from `start` (ms) on.

    They start a second apart, and are numbered from `first` on; the same call writes the same bytes.
    """
    size = tokens = 0
    for place, number in enumerate(range(first, first + files)):
        folder = home / ".claude" / "projects" / f"-work-project-{number % 20}"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{session_id(number)}.jsonl"
        with path.open("wb") as file:
            for line in _session(number, turns, start + place * 1000):
                size += file.write(_ENCODE(line) + b"\n")
        written_at = start / 1000 + place
        os.utime(path, (written_at, written_at))
        tokens += sum(_first_output(number) + _second_output(turn) for turn in range(turns))
    return Corpus(home, files, size, 2 * turns * files, tokens)


def session_id(number: int) -> str:
    """Id of a session by its number, from 0."""
    return _id("session", number)


def turn_lines(number: int, turn: int, at: int) -> list[bytes]:
    """A turn of a session that begins at `at` (ms), as a client appends it: the prompt, then the answer."""
    return [_ENCODE(line) + b"\n" for line in _turn(number, turn, at)]


def prompt_line(session: str, number: int, at: int) -> bytes:
    """One complete prompt record at `at` (ms), as a client appends it."""
    line = _envelope(session, "user", f"live-{number}", at) | {
        "message": {"role": "user", "content": f"live prompt {number}"},
        "promptSource": "typed",
    }
    return _ENCODE(line) + b"\n"


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


def _first_output(number: int) -> int:
    return 120 + number % 50


def _second_output(turn: int) -> int:
    return 240 + turn


def _session(number: int, turns: int, at: int) -> Iterator[dict[str, Any]]:
    yield from _opening(number, at)
    for turn in range(turns):
        at += 60_000
        prompt, *rest = _turn(number, turn, at)
        yield prompt
        if turn == 0:
            yield from _attachments(number, at)
        yield from rest


def _opening(number: int, at: int) -> Iterator[dict[str, Any]]:
    session = session_id(number)
    shape = {"type": "api-request-shape", "timestamp": _time(at), "shape": _SHAPE + session}
    yield {"type": "mode", "mode": "normal", "sessionId": session}
    yield shape | {"sessionId": session}
    yield {"type": "api-request-blob", "sessionId": session, "hash": session, "message": _BLOB}


def _attachments(number: int, at: int) -> Iterator[dict[str, Any]]:
    for kind, content in (("skill_listing", _SKILLS), ("prompt_snapshot", _SNAPSHOT)):
        attached = {"attachment": {"type": kind, "content": content}}
        yield _envelope(session_id(number), "attachment", kind, at) | attached


def _turn(number: int, turn: int, at: int) -> Iterator[dict[str, Any]]:
    session, name = session_id(number), f"{number}-{turn}"
    yield _envelope(session, "user", f"prompt-{turn}", at) | {
        "message": {"role": "user", "content": f"{ASKED} {turn} of {number} work"},
        "promptSource": "typed",
    }
    tool = f"toolu_{_id('tool', number, turn)[:22]}"
    call = {"type": "tool_use", "id": tool, "name": "Bash", "input": {"command": f"make step-{turn}"}}
    result = {"type": "tool_result", "tool_use_id": tool, "content": "ok\n" * 60}
    thought = {"type": "thinking", "thinking": _REPLY, "signature": "c2ln"}
    yield from _reply(session, f"{name}-a", at + 2_000, _first_output(number), [thought, call], "tool_use")
    yield _envelope(session, "user", f"result-{turn}", at + 4_000) | {
        "message": {"role": "user", "content": [result]},
        "toolUseResult": {"stdout": "ok\n" * 60},
    }
    text = [{"type": "text", "text": _REPLY * 3}]
    yield from _reply(session, f"{name}-b", at + 6_000, _second_output(turn), text, "end_turn")
    ended = {"subtype": "turn_duration", "durationMs": 6_100, "messageCount": 5}
    yield _envelope(session, "system", f"end-{turn}", at + 6_100) | ended
    yield {"type": "last-prompt", "lastPrompt": f"{ASKED} {turn} work", "sessionId": session}


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
