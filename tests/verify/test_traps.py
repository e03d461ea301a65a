"""What other programs count wrong, each as one small home whose numbers a reader can add up.

The names carry the numbers of a list of such faults: 1 to 13 and 15 to 17 are about numbers.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mi6_tui.frameworks import framework
from mi6_tui.frameworks.base import Framework
from mi6_tui.ingest.scanner import Scanner
from mi6_tui.model import Event, EventQuery, EventType, Session, SessionQuery, UsageQuery
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.verify import File, recount
from tests.frameworks.claude.support import PATH as CLAUDE
from tests.frameworks.claude.support import SESSION, assistant, system, text, tokens, user
from tests.frameworks.codex import support as codex
from tests.frameworks.gemini import support as gemini
from tests.frameworks.pieces import NOW, jsonl, write

PROMPT = EventType.USER_PROMPT_SUBMIT
FORK = "99999999-2222-4333-8444-555555555555"
COST = 0.011416
"""Dollars of one reply of claude-opus-5-5: 4 fresh at 4, 120 written at 20, 18,000 read at 0.2, 600 kept
for five minutes at 5 and 300 for an hour at 8, all per million."""
Files = dict[str, list[dict[str, Any]]]


class Store:
    """A home that was scanned twice: what the store says, held against the naive count."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.storage = SqliteStorage(folder / "mi6.db", clock=lambda: NOW)

    def scan(self, client: str, files: Files) -> list[Session]:
        """The sessions of these files; both counts agree on every one."""
        home = self._folder / "home"
        write(home, {name: jsonl(records) for name, records in files.items()})
        for _ in range(2):
            self._scanner(framework(client), home).scan_once()
        sessions = list(self.storage.list_sessions(SessionQuery()))
        counted = recount(client, [File(str(path)) for path in sorted(home.rglob("*.jsonl"))])
        assert {one.session_id: _numbers(one) for one in sessions if one.api_request_count} == {
            name: (own.api_request_count, own.tokens_input, own.tokens_output, own.tokens_cache_read)
            for name, own in ((name, sums.own) for name, sums in counted.items())
            if own.api_request_count
        }
        return sessions

    def _scanner(self, client: Framework, home: Path) -> Scanner:
        return Scanner(self.storage, [client], "devbox", env={}, home=home, watch=False, clock=lambda: NOW)


@pytest.fixture
def scan(tmp_path: Path) -> Any:
    store = Store(tmp_path)
    with closing(store.storage):
        yield store


def _numbers(session: Session) -> tuple[int, int, int, int]:
    return (
        session.api_request_count,
        session.tokens_input,
        session.tokens_output,
        session.tokens_cache_read,
    )


def test_1_a_reply_on_many_lines_counts_once(scan: Store) -> None:
    lines = [assistant(text(word), apiBlockIndex=index) for index, word in enumerate("abc")]
    [session] = scan.scan("claude", {CLAUDE: [user("Hi"), *lines]})
    assert _numbers(session) == (1, 4, 120, 18_000)


def test_2_the_largest_output_counts_and_the_first_time(scan: Store) -> None:
    early, late = "2026-09-01T23:59:59.000Z", "2026-09-02T00:00:01.000Z"
    zeros = tokens(0, input_tokens=0, cache_read_input_tokens=0)
    parts = [(zeros, early, None), (tokens(1), early, None), (tokens(120), late, "end_turn")]
    lines = [assistant(text("a"), usage=usage, timestamp=at, stop=stop) for usage, at, stop in parts]
    [session] = scan.scan("claude", {CLAUDE: [user("Hi"), *lines]})
    assert _numbers(session) == (1, 4, 120, 18_000)
    assert [row.key for row in scan.storage.usage(UsageQuery()).rows] == ["2026-09-01"]


def test_3_without_a_request_id_the_message_id_tells(scan: Store) -> None:
    lines = [assistant(text(word), request_id=None) for word in "ab"]
    [session] = scan.scan("claude", {CLAUDE: [user("Hi"), *lines]})
    assert _numbers(session) == (1, 4, 120, 18_000)


