"""The recorded runs against what the API billed."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from mi6_tui.model import Event, EventType, SessionQuery
from tests.frameworks.opencode.support import DATA, Told, recorded, stored

CHILD = "ses_df8ec464bffe80FSSUVjOq6ESl"
PARENT = "ses_df8ec4db2ffeabFtBxyzxLpiMm"
BEGAN = 1_795_415_000_000
ORIGINAL = "ses_df8ecffc3ffe7sJ9DhI9rqtooH"
FORK = "ses_df8ecce02ffezeeyMSqspIaFwm"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "opencode.db"
    recorded(path)
    return path


@pytest.fixture(scope="module")
def told(database: Path) -> Told:
    return Told(database)


@pytest.fixture(scope="module")
def truth() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / "truth.jsonl").read_text().splitlines()]


def test_every_billed_request_is_told_once_or_missing_for_a_known_cause(
    told: Told, truth: list[dict[str, Any]]
) -> None:
    answered = [row for row in truth if row["kind"] == "main" and row["ended"] in ("done", "client gone")]
    requests = told.of(EventType.API_REQUEST)
    assert len(requests) == len(answered) == 32
    missing = Counter(
        "title" if row["kind"] == "side" else row["ended"] for row in truth if row not in answered
    )
    assert missing == {"title": 15, "http 400": 1, "http 500": 5}


def test_tokens_are_those_billed(told: Told, truth: list[dict[str, Any]]) -> None:
    answered = [row for row in truth if row["kind"] == "main" and row["ended"] in ("done", "client gone")]
    for event, row in zip(told.of(EventType.API_REQUEST), answered, strict=True):
        assert event.timestamp <= row["t"] * 1000 < event.timestamp + 5000, row
        if row["ended"] == "client gone":
            assert event.prompt_tokens is event.tokens_output is event.cost_usd is None
            assert event.tokens_incomplete
            continue
        usage = row["usage"]
        # The recording API sometimes counted the cache twice, or less output than reasoning: the client
        # writes 0 for what would be negative.
        assert event.tokens_input == max(0, usage["tokens_input"])
        assert event.tokens_output == max(usage["tokens_output"], usage["tokens_reasoning"])
        assert event.tokens_reasoning == usage["tokens_reasoning"]
        assert event.tokens_cache_read == usage["tokens_cache_read"]
        assert event.tokens_cache_write == 0
        assert not event.tokens_incomplete
        assert event.model == "mock-1"


def test_recorded_dollars_add_up_to_the_clients_own_totals(told: Told) -> None:
    totals: dict[str, float] = {}
    for line in (DATA / "session.jsonl").read_text().splitlines():
        row = json.loads(line)
        totals[row["id"]] = row["cost"]
    totals[PARENT] += totals.pop(CHILD)
    totals[FORK] -= totals[ORIGINAL]  # a fork's total starts at that of its original
    sums: Counter[str] = Counter()
    for event in told.of(EventType.API_REQUEST):
        sums[event.session_id] += event.cost_usd or 0  # type: ignore[assignment]
    for session_id, total in totals.items():
        assert sums[session_id] == pytest.approx(total), session_id


def test_a_forks_copies_are_not_told_again(told: Told) -> None:
    fork = [event for event in told.events if event.session_id == FORK]
    assert Counter(event.event_type for event in fork) == {
        EventType.USER_PROMPT_SUBMIT: 1,
        EventType.API_REQUEST: 1,
        EventType.ASSISTANT_MESSAGE: 1,
    }


def test_a_subagents_records_belong_to_the_session_that_started_it(told: Told) -> None:
    assert not [event for event in told.events if event.session_id == CHILD]
    inner = [event for event in told.events if event.agent_id == CHILD]
    assert inner
    assert all(event.session_id == PARENT and event.is_sidechain for event in inner)
    assert len([event for event in inner if event.is_api_request]) == 2
    start, stop = told.one(EventType.SUBAGENT_START), told.one(EventType.SUBAGENT_STOP)
    assert start.session_id == stop.session_id == PARENT
    assert (stop.spawned_agent_id, stop.outcome, stop.subagent_type) == (CHILD, "ok", "general")


def test_tool_calls_and_how_they_ended(told: Told) -> None:
    ends = told.of(EventType.POST_TOOL_USE)
    assert len(told.of(EventType.PRE_TOOL_USE)) == len(ends) == 15
    assert Counter((event.tool_name, event.outcome) for event in ends) == {
        ("bash", "ok"): 6,
        ("bash", "error"): 1,
        ("read", "ok"): 2,
        ("read", "error"): 1,
        ("edit", "ok"): 1,
        ("task", "ok"): 1,
        ("todowrite", "ok"): 1,
        ("lab_echo", "ok"): 1,
        ("question", "ok"): 1,
    }
    command = next(event for event in ends if event.outcome == "error" and event.tool_name == "bash")
    assert command.payload == '{"command":"exit 3"}'


def test_errors_interrupts_and_what_a_kill_leaves(told: Told) -> None:
    error = told.one(EventType.API_ERROR)
    assert (error.outcome, error.preview) == ("APIError", "Request contains an invalid argument.")
    assert told.one(EventType.INTERRUPT).session_id == "ses_df8e9fbd8ffeg2jR8JRVFOz3nV"
    assert told.malformed == 0
    assert told.unknown == {}


def test_the_rows_of_the_store(database: Path, tmp_path: Path) -> None:
    told = Told(database)
    now = max(event.timestamp for event in told.events) + 60_000
    with stored(tmp_path, told.answers, now) as storage:
        sessions = {session.session_id: session for session in storage.list_sessions(SessionQuery())}
    assert len(sessions) == len(told.starts) == 16, "17 of the client's own, one of them a subagent's"
    first = sessions[ORIGINAL]
    assert first.title == "Small fixes in greet project"
    assert first.cwd == "/home/dev/project"
    assert first.client_version == "1.18.33"
    assert (first.message_count, first.api_request_count) == (3, 3)
    assert first.first_user_message == '"In one word, what is two plus two?"'
    assert first.last_reply == "Eight."
    assert first.context == 980 + 8200
    assert first.status_shown == "your turn"
    assert sessions[PARENT].api_request_count == 4
    assert sessions[PARENT].subagent_count == 1
    assert sessions[PARENT].background_count == 0
    assert sessions["ses_df8ec1656ffelRRgiXTwoZxS05"].status_shown == "error"
    assert sessions["ses_df8ea2ae7ffeQq1wudveKxPD4p"].status_shown == "working", "killed: nobody said so"


def test_every_event_stands_at_its_own_time(told: Told) -> None:
    def key(event: Event) -> str:
        assert event.key is not None
        return event.key

    assert len({key(event) for event in told.events}) == len(told.events)
    assert all(key(event).startswith("opencode:") for event in told.events)
    assert all(BEGAN < event.timestamp < BEGAN + 300_000 for event in told.events)
