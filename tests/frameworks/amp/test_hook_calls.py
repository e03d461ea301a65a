"""What calls of Amp's plugin mean."""

from __future__ import annotations

from tests.frameworks.hook_calling import briefly, decode, told


def test_a_thread() -> None:
    assert briefly(told("amp", "invented")) == [
        "SessionStart",
        "UserPromptSubmit",
        "PostToolUse Read ok",
        "PostToolUse Bash error",
        "Stop",
        "UserPromptSubmit",
        "Interrupt",
        "UserPromptSubmit",
        "ApiError error",
    ]


def test_what_is_kept_of_a_call() -> None:
    (event,) = decode(
        "amp",
        {"thread": "T-1", "cwd": "/p", "tool": "Bash", "call": "c1", "status": "done", "command": "ls"},
        "tool.result",
    )
    assert (event.session_id, event.cwd, event.payload) == ("T-1", "/p", '{"command":"ls"}')
    (stop,) = decode("amp", {"thread": "T-1", "status": "done", "text": "Done."}, "agent.end")
    assert stop.preview == "Done."
    assert decode("amp", {"thread": "../T", "status": "done"}, "agent.end") == []
    assert decode("amp", {"thread": "T-1"}, "tool.call") == []
