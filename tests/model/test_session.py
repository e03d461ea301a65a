from typing import Any

import pytest

from mi6_tui.errors import ModelError
from mi6_tui.model import STATUSES, FilePosition, Session


def session(**fields: Any) -> Session:
    defaults: dict[str, Any] = {
        "machine_id": "m",
        "session_id": "s",
        "first_started_at": 10,
        "last_started_at": 10,
        "last_activity": 40,
    }
    return Session(**(defaults | fields))


def test_identity() -> None:
    assert session().key == ("m", "s")
    with pytest.raises(ModelError, match="session_id"):
        session(session_id="")


@pytest.mark.parametrize("status", [None, *STATUSES])
def test_statuses(status: str | None) -> None:
    assert session(status=status).status == status


@pytest.mark.parametrize("status", ["", "BUSY", "working"])
def test_other_words_are_no_status(status: str) -> None:
    with pytest.raises(ModelError, match="none of busy, wait, idle, done"):
        session(status=status)


def test_active_and_duration() -> None:
    assert (session().is_active, session().duration_ms) == (True, 30)
    ended = session(last_ended_at=25)
    assert (ended.is_active, ended.duration_ms) == (False, 15)
    assert session(last_activity=5).duration_ms == 0


def test_total_tokens() -> None:
    found = session(
        tokens_input=1,
        tokens_output=2,
        tokens_cache_read=4,
        tokens_cache_write=8,
        tokens_cache_write_1h=8,
        tokens_reasoning=2,
    )
    assert found.total_tokens == 15


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({}, "s"),
        ({"last_reply": "r"}, "r"),
        ({"last_reply": "r", "first_user_message": "first\n  line"}, "first line"),
        ({"first_user_message": "f", "title": "t"}, "t"),
        ({"first_user_message": "f", "title": " \n"}, "f"),
    ],
)
def test_name(fields: dict[str, str], name: str) -> None:
    assert session(**fields).name == name


@pytest.mark.parametrize(
    ("fields", "project"),
    [
        ({}, None),
        ({"cwd": "/home/u/thing/"}, "thing"),
        ({"cwd": "/"}, "/"),
        ({"cwd": "/home/u/thing", "github_repo": "o/repo"}, "repo"),
    ],
)
def test_project(fields: dict[str, str], project: str | None) -> None:
    assert session(**fields).project == project


@pytest.mark.parametrize("fields", [{"file_path": ""}, {"byte_offset": -1}, {"line_number": -1}])
def test_positions_that_cannot_be(fields: dict[str, Any]) -> None:
    with pytest.raises(ModelError):
        FilePosition(**({"file_path": "/t"} | fields))
    with pytest.raises(ModelError):
        FilePosition(file_path="/t").with_(**fields)
