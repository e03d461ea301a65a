"""The pictures in screenshots/ are the dashboard as it is: drawn by the real app over the demo store."""

from __future__ import annotations

import re
from datetime import UTC
from pathlib import Path
from typing import NamedTuple

import pytest

from mi6_tui.hooks.place import Place
from mi6_tui.ingest.demo import fill_demo
from mi6_tui.paths import Paths
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.app import Mi6App

SCREENSHOTS = Path(__file__).parents[2] / "screenshots"
NOW = 1_795_442_531_000
_FOREIGN = re.compile(r"\s*(?:@font-face \{.*?\}|<!--.*?-->)", re.DOTALL)
"""What names other places: web fonts, and who made it."""


class Scene(NamedTuple):
    name: str
    width: int
    height: int
    keys: tuple[str, ...] = ()
    empty: bool = False


SCENES = (
    Scene("home-80x24", 80, 24),
    Scene("home-120x35", 120, 35),
    Scene("home-200x50", 200, 50),
    Scene("session-120x35", 120, 35, ("j", "enter")),
    Scene("why-120x35", 120, 35, ("enter", "w")),
    Scene("hooks-120x35", 120, 35, ("H",)),
    Scene("help-120x35", 120, 35, ("question_mark",)),
    Scene("empty-80x24", 80, 24, empty=True),
)


def machine() -> Place:
    """One with a single client, in the current folder; all its paths look the same everywhere."""
    home, data = Path("~"), Path("~/.local/share/mi6-tui")
    (home / ".claude").mkdir(parents=True)
    (home / ".claude" / "settings.json").write_text('{\n  "model": "opus",\n  "hooks": {}\n}\n')
    paths = Paths(data / "mi6.db", home / "settings.toml", data / "logs", data / "spool", data / "hooks")
    return Place(env={"PATH": ""}, home=home, project=Path("project"), paths=paths)


async def draw(scene: Scene, folder: Path) -> str:
    storage = SqliteStorage(folder / "mi6.db", clock=lambda: NOW)
    if not scene.empty:
        fill_demo(storage, NOW)
    folders = (Path("/home/dev/.claude/projects"),)
    place = machine()
    app = Mi6App(
        storage, clock=lambda: NOW, zone=UTC, folders=lambda: folders, hooks=lambda: place, live=False
    )
    app.animation_level = "none"
    async with app.run_test(size=(scene.width, scene.height)) as pilot:
        for key in ("", *scene.keys, ""):
            if key:
                await pilot.press(key)
            await pilot.pause()
            await app.workers.wait_for_complete()
            app.pull()
        await pilot.pause()
        picture = app.export_screenshot(title="mi6-tui")
    storage.close()
    # Some viewers trim even no-break spaces, and then no column is aligned.
    return _FOREIGN.sub("", picture).replace("<svg ", '<svg xml:space="preserve" ', 1)


@pytest.fixture(autouse=True)
def no_colour_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "TEXTUAL_THEME", "TEXTUAL_FILTERS"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
async def test_picture(
    scene: Scene, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    picture = await draw(scene, tmp_path)
    assert "url(http" not in picture.replace('"', "")
    path = SCREENSHOTS / f"{scene.name}.svg"
    if request.config.getoption("--update-screenshots", default=False):
        path.write_text(picture, encoding="utf-8")
    assert picture == path.read_text(encoding="utf-8"), "look at the difference, then: make pictures"


def test_every_picture_has_a_scene() -> None:
    assert {path.stem for path in SCREENSHOTS.glob("*.svg")} == {scene.name for scene in SCENES}
