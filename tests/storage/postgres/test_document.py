"""The set-up of docs/fleet.md, command by command as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

import mi6_tui
from tests.commands.transcripts import write_session
from tests.storage.postgres.server import PostgresServer

DOCUMENT = (Path(mi6_tui.__file__).parent.parent / "docs" / "fleet.md").read_text()
COMMANDS = re.search(r"## Set-up in five commands\n.*?```sh\n(.*?)```", DOCUMENT, re.DOTALL)[1].splitlines()  # type: ignore[index]
SETTINGS = re.search(r"```sql\n(.*?)```", DOCUMENT, re.DOTALL)[1]  # type: ignore[index]
PINNING = re.search(r"pin it:\n\n```sh\n(.*?)```", DOCUMENT, re.DOTALL)[1]  # type: ignore[index]


@pytest.fixture
def fresh(server: PostgresServer) -> Iterator[PostgresServer]:
    yield server
    server.run("DROP DATABASE mi6 WITH (FORCE)")
    server.run("DROP ROLE mi6_pusher; DROP ROLE mi6_viewer")


def run(server: PostgresServer, command: str, home: Path) -> str:
    """What it prints; by a shell, as somebody who knows where the server is."""
    env = {
        "HOME": str(home),
        "MI6_TUI_HOME": str(home / "state"),
        "PATH": f"{Path(sys.executable).parent}:{server.programs}:{os.environ['PATH']}",
        "PGHOST": str(server.folder),
        "PGUSER": "mi6",
        "LC_ALL": "C.UTF-8",
    }
    done = subprocess.run(
        ("sh", "-c", command),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=env,
        cwd=home,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_five_commands_set_it_up(fresh: PostgresServer, tmp_path: Path) -> None:
    assert len(COMMANDS) == 5
    write_session(tmp_path, "a1b2")
    printed = [run(fresh, command, tmp_path) for command in COMMANDS]
    assert "a1b2" in printed[4]
    machine = os.uname().nodename
    assert fresh.run("SELECT machine_id, session_id FROM sessions", "mi6") == [(machine, "a1b2")]
    assert fresh.run("SELECT machine_id, way FROM machines", "mi6") == [(machine, "push")]
    assert fresh.run("SELECT count(*) FROM inbox", "mi6") == [(0,)]
    fresh.run(SETTINGS, "mi6")
    # Once more, as after an update; and a machine may be pinned.
    assert run(fresh, COMMANDS[1], tmp_path) == ""
    assert run(fresh, PINNING, tmp_path) == ""
    try:
        post = "INSERT INTO inbox(machine_id, sent_at, payload) VALUES (%s, 1, '')"
        with psycopg.connect(fresh.url("mi6", user="laptop_pusher"), autocommit=True) as laptop:
            laptop.execute(post, ("laptop",))
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                laptop.execute(post, ("desk",))
    finally:
        fresh.run("DROP OWNED BY laptop_pusher; DROP ROLE laptop_pusher", "mi6")
