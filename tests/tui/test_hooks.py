"""Hooks are offered, shown and set up from the dashboard, on real files, and only after a yes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC
from pathlib import Path

import pytest
from textual.pilot import Pilot

from mi6_tui.frameworks import names
from mi6_tui.hooks.place import Place
from mi6_tui.paths import paths
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.app import Mi6App
from mi6_tui.tui.offers import Offers
from tests.tui.conftest import NOW, Clock, look, screen_text, until
from tests.tui.looking import home
from tests.tui.makers import working

SETTINGS = '{\n  // [bold]mine[/] \x1b[2J\n  "model": "opus"\n}\n'
Run = Callable[..., AbstractAsyncContextManager[Pilot[None]]]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A machine with Claude Code and Codex on it."""
    user = tmp_path / "user"
    (user / ".claude").mkdir(parents=True)
    (user / ".claude" / "settings.json").write_text('{\n  "model": "opus"\n}\n')
    (user / ".codex").mkdir()
    return Place(
        env={"PATH": ""}, home=user, project=tmp_path, paths=paths({"MI6_TUI_HOME": str(tmp_path / "state")})
    )


@pytest.fixture
def run(storage: SqliteStorage, clock: Clock, place: Place) -> Run:
    """The dashboard that has looked whether there is something to offer."""

    @asynccontextmanager
    async def run(width: int = 120, height: int = 35) -> AsyncIterator[Pilot[None]]:
        app = Mi6App(storage, clock=clock, zone=UTC, hooks=lambda: place, live=False)
        async with app.run_test(size=(width, height), notifications=True) as pilot:
            app.look_for_offers()
            await settled(pilot)
            yield pilot

    return run


async def settled(pilot: Pilot[None], *keys: str) -> None:
    """Press keys, and let what they begin come to its end."""
    for key in (*keys, ""):
        if key:
            await pilot.press(key)
        await pilot.pause()
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()


def screen_of(pilot: Pilot[None]) -> str:
    return type(pilot.app.screen).__name__


def words(pilot: Pilot[None]) -> str:
    return "\n".join(screen_text(pilot))


def claude(place: Place) -> Path:
    return place.home / ".claude" / "settings.json"


async def test_the_offer_is_a_quiet_line_and_shows_how(
    run: Run, storage: SqliteStorage, place: Place
) -> None:
    storage.record(working("a"))
    before = claude(place).read_bytes()
    async with run(width=200) as pilot:  # wide enough for any path
        assert screen_text(pilot)[-1].endswith("hooks would tell when an agent waits: H shows how")
        await settled(pilot, "H")
        assert screen_of(pilot) == "HooksScreen"
        shown = words(pilot)
        assert "▌claude     ○ not enabled" in shown
        assert " codex      ○ not enabled" in shown
        assert " gemini     · not on this machine" in shown
        assert '"model": "opus",' in shown
        assert "PermissionRequest" in shown
        assert f"kept in {place.backups}" in shown
        await settled(pilot, "escape")
        assert screen_of(pilot) == "HomeScreen"
        assert "H shows how" in screen_text(pilot)[-1]
    assert claude(place).read_bytes() == before
    assert not place.paths.hooks.exists()


async def test_a_small_screen_names_the_key_alone(run: Run, storage: SqliteStorage) -> None:
    storage.record(working("a"))
    async with run(80, 24) as pilot:
        assert screen_text(pilot)[-1] == (
            " Enter open  n next  / query  a ended  d details  ? help  H hooks  q quit"
        )


async def test_an_empty_page_offers_them_too(run: Run) -> None:
    async with run() as pilot:
        await look(pilot)
        assert "Hooks would tell at once when an agent waits for you: H shows how." in words(pilot)


async def test_yes_does_exactly_what_is_shown_and_yes_again_takes_it_back(run: Run, place: Place) -> None:
    before = claude(place).read_bytes()
    async with run(200, 50) as pilot:
        await settled(pilot, "H")
        planned = next(c for c in Offers(lambda: place).clients() if c.name == "claude").plans[0].after
        await settled(pilot, "y")
        assert claude(place).read_bytes() == planned != before
        assert "✓ The hooks of claude are enabled." in words(pilot)
        assert "What is left to do: sessions that run already" in words(pilot)
        assert "▌claude     ✓ enabled" in words(pilot)
        (backup,) = (line for line in screen_text(pilot) if line.startswith(" The bytes before: "))
        assert Path(backup.partition(": ")[2]).read_bytes() == before
        await settled(pilot, "y")
        assert claude(place).read_bytes() == planned, "the answer to a question that is no longer asked"
        await settled(pilot, "j", "k")
        assert "y yes, disable claude" in screen_text(pilot)[-1]
        await settled(pilot, "y")
        assert "✓ The hooks of claude are disabled." in words(pilot)
        assert claude(place).read_bytes() == before


