"""What many sessions have alike is in memory once."""

from __future__ import annotations

from pathlib import Path

from mi6_tui.model import Batch, Event, EventType, SessionQuery
from mi6_tui.storage.sqlite import SqliteStorage


def test_sessions_share_the_texts_that_they_have_alike(tmp_path: Path) -> None:
    storage = SqliteStorage(tmp_path / "mi6.db")
    prompts = tuple(
        Event(
            machine_id="host",
            session_id=name,
            timestamp=1_700_000_000_000,
            event_type=EventType.USER_PROMPT_SUBMIT,
            framework="claude",
            cwd="/work/some project",
            git_branch="feature/a branch",
            model="a model of its own",
            payload='{"prompt":"do the same thing"}',
        )
        for name in ("a", "b")
    )
    storage.record(Batch(events=prompts))
    first, second = storage.list_sessions(SessionQuery())
    storage.close()
    assert (first.cwd, first.git_branch) == ("/work/some project", "feature/a branch")
    for field in ("machine_id", "framework", "status", "cwd", "git_branch", "status_shown", "status_rule"):
        assert getattr(first, field) is not None
        assert getattr(first, field) is getattr(second, field), field
    assert first.first_user_message == "do the same thing"
    assert first.last_user_message is first.first_user_message
