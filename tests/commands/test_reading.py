"""`sessions`, `session`, `events`, `status` and `gc` on a store with known content."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mi6_tui.model import Event
from mi6_tui.storage.sqlite import SqliteStorage
from tests.commands.conftest import Cli
from tests.commands.transcripts import SECOND, write_session

TABLE_HEADINGS = (
    "STATE",
    "SINCE",
    "SESSION",
    "NAME",
    "PROJECT",
    "CONTEXT",
    "TOKENS",
    "COST",
    "MODEL",
    "BRANCH",
    "LAST",
)


def record(store: Path, *events: Event) -> None:
    storage = SqliteStorage(store)
    for event in events:
        storage.insert(event)
    storage.close()


def started(session: str, *, pid: int | None = None, timestamp: int = SECOND) -> Event:
    return Event(
        machine_id="elsewhere",
        timestamp=timestamp,
        event_type="SessionStart",
        session_id=session,
        framework="codex",
        pid=pid,
        source="hook",
    )


def test_reading_catches_up_first_unless_told_not_to(cli: Cli) -> None:
    write_session(cli.home, "a1")
    done = cli.run("sessions", "--no-scan", "--json")
    assert (done.returncode, done.stdout) == (0, "[]\n")
    (session,) = cli.json("sessions")
    assert session["session_id"] == "a1"
    assert session["api_request_count"] == 2
    assert (session["tokens_input"], session["tokens_output"], session["tokens_cache_read"]) == (20, 10, 200)
    assert session["total_tokens"] == 230
    # 20 fresh, 10 output and 200 cached tokens of Opus 5.5.
    assert session["cost_usd"] == session["cost_estimated_usd"] == 0.00032
    assert session["cost_recorded_usd"] is None
    assert session["first_user_message"] == "Say hello"


def test_the_table_shows_full_values_in_a_pipe(cli: Cli) -> None:
    write_session(cli.home, "0123456789-abcdef", prompt="A prompt that no eighty columns would hold " * 3)
    heading, row = cli.ok("sessions").splitlines()
    assert heading.split() == list(TABLE_HEADINGS)
    assert "0123456789-abcdef" in row
    assert "columns would hold A prompt that no eighty columns would hold A" in row
    assert row.split()[-7:-1] == ["greet", "0%", "230", "<$0.001", "opus-5-5", "main"]


def test_an_empty_table_says_where_to_look(cli: Cli) -> None:
    done = cli.run("sessions")
    assert done.returncode == 0
    assert done.stderr == "mi6-tui: no session matches; `mi6-tui status` says where was looked\n"


def test_columns_sort_limit_and_filters(cli: Cli) -> None:
    record(cli.store, started("old", timestamp=SECOND - 5_000), started("new"))
    assert cli.json("sessions", "--sort", "started_at", "--columns", "session_id,pid") == [
        {"session_id": "new", "pid": None},
        {"session_id": "old", "pid": None},
    ]
    assert cli.json("sessions", "--limit", "1", "--sort", "last_activity", "--columns", "session_id") == [
        {"session_id": "new"}
    ]
    assert len(cli.json("sessions", "--framework", "codex")) == 2
    assert cli.json("sessions", "--framework", "claude") == []
    assert cli.ok("sessions", "--columns", "session_id,framework", "--sort", "started_at").splitlines() == [
        "SESSION  FRAMEWORK",
        "new      codex",
        "old      codex",
    ]


def test_a_session_is_found_by_id_beginning_or_process(cli: Cli) -> None:
    record(cli.store, started("4711", pid=12), started("abcdef", pid=4711), started("abcxyz"))
    for word, found in (
        ("abcd", "abcdef"),
        ("abcxyz", "abcxyz"),
        ("4711", "abcdef"),
        ("12", "4711"),
        ("47", "4711"),
    ):
        assert cli.json("session", word, "--fields", "session_id") == {"session_id": found}


def test_an_ambiguous_beginning_lists_the_candidates(cli: Cli) -> None:
    record(cli.store, started("abcdef"), started("abcxyz"))
    line = cli.fails(2, "session", "abc")
    assert line.startswith("2 sessions begin with 'abc': ")
    assert "abcdef" in line and "abcxyz" in line


@pytest.mark.parametrize(
    "args", [("session", "nobody"), ("session", "99"), ("events", "--session", "nobody"), ("session", "")]
)
def test_nobody_of_that_name(cli: Cli, args: tuple[str, ...]) -> None:
    assert "`mi6-tui sessions` lists them" in cli.fails(3, *args)


def test_a_session_as_text_names_what_is_known(cli: Cli) -> None:
    write_session(cli.home, "a1")
    shown = dict(line.split(maxsplit=1) for line in cli.ok("session", "a1").splitlines())
    assert shown["tokens_input"] == "20"
    assert shown["first_started_at"] == "2026-11-20 10:00:00"
    assert shown["cost_usd"] == "0.000320"
    assert "cost_recorded_usd" not in shown
    fields = "cost_client_usd,cwd"
    assert cli.ok("session", "a1", "--fields", fields) == "cost_client_usd  -\ncwd              /work/greet\n"


def test_events_are_listed_by_time_and_continued_by_id(cli: Cli) -> None:
    write_session(cli.home, "a1")
    events = [json.loads(line) for line in cli.ok("events", "--json").splitlines()]
    assert [event["timestamp"] for event in events] == sorted(event["timestamp"] for event in events)
    assert sum(event["event_type"] == "ApiRequest" for event in events) == 2
    ids = sorted(event["id"] for event in events)
    after = [json.loads(line) for line in cli.ok("events", "--json", "--after-id", str(ids[1])).splitlines()]
    assert [event["id"] for event in after] == ids[2:]
    assert len(cli.ok("watch", "--limit", "2").splitlines()) == 2
    requests = cli.ok("events", "--type", "apirequest", "--session", "a").splitlines()
    assert len(requests) == 2
    assert all("ApiRequest         claude-opus-5-5 in 110 out 5" in line for line in requests)


def test_gc_forgets_events_and_keeps_totals(cli: Cli) -> None:
    write_session(cli.home, "a1")
    before = cli.json("sessions")
    count = len(cli.ok("events").splitlines())
    assert cli.ok("gc", "--older-than", "1s", "--dry-run") == f"{count} of {count} events would be deleted\n"
    assert cli.ok("gc", "--older-than", "1s") == f"{count} events deleted, 0 left\n"
    assert cli.ok("events", "--json") == ""
    assert cli.json("scan", "--full")["events"] == 0
    assert cli.json("sessions") == before


def test_status_says_where_everything_is(cli: Cli) -> None:
    empty = cli.json("status")
    assert (empty["store"], empty["bytes"], empty["sessions"]) == (str(cli.store), None, None)
    assert not cli.store.exists()
    write_session(cli.home, "a1")
    cli.ok("scan")
    state = cli.json("status")
    assert (state["sessions"], state["requests"], state["total_tokens"], state["transcripts"]) == (
        1,
        2,
        230,
        1,
    )
    assert state["writer"] is None
    assert state["roots"][0] == {
        "framework": "claude",
        "path": f"{cli.home}/.claude/projects",
        "exists": True,
    }
    assert cli.ok("status").splitlines()[0] == f"store     {cli.store}"


def test_the_store_is_named_before_or_after_the_command(cli: Cli, tmp_path: Path) -> None:
    record(tmp_path / "one.db", started("one"))
    record(tmp_path / "two.db", started("two"))
    one, two = str(tmp_path / "one.db"), str(tmp_path / "two.db")
    fields = ("--columns", "session_id")
    assert cli.json("--db", one, "sessions", *fields) == [{"session_id": "one"}]
    assert cli.json("sessions", "--db", two, *fields) == [{"session_id": "two"}]
    assert cli.json("--db", one, "sessions", "--db", two, *fields) == [{"session_id": "two"}]
    done = cli.run("sessions", "--json", *fields, MI6_TUI_DB=one)
    assert json.loads(done.stdout) == [{"session_id": "one"}]


def test_the_demo_needs_no_agent_and_leaves_nothing(cli: Cli) -> None:
    sessions = cli.json("demo")
    assert len(sessions) > 20
    assert {session["status_shown"] for session in sessions} >= {
        "waiting",
        "error",
        "working",
        "your turn",
        "ended",
    }
    assert len(cli.ok("demo").splitlines()) == len(sessions) + 1
    assert not cli.store.parent.exists()