def test_4_a_side_question_that_replays_its_parent_counts_nothing_of_it(scan: Store) -> None:
    side = CLAUDE.replace(f"{SESSION}.jsonl", f"{SESSION}/subagents/agent-a1.jsonl")
    own = assistant(text("b"), message_id="msg_2", request_id="req_2", isSidechain=True, agentId="a1")
    copy = assistant(text("a"), request_id="req_9", isSidechain=True, agentId="a1")
    [session] = scan.scan("claude", {CLAUDE: [user("Hi"), assistant(text("a"))], side: [copy, own]})
    assert _numbers(session) == (2, 8, 240, 36_000)


@pytest.mark.parametrize("rewritten", [True, False])
def test_5_a_forks_copies_count_for_their_origin(scan: Store, rewritten: bool) -> None:
    """Newer clients write the fork's id into the copies, older ones leave the origin's."""
    told: dict[str, Any] = {"sessionId": FORK, "forkedFrom": {"sessionId": SESSION}} if rewritten else {}
    new = assistant(text("c"), message_id="msg_2", request_id="req_2", sessionId=FORK)
    files = {
        CLAUDE: [user("Hi"), assistant(text("a"))],
        CLAUDE.replace(SESSION, FORK): [assistant(text("a"), **told), new],
    }
    sessions = {session.session_id: _numbers(session) for session in scan.scan("claude", files)}
    assert sessions == {SESSION: (1, 4, 120, 18_000), FORK: (1, 4, 120, 18_000)}


def test_6_running_totals_are_no_requests(scan: Store) -> None:
    totals = [(9_000, 7_000, 150), (9_000, 7_000, 150), (19_000, 16_000, 250)]
    counts = [
        codex.counters(second, codex.numbers(*total), codex.numbers(9_000, 7_000, 150))
        for second, total in enumerate(totals, 3)
    ]
    lines = [codex.meta(version=codex.OLD), codex.context(1), *counts]
    [session] = scan.scan("codex", {codex.PATH: lines})
    assert _numbers(session) == (2, 3_000, 250, 16_000)


def test_7_a_child_that_counts_from_nothing_loses_nothing(scan: Store) -> None:
    lines = [codex.child_meta(), codex.context(1), codex.bill(1), codex.bill(2, "resp_2")]
    [session] = scan.scan("codex", {codex.PATH: lines})
    assert (session.session_id, _numbers(session)) == (codex.PARENT, (2, 4_000, 300, 14_000))


def test_8_reasoning_and_cached_are_inside_the_sums(scan: Store) -> None:
    lines = [codex.meta(), codex.context(1), codex.bill(2, whole=9_000, cached=7_000, out=150, reasoning=90)]
    [session] = scan.scan("codex", {codex.PATH: lines})
    assert _numbers(session) == (1, 2_000, 150, 7_000)
    assert session.tokens_reasoning == 90
    # gpt-5.5: 2,000 at 5, 7,000 at 0.5, 150 at 30, per million.
    assert session.cost_usd == 0.018


def test_9_of_a_message_told_again_the_last_counts_and_cached_is_inside(scan: Store) -> None:
    told = [gemini.reply(tokens=gemini.TOKENS | {"output": out}) for out in (10, 40)]
    [session] = scan.scan("gemini", {gemini.PATH: [gemini.header(), gemini.user("Hi"), *told]})
    assert _numbers(session) == (1, 7_000 - 5_000 + 3, 40 + 12, 5_000)


def test_10_what_is_kept_for_an_hour_has_its_own_price(scan: Store) -> None:
    [session] = scan.scan("claude", {CLAUDE: [user("Hi"), assistant(text("a"))]})
    assert (session.tokens_cache_write, session.tokens_cache_write_1h) == (900, 300)
    assert session.cost_usd == COST


