"""A store that broke: what is shown, what `doctor` says of it, what the log of a store is worth."""

from __future__ import annotations

import json
from contextlib import closing
from typing import Any

import pytest

from mi6_tui.errors import StorageError
from mi6_tui.storage.sqlite.integrity import integrity
from tests.commands.conftest import Cli
from tests.commands.test_bad_input import as_ordinary_user
from tests.faults.damage import Damage, a_folder, a_text, first_page, flipped, late, shorter_by, truncated_to
from tests.faults.world import World, ids_of, sessions_of

BROKEN: dict[str, Damage] = {
    "nothing left": truncated_to(0),
    "half": truncated_to(0.5),
    "one page less": shorter_by(4096),
    "header": first_page(b"\xff" * 100),
    "first page": first_page(b"\0" * 4096),
    "events": flipped("events", 0.4),
    "sessions": flipped("sessions", 0.5),
    "index": flipped("idx_events_key", 0),
    "a folder": a_folder,
    "a text": a_text,
}


@pytest.fixture
def cli(world: World) -> Cli:
    """The program over the world's store and home."""
    program = Cli(world.store.parent.parent)
    program.env |= {"HOME": str(world.home), "MI6_TUI_HOME": str(world.store.parent)}
    return program


def doctor(cli: Cli, *args: str) -> tuple[int, dict[str, dict[str, Any]]]:
    done = cli.run("doctor", "--json", *args, prefix=as_ordinary_user())
    assert done.stderr == ""
    return done.returncode, {check["name"]: check for check in json.loads(done.stdout)["checks"]}


@pytest.mark.parametrize("name", [name for name in BROKEN if name != "nothing left"])
def test_doctor_finds_it_and_says_what_to_do(cli: Cli, world: World, name: str) -> None:
    BROKEN[name](world)
    code, checks = doctor(cli, "--thorough")
    assert code == 1
    failed = [check for check in checks.values() if check["level"] == "failed"]
    assert str(world.store) in failed[0]["told"]
    said = " ".join(check["told"] + check["advice"] for check in failed)
    assert ("doctor --rebuild" in said) == (name != "a folder"), said


def test_what_was_cut_to_nothing_is_made_anew_by_the_next_scan(cli: Cli, world: World) -> None:
    BROKEN["nothing left"](world)
    cli.run("scan")
    clean = set(world.clean())
    with closing(world.open()) as storage:
        assert set(sessions_of(storage)) == clean
    assert doctor(cli)[0] == 0


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("command", ["scan", "sessions", "events", "stats", "search x", "next", "status"])
def test_every_command_says_one_line_and_never_a_traceback(
    cli: Cli, world: World, name: str, command: str
) -> None:
    BROKEN[name](world)
    done = cli.run(*command.split())
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 1, 3)
    if done.returncode == 1:
        assert all(line.startswith("mi6-tui: ") for line in done.stderr.splitlines())
        assert str(world.store) in done.stderr


def test_rebuilding_on_the_command_line(cli: Cli, world: World) -> None:
    with closing(world.open()) as storage:
        before, ids = sessions_of(storage), ids_of(storage)
    flipped("idx_events_key", 0)(world)
    assert "would be made anew" in cli.run("doctor", "--rebuild", "--dry-run").stdout
    done = cli.run("doctor", "--rebuild", "--json")
    assert done.returncode == 0 and "mi6-tui: reading the transcripts" in done.stderr
    told = json.loads(done.stdout)
    assert (told["done"], told["events"]) == (True, len(ids))
    assert doctor(cli, "--thorough")[1]["store damage"]["level"] == "ok"
    with closing(world.open()) as storage:
        assert ids_of(storage) == ids
        assert set(sessions_of(storage)) == set(before)


def test_a_dry_run_of_nothing_is_bad_usage(cli: Cli) -> None:
    assert "--dry-run goes with --rebuild" in cli.fails(2, "doctor", "--dry-run")


def test_a_log_that_is_deleted_while_the_store_is_open_is_noticed(world: World) -> None:
    """SQLite would write on into a file that nobody else finds, and others would make another one."""
    storage = world.open()
    storage.insert(late())
    for suffix in ("-wal", "-shm"):
        world.store.with_name(world.store.name + suffix).unlink()
    with pytest.raises(StorageError, match="another program deleted the log"):
        storage.count()
    with pytest.raises(StorageError, match="another program deleted the log"):
        storage.insert(late())
    storage.close()
    with closing(world.open()) as again:
        assert again.get_session("late") is not None, "what stood in the log was written back"


@pytest.mark.parametrize("suffix", ["-shm", "-wal"])
def test_what_lies_beside_a_store_that_was_killed_is_needed_or_made_anew(world: World, suffix: str) -> None:
    """Without its log the store is as of the last checkpoint; the index of the log is nothing but a help."""
    with closing(world.open()) as storage:
        before = sessions_of(storage)
        storage.insert(late())
        files = {path.name: path.read_bytes() for path in world.store.parent.iterdir() if path.is_file()}
    for name, data in files.items():
        if name != world.store.name + suffix:
            world.store.with_name(name).write_bytes(data)
    with closing(world.open()) as storage:
        found = sessions_of(storage)
    assert ("late" in found) == (suffix == "-shm")
    found.pop("late", None)
    assert found == before


def test_a_large_store_is_looked_at_for_a_moment_only(world: World) -> None:
    assert integrity(world.store, 0.0) == ("", False)
    assert integrity(world.store, 60.0) == ("", True)
    flipped("events", 0.4)(world)
    damage, complete = integrity(world.store, None)
    assert damage and complete
