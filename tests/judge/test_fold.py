"""What single records do to a session's state and row; tests/storage shows that order does not matter."""

from typing import Any

import msgspec
import pytest

from mi6_tui.judge.evidence import authority_of
from mi6_tui.judge.fold import (
    SessionState,
    apply_fact,
    count,
    note_deleted,
    note_repo,
    observe,
    set_earliest,
    set_latest,
    set_owned_bounds,
)
from mi6_tui.judge.project import project
from mi6_tui.model import Event, EventType, Session, SessionFact

T = 1_800_000_000_000
MINUTE = 60_000


def event(event_type: str, at: int = T, **fields: Any) -> Event:
    return Event(machine_id="m", session_id="s", timestamp=at, event_type=event_type, **fields)


def row(*events: Event, facts: tuple[SessionFact, ...] = (), now: int = T) -> Session:
    state = SessionState()
    for item in events:
        observe(state, item)
        count(state, item)
    for fact in facts:
        apply_fact(state, fact)
    return project("m", "s", state, now)


def fact(name: str, value: str | int | None, at: int = T) -> SessionFact:
    return SessionFact(machine_id="m", session_id="s", name=name, value=value, timestamp=at, order=(at, 0))


@pytest.mark.parametrize(
    ("source", "witness"),
    [
        ("transcript", "transcript"),
        ("codex_session", "transcript"),
        ("otel", "otel"),
        ("hook", "hook"),
        (None, "hook"),
    ],
)
def test_witnesses(source: str | None, witness: str) -> None:
    assert authority_of(source) == witness


def test_registers_keep_the_extreme_and_break_ties_by_value() -> None:
    for values in (["a", "b"], ["b", "a"]):
        state = SessionState()
        for value in values:
            set_latest(state, "x", (1, 1), value)
            set_earliest(state, "x", (1, 1), value)
        assert (state.latest["x"], state.earliest["x"]) == ((1, 1, "b"), (1, 1, "a"))


def test_a_later_unknown_replaces_a_value() -> None:
    state = SessionState()
    set_latest(state, "context", (1, 0), 5)
    set_latest(state, "context", (2, 0), None)
    assert state.latest["context"] == (2, 0, None)


def test_what_is_taken_back_was_never_there() -> None:
    state = SessionState()
    request = event(
        EventType.API_REQUEST,
        source="transcript",
        tokens_input=5,
        tokens_reasoning=1,
        cost_usd=0.1,
        tokens_incomplete=True,
    )
    count(state, request)
    count(state, request, -1)
    assert state.totals == {}


def test_costs_add_up_without_the_errors_of_floats() -> None:
    state = SessionState()
    costs = [0.1, 0.2, 0.000000001, 3.3]
    for cost in costs * 100:
        count(state, event(EventType.API_REQUEST, cost_usd=cost))
    for cost in costs * 99:
        count(state, event(EventType.API_REQUEST, cost_usd=cost), -1)
    assert project("m", "s", state, T).cost_usd == 3.600000001


def test_the_state_survives_storing() -> None:
    state = SessionState()
    observe(state, event(EventType.SESSION_START, pid=5, process_start_time=9, cwd="/w", framework="claude"))
    observe(state, event(EventType.SUBAGENT_START, tool_use_id="a"))
    observe(state, event(EventType.STOP, T + 1, source="hook"))
    count(state, event(EventType.API_REQUEST, tokens_input=1))
    note_repo(state, (T, 0), "o/r")
    note_deleted(state, 4, None, 7)
    stored = msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=SessionState)
    assert stored == state


def test_bounds_remember_what_was_deleted() -> None:
    state = SessionState()
    note_deleted(state, 30, None, None)
    note_deleted(state, 20, 25, 25)
    note_deleted(state, 40, 45, 45)
    set_owned_bounds(state, 50, 55, 55)
    assert (state.owned_from, state.first_end, state.last_end) == (20, 25, 55)
    set_owned_bounds(state, None, None, None)
    assert (state.owned_from, state.first_end, state.last_end) == (20, 25, 45)


def test_a_session_that_owns_nothing_starts_with_its_first_claim() -> None:
    state = SessionState()
    observe(state, event(EventType.STOP, T + 5))
    observe(state, event(EventType.STOP, T + 3))
    assert project("m", "s", state, T).first_started_at == T + 3


@pytest.mark.parametrize(
    ("tool", "shown"), [("Bash", "working"), ("AskUserQuestion", "waiting"), ("ExitPlanMode", "waiting")]
)
def test_some_tools_are_questions(tool: str, shown: str) -> None:
    assert row(event(EventType.PRE_TOOL_USE, tool_name=tool)).status_shown == shown
    answered = event(EventType.POST_TOOL_USE, T + 1, tool_name=tool)
    assert row(event(EventType.PRE_TOOL_USE, tool_name=tool), answered).status_shown == "working"


@pytest.mark.parametrize(
    ("outcome", "shown"),
    [(None, "working"), ("tool_use", "working"), ("end_turn", "your turn"), ("max_tokens", "your turn")],
)
def test_how_a_reply_ended(outcome: str | None, shown: str) -> None:
    assert row(event(EventType.API_REQUEST, source="transcript", outcome=outcome)).status_shown == shown