def test_11_a_model_nobody_knows_is_not_free(scan: Store) -> None:
    new = assistant(text("b"), message_id="msg_2", request_id="req_2", model="claude-opus-7", second=2)
    [session] = scan.scan("claude", {CLAUDE: [user("Hi"), assistant(text("a")), new]})
    assert (session.cost_usd, session.unpriced_requests, session.cost_incomplete) == (COST, 1, True)
    rows = {row.key: (row.cost_usd, row.unpriced_requests) for row in _usage(scan, "model")}
    assert rows == {"claude-opus-5-5": (COST, 0), "claude-opus-7": (None, 1)}


def test_12_a_subagent_is_billed_at_its_own_model(scan: Store) -> None:
    side = CLAUDE.replace(f"{SESSION}.jsonl", f"{SESSION}/subagents/agent-a1.jsonl")
    own = assistant(
        text("b"),
        message_id="msg_2",
        request_id="req_2",
        model="claude-haiku-5-5",
        isSidechain=True,
        agentId="a1",
    )
    [session] = scan.scan("claude", {CLAUDE: [user("Hi"), assistant(text("a"))], side: [own]})
    assert session.model == "claude-opus-5-5"
    rows = {row.key: row.cost_usd for row in _usage(scan, "model")}
    # claude-haiku-5-5: 4 at 0.1, 120 at 0.5, 18,000 at 0.01, 600 at 0.125, 300 at 0.2, per million.
    assert rows == {"claude-opus-5-5": COST, "claude-haiku-5-5": 0.0003754}
    assert session.cost_usd == 0.0117914


def test_13_the_context_is_of_the_right_window_and_falls_with_a_compaction(scan: Store) -> None:
    large = assistant(text("a"), usage=tokens(cache_read_input_tokens=300_000))
    lines = [user("Hi"), large]
    [session] = scan.scan("claude", {CLAUDE: lines})
    assert (session.context, session.context_window) == (300_904, 1_000_000)
    lines.append(system("compact_boundary", 3, compactMetadata={"trigger": "auto", "postTokens": 9_000}))
    [session] = scan.scan("claude", {CLAUDE: lines})
    assert (session.context, session.context_window) == (9_000, 1_000_000)


@pytest.mark.parametrize(
    ("zone", "days"),
    [
        ("UTC", {"2026-10-03": 2}),
        ("Asia/Kathmandu", {"2026-10-03": 1, "2026-10-04": 1}),
        ("Australia/Lord_Howe", {"2026-10-04": 2}),
        ("America/New_York", {"2026-10-03": 2}),
    ],
)
def test_15_days_begin_where_the_user_is(scan: Store, zone: str, days: dict[str, int]) -> None:
    """Kathmandu is 5:45 ahead of UTC; Lord Howe moves its clocks by half an hour on 4 October."""
    times = ("2026-10-03T18:14:59.999Z", "2026-10-03T18:15:00.000Z")
    lines = [assistant(text("a"), message_id=f"msg_{at}", request_id=at, timestamp=at) for at in times]
    scan.scan("claude", {CLAUDE: lines})
    rows = scan.storage.usage(UsageQuery(timezone=ZoneInfo(zone))).rows
    assert {row.key: row.api_request_count for row in rows} == days


def test_16_a_second_witness_adds_nothing(scan: Store) -> None:
    [session] = scan.scan("claude", {CLAUDE: [user("Hi"), assistant(text("a"))]})
    scan.storage.insert(
        Event(
            machine_id=session.machine_id,
            session_id=session.session_id,
            framework="claude",
            event_type=EventType.API_REQUEST,
            source="otel",
            timestamp=session.last_activity,
            model="claude-opus-5-5",
            tokens_input=4,
            tokens_output=120,
        )
    )
    [again] = scan.storage.list_sessions(SessionQuery())
    assert (_numbers(again), again.cost_usd) == ((1, 4, 120, 18_000), COST)
    assert scan.storage.usage(UsageQuery()).total.api_request_count == 1


