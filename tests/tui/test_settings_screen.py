"""Settings: shown with their sources, changed in place, followed while they change, wrong in one line."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC
from pathlib import Path

import pytest
from textual.drivers.headless_driver import HeadlessDriver
from textual.pilot import Pilot

from mi6_tui.config import Settings
from mi6_tui.settings_reader import ConfigError, read_settings
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.app import Mi6App
from mi6_tui.tui.checked import check
from mi6_tui.tui.screens.messages import MessagesScreen
from mi6_tui.tui.screens.settings import SettingsScreen, rows_of
from tests.tui.conftest import Clock, app_of, look, press, screen_text
from tests.tui.looking import home
from tests.tui.makers import asking, ended

Run = Callable[..., AbstractAsyncContextManager[Pilot[None]]]


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


@pytest.fixture
def run(storage: SqliteStorage, clock: Clock, settings: Path) -> Run:
    @asynccontextmanager
    async def run(text: str = "", welcome: bool = False) -> AsyncIterator[Pilot[None]]:
        settings.write_text(text)
        app = Mi6App(storage, clock=clock, zone=UTC, settings=settings, env={}, live=False, welcome=welcome)
        async with app.run_test(size=(120, 40), notifications=True) as pilot:
            app.look_at_settings()
            await look(pilot)
            yield pilot

    return run


async def change(pilot: Pilot[None], settings: Path, text: str) -> None:
    settings.write_text(text)
    app_of(pilot).look_at_settings()
    await look(pilot)


def shown(pilot: Pilot[None]) -> str:
    return "\n".join(screen_text(pilot))


def test_every_setting_is_told_with_its_source() -> None:
    text = '# mine\n[dashboard]\nascii = true\n\n[notifications]\nquiet = ["22:00-07:00"]\n'
    rows = {row.name: row for row in rows_of(Settings(), text)}
    assert all(row.told for row in rows.values())
    assert rows["dashboard.ascii"].source == "line 3"
    assert rows["notifications.quiet"].source == "line 6"
    assert rows["dashboard.title"].source == "default"
    assert (rows["columns.show"].value, rows["budgets.day"].value) == ("the usual ones", "none")
    assert rows["dashboard.motion"].choices == ("reduced", "full")
    assert rows["notifications.bell"].choices == (False, True)
    tables = {"dashboard", "notifications", "columns", "budgets"}
    for table in tables:
        fields = type(getattr(Settings(), table)).model_fields
        assert {f"{table}.{name}" for name in fields} <= set(rows)


async def test_a_setting_is_changed_and_the_rest_of_the_file_stays(run: Run, settings: Path) -> None:
    async with run("# by hand\n[dashboard]\ntitle = false  # quiet\n") as pilot:
        await press(pilot, "comma")
        screen = app_of(pilot).screen
        assert isinstance(screen, SettingsScreen)
        names = [row.name for row in screen.list.rows]
        screen.list.select(names.index("dashboard.motion"))
        await press(pilot, "space")
        assert settings.read_text() == '# by hand\n[dashboard]\ntitle = false  # quiet\nmotion = "reduced"\n'
        assert app_of(pilot).reduced_motion
        line = next(line for line in screen_text(pilot) if "dashboard.motion" in line)
        assert "reduced" in line and "line 4" in line
        await press(pilot, "space", "escape")
        assert 'motion = "full"' in settings.read_text()
        assert not app_of(pilot).reduced_motion
        assert app_of(pilot).screen is app_of(pilot).home


async def test_a_broken_file_is_told_and_the_last_good_one_holds(run: Run, settings: Path) -> None:
    async with run('[dashboard]\ntheme = "mi6-day"\n') as pilot:
        assert pilot.app.theme == "mi6-day"
        await change(pilot, settings, '[dashboard]\ntheme = "mi6-dya"\n')
        assert (
            "settings.toml:2: dashboard.theme: no theme is called 'mi6-dya', did you mean mi6-day?"
            in shown(pilot)
        )
        assert pilot.app.theme == "mi6-day"
        await change(pilot, settings, '[dashboard]\ntheme = "mi6-contrast"\n')
        assert "▲" not in screen_text(pilot)[1]
        assert pilot.app.theme == "mi6-contrast"


async def test_keys_are_remapped_while_it_runs(run: Run, settings: Path, storage: SqliteStorage) -> None:
    storage.record(ended("a"))
    storage.record(asking("b"))
    async with run('[keys]\nended = ["E", "ctrl+e"]\nhelp = "f1"\n') as pilot:
        await press(pilot, "a")
        assert len(home(pilot).table.rows) == 1
        await press(pilot, "ctrl+e")
        assert len(home(pilot).table.rows) == 2
        assert "E Ctrl+E ended" in screen_text(pilot)[-1] and "F1 help" in screen_text(pilot)[-1]
        await press(pilot, "f1")
        assert "E Ctrl+E" in shown(pilot)
        await press(pilot, "escape")
        await change(pilot, settings, "")
        await press(pilot, "E")
        assert len(home(pilot).table.rows) == 2
        await press(pilot, "a")
        assert len(home(pilot).table.rows) == 1
        assert "a ended" in screen_text(pilot)[-1]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[keys]\nendet = "E"\n', ":2: keys.endet: unknown command, did you mean ended?"),
        ('[keys]\nended = "ctlr+e"\n', ":2: keys.ended: no key is called 'ctlr+e', did you mean ctrl+e?"),
        ('[keys]\n\nended = "d"\n', ":3: keys.ended: d is the key of details, too (Sessions)"),
        ('[keys]\nended = "?"\n', ":2: keys.ended: question_mark is the key of help, too (Sessions)"),
        (
            "[keys]\nended = 3\n",
            ':2: keys.ended: write a key as "ctrl+d", several as ["j", "down"], not \'3\'',
        ),
        ("keys.ended = []\n", ":1: keys.ended: write a key as"),
        ('[themes.nord]\nname = "#ffffff"\n', ":1: themes.nord: there is a theme of that name"),
        ('[themes.x]\nlike = "nrod"\n', ":2: themes.x.like: no theme is called 'nrod', did you mean nord?"),
        (
            '[themes.x]\nneeds-you = "red"\n',
            ":2: themes.x.needs-you: write colours as \"#f0b04a\", not 'red'",
        ),
        ('[themes.x]\nneeds = "#ffffff"\n', ":2: themes.x.needs: unknown key, did you mean needs-you?"),
    ],
)
def test_what_cannot_be_meant_is_told_with_its_line(settings: Path, text: str, told: str) -> None:
    settings.write_text(text)
    with pytest.raises(ConfigError) as wrong:
        read_settings(settings, check)
    assert str(wrong.value).startswith(f"{settings}{told}")


def test_two_keys_may_change_places(settings: Path) -> None:
    settings.write_text('[keys]\nended = "d"\ndetails = "a"\n')
    assert read_settings(settings, check).keys == {"ended": ("d",), "details": ("a",)}


async def test_messages_keep_what_was_told(run: Run, settings: Path, clock: Clock) -> None:
    async with run() as pilot:
        app = app_of(pilot)
        app.notify("the [red]first[/red] note")
        clock.now += 61_000
        await change(pilot, settings, "[dashboard\n")
        await press(pilot, "M")
        assert isinstance(app.screen, MessagesScreen)
        lines = [line for line in screen_text(pilot) if ":" in line]
        assert lines[0].startswith(" 14:03:12 ▲ problem") and "Expected ']'" in "".join(lines)
        assert any(line.startswith(" 14:02:11 · note     the [red]first[/red] note") for line in lines)
        for number in range(400):
            app.messages.add("information", "", str(number))
        assert len(list(app.messages)) == 300


async def test_the_terminals_title_counts_who_needs_you(
    run: Run, settings: Path, writer: SqliteStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(HeadlessDriver, "write", lambda self, data: sent.append(data))

    def titles() -> list[str]:
        told = [data for data in sent if "\x1b]2;" in data or ("\x1b[2" in data[:4] and data.endswith("t"))]
        sent.clear()
        return told

    writer.record(asking("a"))
    async with run() as pilot:
        assert titles() == []
        await change(pilot, settings, "[dashboard]\ntitle = true\n")
        assert titles() == ["\x1b[22;2t\x1b]2;mi6 1 needs you\a"]
        writer.record(asking("b"))
        await look(pilot)
        assert titles() == ["\x1b]2;mi6 2 need you\a"]
    assert titles() == ["\x1b[23;2t"]


async def test_it_begins_at_the_page_that_is_set(run: Run) -> None:
    async with run('[dashboard]\nstart = "usage"\n') as pilot:
        assert type(pilot.app.screen).__name__ == "UsageScreen"
        await press(pilot, "1")
        assert pilot.app.screen is app_of(pilot).home


async def test_who_is_new_is_greeted_beside_sessions(run: Run, writer: SqliteStorage) -> None:
    async with run(welcome=True) as pilot:
        assert "First time here?" not in shown(pilot), "the empty page says it itself"
        assert "? shows every key" in shown(pilot)
        writer.record(asking("a"))
        await look(pilot)
        assert "First time here?" in shown(pilot) and "? shows every key" in shown(pilot)
