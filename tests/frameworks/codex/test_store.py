"""Rollouts in a store: sums, statuses, and that neither order nor copies of a file matter."""

from __future__ import annotations

import gzip
import json
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mi6_tui.frameworks.base import Decoded
from mi6_tui.frameworks.codex import FRAMEWORK
from mi6_tui.ingest.scanner import Scanner
from mi6_tui.model import Batch, EventQuery, EventType, Session, SessionQuery
from mi6_tui.storage.sqlite import SqliteStorage
from tests.frameworks.codex.support import (
    HOME,
    OLD,
    PARENT,
    PATH,
    THREAD,
    bare_bill,
    bill,
    child_meta,
    completed,
    context,
    counters,
    decode,
    event,
    item,
    meta,
    numbers,
    raw,
    raw_records,
    read,
    record,
    response,
    sample_files,
    started,
)

_TOKENS = ("tokens_input", "tokens_output", "tokens_cache_read", "tokens_cache_write", "tokens_reasoning")


@contextmanager
def _store(folder: Path, now: int) -> Iterator[SqliteStorage]:
    storage = SqliteStorage(folder / "mi6.db", clock=lambda: now)
    try:
        yield storage
    finally:
        storage.close()
        for path in folder.glob("mi6.db*"):
            path.unlink()


def _sessions(folder: Path, told: Iterable[Decoded], *, after: int = 1000) -> dict[str, Session]:
    """The sessions in a store of what was told, `after` ms after the last of it."""
    told = list(told)
    now = after + max(event.timestamp for decoded in told for event in decoded.events)
    with _store(folder, now) as storage:
        for decoded in told:
            storage.record(Batch(events=tuple(decoded.events), facts=tuple(decoded.facts)))
        found = storage.list_sessions(SessionQuery())
    return {session.session_id: session.with_(revision=0) for session in found}


def _one(folder: Path, *records: dict[str, Any], after: int = 1000) -> Session:
    return _sessions(folder, [read(*records)], after=after)[THREAD]


def _naive_sums() -> dict[str, dict[str, int]]:
    """Sums by session over the raw records, by nothing but the rules."""
    roots = {
        meta["id"]: meta.get("parent_thread_id") or meta["id"]
        for meta in (line["payload"] for line in raw_records() if line["type"] == "session_meta")
    }
    sums: dict[str, dict[str, int]] = defaultdict(
        lambda: dict.fromkeys((*_TOKENS, "requests", "doubtful"), 0)
    )
    for line in raw_records():
        if line["type"] != "token_usage_record":
            continue
        usage, of = line["payload"]["usage"], sums[roots[line["payload"]["thread_id"]]]
        fresh = usage["input_tokens"] - usage["cached_input_tokens"] - usage["cache_write_input_tokens"]
        of["requests"] += 1
        of["doubtful"] += fresh < 0
        of["tokens_input"] += max(fresh, 0)
        of["tokens_output"] += usage["output_tokens"]
        of["tokens_cache_read"] += usage["cached_input_tokens"]
        of["tokens_cache_write"] += usage["cache_write_input_tokens"]
        of["tokens_reasoning"] += usage["reasoning_output_tokens"]
    return sums


def test_sums_of_every_recorded_session(tmp_path: Path) -> None:
    found = _sessions(tmp_path, (decode(lines, path) for path, lines in sample_files().items()))
    sums = _naive_sums()
    assert len(found) == 38
    for name, session in found.items():
        told = {token: getattr(session, token) for token in _TOKENS}
        told |= {"requests": session.api_request_count, "doubtful": session.incomplete_requests}
        assert told == sums[name], name
    assert sum(session.api_request_count for session in found.values()) == 69


def test_neither_order_nor_repetition_matters(tmp_path: Path) -> None:
    told = [decode(lines, path) for path, lines in sample_files().items()]
    first = _sessions(tmp_path, told)
    for seed in (1, 2):
        shuffled = told + told[:7]
        random.Random(seed).shuffle(shuffled)
        assert _sessions(tmp_path, shuffled) == first


