"""The disk is full: while it is recorded, migrated, deleted. Nothing is lost, and with room all goes on."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from mi6_tui.errors import StorageError
from mi6_tui.frameworks import framework
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.app import Mi6App
from tests.commands.conftest import Cli
from tests.commands.transcripts import write_session
from tests.faults.disks import can_mount, enlarge, files_limited_to, small_disk
from tests.faults.world import NOW, World, sessions_of
from tests.ingest.test_follow import QUICK, running
from tests.tui.conftest import screen_text, until

SESSIONS, REQUESTS = 30, 12
LIMIT = 200_000
"""Bytes; a new store is smaller, what these transcripts become is not."""


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    for number in range(SESSIONS):
        write_session(tmp_path, f"s{number:02}", requests=REQUESTS)
    return Cli(tmp_path)


if can_mount():

    @pytest.mark.parametrize("size", ["64k", "500k", "800k"])
    def test_a_small_disk(cli: Cli, size: str) -> None:
        """Too small to make the store, to record anything, to record all."""
        state = cli.store.parent
        with small_disk(state, size):
            assert "the disk is full; free some space" in cli.fails(1, "scan")
            listed = cli.run("sessions", "--json")
            assert "the disk is full" in listed.stderr
            found = json.loads(cli.run("doctor", "--json").stdout)
            (disk,) = (check for check in found["checks"] if check["name"] == "disk")
            assert disk["level"] == "failed"
            enlarge(state, "20m")
            cli.ok("scan", "--json")
            total = cli.json("stats")["total"]
            assert (total["session_count"], total["api_request_count"]) == (SESSIONS, SESSIONS * REQUESTS)
            assert total["tokens_input"] == 10 * SESSIONS * REQUESTS

    def test_a_rebuild_without_room_leaves_the_old_store(cli: Cli) -> None:
        state = cli.store.parent
        with small_disk(state, "20m"):
            cli.ok("scan", "--json")
            before = cli.store.read_bytes()
            assert "make room first" in cli.fails(1, "doctor", "--rebuild")
            assert cli.store.read_bytes() == before
            assert {path.name for path in state.iterdir()} == {"mi6.db", "mi6.db.lock"}


def test_a_store_that_cannot_grow_keeps_what_it_has_and_goes_on_with_room(cli: Cli) -> None:
    with closing(SqliteStorage(cli.store)) as storage:
        with running(storage, cli.home, client=framework("claude")) as told:
            with files_limited_to(LIMIT):
                problem = told.problems.get(timeout=30)
                assert problem.path is None and "cannot be read or written" in problem.reason
            told.state(lambda state: state.role == "writer")
            while (session_count := len(sessions_of(storage))) < SESSIONS:
                told.reports.get(timeout=30)
        assert session_count == SESSIONS
        assert sum(one.api_request_count for one in sessions_of(storage).values()) == SESSIONS * REQUESTS


def test_a_migration_without_room_leaves_the_store_as_it_was_and_no_half_copy(world: World) -> None:
    connection = apsw.Connection(str(world.store))
    connection.execute("DROP TABLE event_text")
    connection.execute("DELETE FROM mi6_tui_migrations WHERE name = 'm004_search'")
    connection.close()
    with closing(SqliteStorage(world.store, read_only=True)) as storage:
        before = sessions_of(storage)
    names = {path.name for path in world.store.parent.iterdir()}
    with files_limited_to(50_000), pytest.raises(StorageError):
        world.open()
    assert {path.name for path in world.store.parent.iterdir()} <= names
    with closing(world.open()) as storage:
        assert sessions_of(storage) == before


def test_deleting_without_room_deletes_all_or_nothing(world: World) -> None:
    with closing(world.open()) as storage:
        count = storage.count()
        with files_limited_to(8192), pytest.raises(StorageError):
            storage.forget("s02")
        assert storage.count() == count
        assert storage.forget("s02") > 0
        assert storage.get_session("s02") is None


async def test_the_dashboard_says_so_and_goes_on_with_room(cli: Cli) -> None:
    from mi6_tui.ingest.scanner import Scanner

    with closing(SqliteStorage(cli.store, clock=lambda: NOW)) as storage:

        def scanner() -> Scanner:
            return Scanner(
                storage,
                [framework("claude")],
                "devbox",
                env={},
                home=cli.home,
                watch=False,
                intervals=QUICK,
                clock=lambda: NOW,
            )

        app = Mi6App(storage, make_scanner=scanner, clock=lambda: NOW)
        async with app.run_test(size=(120, 40)) as pilot:
            with files_limited_to(LIMIT):
                await until(pilot, lambda: "cannot be read or written" in " ".join(screen_text(pilot)))
            await until(pilot, lambda: sum("Say hello" in line for line in screen_text(pilot)) >= 25)
            await until(pilot, lambda: "cannot be read or written" not in " ".join(screen_text(pilot)))


def test_a_log_that_cannot_be_written_is_in_nobodys_way(cli: Cli) -> None:
    (cli.store.parent / "logs").mkdir(parents=True)
    (cli.store.parent / "logs" / "mi6-tui.log").mkdir()
    cli.ok("scan", "--json")
