"""Hooks are set up and taken back in clients' settings, and it is killed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from random import Random
from typing import Final

from mi6_tui.hooks.apply import set_up
from mi6_tui.hooks.place import Place
from mi6_tui.hooks.plan import Aim
from mi6_tui.paths import paths
from tests.torture.killing import Child, Deaths, Kill, any_kill, ended, note
from tests.torture.world import World

_CLIENTS: Final = ("claude", "codex", "gemini", "copilot", "opencode")
_SETTINGS: Final = {
    ".claude/settings.json": b'{"model": "opus", "hooks": {"Stop": [{"hooks": []}]}}\n',
    ".gemini/settings.json": b'{\n  // mine\n  "ui": {"theme": "Dark"}\n}\n',
    ".codex/config.toml": b'model = "gpt"\n\n[tui]\nnotifications = true\n',
}
_OPPOSITES: Final[tuple[tuple[Aim, Aim], ...]] = (("enable", "disable"), ("disable", "enable"))
Files = dict[str, bytes]


def play(world: World, chance: Random, deaths: Deaths) -> None:
    """After each kill every file is as it was before or as it shall be, and nothing lies beside it."""
    before, enabled = _begin(world, [name for name in _SETTINGS if chance.random() < 0.7])
    for _ in range(chance.randint(1, 4)):
        aim: Aim = chance.choice(("enable", "disable"))
        _kill(world, aim, any_kill(chance, kinds=("step", "time")), deaths)
        _check(world, before, enabled)
    _end(world, before, enabled)


def at_each_step(deaths: Deaths) -> None:
    """Kill at each step of setting up, and of taking back. AssertionError if a file is harmed."""
    with tempfile.TemporaryDirectory(prefix="torture-") as folder:
        world = World(Path(folder), Random(0))
        before, enabled = _begin(world, list(_SETTINGS))
        for aim, back in _OPPOSITES:
            ended(partial(_set_up, world, back))
            number = 1
            while _kill(world, aim, Kill("step", number), deaths):
                _check(world, before, enabled)
                if _files(world.home) != (before if aim == "enable" else enabled):
                    ended(partial(_set_up, world, back))
                number += 1
        _end(world, before, enabled)


def _begin(world: World, names: Sequence[str]) -> tuple[Files, Files]:
    """Let there be settings; all files before and after hooks are set up."""
    for name in names:
        file = world.home / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(_SETTINGS[name])
    before = _files(world.home)
    ended(lambda: _set_up(world, "enable"))
    enabled = _files(world.home)
    ended(lambda: _set_up(world, "disable"))
    assert _files(world.home) == before, "disable gave back something else"
    return before, enabled


def _kill(world: World, aim: Aim, kill: Kill, deaths: Deaths) -> bool:
    """Whether it came to that."""
    ending = Child(partial(_set_up, world, aim), kill).end()
    note(aim, kill, ending, deaths)
    return ending.killed


def _check(world: World, before: Files, enabled: Files) -> None:
    for name, data in _files(world.home).items():
        assert data in (before.get(name), enabled.get(name)) or _is_unfinished(name), f"{name}: {data!r}"


def _end(world: World, before: Files, enabled: Files) -> None:
    last: tuple[tuple[Aim, Files], ...] = (("enable", enabled), ("disable", before), ("enable", enabled))
    for aim, expected in last:
        ended(partial(_set_up, world, aim))
        found = _files(world.home)
        assert found == expected, f"after {aim}: {_different(found, expected)}"
    strange = [name for name in _files(world.state / "hooks") if _is_unfinished(name)]
    assert not strange, f"left over: {strange}"


def _set_up(world: World, aim: Aim) -> None:
    where = paths({"MI6_TUI_HOME": str(world.state)})
    place = Place(env={}, home=world.home, project=world.home, paths=where)
    for name in _CLIENTS:
        set_up(aim, name, "user", place)


def _files(folder: Path) -> Files:
    return {os.path.relpath(file, folder): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def _is_unfinished(name: str) -> bool:
    file = Path(name).name
    return file.startswith(".") and file[-8:].isalnum() and file.count(".") > 2


def _different(found: Files, expected: Files) -> list[str]:
    return sorted(name for name in {*found, *expected} if found.get(name) != expected.get(name))
