"""A recorded growth log of real transcripts, told again write by write.

`tests/data/replay/growth.jsonl.gz` holds what Claude Code wrote, in its order: a session that was resumed,
compacted and forked; one with two subagents; one whose file moved to another folder.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from mi6_tui.model import Event, EventQuery, Session, SessionQuery
from mi6_tui.storage.protocol import Storage

_LOG = Path(__file__).parents[1] / "data" / "replay" / "growth.jsonl.gz"
PROJECTS = Path(".claude") / "projects"
NOW = 1_795_500_000_000
"""ms; a day after the recording."""


class Write(msgspec.Struct, frozen=True):
    """Whole lines that were appended to a file at once, or a new name for it."""

    file: str
    append: tuple[str, ...] = ()
    moved_to: str | None = None

    def do(self, home: Path) -> Path:
        """Let it happen below `home`; the file it happened to."""
        path = home / PROJECTS / self.file
        if self.moved_to is not None:
            target = home / PROJECTS / self.moved_to
            target.parent.mkdir(parents=True, exist_ok=True)
            return path.rename(target)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write("".join(line + "\n" for line in self.append).encode())
        return path


@cache
def writes() -> tuple[Write, ...]:
    """All of them, in the order in which they happened."""
    with gzip.open(_LOG, "rb") as file:
        return tuple(msgspec.json.decode(line, type=Write) for line in file)


@cache
def final_files() -> dict[str, bytes]:
    """Path below the projects folder and content of each file in the end."""
    files: dict[str, bytes] = {}
    for write in writes():
        if write.moved_to is not None:
            files[write.moved_to] = files.pop(write.file)
        else:
            text = "".join(line + "\n" for line in write.append)
            files[write.file] = files.get(write.file, b"") + text.encode()
    return files


@cache
def records() -> tuple[dict[str, Any], ...]:
    """Every line as an object."""
    return tuple(json.loads(line) for write in writes() for line in write.append)


def billed() -> set[tuple[str, str]]:
    """(message, request) ids of all replies in the files, read the naive way."""
    return {
        (record["message"]["id"], record["requestId"])
        for record in records()
        if record["type"] == "assistant" and record["message"]["model"] != "<synthetic>"
    }


def contents(storage: Storage, home: Path) -> tuple[Sequence[Event], Sequence[Session]]:
    """Everything stored, without what depends on the order of arrival: ids, revisions and the folder."""

    def below(path: str | None) -> str | None:
        return path.removeprefix(str(home)) if path else path

    events = [
        event.with_(id=None, transcript_path=below(event.transcript_path))
        for event in storage.query(EventQuery())
    ]
    sessions = [
        session.with_(revision=0, transcript_path=below(session.transcript_path))
        for session in storage.list_sessions(SessionQuery())
    ]
    return (
        sorted(events, key=lambda event: event.key or ""),
        sorted(sessions, key=lambda session: session.key),
    )
