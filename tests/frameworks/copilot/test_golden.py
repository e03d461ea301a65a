"""The recorded transcripts against the bill that the recording API kept."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from mi6_tui.frameworks.copilot import FRAMEWORK
from mi6_tui.model import Event, EventType, Session
from tests.frameworks.copilot.support import DATA
from tests.frameworks.pieces import of_type, sample_files, sessions_in_order, store, write

_NUMBERS = ("tokens_input", "tokens_output", "tokens_cache_read", "tokens_cache_write", "tokens_reasoning")


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Event], list[Session]]:
    """What the store holds of all files."""
    folder: Path = tmp_path_factory.mktemp("copilot")
    write(folder, sample_files(DATA / "home"))
    return store(FRAMEWORK, folder, folder / "mi6.db")


@pytest.fixture(scope="module")
def bill() -> list[dict[str, Any]]:
    """What the API billed, in order."""
    return [json.loads(line) for line in (DATA / "truth.jsonl").read_text().splitlines()]


def _billed(row: dict[str, Any]) -> tuple[int | None, ...]:
    """A row's numbers; the recording API told some prompts as smaller than their cached part."""
    return tuple(None if row["usage"][name] < 0 else row["usage"][name] for name in _NUMBERS)


def test_no_line_is_malformed_or_unknown() -> None:
    for path, data in sample_files(DATA).items():
        lines = [(0, line) for line in data.split(b"\n")[:-1]]
        decoded = FRAMEWORK.decoder(path, "devbox", None).decode(lines)
        assert (decoded.malformed, decoded.unknown) == (0, {}), path


def test_every_request_in_a_file_has_the_billed_numbers(
    stored: tuple[list[Event], list[Session]], bill: list[dict[str, Any]]
) -> None:
    """By time: the API knows no session, and answers one request after the other."""
    requests = sorted(of_type(stored[0], EventType.API_REQUEST), key=lambda event: event.timestamp)
    replies = [row for row in bill if row["ended"] == "done"]
    assert len(requests) == len(replies) == 34
    for request, row in zip(requests, replies, strict=True):
        assert tuple(getattr(request, name) for name in _NUMBERS) == _billed(row)
        assert request.model == row["model"]
        assert request.is_sidechain == (row["script"] == "SUBTASK-COUNT")
        assert request.tokens_incomplete == (row["usage"]["tokens_input"] < 0)


def test_what_no_file_holds_has_a_reason(bill: list[dict[str, Any]]) -> None:
    reasons = Counter(row["ended"] for row in bill if row["ended"] != "done")
    assert reasons == {"client gone": 3, "http 400": 1, "http 500": 6}
    assert len(bill) == 34 + 10


def test_sums_of_the_sessions_are_the_bill(
    stored: tuple[list[Event], list[Session]], bill: list[dict[str, Any]]
) -> None:
    """The totals at each end of a process, which span a session's processes, add nothing to its requests."""
    replies = [row for row in bill if row["ended"] == "done"]
    for index, name in enumerate(_NUMBERS):
        assert sum(getattr(session, name) for session in stored[1]) == sum(
            _billed(row)[index] or 0 for row in replies
        )
    assert sum(session.api_request_count for session in stored[1]) == 34
    assert sum(session.incomplete_requests for session in stored[1]) == 21


def test_what_else_happened(stored: tuple[list[Event], list[Session]]) -> None:
    # Counted by hand over the raw lines: 16 starts and 3 resumes; 23 messages to the model, one of them a
    # subagent's task; 18 ends of tools and one denied before it began.
    assert Counter(event.event_type for event in stored[0]) == {
        EventType.SESSION_START: 19,
        EventType.SESSION_END: 17,
        EventType.USER_PROMPT_SUBMIT: 22,
        EventType.API_REQUEST: 34,
        EventType.ASSISTANT_MESSAGE: 23,
        EventType.PRE_TOOL_USE: 20,
        EventType.POST_TOOL_USE: 19,
        EventType.PERMISSION_REQUEST: 2,
        EventType.STOP: 15,
        EventType.INTERRUPT: 3,
        EventType.API_ERROR: 2,
        EventType.SUBAGENT_START: 1,
        EventType.SUBAGENT_STOP: 1,
    }


def test_one_session(stored: tuple[list[Event], list[Session]]) -> None:
    session = next(s for s in stored[1] if s.session_id.startswith("ff50b50a"))
    assert (session.cwd, session.git_branch, session.model) == ("/home/dev/project", "main", "gpt-5.4")
    assert (session.client_version, session.context_window) == ("1.0.102", 922_000)
    assert (session.message_count, session.api_request_count, session.context) == (3, 3, 9180)
    assert (session.status_shown, session.revival_count) == ("ended", 2)
    assert (session.first_user_message, session.last_reply) == (
        "In one word, what is two plus two?",
        "Eight.",
    )


def test_the_subagent(stored: tuple[list[Event], list[Session]]) -> None:
    session = next(s for s in stored[1] if s.session_id.startswith("777142fc"))
    assert (session.subagent_count, session.background_count, session.message_count) == (1, 0, 1)
    [stop] = of_type(stored[0], EventType.SUBAGENT_STOP)
    assert (stop.outcome, stop.duration_ms, stop.subagent_type) == ("completed", 629, "general-purpose")


def test_in_whatever_order_things_are_recorded_the_sessions_are_the_same(tmp_path: Path) -> None:
    files = sample_files(DATA)
    straight = sessions_in_order(FRAMEWORK, files, tmp_path / "straight.db", None)
    for seed in range(3):
        assert sessions_in_order(FRAMEWORK, files, tmp_path / f"{seed}.db", seed) == straight
