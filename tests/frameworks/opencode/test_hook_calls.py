"""What the events mean that our plugin hands on from opencode."""

from __future__ import annotations

from typing import Any

import pytest

from mi6_tui.model import Event
from tests.frameworks.hook_calling import AT, briefly, decode, told


def one(event: str, *, root: str | None = None, **properties: Any) -> Event:
    payload = {"type": event, "properties": {"sessionID": "ses_1", **properties}}
    (found,) = decode("opencode", payload | ({"root": root} if root else {}), event)
    return found


def test_a_terminal_session() -> None:
    """Permission granted, a stream aborted, a question answered; busy and idle in between."""
    events = [event for event in told("opencode", "tui-permission") if event.event_type != "TurnStart"]
    assert briefly(events) == [
        "SessionStart",
        "PermissionRequest bash",
        "ElicitationResult once",
        "Stop",
        "Stop",
        "Interrupt",
        "Stop",
        "Stop",
        "Stop",
        "Stop",
        "PermissionRequest question",
        "ElicitationResult answered",
        "Stop",
        "Stop",
    ]
    assert (events[1].preview, events[1].payload) == ("touch stamp.txt", '{"command":"touch stamp.txt"}')
    assert events[1].tool_use_id == "call_dd1fe6dea1da41868a81b97e"
    assert events[10].preview == "Which colour do you like?"
    # It says idle with the abortion, and once more 50 ms later: that it was aborted holds.
    assert (events[5].order or (0, 0)) > max((event.timestamp, 0) for event in events[6:10])
    assert (events[5].order or (0, 0)) < (events[10].timestamp, 0)


def test_a_subagents_session_belongs_to_the_one_that_spawned_it() -> None:
    root, child = "ses_df8ec4db2ffeabFtBxyzxLpiMm", "ses_df8ec464bffe80FSSUVjOq6ESl"
    events = told("opencode", "subagent")
    assert {event.session_id for event in events} == {root}
    assert [event.spawned_agent_id for event in events if event.event_type == "SubagentStart"] == [child]
    assert {event.spawned_agent_id for event in events if event.event_type == "SubagentStop"} == {child}
    assert {event.agent_id for event in events if event.is_sidechain} == {child}
    assert briefly(events).count("Stop") == 2, "idle is told by two events, the root's alone"


def test_without_a_root_a_session_is_a_persons() -> None:
    assert one("session.status", status={"type": "busy"}).session_id == "ses_1"
    inside = one("permission.asked", root="ses_0", permission="edit", patterns=["a.py", "b.py"])
    assert (inside.session_id, inside.agent_id, inside.is_sidechain) == ("ses_0", "ses_1", True)
    assert (inside.tool_name, inside.preview) == ("edit", "a.py, b.py")


@pytest.mark.parametrize(
    ("event", "properties", "expected"),
    [
        ("session.status", {"status": {"type": "busy"}}, ("TurnStart", None, None)),
        ("session.status", {"status": {"type": "idle"}}, ("Stop", None, None)),
        ("session.status", {"status": {"type": "retry", "message": "no"}}, ("ApiError", "retrying", "no")),
        ("session.idle", {}, ("Stop", None, None)),
        (
            "session.error",
            {"error": {"name": "APIError", "data": {"message": "bad"}}},
            ("ApiError", "APIError", "bad"),
        ),
        ("session.error", {}, ("ApiError", "error", None)),
        ("session.error", {"error": {"name": "MessageAbortedError"}}, ("Interrupt", None, None)),
        ("permission.updated", {"type": "bash", "title": "Run ls"}, ("PermissionRequest", None, "Run ls")),
        ("permission.replied", {"reply": "reject"}, ("ElicitationResult", "reject", None)),
        ("permission.replied", {"response": "always"}, ("ElicitationResult", "always", None)),
        ("question.rejected", {}, ("ElicitationResult", "rejected", None)),
    ],
)
def test_events(event: str, properties: dict[str, Any], expected: tuple[str, ...]) -> None:
    found = one(event, **properties)
    assert (found.event_type, found.outcome, found.preview) == expected
    assert (found.timestamp, found.source, found.session_id) == (AT, "hook", "ses_1")


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        {"type": "session.idle", "properties": {}},
        {"type": "session.idle"},
        {"type": "message.part.delta", "properties": {"sessionID": "ses_1"}},
        {"type": "session.status", "properties": {"sessionID": "ses_1", "status": {"type": "new"}}},
        {"type": "session.status", "properties": {"sessionID": "ses_1", "status": 5}},
        {"type": "session.status", "properties": [1]},
    ],
)
def test_calls_that_say_nothing(payload: Any) -> None:
    assert decode("opencode", payload) == []
