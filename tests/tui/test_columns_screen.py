"""The chooser of columns: keys, mouse, live preview, and what it leaves in the settings file."""

from __future__ import annotations

import tomllib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from mi6_tui.tui.columns import COLUMNS, USUAL, Choice
from mi6_tui.tui.columns.draft import Chosen
from mi6_tui.tui.guarded import Guarded
from mi6_tui.tui.screens.columns import COMMANDS, ColumnsScreen
from mi6_tui.tui.styles import style_sheets
from tests.tui.conftest import NOW, screen_text
from tests.tui.makers import session

_ROWS = (
    session("a", title="Clean 日本語", github_repo="acme/api", framework="claude", pid=4083, tags="night"),
    session("b", title="Port [the] parser", cwd="/src/web", framework="codex", pid=4084),
)
_FILE = "[columns]\n# mine\nwidths = { name = 30 } # wide\n"


class Host(Guarded):
    """Shows the chooser and keeps what it returns."""

    def __init__(self, choice: Choice | None, path: Path | None) -> None:
        sheets = [str(sheet) for sheet in style_sheets()]
        super().__init__(sheets, path=None, clock=lambda: NOW, zone=None, env={})
        self.chooser = ColumnsScreen(choice, _ROWS, NOW, path)
        self.chosen: Chosen | None = None

    def on_mount(self) -> None:
        self.push_screen(self.chooser, self._take)

    def _take(self, chosen: Chosen | None) -> None:
        self.chosen = chosen


Choosing = Callable[..., AbstractAsyncContextManager[tuple[Pilot[None], Host]]]


@pytest.fixture
def choosing() -> Choosing:
    @asynccontextmanager
    async def run(
        choice: Choice | None = None, path: Path | None = None, width: int = 120
    ) -> AsyncIterator[tuple[Pilot[None], Host]]:
        host = Host(choice, path)
        async with host.run_test(size=(width, 30)) as pilot:
            await pilot.pause()
            await pilot.pause()
            yield pilot, host

    return run


async def go_to(pilot: Pilot[None], host: Host, name: str) -> None:
    place = [row.key for row in host.chooser.list.rows].index(name)
    await pilot.press("g", *["j"] * place)
    assert host.chooser.list.selected is not None
    assert host.chooser.list.selected.key == name


async def test_all_columns_are_there_with_what_they_show(choosing: Choosing) -> None:
    async with choosing() as (pilot, host):
        lines = screen_text(pilot)
        assert lines[0].startswith(" columns ")
        assert f"{len(USUAL)} of {len(COLUMNS)} chosen" in lines[0]
        assert lines[1].split()[:3] == ["State", "Since", "Session"]
        assert "Clean 日本語" in lines[2]
        assert "Port [the] parser" in lines[3]
        assert [row.key for row in host.chooser.list.rows] == [column.id for column in COLUMNS]
        assert "● State" in lines[7]
        assert "State: what it waits for or does" in lines[7]
        assert lines[-1].split()[-4:] == ["Esc", "save", "?", "help"]


@pytest.mark.parametrize("width", [20, 40, 80, 200])
async def test_every_width_works(choosing: Choosing, width: int) -> None:
    async with choosing(width=width) as (pilot, _):
        await pilot.press("G", "space", "plus", "g", "space")
        assert screen_text(pilot)[0].startswith(" columns"[: width - 1])


async def test_the_preview_follows_every_key(choosing: Choosing) -> None:
    async with choosing(Chosen(("status", "name"))) as (pilot, host):
        await go_to(pilot, host, "pid")
        await pilot.press("space")
        await pilot.pause()
        assert screen_text(pilot)[1].split() == ["State", "Session", "PID"]
        assert screen_text(pilot)[2].endswith("4083")
        await pilot.press("enter")
        await pilot.pause()
        assert "PID" not in screen_text(pilot)[1]
        await go_to(pilot, host, "status")
        await pilot.press(*["right_square_bracket"] * 5)
        await pilot.pause()
        assert screen_text(pilot)[1].split() == ["Session", "State"]
        assert host.chooser.list.selected is not None
        assert host.chooser.list.selected.key == "status"
        await pilot.press(*["left_square_bracket"] * 5)
        await pilot.pause()
        assert screen_text(pilot)[1].split() == ["State", "Session"]


async def test_widths_and_conditions_say_what_they_do(choosing: Choosing) -> None:
    def told(host: Host, name: str) -> str:
        return next(row.told for row in host.chooser.list.rows if row.key == name)

    async with choosing() as (pilot, host):
        assert told(host, "status") == "13 cells"
        assert told(host, "pr") == "the same in all"
        assert told(host, "reply") == "no room"
        assert told(host, "pid") == ""
        await pilot.press("plus", "plus", "minus")
        assert told(host, "status") == "14 cells, yours"
        await go_to(pilot, host, "project")
        await pilot.press("m")
        assert host.chooser.chosen.show[5] == "~project"
        await go_to(pilot, host, "pr")
        await pilot.press("m")
        assert "pr" in host.chooser.chosen.show
        await pilot.press("r")
        assert host.chooser.chosen == Chosen()


async def test_a_double_click_shows_and_hides(choosing: Choosing) -> None:
    async with choosing(Chosen(("status", "name"))) as (pilot, host):
        await pilot.click("#columns", offset=(5, 2))
        assert host.chooser.list.cursor == 2
        assert host.chooser.chosen.show == ("status", "name")
        await pilot.click("#columns", offset=(5, 1), times=2)
        await pilot.pause()
        assert list(host.chooser.chosen.show) == ["status", "since", "name"]


async def test_what_was_chosen_is_kept_beside_the_users_comments(choosing: Choosing, tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(_FILE)
    async with choosing(Chosen((), {"name": 30}), path) as (pilot, host):
        await go_to(pilot, host, "branch")
        await pilot.press("space", "escape")
        await host.workers.wait_for_complete()
        assert host.chosen is not None
        assert "branch" not in host.chosen.show
        assert host.chosen.widths == {"name": 30}
        written = path.read_text()
        assert written.startswith(_FILE)
        assert tomllib.loads(written)["columns"]["show"] == list(host.chosen.show)


async def test_reset_takes_the_words_out_of_the_settings(choosing: Choosing, tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(_FILE)
    async with choosing(Chosen((), {"name": 30}), path) as (pilot, host):
        await pilot.press("r", "c")
        await host.workers.wait_for_complete()
        assert host.chosen == Chosen()
        assert tomllib.loads(path.read_text()) == {"columns": {}}


async def test_nothing_changed_writes_nothing(choosing: Choosing, tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    async with choosing(None, path) as (pilot, host):
        await pilot.press("space", "space", "q")
        await host.workers.wait_for_complete()
        assert host.chosen == Chosen()
        assert not path.exists()


async def test_a_broken_settings_file_is_told_and_left_alone(choosing: Choosing, tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("[columns\n")
    async with choosing(None, path) as (pilot, host):
        await pilot.press("j", "space", "escape")
        await host.workers.wait_for_complete()
        await pilot.pause()
        assert host.chosen is not None
        (note,) = host._notifications
        assert "settings.toml" in note.message
        assert path.read_text() == "[columns\n"


def test_every_key_has_its_words() -> None:
    labels = [command.label for command in COMMANDS]
    assert len(labels) == len(set(labels))
    keys = [key for command in COMMANDS for key in command.keys.split(",")]
    assert len(keys) == len(set(keys))