def test_17_what_is_huge_and_says_nothing_hides_nothing(scan: Store) -> None:
    huge = {"type": "file-history-snapshot", "snapshot": {"content": "x" * 3_000_000}}
    [session] = scan.scan("claude", {CLAUDE: [user("Hi"), huge, assistant(text("a")), huge]})
    assert _numbers(session) == (1, 4, 120, 18_000)


def test_a_record_written_twice_counts_once_and_as_it_was_first(scan: Store) -> None:
    lines = [user("First", uuid="u1"), assistant(text("a"), uuid="u2")]
    again = [user("Second", 5, uuid="u1"), assistant(text("b"), uuid="u2", second=6)]
    [session] = scan.scan("claude", {CLAUDE: [*lines, *again]})
    assert (_numbers(session), session.message_count) == ((1, 4, 120, 18_000), 1)
    prompts = [event for event in scan.storage.query(EventQuery()) if event.event_type == PROMPT]
    assert [prompt.text for prompt in prompts] == ["First"]


def test_parents_that_are_missing_or_each_other_change_nothing(scan: Store) -> None:
    lines = [
        user("Hi", uuid="u1", parentUuid="u2"),
        assistant(text("a"), uuid="u2", parentUuid="u1"),
        assistant(text("b"), message_id="m2", request_id="r2", uuid="u3", parentUuid="nobody", second=2),
    ]
    [session] = scan.scan("claude", {CLAUDE: lines})
    assert _numbers(session) == (2, 8, 240, 36_000)


@pytest.mark.parametrize(
    ("model", "requests", "cost"),
    [
        ("<synthetic>", 0, None),
        ("codex-auto-review", 1, None),
        ("claude-opus-5-5[1m]", 1, COST),
        ("claude-opus-5-5-20261001", 1, COST),
        ("us.anthropic.claude-opus-5-5-20261001-v1:0", 1, COST),
        ("claude-opus-5-5-v1:0", 1, None),
        ("claude-opus-5", 1, 0.01877),
    ],
)
def test_models_under_their_names_and_nobody_elses(
    scan: Store, model: str, requests: int, cost: float | None
) -> None:
    """claude-opus-5: 4 at 5, 120 at 25, 18,000 at 0.5, 600 at 6.25 and 300 at 10, per million."""
    [session] = scan.scan("claude", {CLAUDE: [user("Hi"), assistant(text("a"), model=model)]})
    assert (session.api_request_count, session.cost_usd) == (requests, cost)
    assert session.unpriced_requests == (requests if cost is None else 0)


ABSURD = [-1, 1.5, "12", None, True, [], {}, 10**12 + 1, 2**63, 2**70]


def _claude(bad: Any) -> Files:
    return {CLAUDE: [user("Hi"), assistant(text("a"), usage=tokens(bad))]}


def _codex(bad: Any) -> Files:
    return {codex.PATH: [codex.meta(), codex.context(1), codex.bill(2, out=bad)]}


def _gemini(bad: Any) -> Files:
    lines = [gemini.header(), gemini.user("Hi"), gemini.reply(tokens=gemini.TOKENS | {"output": bad})]
    return {gemini.PATH: lines}


@pytest.mark.parametrize("bad", ABSURD, ids=json.dumps)
@pytest.mark.parametrize(("client", "files"), [("claude", _claude), ("codex", _codex), ("gemini", _gemini)])
def test_a_number_that_is_no_count_is_unknown_and_said_to_be(
    scan: Store, client: str, files: Callable[[Any], Files], bad: Any
) -> None:
    [session] = scan.scan(client, files(bad))
    assert (session.api_request_count, session.tokens_output) == (1, 0)
    assert (session.incomplete_requests, session.cost_incomplete) == (1, True)


def _usage(scan: Store, by: Any) -> Any:
    return scan.storage.usage(UsageQuery(by=by)).rows