def test_a_session_tells_what_it_is(tmp_path: Path) -> None:
    path = next(path for path in sample_files() if "01a2070a-cb5f" in path)
    session = _sessions(tmp_path, [decode(sample_files()[path], path)]).popitem()[1]
    assert (session.framework, session.model, session.git_branch) == ("codex", "gpt-6.1-sol", "main")
    assert (session.cwd, session.permission_mode) == ("/home/dev/project", "on-request")
    assert (session.client_version, session.entrypoint) == ("0.169.0", "cli")
    assert (session.context, session.context_window, session.compaction_count) == (14255, 258400, 1)
    assert session.first_user_message == "Touch the file stamp.txt with the shell."
    assert session.last_user_message == "In one word, what is two plus two?"
    assert session.last_reply == "Four."
    assert (session.message_count, session.tool_call_count, session.transcript_path) == (4, 2, path)


# What it does.

_QUESTION = '{"questions": [{"question": "Which colour?"}]}'

_ASKED = (meta(), started(1), context(1.1), item("UserMessage", 1.2, id="u1", content=[{"text": "Go"}]))
_CALLED = (
    *_ASKED,
    response("function_call", 2, name="exec_command", call_id="c1", arguments="{}"),
    bill(2.1),
)
_ANSWERED = (*_CALLED, response("function_call_output", 3, call_id="c1", output="ok"))
_REPLIED = (*_ANSWERED, item("AgentMessage", 4, id="m1", content=[{"text": "Done."}]), bill(4.1, "resp_2"))


@pytest.mark.parametrize(
    ("records", "shown", "detail"),
    [
        (_ASKED[:2], "working", "thinking"),
        (_ASKED, "working", "thinking"),
        (_CALLED, "working", "exec_command"),
        (_ANSWERED, "working", "thinking"),
        (_REPLIED, "working", "thinking"),
        ((*_REPLIED, completed(5)), "your turn", "replied"),
        ((*_REPLIED, completed(5), started(6, "t2")), "working", "thinking"),
        (
            (*_CALLED, event("turn_aborted", 5, turn_id="t1", reason="interrupted")),
            "your turn",
            "interrupted",
        ),
        (
            (*_ASKED, completed(5, error={"codex_error_info": "server_overloaded"})),
            "error",
            "server_overloaded",
        ),
        ((*_ASKED, record("compacted", 3, {})), "working", "compacting"),
        (
            (
                *_ASKED,
                response("function_call", 2, name="request_user_input", call_id="c1", arguments=_QUESTION),
            ),
            "waiting",
            "question: Which colour?",
        ),
    ],
)
def test_what_a_session_does(
    tmp_path: Path, records: Sequence[dict[str, Any]], shown: str, detail: str
) -> None:
    session = _one(tmp_path, *records)
    assert (session.status_shown, session.status_detail) == (shown, detail)


def test_a_run_that_answers_one_prompt_ends_by_itself(tmp_path: Path) -> None:
    lines = (meta(source="exec"), *_REPLIED[1:], completed(5))
    assert _one(tmp_path, *lines, after=30_000).status_shown == "your turn"
    assert _one(tmp_path, *lines, after=90_000).status_shown == "ended"


def test_subagents_run_on_after_their_parents_turn(tmp_path: Path) -> None:
    parent = meta(0, PARENT), started(1), completed(3)
    child = child_meta(2, history_mode="paginated"), started(2.1, "c1"), bill(4)
    end = completed(5, "c1")
    running = _sessions(tmp_path, [read(*parent), read(*child)])[PARENT]
    assert (running.status_shown, running.subagent_count, running.background_count) == ("background", 1, 1)
    ended = _sessions(tmp_path, [read(*child, end), read(*parent)])
    assert list(ended) == [PARENT]
    assert (ended[PARENT].status_shown, ended[PARENT].background_count) == ("your turn", 0)
    assert (ended[PARENT].api_request_count, ended[PARENT].tokens_input) == (1, 2000)
    # What fills the window is the parent's own conversation.
    assert ended[PARENT].context is None


