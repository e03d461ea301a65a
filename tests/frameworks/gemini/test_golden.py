"""The recorded transcripts against the bill that the recording API kept."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from mi6_tui.frameworks.gemini import FRAMEWORK
from mi6_tui.model import Event, EventType, Session
from tests.frameworks.gemini.support import DATA
from tests.frameworks.pieces import of_type, sample_files, sessions_in_order, store, write

_NUMBERS = ("tokens_input", "tokens_output", "tokens_cache_read", "tokens_cache_write", "tokens_reasoning")
_PARENT = "eb09ba53-abec-4975-acf7-f94267a845c9"
_CHILD = "54f59661-f1e2-4457-b931-21eea01e4826"


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Event], list[Session]]:
    """What the store holds of all files."""
    folder: Path = tmp_path_factory.mktemp("gemini")
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


def test_every_reply_in_a_file_has_the_billed_numbers(
    stored: tuple[list[Event], list[Session]], bill: list[dict[str, Any]]
) -> None:
    """By time: the API knows neither session nor message, and answers one request after the other."""
    requests = sorted(of_type(stored[0], EventType.API_REQUEST), key=lambda event: event.timestamp)
    replies = [row for row in bill if row["kind"] == "main" and row["ended"] == "done"]
    assert len(requests) == len(replies) == 50
    for request, row in zip(requests, replies, strict=True):
        assert tuple(getattr(request, name) for name in _NUMBERS) == _billed(row)
        assert request.model == row["model"]
        assert request.tokens_incomplete == (row["usage"]["tokens_input"] < 0)


def test_what_no_file_holds_has_a_reason(bill: list[dict[str, Any]]) -> None:
    missing = [row for row in bill if row["kind"] != "main" or row["ended"] != "done"]
    reasons = Counter(row["kind"] if row["kind"] != "main" else row["ended"] for row in missing)
    # side-json chooses the model of each prompt, side names a session, compact writes a summary.
    assert reasons == {
        "side-json": 39,
        "side": 4,
        "compact": 2,
        "client gone": 5,
        "http 400": 2,
        "http 401": 1,
        "http 500": 3,
        "http 503": 2,
    }
    assert len(bill) == 50 + 58


def test_sums_of_the_sessions_are_the_bill(
    stored: tuple[list[Event], list[Session]], bill: list[dict[str, Any]]
) -> None:
    replies = [row for row in bill if row["kind"] == "main" and row["ended"] == "done"]
    for index, name in enumerate(_NUMBERS):
        assert sum(getattr(session, name) for session in stored[1]) == sum(
            _billed(row)[index] or 0 for row in replies
        )
    assert sum(session.api_request_count for session in stored[1]) == 50
    assert sum(session.incomplete_requests for session in stored[1]) == 27


def test_a_subagents_requests_belong_to_the_session_that_spawned_it(
    stored: tuple[list[Event], list[Session]],
) -> None:
    assert _CHILD not in {session.session_id for session in stored[1]}
    requests = [event for event in of_type(stored[0], EventType.API_REQUEST) if event.session_id == _PARENT]
    assert Counter((event.agent_id, event.is_sidechain) for event in requests) == {
        (None, False): 2,
        (_CHILD, True): 2,
    }
    parent = next(session for session in stored[1] if session.session_id == _PARENT)
    assert (parent.subagent_count, parent.background_count, parent.message_count) == (1, 0, 1)


def test_what_else_happened(stored: tuple[list[Event], list[Session]]) -> None:
    found = Counter(event.event_type for event in stored[0])
    # Counted by hand over the raw lines: headers of main files; users' messages without injected context
    # and tool results, less the one told again after a denial; and so on.
    assert found == {
        EventType.SESSION_START: 34,
        EventType.USER_PROMPT_SUBMIT: 38,
        EventType.API_REQUEST: 50,
        EventType.ASSISTANT_MESSAGE: 36,
        EventType.PRE_TOOL_USE: 24,
        EventType.POST_TOOL_USE: 24,
        EventType.INTERRUPT: 2,
        EventType.SUBAGENT_START: 1,
        EventType.SUBAGENT_STOP: 1,
    }
    outcomes = Counter(event.outcome for event in of_type(stored[0], EventType.POST_TOOL_USE))
    assert outcomes == {"ok": 22, "error": 1, "denied": 1}


def test_one_session(stored: tuple[list[Event], list[Session]]) -> None:
    session = next(s for s in stored[1] if s.session_id.startswith("3e709f1a"))
    assert session.cwd == "/home/dev/project"
    assert session.title == "Fix the greet script"
    assert session.first_user_message == "Touch the file stamp.txt with the shell."
    assert session.last_user_message == "Ask me which colour I like."
    assert session.message_count == 5
    assert session.last_reply == "Noted."
    assert session.model == "gemini-3.8-flash"
    assert session.status_shown == "your turn"


def test_in_whatever_order_things_are_recorded_the_sessions_are_the_same(tmp_path: Path) -> None:
    files = sample_files(DATA)
    straight = sessions_in_order(FRAMEWORK, files, tmp_path / "straight.db", None)
    for seed in range(3):
        assert sessions_in_order(FRAMEWORK, files, tmp_path / f"{seed}.db", seed) == straight
