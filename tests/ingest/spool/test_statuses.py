"""What is shown of a session after each call of its hooks, where nothing else speaks."""

from __future__ import annotations

from pathlib import Path

import pytest

from mi6_tui.ingest.problem import Problem
from mi6_tui.ingest.spool.side import Spool
from mi6_tui.model import SessionQuery
from mi6_tui.storage.sqlite import SqliteStorage
from tests.ingest.spool.hooking import put, recorded

_STORIES: dict[str, tuple[str, str, list[str]]] = {
    "qwen": (
        "tui",
        "344b24e9-616e-4c0a-9a71-b3c013430183",
        [
            "SessionStart: idle",
            "UserPromptSubmit: working",
            "PermissionRequest: waiting",
            "Notification: waiting",
            "PreToolUse: working",
            "PostToolBatch: working",
            "UserPromptSubmit: working",
            "Stop: your turn",
            "Notification: your turn",
            "UserPromptSubmit: working",
            "PermissionRequest: waiting",
            "Notification: waiting",
            "PostToolBatch: working",
            "Notification: your turn",
            "UserPromptSubmit: working",
            "PermissionRequest: waiting",
            "Notification: waiting",
            "PreToolUse: waiting",
            "PostToolBatch: working",
            "UserPromptSubmit: working",
            "Stop: your turn",
            "Notification: your turn",
            "UserPromptSubmit: working",
            "Notification: your turn",
            "UserPromptSubmit: working",
        ],
    ),
    "cursor": (
        "invented",
        "6b0f4c1e-0000-4000-8000-00000000000a",
        [
            "sessionStart: idle",
            "beforeSubmitPrompt: working",
            "postToolUse: working",
            "postToolUse: working",
            "postToolUseFailure: working",
            "afterAgentResponse: working",
            "stop: your turn",
            "beforeSubmitPrompt: working",
            "subagentStop: working",
            "preCompact: working",
            "stop: your turn",
            "beforeSubmitPrompt: working",
            "stop: error",
            "sessionEnd: ended",
        ],
    ),
    "pi": (
        "terminal",
        "01a2191e-f47b-719c-ac86-f53bde13061b",
        [
            "session_start: idle",
            "before_agent_start: working",
            "agent_start: working",
            "tool_execution_start: working",
            "tool_execution_end: working",
            "agent_end: your turn",
            "before_agent_start: working",
            "agent_start: working",
            "agent_end: your turn",
            "before_agent_start: working",
            "agent_start: working",
            "agent_end: error",
            "session_shutdown: ended",
        ],
    ),
    "amp": (
        "invented",
        "T-6b0f4c1e-0000-4000-8000-000000000001",
        [
            "session.start: idle",
            "agent.start: working",
            "tool.result: working",
            "tool.result: working",
            "agent.end: your turn",
            "agent.start: working",
            "agent.end: your turn",
            "agent.start: working",
            "agent.end: error",
        ],
    ),
}


@pytest.mark.parametrize("client", _STORIES)
def test_the_status_after_each_call(client: str, tmp_path: Path) -> None:
    scenario, session_id, story = _STORIES[client]
    calls = [one for one in recorded(client) if one.scenario == scenario and one.event != "PostToolUse"]
    folder = tmp_path / "spool"
    folder.mkdir(mode=0o700)
    now = calls[0].at
    storage = SqliteStorage(tmp_path / "mi6.db", clock=lambda: now)
    problems: list[Problem] = []
    side = Spool(folder, storage, "box", lambda cwd, at: None)
    shown = []
    for number, one in enumerate(calls):
        now = one.at
        put(folder, str(number), one.payload, at=now, framework=client, event=one.event)
        side.look(now, problems.append)
        sessions = {found.session_id: found for found in storage.list_sessions(SessionQuery())}
        shown.append(f"{one.event}: {sessions[session_id].status_shown}")
    storage.close()
    assert (shown, problems) == (story, [])
