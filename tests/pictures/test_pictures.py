"""The pictures in screenshots/ are the dashboard as it is: drawn by the real app over the demo's fleet."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Sequence
from datetime import UTC
from pathlib import Path

import pytest
from textual.pilot import Pilot

from mi6_tui.actions.losses import Losses, Prospect
from mi6_tui.hooks.place import Place
from mi6_tui.ingest.demo import fill_demo
from mi6_tui.ingest.live.processes import Process
from mi6_tui.model import Session
from mi6_tui.paths import Paths
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.acting import Actions
from mi6_tui.tui.app import Mi6App
from tests.pictures.fleet import fill_fleet
from tests.pictures.scenes import SCENES, Scene

SCREENSHOTS = Path(__file__).parents[2] / "screenshots"
NOW = 1_795_442_531_000
"""2026-11-23 14:02:11 UTC, a Monday."""
_FOREIGN = re.compile(r"\s*(?:@font-face \{.*?\}|<!--.*?-->)", re.DOTALL)
"""What names other places: web fonts, and who made it."""

Filled = Callable[[Scene], Path]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """Gives a store that holds the demo as a scene wants it; made once."""
    made: dict[tuple[int, bool], Path] = {}

    def fill(scene: Scene) -> Path:
        wanted = scene.played, scene.fleet
        if wanted not in made:
            path = tmp_path_factory.mktemp("demo") / "mi6.db"
            storage = SqliteStorage(path, clock=lambda: NOW)
            if scene.fleet:
                fill_fleet(storage, NOW)
            else:
                fill_demo(storage, NOW, played=scene.played * 1000, past=True)
            storage.close()
            made[wanted] = path
        return made[wanted]

    return fill


def machine() -> Place:
    """One with a single client, in the current folder; all its paths look the same everywhere."""
    home, data = Path("~"), Path("~/.local/share/mi6-tui")
    (home / ".claude").mkdir(parents=True)
    (home / ".claude" / "settings.json").write_text('{\n  "model": "opus",\n  "hooks": {}\n}\n')
    paths = Paths(data / "mi6.db", home / "settings.toml", data / "logs", data / "spool", data / "hooks")
    return Place(env={"PATH": ""}, home=home, project=Path("project"), paths=paths)


class Foretold(Actions):
    """Knows what would be lost if a session of the demo ended, though there is no such process."""

    def foresee(self, sessions: Sequence[Session], then: Callable[[list[Prospect]], object]) -> None:
        (session,) = sessions
        pid = session.pid or 0
        client = _process(pid, "claude", 1)
        children = (_process(pid + 12, "make", pid), _process(pid + 31, "cc1plus", pid + 12))
        losses = Losses(
            repository=True,
            changes=(318, 92),
            changed=9,
            untracked=2,
            children=children,
            background=0,
            busy=False,
            ourselves=False,
        )
        self._app.call_later(then, [Prospect(session=session, process=client, losses=losses)])


def _process(pid: int, name: str, parent: int) -> Process:
    return Process(pid=pid, identity="", started_at=NOW - 7_680_000, name=name, parent=parent, owner=0)


async def draw(scene: Scene, folder: Path, filled: Filled) -> str:
    path = folder / "mi6.db"
    if not scene.empty:
        shutil.copy(filled(scene), path)
    storage = SqliteStorage(path, clock=lambda: NOW)
    Path("settings.toml").write_text(scene.settings)
    place = machine()
    app = Mi6App(
        storage,
        clock=lambda: NOW,
        zone=UTC,
        folders=lambda: (Path("/home/dev/.claude/projects"),),
        hooks=lambda: place,
        settings=Path("settings.toml"),
        env={},
        live=False,
    )
    app.animation_level = "none"
    app.actions = Foretold(app, storage, {}, lambda sequence: None)
    async with app.run_test(size=(scene.width, scene.height)) as pilot:
        app.look_at_settings()
        for key in scene.keys:
            await settle(pilot, app)
            await pilot.press(key)
        await settle(pilot, app)
        while scene.sees not in text_of(app):
            await settle(pilot, app)
        picture = app.export_screenshot(title="mi6-tui")
    storage.close()
    # Some viewers trim even no-break spaces, and then no column is aligned.
    return _FOREIGN.sub("", picture).replace("<svg ", '<svg xml:space="preserve" ', 1)


async def settle(pilot: Pilot[None], app: Mi6App) -> None:
    """Let the dashboard look at the store until that makes no difference any more."""
    before = None
    while (seen := text_of(app)) != before:
        before = seen
        for _ in range(2):
            await pilot.pause()
            await app.workers.wait_for_complete()
            app.pull()
        await pilot.pause()


def text_of(app: Mi6App) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


@pytest.fixture(autouse=True)
def no_colour_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "TEXTUAL_THEME", "TEXTUAL_FILTERS"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.file)
async def test_picture(
    scene: Scene,
    filled: Filled,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    picture = await draw(scene, tmp_path, filled)
    assert "url(http" not in picture.replace('"', "")
    path = SCREENSHOTS / f"{scene.file}.svg"
    if request.config.getoption("--update-screenshots", default=False):
        path.write_text(picture, encoding="utf-8")
    assert picture == path.read_text(encoding="utf-8"), "look at the difference, then: make pictures"


def test_every_picture_has_a_scene() -> None:
    assert {path.stem for path in SCREENSHOTS.glob("*.svg")} == {scene.file for scene in SCENES}
