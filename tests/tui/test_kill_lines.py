"""What is said of a session before it is ended."""

from __future__ import annotations

from typing import Any

import pytest

from mi6_tui.actions.losses import Losses, Prospect
from mi6_tui.ingest.live.processes import Process
from mi6_tui.tui.kill_lines import prospect_lines
from tests.tui.conftest import NOW
from tests.tui.makers import session


def told(facts: dict[str, Any], **row: Any) -> dict[str, str]:
    """What is said, by what it is about."""
    process = Process(pid=7, identity="x", started_at=NOW, name="claude", parent=1, owner=0)
    usual: dict[str, Any] = {
        "repository": True,
        "changes": (0, 0),
        "changed": 0,
        "untracked": 0,
        "children": (),
        "background": 0,
        "busy": False,
        "ourselves": False,
    }
    prospect = Prospect(
        session=session(**{"status_shown": "idle", **row}),
        process=process,
        losses=Losses(**{**usual, **facts}),
    )
    lines = [[text for text, _ in line] for line in prospect_lines([prospect])]
    return {line[0].strip(): line[1] for line in lines if len(line) == 2}


def test_one_whose_turn_ended_writes_no_reply() -> None:
    facts = {"background": 2}
    row = {"status_shown": "background", "status_detail": "children: 2 agents, 1 shell"}
    said = told(facts, **row)
    assert "at work" not in said
    assert said["background"] == "its turn ended; 2 agents, 1 shell still at work, and may end with it"
    said = told({}, status_shown="background", status_detail="background")
    assert said["background"] == "its turn ended; what it started still at work, and may end with it"


def test_one_at_work_loses_its_reply() -> None:
    said = told({"busy": True, "background": 1}, status_shown="working", status_detail="tool: Bash make")
    assert said["at work"] == "tool: Bash make; the reply it writes now is lost"
    assert said["background"] == "1 subagent at work"


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, "nothing"),
        ({"changes": (2, 1), "changed": 1}, "+2 -1 lines, 1 changed file; they stay in its folder"),
        ({"changed": 2}, "2 changed files; they stay in its folder"),
        ({"untracked": 3}, "3 untracked; they stay in its folder"),
        (
            {"changes": (2, 1), "changed": None, "untracked": None},
            "+2 -1 lines, files that are too many to count; they stay in its folder",
        ),
        ({"changes": None, "changed": None, "untracked": None}, "cannot be told"),
    ],
)
def test_what_was_not_committed(facts: dict[str, Any], expected: str) -> None:
    assert told(facts)["uncommitted"] == expected


def test_without_a_repository_nothing_is_said_of_one() -> None:
    said = told({"repository": False, "changes": None, "changed": None, "untracked": None})
    assert "uncommitted" not in said
