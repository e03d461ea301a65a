"""What stands in a shared database for whoever may only look, when a machine sends no previews."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from mi6_tui.cli import main
from mi6_tui.storage.postgres.roles import VIEWED
from tests.commands.transcripts import write_session
from tests.storage.postgres.fleets import Fleet
from tests.storage.postgres.server import PostgresServer

PROMPT = "where are the quinces"


def all_that_is_seen(url: str) -> bytes:
    """Every value of every row that this user may read, packed states as their bytes."""
    with psycopg.connect(url, autocommit=True) as connection:
        seen = [
            connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table))).fetchall()
            for table in VIEWED
        ]
    values = [value for rows in seen for row in rows for value in row]
    return b"\n".join(value if isinstance(value, bytes) else str(value).encode() for value in values)


@pytest.mark.parametrize("hides", [False, True])
def test_texts_and_places(
    server: PostgresServer, fleet: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hides: bool
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MI6_TUI_HOME", str(tmp_path / "state"))
    session = f"private-{hides}"
    path = write_session(tmp_path, session, prompt=PROMPT)
    told = path.read_text().replace("/work/greet", f"{tmp_path}/orchard")
    path.write_text(told)
    assert str(tmp_path) in told
    assert main(["push", "--to", fleet.owner, *(["--no-previews"] if hides else [])]) == 0
    seen = all_that_is_seen(fleet.viewer)
    assert session.encode() in seen
    for secret in (PROMPT, "quinces", "orchard", str(tmp_path)):
        assert (secret.encode() in seen) is not hides, secret
    assert main(["--db", fleet.owner, "forget", session, "--yes"]) == 0
    server.run("DELETE FROM machines WHERE machine_id <> 'desk'", "fleet")