async def test_another_client_is_chosen_and_what_is_not_here_cannot_be_set_up(run: Run, place: Place) -> None:
    async with run() as pilot:
        await settled(pilot, "H", "j", "y")
        assert "✓ The hooks of codex are enabled." in words(pilot)
        assert "trust the hooks" in words(pilot)
        last = names()[-1]
        await settled(pilot, *["j"] * len(names()), "y")
        assert f"{last} is not on this machine" in words(pilot)
        assert not (place.home / ".gemini").exists()
        assert not (place.home / ".config").exists()


async def test_no_is_remembered(run: Run, storage: SqliteStorage, place: Place) -> None:
    storage.record(working("a"))
    async with run() as pilot:
        await settled(pilot, "H", "n")
        assert screen_of(pilot) == "HomeScreen"
        assert "H shows how" not in screen_text(pilot)[-1]
    async with run() as pilot:
        assert "H shows how" not in screen_text(pilot)[-1]
        await settled(pilot, "H")
        assert "○ not enabled" in words(pilot), "but whoever asks is told"


async def test_nothing_is_offered_once_all_have_them(run: Run, storage: SqliteStorage, place: Place) -> None:
    storage.record(working("a"))
    async with run() as pilot:
        await settled(pilot, "H", "y", "j", "y", "escape")
        assert "H shows how" not in screen_text(pilot)[-1]


async def test_settings_that_cannot_be_read_are_named_and_left_alone(run: Run, place: Place) -> None:
    claude(place).write_text(SETTINGS + "}")
    async with run() as pilot:
        await settled(pilot, "H")
        assert "? cannot tell" in words(pilot)
        assert "settings.json, line " in words(pilot).replace("\n ", "")
        await settled(pilot, "y")
        assert claude(place).read_text() == SETTINGS + "}"


async def test_a_file_that_was_changed_meanwhile_is_left_alone(run: Run, place: Place) -> None:
    async with run(200, 50) as pilot:
        await settled(pilot, "H")
        claude(place).write_text('{"model": "haiku"}')
        await settled(pilot, "y")
        assert "Not done: " in words(pilot)
        assert "changed by somebody else meanwhile" in words(pilot).replace("\n ", " ")
        assert claude(place).read_text() == '{"model": "haiku"}'


@pytest.mark.parametrize("size", [(200, 50), (80, 24), (40, 10), (20, 5), (1, 1)])
async def test_every_size_stands_and_foreign_text_is_shown_not_obeyed(
    run: Run, place: Place, size: tuple[int, int]
) -> None:
    claude(place).write_text('{\n  "[/x] [bold]b[/] \x9b2J\u202e": "' + "登录" * 200 + '"\n}\n')
    async with run(*size) as pilot:
        await settled(pilot, "H", "pagedown", "G", "g", "ctrl+d", "pageup")
        shown = words(pilot)
        assert not any(char in shown for char in "\x1b\x9b\u202e")
        if size == (200, 50):
            assert "[/x] [bold]b[/] �2J�" in shown


async def test_what_fails_unforeseen_is_a_banner(storage: SqliteStorage) -> None:
    def lost() -> Place:
        raise ZeroDivisionError("by [nothing]")

    app = Mi6App(storage, clock=lambda: NOW, hooks=lost, live=False)
    async with app.run_test(size=(120, 35)) as pilot:
        app.look_for_offers()
        await until(pilot, lambda: bool(home(pilot).banner.display))
        assert home(pilot).banner.text == " ▲ hooks: ZeroDivisionError: by [nothing]"


async def test_without_a_place_nothing_is_offered(storage: SqliteStorage) -> None:
    app = Mi6App(storage, clock=lambda: NOW, live=False)
    async with app.run_test(size=(120, 35), notifications=True) as pilot:
        await settled(pilot, "H")
        assert screen_of(pilot) == "HomeScreen"
        assert home(pilot)._offered is False
