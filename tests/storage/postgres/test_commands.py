"""The command line over a database: what it shows, what it refuses, and what it never says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from mi6_tui.cli import main
from mi6_tui.storage.conformance import make_event, request
from mi6_tui.storage.conformance.search import prompt
from mi6_tui.storage.postgres import PostgresStorage
from tests.commands.transcripts import write_session
from tests.storage.postgres.server import PostgresServer


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's home with a transcript that is not in the database."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MI6_TUI_HOME", str(tmp_path / "state"))
    write_session(tmp_path, "local")
    return tmp_path


@pytest.fixture
def filled(url: str, home: Path) -> str:
    with closing(PostgresStorage(url)) as store:
        store.insert(prompt("find the pear", machine_id="desk", key="a"))
        store.insert(request(machine_id="build", session_id="t", key="b"))
    return url


def printed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(capsys.readouterr().out)
    return found


def test_sessions_of_all_machines_are_listed_and_nothing_is_scanned(
    filled: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--db", filled, "sessions", "--json"]) == 0
    found = {(row["machine_id"], row["session_id"]) for row in printed(capsys)}
    assert found == {("desk", "s"), ("build", "t")}


def test_one_machine_of_them_is_picked(filled: str, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("sessions", "--where", "machine:build", "--columns", "machine_id,session_id", "--json")
    assert main(["--db", filled, *asked]) == 0
    assert printed(capsys) == [{"machine_id": "build", "session_id": "t"}]


def test_the_environment_names_a_database_too(
    filled: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MI6_TUI_DB", filled)
    assert main(["search", "pear", "--json"]) == 0
    assert "find the pear" in capsys.readouterr().out


@pytest.mark.parametrize(
    "argv",
    [
        ("session", "s"),
        ("events", "--session", "s"),
        ("stats", "--by", "session"),
        ("stats", "--by", "machine"),
        ("sql", "SELECT machine_id FROM v_sessions"),
        ("explain", "s", "status"),
        ("gc", "--dry-run"),
        ("gc", "--older-than", "1s"),
        ("forget", "s", "--yes"),
    ],
)
def test_commands_that_ask_a_store(
    filled: str, argv: Sequence[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--db", filled, *argv]) == 0
    assert capsys.readouterr().out


@pytest.mark.parametrize("argv", [("doctor", "--thorough"), ("doctor", "--rebuild"), ("scan",)])
def test_commands_that_work_on_a_file(
    filled: str, argv: Sequence[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--db", filled.replace("mi6@", "mi6:sesame@"), *argv]) == 2
    said = capsys.readouterr().err
    assert "not in a database" in said
    assert "sesame" not in said


def test_what_goes_wrong_is_one_line_without_the_password(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MI6_TUI_DB", "postgresql://u:sesame@127.0.0.1:1/db")
    assert main(["sessions"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("mi6-tui: postgresql://u@127.0.0.1:1/db cannot be reached: ")
    assert said.count("\n") == 1
    written = [file.read_text(errors="replace") for file in home.rglob("*.log*") if file.is_file()]
    assert not any("sesame" in text for text in (said, *written))


_WITHOUT = """
import sys
sys.modules["psycopg"] = None
from mi6_tui.cli import main
sys.exit(main(["--db", "postgresql://u@127.0.0.1:1/db", *sys.argv[1:]]))
"""
_UNASKED = """
import sys
from mi6_tui.cli import main
code = main(["sessions"])
sys.exit(code or 9 * ("psycopg" in sys.modules))
"""


def run(code: str, home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "HOME": str(home), "MI6_TUI_HOME": str(home / "state")}
    return subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, env=env, timeout=60
    )


@pytest.mark.parametrize("argv", [("sessions",), ("status",), ("doctor",), ("fleet", "roles")])
def test_without_the_library_one_line_says_what_to_install(home: Path, argv: Sequence[str]) -> None:
    done = run(_WITHOUT, home, *argv)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "pip install 'mi6-tui[postgres]'" in done.stderr


def test_nobody_else_pays_for_it(home: Path) -> None:
    assert run(_UNASKED, home).returncode == 0


def test_a_database_is_never_taken_for_a_file(
    server: PostgresServer, filled: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = home / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    main(["--db", filled, "sessions"])
    main(["--db", filled, "status"])
    assert list(folder.iterdir()) == []
    with closing(PostgresStorage(filled)) as store:
        assert store.insert(make_event(key="still there")) == 3
