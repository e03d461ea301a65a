"""Machines in a file: a repeated word writes nothing, and an older file has none."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from mi6_tui.model import Machine, Way
from mi6_tui.storage.conformance import Clock
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.storage.sqlite.migrations import MIGRATIONS
from mi6_tui.storage.sqlite.opening import open_file

SEEN = Machine(machine_id="ci", seen_at=1, way=Way.REMOTE)


def test_a_word_that_tells_nothing_new_wakes_nobody(tmp_path: Path) -> None:
    path = tmp_path / "mi6.db"
    with closing(SqliteStorage(path)) as writer, closing(SqliteStorage(path)) as watcher:
        writer.see_machine(SEEN)
        before = watcher.data_version()
        writer.see_machine(SEEN)
        writer.see_machine(Machine(machine_id="ci", seen_at=0, way=Way.PUSH))
        assert watcher.data_version() == before
        assert watcher.machines() == [SEEN]


def test_a_file_of_before_has_none(tmp_path: Path) -> None:
    path = tmp_path / "mi6.db"
    open_file(path, read_only=False, busy_timeout=0, migrations=MIGRATIONS[:5])
    with closing(SqliteStorage(path, read_only=True)) as store:
        assert store.machines() == []
    with closing(SqliteStorage(path)) as store:
        store.see_machine(SEEN)
        assert store.machines() == [SEEN]


def test_the_clock_is_that_of_this_machine(tmp_path: Path) -> None:
    clock = Clock()
    with closing(SqliteStorage(tmp_path / "mi6.db", clock=clock)) as store:
        assert store.now() == clock.now
