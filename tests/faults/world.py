"""A home of small transcripts, a store over it that knows more than they tell, and what is true of both.

Every number here follows from how the transcripts are written (`tests.commands.transcripts`): a request is 10
fresh tokens, 5 written and 100 read from the cache.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Final

import apsw

from mi6_tui import frameworks
from mi6_tui.doctor.rebuild import Rebuild, Rebuilt
from mi6_tui.ingest.scanner import Scanner
from mi6_tui.model import Batch, Claim, Event, EventQuery, Session, SessionFact, SessionQuery
from mi6_tui.paths import Paths
from mi6_tui.storage.sqlite import SqliteStorage
from tests.commands.transcripts import SECOND, write_session

MACHINE: Final = "devbox"
NOW: Final = SECOND + 3_600_000
"""ms; an hour after the transcripts begin."""
SESSIONS: Final = 40
REQUESTS: Final = 12
"""Of each of these sessions."""
GONE: Final = 4
"""Requests of the session `gone`, whose transcript was deleted since."""
SECRET: Final = 3
"""Requests of the session `secret`, which was forgotten and whose transcript is there."""
HOOKS: Final = 30
"""Calls that only hooks told, of the session `hooked`."""
DELETED: Final = 10
"""Calls of it that `gc` deleted."""


class World:
    """What lies in `folder`: a home, and in `state` the store over it."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        state = folder / "state"
        self.paths = Paths(
            state / "mi6.db", state / "settings.toml", state / "logs", state / "spool", state / "hooks"
        )

    @property
    def store(self) -> Path:
        """The store's file."""
        return self.paths.store

    def open(self, path: Path | None = None) -> SqliteStorage:
        """The store, or another one, at `NOW`."""
        return SqliteStorage(path or self.store, clock=lambda: NOW)

    def scanner(self, storage: SqliteStorage) -> Scanner:
        """One for the home."""
        clients = [frameworks.framework(name) for name in frameworks.names()]
        return Scanner(storage, clients, MACHINE, env={}, home=self.home, watch=False, clock=lambda: NOW)

    def rebuild(self, *, dry_run: bool = False) -> Rebuilt:
        """Run `doctor --rebuild`."""
        return Rebuild(self.paths, MACHINE, self.home, env={}, clock=lambda: NOW).run(dry_run=dry_run)

    def clean(self) -> dict[str, Session]:
        """What a first scan of the transcripts would store, without its revisions."""
        path = self.store.with_name("clean.db")
        with closing(self.open(path)) as storage:
            self.scanner(storage).scan_once()
            return sessions_of(storage)

    def copy_to(self, folder: Path) -> World:
        """The same somewhere else. Its transcripts keep their paths: they are copied in place of none."""
        shutil.copytree(self.store.parent, folder / "state")
        other = World(folder)
        other.home = self.home
        return other

    def damage(self, page: int, content: bytes) -> None:
        """Overwrite a page of the store, the first one being 1; nobody has it open."""
        with self.store.open("r+b") as file:
            file.seek((page - 1) * 4096)
            file.write(content)


def sessions_of(storage: SqliteStorage) -> dict[str, Session]:
    """Each session by its id, without its revision."""
    return {
        session.session_id: session.with_(revision=0) for session in storage.list_sessions(SessionQuery())
    }


def ids_of(storage: SqliteStorage) -> Mapping[str | None, int | None]:
    """The id of each event by its key."""
    return {event.key: event.id for event in storage.query(EventQuery())}


def build(folder: Path) -> World:
    """Make one."""
    world = World(folder)
    for number in range(SESSIONS):
        write_session(world.home, f"s{number:02}", requests=REQUESTS // 2 if number == 0 else REQUESTS)
    gone = write_session(world.home, "gone", requests=GONE)
    secret = write_session(world.home, "secret", requests=SECRET)
    with closing(world.open()) as storage:
        for number in range(DELETED):
            storage.insert(_hook(number, NOW - 90 * 86_400_000 + number))
        storage.gc(86_400_000)
        world.scanner(storage).scan_once()
        for number in range(DELETED, DELETED + HOOKS):
            storage.insert(_hook(number, NOW - 1000 + number))
        storage.record(
            Batch(
                facts=(
                    _fact("s03", "nickname", "the third"),
                    _fact("s04", "tags", "blue red"),
                    _fact("s05", "pinned", 1),
                    _fact("s06", "hidden", 1),
                    _fact("s07", "seen", NOW - 5),
                    _fact("gone", "nickname", "remembered"),
                ),
                claims=(
                    Claim(
                        machine_id=MACHINE,
                        session_id="s08",
                        witness="registry",
                        kind="waiting",
                        detail="permission prompt",
                        at=NOW - 7,
                    ),
                ),
            )
        )
        storage.forget("secret")
    gone.unlink()
    assert secret.exists()
    return world


def _hook(number: int, at: int) -> Event:
    return Event(
        machine_id=MACHINE,
        session_id="hooked",
        timestamp=at,
        event_type="PreToolUse",
        tool_name="Bash",
        source="hook",
        key=f"hook:{number}",
        payload='{"command":"make ' + "x" * 300 + '"}',
    )


def _fact(session_id: str, name: str, value: str | int) -> SessionFact:
    return SessionFact(
        machine_id=MACHINE, session_id=session_id, name=name, value=value, timestamp=NOW, order=(NOW, 1)
    )


def pages(store: Path) -> dict[str, list[int]]:
    """The numbers of the leaf pages of each table and index, as SQLite itself tells them."""
    connection = apsw.Connection(str(store), flags=apsw.SQLITE_OPEN_READONLY)
    found: dict[str, list[int]] = {}
    for name, page in connection.execute(
        "SELECT name, pageno FROM dbstat WHERE pagetype = 'leaf' ORDER BY path"
    ):
        found.setdefault(name, []).append(page)
    connection.close()
    return found
