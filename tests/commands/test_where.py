"""`sessions --where` and `--sort` as a user types them."""

from __future__ import annotations

from pathlib import Path

import pytest

from mi6_tui.model import Event
from mi6_tui.storage.sqlite import SqliteStorage
from tests.commands.conftest import Cli
from tests.commands.transcripts import SECOND


@pytest.fixture
def fleet(cli: Cli) -> Cli:
    """Three sessions, one after the other: `one` of codex, `two` and `three` of claude, the last dearest."""
    record(cli.store, "one", "codex", 1, None)
    record(cli.store, "two", "claude", 2, 1.0)
    record(cli.store, "three", "claude", 3, 2.0)
    return cli


def record(store: Path, name: str, framework: str, second: int, cost: float | None) -> None:
    storage = SqliteStorage(store)
    storage.insert(
        Event(
            machine_id="elsewhere",
            timestamp=SECOND + second * 1000,
            event_type="ApiRequest",
            session_id=name,
            framework=framework,
            cost_usd=cost,
            source="transcript",
        )
    )
    storage.close()


def ids(cli: Cli, *args: str) -> list[str]:
    return [row["session_id"] for row in cli.json("sessions", "--columns", "session_id", *args)]


def test_where_selects(fleet: Cli) -> None:
    assert ids(fleet, "--where", "cost>1 or fw:codex", "--sort", "session") == ["one", "three"]
    assert ids(fleet, "--where=-fw:codex", "--sort=-cost") == ["two", "three"]
    assert ids(fleet, "--where", "not fw:codex", "--framework", "codex") == []
    assert ids(fleet, "--where", "") == ids(fleet)


def test_the_limit_counts_what_was_selected(fleet: Cli) -> None:
    assert ids(fleet, "--where", "fw:claude", "--sort=-cost,session", "--limit", "1") == ["two"]


def test_orders(fleet: Cli) -> None:
    assert ids(fleet, "--sort", "cost") == ["three", "two", "one"]
    assert ids(fleet, "--sort=-cost") == ["two", "three", "one"]
    assert ids(fleet, "--sort", "started_at") == ["three", "two", "one"]
    assert ids(fleet, "--sort", "last_activity") == ["three", "two", "one"]
    assert ids(fleet, "--sort", "framework,-last_activity") == ["two", "three", "one"]


def test_a_wrong_query_is_told_with_its_place(cli: Cli) -> None:
    assert cli.fails(2, "sessions", "--where", "age<2h cots>3") == (
        "column 8 of the query: no field is called 'cots'; did you mean cost?"
    )
    assert cli.fails(2, "sessions", "--sort", "cots") == (
        "no field to sort by is called 'cots'; did you mean cost?"
    )
    assert not cli.store.exists()


def test_a_query_is_no_way_to_the_terminal(cli: Cli) -> None:
    assert "\x1b" not in cli.fails(2, "sessions", "--where", "status:\x1b[31mred")
