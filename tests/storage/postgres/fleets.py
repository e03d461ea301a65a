"""A store that many share, with its users, by the SQL that the program prints and by `psql`."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Final, NamedTuple
from urllib.parse import quote

from psycopg import sql

from mi6_tui.model import Machine, Way
from mi6_tui.storage.conformance import request
from mi6_tui.storage.conformance.search import prompt
from mi6_tui.storage.postgres import PostgresStorage
from mi6_tui.storage.postgres.roles import roles_sql
from tests.storage.postgres.server import PostgresServer

PUSHER: Final = """sender of "all" 'kinds'; --"""
VIEWER: Final = "Zuschauerin ß"


class Fleet(NamedTuple):
    """The URLs of its users."""

    owner: str
    pusher: str
    viewer: str


def as_user(url: str, name: str) -> str:
    """The same database for another user."""
    return url.replace("mi6@", f"{quote(name)}@")


def psql(server: PostgresServer, url: str, statements: str) -> subprocess.CompletedProcess[str]:
    """Let psql read these."""
    command = (server.programs / "psql", "-X", url)
    return subprocess.run(command, input=statements, capture_output=True, text=True, timeout=60)


@contextmanager
def made_fleet(server: PostgresServer) -> Iterator[Fleet]:
    """Two sessions of two machines; the SQL was run twice, without a word."""
    url = server.make("fleet")
    with closing(PostgresStorage(url)) as store:
        store.insert(prompt("find the pear", machine_id="desk", key="a"))
        store.insert(request(machine_id="build", session_id="t", key="b"))
        store.see_machine(Machine(machine_id="desk", seen_at=store.now(), way=Way.PUSH, skew_ms=-7_500))
    for _ in range(2):
        done = psql(server, url, roles_sql(PUSHER, VIEWER))
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    yield Fleet(url, as_user(url, PUSHER), as_user(url, VIEWER))
    server.run("DROP DATABASE fleet WITH (FORCE)")
    for name in (PUSHER, VIEWER):
        server.run(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)).as_string())
