"""Forks and subagents: what is their own, and to whom it belongs."""

from __future__ import annotations

from typing import Any

from mi6_tui.frameworks.base import Decoded
from mi6_tui.model import EventType
from tests.frameworks.codex.support import (
    OLD,
    PARENT,
    THREAD,
    bill,
    child_meta,
    completed,
    context,
    counters,
    event,
    item,
    meta,
    numbers,
    of_type,
    read,
    requests,
    response,
    started,
)

_INHERITED = numbers(50_000, 40_000, 900)
_OWN = numbers(52_000, 41_000, 950)
_STEP = (1000, 1000, 50)
_LAST = numbers(2000, 1000, 50)
_LESS = numbers(1500, 900, 40)
"""A last response that covers a part of the growth only."""


def _copies(second: float) -> list[dict[str, Any]]:
    """The parent's records, with the time of the fork."""
    return [
        meta(second, PARENT, OLD),
        started(second, "p1"),
        context(second, "p1", "gpt-4"),
        event("user_message", second, message="Parent's prompt"),
        counters(second, numbers(20_000, 9_000, 400), numbers(20_000, 9_000, 400)),
        response("function_call", second, name="shell", call_id="c9", arguments="{}"),
        counters(second, _INHERITED, numbers(30_000, 31_000, 500)),
        completed(second, "p1"),
    ]


def _types(decoded: Decoded) -> list[str]:
    return [event.event_type for event in decoded.events]


def test_an_old_fork_counts_from_its_parents_totals() -> None:
    decoded = read(
        meta(0, version=OLD, forked_from_id=PARENT),
        *_copies(0.2),
        event("user_message", 5, message="Own prompt"),
        counters(6, _OWN, _LESS),
    )
    assert requests(decoded) == [_STEP]
    assert _types(decoded) == [EventType.USER_PROMPT_SUBMIT, EventType.API_REQUEST]
    assert {event.session_id for event in decoded.events} == {THREAD}
    assert not any(event.is_sidechain for event in decoded.events)


def test_an_old_subagent_counts_from_its_parents_totals_for_its_parent() -> None:
    decoded = read(
        child_meta(0, OLD), *_copies(0.2), started(3, "own"), counters(4, _OWN, _LAST), completed(5, "own")
    )
    assert requests(decoded) == [_STEP]
    assert _types(decoded) == [EventType.SUBAGENT_START, EventType.API_REQUEST, EventType.SUBAGENT_STOP]
    assert decoded.events[0].key == f"codex:agent:{THREAD}:start"
    assert {(event.session_id, event.agent_id) for event in decoded.events} == {(PARENT, THREAD)}
    assert all(event.is_sidechain for event in decoded.events)


def test_a_turn_made_after_the_thread_ends_the_copies_even_at_once() -> None:
    born = int(THREAD[:8] + THREAD[9:13], 16)
    own = f"{born + 3:012x}"
    turn = f"{own[:8]}-{own[8:]}-7000-8000-000000000009"
    older = f"019a0000-0001-7000-8000-{9:012x}"
    decoded = read(
        child_meta(0, OLD),
        *_copies(0.2),
        started(0.3, older),
        counters(0.3, numbers(51_000, 40_500, 920), _LAST),
        started(0.4, turn),
        counters(0.9, _OWN, _LAST),
    )
    assert requests(decoded) == [(500, 500, 30)]


def test_without_its_parents_totals_a_fork_counts_its_last_response() -> None:
    decoded = read(
        meta(0, version="0.150.0", history_mode="paginated", forked_from_id=PARENT), counters(2, _OWN, _LAST)
    )
    assert requests(decoded) == [_STEP]


def test_from_then_on_such_a_fork_counts_by_growth() -> None:
    more = numbers(55_000, 41_000, 990)
    decoded = read(
        meta(0, version="0.150.0", history_mode="paginated", forked_from_id=PARENT),
        counters(2, _OWN, _LAST),
        counters(3, _OWN, _LAST),
        counters(4, more, _LESS),
    )
    assert requests(decoded) == [_STEP, (3000, 0, 40)]


def test_when_nothing_says_what_is_a_forks_own_its_use_is_unknown() -> None:
    decoded = read(meta(0, version=OLD, forked_from_id=PARENT), counters(2, _OWN, None))
    assert requests(decoded) == [(None, None, None)]
    assert of_type(decoded.events, EventType.API_REQUEST)[0].tokens_incomplete


def test_an_ordinal_says_where_a_subagents_own_lines_start() -> None:
    def at(ordinal: int, line: dict[str, Any]) -> dict[str, Any]:
        return line | {"ordinal": ordinal}

    decoded = read(
        at(0, child_meta(0, "0.150.0", history_mode="paginated", subagent_history_start_ordinal=3)),
        at(1, item("UserMessage", 0, id="u1", content=[{"type": "text", "text": "Parent's prompt"}])),
        at(2, counters(0, _INHERITED, _LAST)),
        at(3, started(0, "own")),
        at(4, counters(1, _OWN, _LAST)),
    )
    assert requests(decoded) == [_STEP]
    assert _types(decoded) == [EventType.SUBAGENT_START, EventType.API_REQUEST]
    assert decoded.events[0].key == f"codex:agent:{THREAD}:start"