def test_the_window_grows_with_the_requests_and_shrinks_with_a_compaction(tmp_path: Path) -> None:
    assert _one(tmp_path, *_REPLIED).context == 9150
    lines = (*_REPLIED, record("compacted", 5, {}))
    assert _one(tmp_path, *lines).context is None
    only_trace = record("compacted", 5, {"latest_token_usage_record": bare_bill("resp_9")})
    assert _one(tmp_path, *_REPLIED, only_trace).context is None
    estimate = counters(6, numbers(), numbers(0, 0, 0, 0, total_tokens=800))
    assert _one(tmp_path, *lines, estimate).context == 800
    assert _one(tmp_path, *lines, estimate, bill(7, "resp_3", whole=1000, cached=0)).context == 1150


def test_a_subagents_start_is_the_parents_event_where_both_tell_of_it(tmp_path: Path) -> None:
    spawned = item("SubAgentActivity", 2, id="c1", kind="started", agent_thread_id=THREAD)
    parent_path = PATH.replace(THREAD, PARENT)
    told = [read(child_meta(0)), read(meta(1, PARENT), spawned, path=parent_path)]
    for order in (told, told[::-1]):
        with _store(tmp_path, order[0].events[0].timestamp) as storage:
            for decoded in order:
                storage.record(Batch(events=tuple(decoded.events), facts=tuple(decoded.facts)))
            found = storage.query(EventQuery())
        assert [(e.event_type, e.transcript_path) for e in found] == [(EventType.SUBAGENT_START, parent_path)]


# Copies of a file.


def test_a_file_and_its_archived_and_compressed_twins_count_once(tmp_path: Path) -> None:
    one, two = numbers(1000, 0, 10), numbers(3000, 900, 30)
    old = (
        meta(version=OLD),
        event("user_message", 1, message="Go"),
        counters(2, one, one),
        counters(3, two, one),
    )
    for lines in (raw(*_REPLIED, completed(5)), raw(*old)):
        places = PATH, PATH.replace("sessions/2026/09/01", "archived_sessions"), f"{PATH}.zst"
        told = [decode(lines, place) for place in places]
        alone, together = _sessions(tmp_path, told[:1]), _sessions(tmp_path, [*reversed(told), *told])
        assert {name: s.with_(transcript_path=None) for name, s in alone.items()} == {
            name: s.with_(transcript_path=None) for name, s in together.items()
        }


def test_a_home_with_archived_and_compressed_threads_is_read_whole(tmp_path: Path) -> None:
    zstandard = pytest.importorskip("zstandard")
    home = tmp_path / "home"
    files = sorted(HOME.rglob("*.jsonl.gz"))
    for number, path in enumerate(files):
        content = gzip.decompress(path.read_bytes())
        place = home / ".codex" / path.relative_to(HOME).with_suffix("")
        if number % 3 == 1:
            place = home / ".codex" / "archived_sessions" / place.name
        place.parent.mkdir(parents=True, exist_ok=True)
        if number % 3 != 2 or number % 2:
            place.write_bytes(content)
        if number % 3 == 2:
            place.with_name(f"{place.name}.zst").write_bytes(zstandard.compress(content))
    now = 1_795_414_600_000
    with _store(tmp_path, now) as storage:
        scanner = Scanner(storage, [FRAMEWORK], "devbox", env={}, home=home, watch=False, clock=lambda: now)
        report = scanner.scan_once()
        found = storage.list_sessions(SessionQuery())
        assert (report.problems, scanner.scan_once().events) == ((), 0)
    sums = _naive_sums()
    assert len(found) == 38
    assert {s.session_id: s.tokens_output for s in found} == {
        s.session_id: sums[s.session_id]["tokens_output"] for s in found
    }
    assert sum(session.api_request_count for session in found) == 69


def test_a_file_without_its_parents_says_the_same_as_the_bill() -> None:
    """The fork's running totals start at its parent's: 45,080 tokens for a turn of 11,310."""
    path = next(path for path in sample_files() if "01a20709-85d6" in path)
    records = [json.loads(line) for _, line in sample_files()[path]]
    totals = [
        r["payload"]["info"]["total_token_usage"]
        for r in records
        if r["payload"].get("type") == "token_count"
    ]
    assert totals[-1]["input_tokens"] > 40_000
    found = [event for event in decode(sample_files()[path], path).events if event.is_api_request]
    assert [(e.tokens_input, e.tokens_cache_read, e.tokens_output) for e in found] == [(174, 11136, 5)]
