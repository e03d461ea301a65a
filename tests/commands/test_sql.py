"""`sql` as a user types it, and the views that the README promises."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import mi6_tui
from mi6_tui.storage.selection import VIEWS
from tests.commands.conftest import Cli
from tests.commands.transcripts import write_session

README = Path(mi6_tui.__file__).parent.parent / "README.md"


@pytest.fixture
def used(cli: Cli) -> Cli:
    write_session(cli.home, "a1")
    cli.ok("scan")
    return cli


def test_a_table(used: Cli) -> None:
    shown = used.ok("sql", "SELECT session_id, api_request_count, title FROM v_sessions")
    assert shown == "session_id  api_request_count  title\na1                          2  -\n"


def test_json_lines(used: Cli) -> None:
    shown = used.ok("sql", "SELECT model, count(*) AS n, NULL AS title FROM v_requests", "--json")
    assert json.loads(shown) == {"model": "claude-opus-5-5", "n": 2, "title": None}


def test_no_row_prints_the_heading_and_no_json(used: Cli) -> None:
    nothing = "SELECT id FROM v_requests WHERE 0"
    assert used.ok("sql", nothing) == "id\n"
    assert used.ok("sql", nothing, "--json") == ""


def test_more_rows_than_a_page(used: Cli) -> None:
    many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500) SELECT i FROM n"
    assert used.ok("sql", many).split() == ["i", *map(str, range(1, 2501))]


def test_refusals(used: Cli) -> None:
    assert "only reading is allowed" in used.fails(4, "sql", "DELETE FROM events")
    assert "syntax error" in used.fails(2, "sql", "SELEC")


def test_without_a_store(cli: Cli) -> None:
    assert "there is no store" in cli.fails(1, "sql", "SELECT 1")


@pytest.mark.parametrize("view", VIEWS)
def test_the_readme_names_every_column(used: Cli, view: str) -> None:
    (row,) = re.findall(rf"^\| `{view}` \| .* \| (.*) \|$", README.read_text(), re.M)
    documented = re.findall(r"`(\w+)`", row)
    shown = used.ok("sql", f"SELECT * FROM {view} LIMIT 0").split()
    assert documented == shown
