"""What each line says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mi6_tui.errors import TranscriptError
from mi6_tui.frameworks.copilot import FRAMEWORK
from mi6_tui.model import EventType
from tests.frameworks.copilot.support import (
    PATH,
    SESSION,
    line,
    message,
    prompt,
    read,
    result,
    shutdown,
    start,
    tool,
    usage,
)
from tests.frameworks.pieces import jsonl, of_type, store, write

_ASKED = {"kind": "shell", "toolCallId": "t1", "fullCommandText": "touch a.txt"}


def _asked(second: float = 4) -> dict[str, Any]:
    return line(
        "permission.requested", second, requestId="p1", permissionRequest=_ASKED, permissionMode="manual"
    )


def _answered(kind: str, second: float = 5) -> dict[str, Any]:
    return line("permission.completed", second, requestId="p1", toolCallId="t1", result={"kind": kind})


def test_the_session_is_named_in_the_file_not_by_its_folder() -> None:
    decoded = read(start(), prompt(), path="/x/session-state/folder/events.jsonl")
    assert {event.session_id for event in decoded.events} == {SESSION}
    orphan = read(prompt(), path="/x/session-state/folder/events.jsonl")
    assert [event.session_id for event in orphan.events] == ["folder"]


def test_only_a_persons_words_are_prompts() -> None:
    decoded = read(
        start(),
        prompt("Hi", 1),
        prompt("a skill", 2, source="skill-pdf"),
        line("user.message", 3, "agent-1", content="Do it.", source="agent-x"),
        prompt("", 4),
    )
    assert [event.text for event in of_type(decoded.events, EventType.USER_PROMPT_SUBMIT)] == ["Hi"]


def test_a_turn_ends_when_the_last_reply_asked_for_no_tool() -> None:
    decoded = read(
        start(),
        prompt(),
        message("I look.", 2, toolRequests=[{"name": "view"}]),
        line("assistant.turn_end", 3),
        line("assistant.turn_start", 4),
        message("Done.", 5),
        message("Sub.", 6, "agent-1"),
        line("assistant.turn_end", 7, "agent-1"),
        line("assistant.turn_end", 8),
        line("assistant.turn_end", 9),
    )
    assert [event.uuid for event in of_type(decoded.events, EventType.STOP)] == ["assistant.turn_end@8"]


_PROMPTED = [start(), prompt()]
_OPEN = [*_PROMPTED, usage(finishReason="tool_calls"), tool("bash", command="touch a.txt")]


@pytest.mark.parametrize(
    ("lines", "shown", "detail"),
    [
        ([start()], "idle", "started"),
        (_PROMPTED, "working", "thinking"),
        ([*_PROMPTED, usage(), message()], "your turn", "replied"),
        (_OPEN, "working", "bash"),
        ([*_OPEN, _asked()], "waiting", "permission: bash touch a.txt"),
        ([*_OPEN, _asked(), _answered("approved")], "working", "bash"),
        ([*_OPEN, _asked(), _answered("denied-interactively-by-user")], "working", "thinking"),
        ([*_OPEN, _asked(), _answered("approved"), result(6)], "working", "thinking"),
        ([*_PROMPTED, tool("ask_user", question="Which?")], "waiting", "question: Which?"),
        ([*_PROMPTED, line("abort", 5, reason="user_initiated")], "your turn", "interrupted"),
        ([*_PROMPTED, line("session.error", 5, errorType="query", message="400")], "error", "query"),
        ([*_PROMPTED, usage(), shutdown()], "ended", "routine"),
    ],
)
def test_status(lines: list[dict[str, Any]], shown: str, detail: str, tmp_path: Path) -> None:
    write(tmp_path, {PATH: jsonl(lines)})
    _, [session] = store(FRAMEWORK, tmp_path, tmp_path / "mi6.db")
    assert (session.status_shown, session.status_detail) == (shown, detail)


def test_a_permission_is_asked_and_answered_once(tmp_path: Path) -> None:
    write(
        tmp_path,
        {PATH: jsonl([*_OPEN, _asked(), _answered("approved"), result(6, result={"content": "ok"})])},
    )
    events, [session] = store(FRAMEWORK, tmp_path, tmp_path / "mi6.db")
    [asked] = of_type(events, EventType.PERMISSION_REQUEST)
    assert (asked.tool_use_id, asked.tool_name, asked.preview) == ("t1", "bash", "touch a.txt")
    [begun] = of_type(events, EventType.PRE_TOOL_USE)
    assert (begun.timestamp % 60_000, begun.payload) == (3000, '{"command":"touch a.txt"}')
    [ended] = of_type(events, EventType.POST_TOOL_USE)
    assert (ended.outcome, ended.duration_ms, ended.preview) == ("ok", 3000, "ok")
    assert (session.tool_call_count, session.permission_mode) == (1, "manual")


@pytest.mark.parametrize(
    ("end", "outcome"),
    [
        (_answered("denied-interactively-by-user"), "denied"),
        (_answered("cancelled"), "interrupted"),
        (result(success=False, error={"message": "no", "code": "failure"}), "error"),
        (result(success=False, error={"message": "no", "code": "rejected"}), "denied"),
        (result(success=False), "error"),
        (result(), "ok"),
    ],
)
def test_how_a_tool_ends(end: dict[str, Any], outcome: str) -> None:
    [ended] = of_type(read(*_OPEN, _asked(3.5), end).events, EventType.POST_TOOL_USE)
    assert (ended.outcome, ended.tool_name) == (outcome, "bash")


def test_what_a_tool_reports_is_worth_more_than_its_denial(tmp_path: Path) -> None:
    late = result(6, success=False, error={"message": "failed", "code": "failure"})
    write(tmp_path, {PATH: jsonl([*_OPEN, _asked(), _answered("cancelled"), late])})
    events, _ = store(FRAMEWORK, tmp_path, tmp_path / "mi6.db")
    assert [event.outcome for event in of_type(events, EventType.POST_TOOL_USE)] == ["error"]


def test_arguments_that_are_a_text() -> None:
    patch = line(
        "tool.execution_start", 3, toolCallId="t1", toolName="apply_patch", arguments="*** Begin Patch\n+a"
    )
    [begun] = of_type(read(start(), patch).events, EventType.PRE_TOOL_USE)
    assert (begun.preview, begun.payload) == ("*** Begin Patch +a", None)


def test_the_session_moves() -> None:
    decoded = read(
        start(),
        prompt("a", 1),
        line("session.context_changed", 2, cwd="/elsewhere", branch="feature"),
        prompt("b", 3),
        line("session.context_changed", 4, context={"cwd": "/third"}),
        prompt("c", 5),
    )
    places = [(e.cwd, e.git_branch) for e in of_type(decoded.events, EventType.USER_PROMPT_SUBMIT)]
    assert places == [("/home/dev/project", "main"), ("/elsewhere", "feature"), ("/third", None)]
    assert [fact.value for fact in decoded.facts if fact.name == "cwd"] == ["/elsewhere", "/third"]


def test_a_changed_model() -> None:
    decoded = read(
        start(),
        line("session.model_change", 1, previousModel="gpt-5.4", newModel="gpt-5.4"),
        line("session.model_change", 2, newModel="claude-opus-5-5"),
        line("session.model_change", 3, "agent-1", newModel="gpt-mini"),
    )
    changes = of_type(decoded.events, EventType.MODEL_CHANGE)
    assert [event.preview for event in changes] == ["gpt-5.4 -> claude-opus-5-5"]


def test_compaction(tmp_path: Path) -> None:
    done = line(
        "session.compaction_complete", 5, success=True, preCompactionTokens=90000, postCompactionTokens=8000
    )
    failed = line("session.compaction_complete", 4, success=False, preCompactionTokens=90000)
    write(tmp_path, {PATH: jsonl([start(), usage(), line("session.compaction_start", 3), failed, done])})
    _, [session] = store(FRAMEWORK, tmp_path, tmp_path / "mi6.db")
    assert (session.compaction_count, session.context) == (1, 8000)


def test_a_subagent_that_failed() -> None:
    decoded = read(
        start(),
        tool("task", 2, "k1"),
        line("subagent.started", 3, "agent-1", toolCallId="k1", agentName="general-purpose"),
        usage(4, "sub", agent="agent-1"),
        line("subagent.failed", 5, "agent-1", toolCallId="k1", agentName="general-purpose", error="x"),
    )
    [request] = of_type(decoded.events, EventType.API_REQUEST)
    assert (request.agent_id, request.is_sidechain, request.session_id) == ("agent-1", True, SESSION)
    [begun], [ended] = (
        of_type(decoded.events, kind) for kind in (EventType.SUBAGENT_START, EventType.SUBAGENT_STOP)
    )
    assert (begun.tool_use_id, begun.spawned_agent_id, ended.outcome) == ("k1", "agent-1", "failed")
    assert not [fact for fact in decoded.facts if fact.name == "context_window"]


def test_lines_with_odd_characters_and_lone_surrogates() -> None:
    raw = jsonl([prompt("a\u2028b\u0085c")]).strip(b"\n")
    surrogate = jsonl([prompt("Hi", 2)]).replace(b'"Hi"', b'"\\ud83d!"').strip(b"\n")
    decoded = read(start(), raw, surrogate)
    texts = [event.text for event in of_type(decoded.events, EventType.USER_PROMPT_SUBMIT)]
    assert texts == ["a\u2028bc", "\ufffd!"]


def test_what_nobody_knows_is_counted() -> None:
    decoded = read(
        b"no json", b"7", b"", start(), line("session.poem", 1), {"timestamp": start()["timestamp"]}
    )
    assert decoded.malformed == 2
    assert decoded.unknown == {"session.poem": 1, "(no type)": 1}
    assert read({**prompt(), "timestamp": "soon"}).unknown == {"line without a time": 1}


def test_a_memory_of_another_version_is_refused() -> None:
    with pytest.raises(TranscriptError, match="scan it again"):
        FRAMEWORK.decoder(PATH, "devbox", b"\xc1 no memory")


def test_what_gh_printed_is_kept() -> None:
    lines = [
        tool("bash", 3, "t1", command="gh pr create"),
        result(4, "t1", result={"content": "https://x"}),
        tool("bash", 5, "t2", command="ls"),
        result(6, "t2", result={"content": "a.py"}),
    ]
    ended = of_type(read(start(), *lines).events, EventType.POST_TOOL_USE)
    assert [event.metadata for event in ended] == ['{"output":"https://x"}', None]
