"""Questions that are asked all the time are answered from an index, without sorting or walking."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

import pytest

from mi6_tui.model import EventQuery, SearchQuery, SessionQuery, TimelineQuery
from mi6_tui.storage.postgres import PostgresStorage
from mi6_tui.storage.postgres.address import address_of
from mi6_tui.storage.postgres.connection import connect, fetch
from mi6_tui.storage.postgres.known import KNOWN
from mi6_tui.storage.postgres.queries import event_sql, session_sql
from mi6_tui.storage.postgres.rates import RATES
from mi6_tui.storage.postgres.search import search_sql
from mi6_tui.storage.postgres.session_reads import CONTEXT, FILES, MODELS, TOOLS, timeline_sql
from mi6_tui.storage.postgres.stats import usage_sql
from mi6_tui.storage.rows import select_events
from tests.storage.postgres.server import PostgresServer

_FILL = """
INSERT INTO events(id, machine_id, timestamp, event_type, session_id, source, key, twin_key, uuid,
    tool_use_id, tool_name, words)
SELECT n, 'm' || n % 5, 1000 * n, CASE n % 4 WHEN 0 THEN 'ApiRequest' WHEN 1 THEN 'PreToolUse'
    WHEN 2 THEN 'PostToolUse' ELSE 'AssistantMessage' END, 's' || n % 200, 'transcript', 'k' || n, 't' || n,
    'u' || n, 'c' || n / 4, 'Edit', CASE n % 4 WHEN 3 THEN to_tsvector('simple', 'pear' || n) END
FROM generate_series(1, 40000) AS n;
INSERT INTO sessions(machine_id, session_id, first_started_at, last_started_at, last_activity, last_ended_at,
    pid, github_pr, status_until, revision)
SELECT 'm' || n % 5, 's' || n, n, n, n, CASE WHEN n % 100 > 0 THEN n END, n, n, n, n
FROM generate_series(1, 4000) AS n;
INSERT INTO usage SELECT session_id, machine_id, 'transcript', first_started_at, 'model', 1,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM sessions;
ANALYZE
"""


@pytest.fixture(scope="module")
def large(server: PostgresServer) -> Iterator[str]:
    """A database with some tens of thousands of events, as its server knows."""
    url = server.make("large")
    PostgresStorage(url).close()
    server.run(_FILL, "large")
    yield url
    server.run("DROP DATABASE large WITH (FORCE)")


def plan_of(url: str, sql: str, values: Sequence[Any]) -> str:
    with closing(connect(address_of(url), writable=False, lock_timeout=0)) as connection:
        return "\n".join(row[0] for row in fetch(connection, f"EXPLAIN {sql}", values))


_EVENTS = EventQuery().with_limit(100)
_TIMELINE = TimelineQuery(machine_id="m2", session_id="s7")


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (_EVENTS, "idx_events_timestamp"),
        (_EVENTS.ascending(), "idx_events_timestamp"),
        (_EVENTS.with_after_ts(1), "idx_events_timestamp"),
        (_EVENTS.with_session("s7"), "idx_events_session_timestamp"),
        (_EVENTS.with_after_id(39_000).order_by_id(), "events_pkey"),
    ],
)
def test_events(large: str, query: EventQuery, index: str) -> None:
    end, values = event_sql(query)
    plan = plan_of(large, select_events() + end, values)
    assert f"using {index} on events" in plan
    assert "Sort" not in plan


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (_TIMELINE, "idx_events_session_timestamp"),
        (_TIMELINE.with_(before=(20_000_000, 6)), "idx_events_session_timestamp"),
        (_TIMELINE.with_(after=(20_000_000, 6)), "idx_events_session_timestamp"),
        (_TIMELINE.with_(stored_after=39_990), "events_pkey"),
        (
            _TIMELINE.with_(event_types=("a",), failed_calls=True, counted=True),
            "idx_events_session_timestamp",
        ),
    ],
)
def test_timelines(large: str, query: TimelineQuery, index: str) -> None:
    end, values = timeline_sql(query)
    plan = plan_of(large, select_events() + end, values)
    assert index in plan
    assert "Seq Scan on events" not in plan


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (SessionQuery().changed_since(3_990), "idx_sessions_revision"),
        (SessionQuery().active_only().with_active_since(3_900), "idx_sessions_active"),
        (SessionQuery().with_id_prefix("ab"), "idx_sessions_session_id"),
        (SessionQuery().with_github_pr(5), "idx_sessions_github_pr"),
        (SessionQuery().with_limit(50), "idx_sessions_first_started_at"),
        (SessionQuery().order_by_last_activity().with_limit(50), "idx_sessions_last_activity"),
    ],
)
def test_sessions(large: str, query: SessionQuery, index: str) -> None:
    end, values = session_sql(query)
    assert f"using {index} on sessions" in plan_of(large, f"SELECT * FROM sessions{end}", values)


@pytest.mark.parametrize(
    ("sql", "values"),
    [
        (TOOLS, ["s7", "m2"] * 2),
        (FILES, [*["s7", "m2"] * 2, ["Edit"]]),
        (CONTEXT, ["s7", "m2"] * 2),
        (MODELS, ["s7", "m2"]),
        (RATES, [39_990_000, 39_990_000, 40_000_000]),
        (KNOWN, [["k"], ["t"]]),
        ("SELECT 1 FROM events WHERE uuid = %s AND session_id = %s LIMIT 1", ["u", "s"]),
        ("SELECT 1 FROM sessions WHERE pid = %s", [5]),
        ("SELECT 1 FROM sessions WHERE status_until <= %s", [9]),
        ("SELECT 1 FROM sessions WHERE session_id = %s", ["s"]),
    ],
)
def test_nothing_large_is_walked(large: str, sql: str, values: list[Any]) -> None:
    walked = [line for line in plan_of(large, sql, values).splitlines() if "Seq Scan" in line]
    assert all("on files" in line for line in walked), "which are none here"


def test_usage_since_some_time_reads_no_older_sums(large: str) -> None:
    plan = plan_of(large, usage_sql("model"), [3_990, 4_000])
    assert "idx_usage_quarter" in plan
    assert "Seq Scan on usage" not in plan


def test_words_are_found_by_their_index(large: str) -> None:
    plan = plan_of(large, *search_sql(SearchQuery(text="pear7"), "'pear7'"))
    assert "Bitmap Index Scan on idx_events_words" in plan


def test_a_plan_that_walks_is_noticed(large: str) -> None:
    assert "Seq Scan on events" in plan_of(large, "SELECT max(preview) FROM events", [])
