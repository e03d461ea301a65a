"""The recorded sessions against the bill that the recording API kept."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from mi6_tui.frameworks.pi import FRAMEWORK
from mi6_tui.model import Event, EventType, Session
from tests.frameworks.pi.support import DATA
from tests.frameworks.pieces import of_type, sample_files, sessions_in_order, store, write

_NUMBERS = ("tokens_input", "tokens_output", "tokens_cache_read", "tokens_cache_write")
_FORKED = "01a2190e-5e30-7719-9562-87d6f5c09fad"
_FORK = "01a21911-b397-752c-9f04-db2acdec6462"


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Event], dict[str, Session]]:
    """What the store holds of all files."""
    folder: Path = tmp_path_factory.mktemp("pi")
    write(folder, sample_files(DATA / "home"))
    events, sessions = store(FRAMEWORK, folder, folder / "mi6.db")
    return events, {session.session_id: session for session in sessions}


@pytest.fixture(scope="module")
def bill() -> list[dict[str, Any]]:
    """What the API billed, in order."""
    return [json.loads(line) for line in (DATA / "truth.jsonl").read_text().splitlines()]


def _billed(row: dict[str, Any], *names: str) -> tuple[int, ...]:
    return tuple(row["usage"][name] for name in names or _NUMBERS)


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
    done = [row for row in bill if row["ended"] == "done"]
    # A compaction asked twice, and tells the sum.
    first, second = (row for row in done if not row["tools"])
    expected = Counter(_billed(row) for row in done if row["tools"])
    expected[tuple(a + b for a, b in zip(_billed(first), _billed(second), strict=True))] += 1
    # Of a reply that the user cut short the API had said what it cost until its first word.
    for row in bill:
        if row["ended"] == "client gone":
            sent, _, read, written = _billed(row)
            expected[sent, 1, read, written] += 1
    assert told == expected
    assert told.total() == 27
    assert Counter(event.tokens_incomplete for event in requests) == {False: 25, True: 2}


def test_what_reckons_no_cost_has_none(stored: tuple[list[Event], dict[str, Session]]) -> None:
    """The first model costs 1, 2, 0.1 and 1.25 dollars a million; for the other no price was set."""
    for request in of_type(stored[0], EventType.API_REQUEST):
        if request.model == "mock-2":
            assert (request.cost_usd, request.tokens_reasoning) == (None, 22)
        else:
            sent, said, read, written = (getattr(request, name) for name in _NUMBERS)
            assert request.cost_usd == pytest.approx((sent + 2 * said + 0.1 * read + 1.25 * written) / 1e6)


def test_a_forks_copies_belong_to_the_session_they_were_made_in(
    stored: tuple[list[Event], dict[str, Session]],
) -> None:
    parent, fork = stored[1][_FORKED], stored[1][_FORK]
    assert (parent.api_request_count, parent.message_count) == (5, 5)
    assert (fork.api_request_count, fork.message_count) == (1, 1)
    assert (fork.title, fork.last_user_message) == ("Another name", "Go on. DO:plain")


def test_what_else_happened(stored: tuple[list[Event], dict[str, Session]]) -> None:
    # Counted by hand over the raw lines, a fork's copies left out.
    assert Counter(event.event_type for event in stored[0]) == {
        EventType.SESSION_START: 13,
        EventType.USER_PROMPT_SUBMIT: 23,
        EventType.API_REQUEST: 27,
        EventType.ASSISTANT_MESSAGE: 20,
        EventType.PRE_TOOL_USE: 9,
        EventType.POST_TOOL_USE: 9,
        EventType.INTERRUPT: 2,
        EventType.API_ERROR: 11,
        EventType.COMPACTION: 1,
        EventType.TURN_COMPLETE: 1,
    }
    outcomes = Counter(event.outcome for event in of_type(stored[0], EventType.POST_TOOL_USE))
    assert outcomes == {"ok": 7, "error": 2}
    errors = Counter(event.outcome for event in of_type(stored[0], EventType.API_ERROR))
    assert errors == {"error": 5, "retrying": 6}


def test_in_whatever_order_things_are_recorded_the_sessions_are_the_same(tmp_path: Path) -> None:
    files = sample_files(DATA)
    straight = sessions_in_order(FRAMEWORK, files, tmp_path / "straight.db", None)
    for seed in range(3):
        assert sessions_in_order(FRAMEWORK, files, tmp_path / f"{seed}.db", seed) == straight
