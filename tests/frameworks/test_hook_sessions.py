"""Hooks and transcripts speak of the same sessions: no call makes up one of its own."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mi6_tui.frameworks import framework
from mi6_tui.frameworks.hooks import HookCall
from tests.ingest.spool.hooking import recorded

DATA = Path(__file__).parents[1] / "data"


def claude() -> set[str]:
    return {path.name.split(".")[0] for path in (DATA / "claude").glob("home/.claude/projects/*/*.jsonl.gz")}


def codex() -> set[str]:
    """The threads that a person started; a subagent's file names its parent."""
    return {
        path.name.split(".")[0][-36:]
        for path in (DATA / "codex").rglob("rollout-*")
        if "parent_thread_id" not in json.loads(gzip.open(path).readline())["payload"]
    }


def gemini() -> set[str]:
    found = set()
    for path in (DATA / "gemini").rglob("chats/session-*"):
        read = gzip.open if path.suffix == ".gz" else open
        with read(path) as file:
            found.add(json.loads(file.readline())["sessionId"])
    return found


def copilot() -> set[str]:
    return {path.parent.name for path in (DATA / "copilot").rglob("events.jsonl*")}


def opencode() -> set[str]:
    rows = map(json.loads, (DATA / "opencode" / "session.jsonl").read_text().splitlines())
    return {row["id"] for row in rows if not row.get("parent_id")}


def qwen() -> set[str]:
    return {path.name.split(".")[0] for path in (DATA / "qwen").rglob("chats/*.jsonl.gz")}


def cursor() -> set[str]:
    return {path.name.split(".")[0] for path in (DATA / "cursor").rglob("*.jsonl.gz")}


def pi() -> set[str]:
    return {path.name.split(".")[0].partition("_")[2] for path in (DATA / "pi").rglob("*.jsonl.gz")}


def amp() -> set[str]:
    return {path.name.split(".")[0] for path in (DATA / "amp").rglob("T-*.json.gz")}


WITHOUT_A_FILE = {"no-persistence", "ephemeral"}
"""Runs that were told to write none."""


@pytest.mark.parametrize("transcripts", [claude, codex, gemini, copilot, opencode, qwen, cursor, pi, amp])
def test_every_recorded_call_is_of_a_session_with_a_transcript(transcripts: Callable[[], set[str]]) -> None:
    name = transcripts.__name__
    hooks = framework(name).hooks()
    told: set[str] = set()
    unwritten: set[str] = set()
    for number, one in enumerate(recorded(name)):
        call = HookCall(
            framework=name, name=str(number), event=one.event, payload=one.payload, at=one.at, pid=7
        )
        sessions = {event.session_id for event in hooks.decode(call, "box")}
        (unwritten if one.scenario in WITHOUT_A_FILE else told).update(sessions)
    known = transcripts()
    assert told
    assert told <= known
    assert unwritten.isdisjoint(known)
    assert len(unwritten) == (name in ("claude", "codex"))
