"""The recorded sessions against the bill that the recording API kept."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from mi6_tui.frameworks.qwen import FRAMEWORK
from mi6_tui.model import Event, EventType, Session
from tests.frameworks.pieces import of_type, sample_files, sessions_in_order, store, write
from tests.frameworks.qwen.support import DATA

_NUMBERS = ("tokens_input", "tokens_output", "tokens_cache_read", "tokens_reasoning")
_BACKGROUND = "47dc5207-a7e0-4e14-8762-ce3969a93bf6"
_TERMINAL = "344b24e9-616e-4c0a-9a71-b3c013430183"
_COMPRESSED = "63ce7478-6168-4f34-bc7f-48a1364e242a"


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Event], dict[str, Session]]:
    """What the store holds of all files."""
    folder: Path = tmp_path_factory.mktemp("qwen")
    write(folder, sample_files(DATA / "home"))
    events, sessions = store(FRAMEWORK, folder, folder / "mi6.db")
    return events, {session.session_id: session for session in sessions}


@pytest.fixture(scope="module")
def bill() -> list[dict[str, Any]]:
    """What the API billed, in order."""
    return [json.loads(line) for line in (DATA / "truth.jsonl").read_text().splitlines()]


def _billed(row: dict[str, Any]) -> tuple[int, ...]:
    return tuple(row["usage"][name] for name in _NUMBERS)


def test_no_line_is_malformed_or_unknown() -> None:
    for path, data in sample_files(DATA).items():
        lines = [(0, line) for line in data.split(b"\n")[:-1]]
        decoded = FRAMEWORK.decoder(path, "devbox", None).decode(lines)
        assert (decoded.malformed, decoded.unknown) == (0, {}), path


def test_every_request_has_the_billed_numbers(
    stored: tuple[list[Event], dict[str, Session]], bill: list[dict[str, Any]]
) -> None:
    requests = of_type(stored[0], EventType.API_REQUEST)
    told = Counter(tuple(getattr(event, name) for name in _NUMBERS) for event in requests)
    # The two replies that the user cut short have no numbers at all.
    assert told.pop((None, None, None, None)) == 2
    assert sum(event.tokens_incomplete for event in requests) == 2
    billed = Counter(_billed(row) for row in bill if row["ended"] == "done")
    assert told <= billed
    assert told.total() == 49
    # What no file tells of: what the user might say next, asked in a terminal after each turn, and whether a
    # tool is safe.
    untold = billed - told
    assert untold.total() == 12
    rows = [row for row in bill if _billed(row) in untold]
    assert {row["tools"] for row in rows if row["prompt"] in ("big", "plain", "qask")} == {20}


def test_a_subagents_requests_are_the_sessions_and_count_once(
    stored: tuple[list[Event], dict[str, Session]],
) -> None:
    requests = [
        event for event in of_type(stored[0], EventType.API_REQUEST) if event.session_id == _BACKGROUND
    ]
    assert Counter((event.agent_id, event.is_sidechain) for event in requests) == {
        (None, False): 3,
        ("general-purpose-call_13_0", True): 2,
    }
    session = stored[1][_BACKGROUND]
    assert (session.subagent_count, session.background_count, session.message_count) == (1, 0, 1)
    assert session.tool_call_count == 2


def test_a_session_in_a_terminal(stored: tuple[list[Event], dict[str, Session]]) -> None:
    session = stored[1][_TERMINAL]
    assert (session.message_count, session.api_request_count, session.api_error_count) == (8, 8, 1)
    assert (session.cwd, session.model) == ("/home/dev/project", "qwen3-coder-plus")
    assert (session.context_window, session.status_shown) == (1_000_000, "your turn")
    ends = [event for event in of_type(stored[0], EventType.POST_TOOL_USE) if event.session_id == _TERMINAL]
    assert [event.outcome for event in ends] == ["ok", "denied", "ok"]


def test_a_compression_leaves_what_the_client_says(stored: tuple[list[Event], dict[str, Session]]) -> None:
    session = stored[1][_COMPRESSED]
    assert (session.title, session.compaction_count) == ("A fine title", 1)
    [compaction] = of_type(stored[0], EventType.COMPACTION)
    assert (compaction.outcome, compaction.context_size) == ("manual", 1172)
    # The last request of the session's own: its number is 90, of 1,000 + 90 fresh and 6,000 + 900 cached.
    assert session.context == 7990


def test_what_else_happened(stored: tuple[list[Event], dict[str, Session]]) -> None:
    # Counted by hand over the raw lines.
    assert Counter(event.event_type for event in stored[0]) == {
        EventType.SESSION_START: 14,
        EventType.USER_PROMPT_SUBMIT: 25,
        EventType.API_REQUEST: 51,
        EventType.ASSISTANT_MESSAGE: 24,
        EventType.PRE_TOOL_USE: 18,
        EventType.POST_TOOL_USE: 18,
        EventType.SUBAGENT_START: 2,
        EventType.SUBAGENT_STOP: 2,
        EventType.INTERRUPT: 3,
        EventType.API_ERROR: 6,
        EventType.COMPACTION: 1,
    }


def test_in_whatever_order_things_are_recorded_the_sessions_are_the_same(tmp_path: Path) -> None:
    files = sample_files(DATA)
    straight = sessions_in_order(FRAMEWORK, files, tmp_path / "straight.db", None)
    for seed in range(3):
        assert sessions_in_order(FRAMEWORK, files, tmp_path / f"{seed}.db", seed) == straight
