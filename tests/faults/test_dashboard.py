"""The dashboard while its store fails: a banner, no crash, and on it goes when the fault is gone."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from textual.pilot import Pilot

from mi6_tui.tui.app import Mi6App
from tests.commands.transcripts import write_session
from tests.faults.world import NOW, World
from tests.tui.conftest import screen_text, until


def shows(pilot: Pilot[None], text: str) -> bool:
    return any(text in line for line in screen_text(pilot))


async def test_a_store_that_is_rebuilt_under_it_is_shown_anew(world: World, tmp_path: Path) -> None:
    """It only reads; whatever is new in the other store appears, and what the user named stays."""
    write_session(tmp_path / "more", "fresh", prompt="A question of today", requests=1)
    more = world.home / ".claude" / "projects" / "-work-fresh"
    (tmp_path / "more" / ".claude" / "projects" / "-work-greet").rename(more)
    try:
        with closing(world.open()) as storage:
            async with Mi6App(storage, clock=lambda: NOW).run_test(size=(250, 100)) as pilot:
                await until(pilot, lambda: shows(pilot, "the third"))
                assert not shows(pilot, "A question of today")
                world.rebuild()
                await until(pilot, lambda: shows(pilot, "A question of today"))
                await until(pilot, lambda: not shows(pilot, "another store stands"))
                assert shows(pilot, "the third")
    finally:
        for path in more.iterdir():
            path.unlink()
        more.rmdir()


async def test_a_store_that_goes_away_is_told_and_shown_again_when_it_is_back(world: World) -> None:
    with closing(world.open()) as storage:
        async with Mi6App(storage, clock=lambda: NOW).run_test(size=(250, 100)) as pilot:
            await until(pilot, lambda: shows(pilot, "the third"))
            away = world.store.rename(world.store.with_name("away.db"))
            await until(pilot, lambda: shows(pilot, "was moved or deleted"))
            assert shows(pilot, "the third"), "what was read stays"
            away.rename(world.store)
            await until(pilot, lambda: not shows(pilot, "was moved or deleted"))


async def test_a_log_that_another_program_deletes_is_told(world: World) -> None:
    with closing(world.open()) as storage:
        async with Mi6App(storage, clock=lambda: NOW).run_test(size=(250, 100)) as pilot:
            await until(pilot, lambda: shows(pilot, "the third"))
            for suffix in ("-wal", "-shm"):
                world.store.with_name(world.store.name + suffix).unlink()
            await until(pilot, lambda: shows(pilot, "deleted the log"))
            assert shows(pilot, "the third")
