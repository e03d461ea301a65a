"""Whoever keeps the store is killed at one moment of many: nothing is lost, doubled or left lying about."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from random import Random

import apsw
import pytest

from tests.torture.rounds import ROUNDS
from tests.torture.world import World

REPOSITORY = Path(__file__).parents[2]


def torture(*arguments: str) -> str:
    """A process of its own: this one may have threads, and stores open."""
    command = (sys.executable, "-m", "tests.torture", *arguments)
    done = subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.timeout(300)
def test_traps_21_and_22_fifty_rounds() -> None:
    told = torture("--rounds", "50")
    assert told.startswith("50 rounds survived")
    assert all(kind in told for kind in ROUNDS)


@pytest.mark.timeout(300)
def test_trap_22_a_batch_that_is_cut_off_before_each_of_its_statements() -> None:
    told = torture("--rounds", "0", "--each", "--work", "scan", "--point", "statement")
    assert "killed: each of scan, statement" in told


@pytest.mark.timeout(300)
def test_settings_survive_a_kill_at_each_step_of_enable_and_disable() -> None:
    told = torture("--rounds", "0", "--each", "--work", "enable")
    assert "killed: enable, step" in told and "killed: disable, step" in told


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("DELETE FROM events WHERE id = 5", "events: 46 rows, not 47"),
        ("DELETE FROM usage", "usage: 0 rows"),
        ("UPDATE sessions SET tokens_output = tokens_output + 1", "sessions: 4 rows"),
        ("UPDATE events SET preview = 'other' WHERE event_type = 'ApiRequest'", "events: "),
    ],
)
def test_what_is_wrong_with_a_store_would_be_found(tmp_path: Path, damage: str, told: str) -> None:
    world = World(tmp_path, Random(1))
    world.grow_up()
    world.scan()
    connection = apsw.Connection(str(world.store))
    connection.execute(damage)
    connection.close()
    assert told in str(world.trouble())


def test_what_is_left_over_would_be_found(tmp_path: Path) -> None:
    world = World(tmp_path, Random(1))
    world.call()
    (world.state / "mi6.db.half").touch()
    (world.spool / ".17").touch()
    assert world.trouble() == "left over: .17, mi6.db.half"


def test_a_call_that_was_lost_would_be_found(tmp_path: Path) -> None:
    world = World(tmp_path, Random(1))
    world.call()
    next(world.spool.iterdir()).unlink()
    assert world.trouble() == "0 hook calls of 1 are in the store"