def test_a_new_fork_copies_nothing_and_its_first_second_is_its_own() -> None:
    decoded = read(
        meta(0, forked_from_id=PARENT, history_mode="paginated"),
        started(0.1),
        item("UserMessage", 0.2, id="u1", content=[{"type": "text", "text": "Own prompt"}]),
        bill(0.5),
        counters(0.5, _OWN, _LAST),
    )
    assert requests(decoded) == [(2000, 7000, 150)]
    assert EventType.USER_PROMPT_SUBMIT in _types(decoded)


def test_a_session_meta_of_the_parent_changes_nothing() -> None:
    decoded = read(
        meta(0, version=OLD),
        meta(2, PARENT, "0.169.0", cwd="/elsewhere", git={"branch": "other"}),
        counters(3, _LAST, _LAST),
    )
    found = of_type(decoded.events, EventType.API_REQUEST)
    assert [(e.session_id, e.cwd, e.git_branch) for e in found] == [(THREAD, "/home/dev/project", "main")]


def test_a_session_meta_told_again_moves_the_branch() -> None:
    again = [meta(n, git={"branch": f"b{n}"}) for n in range(2, 5)]
    decoded = read(meta(0), started(1), *again, bill(6))
    assert [event.git_branch for event in decoded.events] == ["main", "b4"]


def test_where_the_first_line_is_torn_the_file_name_says_whose_it_is() -> None:
    decoded = read(b'{"timestamp":"2026-09-01T10:', meta(0, PARENT), meta(1), bill(2))
    assert [event.session_id for event in decoded.events] == [THREAD]
    assert (decoded.malformed, requests(decoded)) == (1, [(2000, 7000, 150)])


def test_where_the_first_line_is_torn_a_later_one_says_what_the_thread_is() -> None:
    decoded = read(b"{", child_meta(1, history_mode="paginated"), bill(2))
    assert {(event.session_id, event.is_sidechain) for event in decoded.events} == {(PARENT, True)}


def test_what_a_subagent_is_asked_and_set_to_says_nothing_of_the_session() -> None:
    decoded = read(
        child_meta(0, OLD),
        event("user_message", 3, message="Count the files"),
        context(4, "t1", "gpt-5.5", approval_policy="never", cwd="/elsewhere"),
        context(5, "t2", "gpt-6.1-sol"),
        started(6),
    )
    assert _types(decoded) == [EventType.SUBAGENT_START]
    assert [fact.name for fact in decoded.facts] == ["last_activity"]


def test_a_nested_subagent_belongs_to_the_root() -> None:
    root = "019a0000-0000-7000-8000-00000000000f"
    decoded = read(child_meta(0, session_id=root, history_mode="paginated"), bill(1))
    assert {event.session_id for event in decoded.events} == {root}


def test_an_older_subagent_without_a_root_belongs_to_its_parent() -> None:
    decoded = read(child_meta(0, session_id=..., parent_thread_id=..., history_mode="paginated"), bill(1))
    assert {event.session_id for event in decoded.events} == {PARENT}


def test_a_subagent_of_nobody_is_a_session_of_its_own() -> None:
    decoded = read(meta(0, source={"subagent": "review"}, history_mode="paginated"), started(1), bill(2))
    assert {(event.session_id, event.is_sidechain) for event in decoded.events} == {(THREAD, False)}


def test_a_subagent_that_is_asked_again_runs_again() -> None:
    decoded = read(
        child_meta(0, history_mode="paginated"),
        started(1, "t1"),
        completed(2, "t1"),
        started(3, "t2"),
        event("turn_aborted", 4, turn_id="t2", reason="interrupted"),
        child_meta(5, history_mode="paginated"),
    )
    assert [(e.event_type, e.outcome) for e in decoded.events] == [
        (EventType.SUBAGENT_START, None),
        (EventType.SUBAGENT_STOP, "completed"),
        (EventType.SUBAGENT_START, None),
        (EventType.SUBAGENT_STOP, "interrupted"),
    ]
    assert len({event.key for event in decoded.events}) == 4


def test_a_parent_tells_of_its_subagents_in_the_old_and_the_new_way() -> None:
    child = "019c0000-0000-7000-8000-000000000003"
    told = {"agent_thread_id": child, "agent_path": "/team/counter"}
    new = read(
        meta(),
        item("SubAgentActivity", 1, id="c1", kind="started", **told),
        item("SubAgentActivity", 2, id="c2", kind="interacted", **told),
        item("SubAgentActivity", 3, id="subagent-completed-t7", kind="completed", **told),
    )
    old = read(meta(version=OLD), event("sub_agent_activity", 1, event_id="c1", kind="started", **told))
    assert [event.key for event in new.events] == [
        f"codex:agent:{child}:start",
        f"codex:agent:{child}:t7:stop",
    ]
    assert [event.key for event in old.events] == [f"codex:agent:{child}:start"]
    assert {event.spawned_agent_id for event in new.events + old.events} == {child}


def test_an_error_of_a_subagent_is_an_error_and_its_end() -> None:
    decoded = read(
        child_meta(0, history_mode="paginated"), started(1), completed(2, error={"message": "No."})
    )
    assert _types(decoded)[1:] == [EventType.API_ERROR, EventType.SUBAGENT_STOP]