def test_an_error_that_is_retried_is_work() -> None:
    assert row(event(EventType.API_ERROR, outcome="retrying")).status_detail == "retrying"
    failed = row(event(EventType.API_ERROR, outcome="rate_limit"))
    assert (failed.status_shown, failed.status_detail) == ("error", "rate_limit")


@pytest.mark.parametrize(("trigger", "shown"), [("manual", "your turn"), ("auto", "working")])
def test_what_follows_a_compaction(trigger: str, shown: str) -> None:
    assert row(event(EventType.COMPACTION, outcome=trigger)).status_shown == shown


def test_a_session_resumed_after_its_end_lives_again() -> None:
    ended = (event(EventType.SESSION_START), event(EventType.SESSION_END, T + 5))
    found = row(*ended, now=T + 5)
    assert (found.last_ended_at, found.revival_count, found.is_active) == (T + 5, 0, False)
    found = row(*ended, event(EventType.SESSION_START, T + 9), now=T + 9)
    assert (found.first_ended_at, found.last_ended_at, found.revival_count) == (T + 5, None, 1)
    assert found.status_shown == "idle"


def test_an_end_that_another_session_owns_still_ends() -> None:
    state = SessionState()
    observe(state, event(EventType.SESSION_END))
    assert project("m", "s", state, T).last_ended_at == T


def test_a_headless_run_ends_by_itself() -> None:
    state = SessionState()
    observe(state, event(EventType.STOP))
    apply_fact(state, fact("entrypoint", "sdk-cli"))
    assert project("m", "s", state, T).status_until == T + MINUTE
    found = project("m", "s", state, T + MINUTE)
    assert (found.status, found.last_ended_at) == ("done", T)


def test_the_repository_named_last_and_what_belongs_to_it() -> None:
    state = SessionState()
    observe(state, event(EventType.STOP))
    note_repo(state, (10, 0), "o/a")
    set_latest(state, "github_issue", (11, 0), 5)
    note_repo(state, (12, 0), "o/a")
    assert project("m", "s", state, T).github_issue == 5
    note_repo(state, (13, 0), "o/b")
    found = project("m", "s", state, T)
    assert (found.github_repo, found.github_issue) == ("o/b", None)
    set_latest(state, "github_issue", (14, 0), 6)
    assert project("m", "s", state, T).github_issue == 6


def test_an_issue_named_with_its_repository_goes_with_it() -> None:
    state = SessionState()
    note_repo(state, (10, 0), "o/a")
    note_repo(state, (11, 0), "o/b")
    set_latest(state, "github_issue", (11, 0), 6)
    assert project("m", "s", state, T).github_issue == 6
    note_repo(state, (12, 0), "o/a")
    found = project("m", "s", state, T)
    assert (found.github_repo, found.github_issue) == ("o/a", None)


def test_a_title_given_is_better_than_one_guessed() -> None:
    guess, title = fact("title_suggestion", "guess", T + 5), fact("title", "given")
    assert row(facts=(guess,)).title == "guess"
    assert row(facts=(title, guess)).title == "given"


def test_a_sign_of_life_is_no_value() -> None:
    found = row(facts=(fact("last_activity", T + 7, T + 7),))
    assert (found.last_activity, found.first_started_at) == (T + 7, T + 7)


def test_a_context_beyond_the_small_window_proves_the_large_one() -> None:
    big = event(
        EventType.API_REQUEST,
        source="transcript",
        model="claude-opus-4-1",
        tokens_input=1,
        tokens_cache_read=200_000,
    )
    assert row(big).context_window == 1_000_000
    assert row(big.with_(tokens_cache_read=199_999)).context_window == 200_000


def test_a_subagent_that_ends_at_the_instant_it_starts_has_ended() -> None:
    for kinds in (
        (EventType.SUBAGENT_START, EventType.SUBAGENT_STOP),
        (EventType.SUBAGENT_STOP, EventType.SUBAGENT_START),
    ):
        found = row(*(event(kind, tool_use_id="a") for kind in kinds))
        assert (found.subagent_count, found.background_count) == (1, 0)


@pytest.mark.parametrize("tool", ["Bash", "shell", "exec_command", "run_shell_command", "bash"])
def test_a_shell_of_any_name_tells_the_pull_request(tool: str) -> None:
    payload, metadata = '{"command":"gh pr create"}', '{"output":"https://github.com/o/r/pull/9"}'
    ended = event(EventType.POST_TOOL_USE, tool_name=tool, payload=payload, metadata=metadata)
    found = row(ended)
    assert (found.github_repo, found.github_pr) == ("o/r", 9)
    asked = row(event(EventType.PRE_TOOL_USE, tool_name=tool, payload=payload, metadata=metadata))
    assert (asked.github_repo, asked.github_pr) == (None, None)


@pytest.mark.parametrize(
    ("tool", "payload"),
    [
        ("Edit", '{"command":"gh pr view 9"}'),
        ("bash", '{"prompt":"gh pr view 9"}'),
        ("bash", '{"command":"ls"}'),
        ("bash", None),
    ],
)
def test_what_is_no_command_line_tells_no_pull_request(tool: str, payload: str | None) -> None:
    metadata = '{"output":"https://github.com/o/r/pull/9"}'
    ended = event(EventType.POST_TOOL_USE, tool_name=tool, payload=payload, metadata=metadata)
    assert row(ended).github_pr is None
