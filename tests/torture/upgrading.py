"""A store of the first schema is brought up to the present one, and it is killed."""

from __future__ import annotations

import shutil
from pathlib import Path
from random import Random
from typing import Final

import apsw

from mi6_tui.storage.sqlite.migrations import MIGRATIONS
from mi6_tui.storage.sqlite.opening import open_file
from tests.torture.killing import Child, Deaths, any_kill, ended, note
from tests.torture.rows import differences, rows, unsound
from tests.torture.world import World

_COPIED: Final = ("files", "events", "sessions", "session_state", "transcript_positions")


def play(world: World, chance: Random, deaths: Deaths) -> None:
    """After any number of kills it is the store that comes of it at once, beside copies of the old one."""
    old = prepare(world)
    for _ in range(chance.randint(1, 4)):
        kill = any_kill(chance)
        note("upgrade", kill, Child(lambda: upgrade(world.store), kill).end(), deaths)
    ended(lambda: trouble(world, old))


def prepare(world: World) -> Path:
    """Let there be an old store with all that the clients wrote; a copy of it."""
    world.grow_up()
    ended(world.scan)
    ended(lambda: _make_old(world.store))
    return Path(shutil.copy(world.store, world.state.with_name("old.db")))


def upgrade(path: Path) -> None:
    """What opening a store does."""
    open_file(path, read_only=False, busy_timeout=5000)


def trouble(world: World, old: Path) -> str | None:
    """What is not as if nobody had been killed, for a store that was as `old`; None: nothing."""
    clean = world.state.parent / "clean.db"
    shutil.copy(old, clean)
    for path in (world.store, clean):
        upgrade(path)
        if wrong := unsound(path):
            return f"unsound: {wrong}"
    if different := differences(rows(world.store), rows(clean)):
        return different
    first = f"before-{MIGRATIONS[1].name}-"
    if not any(first in copy.name for copy in world.state.iterdir()):
        return "no copy of the old store"
    for copy in world.state.glob("mi6.db.before-*"):
        # Who goes on after some steps keeps a copy of what it found.
        wrong = differences(rows(copy), rows(old)) if first in copy.name else unsound(copy)
        if wrong:
            return f"{copy.name}: {wrong}"
    strange = [path.name for path in world.state.iterdir() if path.name.startswith(".")]
    return f"left over: {', '.join(strange)}" if strange else None


def _make_old(path: Path) -> None:
    """Put a store of the first schema, with the rows of this one, in its place."""
    old = path.with_name("old.db")
    open_file(old, read_only=False, busy_timeout=0, migrations=MIGRATIONS[:1])
    connection = apsw.Connection(str(old))
    connection.execute("ATTACH ? AS today", (str(path),))
    for table in _COPIED:
        columns = ", ".join(row[1] for row in connection.execute(f"PRAGMA main.table_info({table})"))
        connection.execute(f"INSERT INTO main.{table}({columns}) SELECT {columns} FROM today.{table}")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.close()
    old.replace(path)
