"""`demo` and `replay` without a terminal."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from mi6_tui.ingest.demo import fill_demo
from mi6_tui.storage.sqlite import SqliteStorage
from tests.commands.conftest import Cli
from tests.commands.transcripts import SECOND, write_session
from tests.storage.original import execute, write_original

NOW = 1_795_442_531_000
"""2026-11-23 14:02:11 UTC."""


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """A store with the demo, two minutes after it began."""
    path = tmp_path / "recorded.db"
    storage = SqliteStorage(path, clock=lambda: NOW)
    fill_demo(storage, NOW, played=120_000)
    storage.close()
    return path


def test_the_demo_is_a_table_without_a_terminal(cli: Cli) -> None:
    lines = cli.ok("demo").splitlines()
    assert len(lines) == 1 + 24
    assert "waiting: permission" in lines[1]
    assert not cli.store.exists()


def test_a_seed_names_the_same_fleet(cli: Cli) -> None:
    first, second = (cli.json("demo", "--seed", "7") for _ in range(2))
    assert [session["session_id"] for session in first] == [session["session_id"] for session in second]


@pytest.mark.parametrize(
    ("args", "what"),
    [(("--seed", "x"), "whole number"), (("--speed", "0"), "no speed"), (("--speed", "fast"), "no speed")],
)
def test_bad_numbers_are_bad_usage(cli: Cli, args: tuple[str, ...], what: str) -> None:
    assert what in cli.fails(2, "demo", *args)


def test_the_end_of_a_recording_is_what_the_store_says(cli: Cli, recorded: Path) -> None:
    stored = {row["session_id"]: row for row in cli.json("sessions", "--no-scan", "--db", str(recorded))}
    replayed = {row["session_id"]: row for row in cli.json("replay", str(recorded))}
    assert replayed.keys() == stored.keys()
    for name in ("tokens_input", "tokens_output", "tokens_cache_read", "api_request_count", "title"):
        assert {key: row[name] for key, row in replayed.items()} == {
            key: row[name] for key, row in stored.items()
        }


def test_a_time_shows_what_was_known_then(cli: Cli) -> None:
    """The session's prompt is at 10:00:00, its two requests follow at :01 and :11."""
    write_session(cli.home, "a1")
    cli.ok("scan")
    store = str(cli.store)
    before = cli.json("replay", store, "--at", "2026-11-20T10:00:05")
    after = cli.json("replay", store, "--at", "2026-11-20T10:00:30")
    assert [(row["api_request_count"], row["status_shown"]) for row in before] == [(1, "working")]
    assert [(row["api_request_count"], row["status_shown"]) for row in after] == [(2, "your turn")]
    assert cli.json("replay", store, "--at", "2026-11-20T09:59:59") == []
    assert after[0]["first_started_at"] == SECOND
    assert "Say hello" in cli.ok("replay", store, "--at", "2026-11-20T10:00:05")


def test_nothing_is_written_to_what_is_replayed(cli: Cli, recorded: Path) -> None:
    before = recorded.read_bytes()
    cli.ok("replay", str(recorded))
    assert recorded.read_bytes() == before
    assert not cli.store.exists()


def test_a_store_of_the_original_can_be_replayed(cli: Cli) -> None:
    path = cli.home / "theirs.db"
    write_original(path)
    assert {row["session_id"] for row in cli.json("replay", str(path))} == {"a", "b"}


def test_what_is_no_recording_is_told_in_one_line(cli: Cli, tmp_path: Path) -> None:
    assert "there is no store at" in cli.fails(1, "replay", str(tmp_path / "missing.db"))
    text = tmp_path / "notes.txt"
    text.write_text("no store at all, but long enough to have a header of its own\n" * 40)
    assert "notes.txt" in cli.fails(1, "replay", str(text))
    assert "is a folder" in cli.fails(1, "replay", str(tmp_path))
    foreign = tmp_path / "music.db"
    execute(foreign, "CREATE TABLE songs (name TEXT)")
    assert "holds other data" in cli.fails(1, "replay", str(foreign))
    empty = tmp_path / "empty.db"
    SqliteStorage(empty).close()
    assert "holds no events" in cli.fails(3, "replay", str(empty))


def test_a_damaged_store_is_told_in_one_line(cli: Cli, recorded: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.db"
    shutil.copy(recorded, damaged)
    with damaged.open("r+b") as file:
        file.truncate(20_000)
    assert "damaged.db" in cli.fails(1, "replay", str(damaged))


def test_a_time_that_is_none_is_bad_usage(cli: Cli, recorded: Path) -> None:
    assert "is no time" in cli.fails(2, "replay", str(recorded), "--at", "yesterday-ish")


def test_json_is_one_list(cli: Cli, recorded: Path) -> None:
    assert isinstance(json.loads(cli.ok("replay", str(recorded), "--json", "--at", "1h")), list)
