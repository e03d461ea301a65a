"""Rounds: a world is written, those who read it are killed, and its store is held against a clean one."""

from __future__ import annotations

import select
import shutil
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from typing import Final

import psutil

from tests.torture import hooking, setting, upgrading, watching
from tests.torture.killing import DEADLINE, Child, Deaths, any_kill, ended, note
from tests.torture.world import World

_LONG: Final = 0.3
"""Seconds that a process lives at most that would stay."""


class RoundError(Exception):
    """What a round found."""


def play(name: str, seed: str, deaths: Deaths) -> None:
    """Play a round of one kind, by chance from `seed`. RoundError if anything was lost, doubled or left."""
    chance = Random(seed)
    folder = Path(tempfile.mkdtemp(prefix="torture-"))
    try:
        ROUNDS[name](World(folder, chance), chance, deaths)
    except AssertionError as error:
        raise RoundError(str(error)) from error
    finally:
        shutil.rmtree(folder)


def _scan(world: World, chance: Random, deaths: Deaths) -> None:
    """A scanner after another, over files that grow in between."""
    for _ in range(chance.randint(1, 4)):
        world.grow(0.4)
        files = chance.choice((1, 3, 256))
        kill = any_kill(chance)
        note("scan", kill, Child(partial(world.scan, files=files), kill).end(), deaths)
    world.grow_up()
    ended(world.trouble)


def _follow(world: World, chance: Random, deaths: Deaths) -> None:
    """A scanner that stays, over files that grow meanwhile."""
    for _ in range(chance.randint(1, 3)):
        kill = any_kill(chance, longest=_LONG)
        child = Child(world.follow, kill)
        for _ in range(chance.randint(1, 5)):
            world.grow(0.1)
            _pause(chance, 0.04)
        note("follow", kill, child.end(_LONG), deaths)
    world.grow_up()
    ended(world.trouble)


def _two(world: World, chance: Random, deaths: Deaths) -> None:
    """Two scanners at once, one of which may stay, and sometimes a third that comes when they are gone."""
    for _ in range(chance.randint(1, 3)):
        world.grow(0.3)
        pair = []
        for work in (world.scan, chance.choice((world.scan, world.follow))):
            kill = any_kill(chance)
            pair.append((kill, Child(work, kill)))
        world.grow(0.1)
        for kill, child in pair:
            note("one of two", kill, child.end(_LONG), deaths)
    world.grow_up()
    ended(world.trouble)


def _helped(world: World, chance: Random, deaths: Deaths) -> None:
    """A scanner with processes that read for it; they are killed, or it is."""
    helpers: list[psutil.Process] = []
    for _ in range(chance.randint(1, 2)):
        world.grow(0.6)
        kill = any_kill(chance, longest=_LONG) if chance.random() < 0.5 else None
        child = Child(lambda: world.scan(files=1, helped=True), kill)
        _pause(chance, 0.15)
        found = psutil.Process(child.pid).children()
        helpers += found
        for helper in found:
            if kill is None and chance.random() < 0.7:
                helper.kill()
                deaths["helper, time"] += 1
        note("helped", kill, child.end(), deaths)
    _, alive = psutil.wait_procs(helpers, timeout=DEADLINE)
    assert not alive, "helpers outlive the scanner"
    world.grow_up()
    ended(world.trouble)


def _gc(world: World, chance: Random, deaths: Deaths) -> None:
    """Old events are deleted, again and again, and it is killed each time."""
    world.grow_up()
    world.grow(0)
    ended(world.scan)
    age = world.now - chance.randint(*world.times())
    for _ in range(chance.randint(1, 4)):
        kill = any_kill(chance)
        note("gc", kill, Child(lambda: world.gc(age), kill).end(), deaths)
    ended(lambda: world.trouble(gc=age))


def _forget(world: World, chance: Random, deaths: Deaths) -> None:
    """A session is forgotten, and it is killed."""
    world.grow_up()
    world.grow(0)
    ended(world.scan)
    session_id = chance.choice(world.sessions())
    for _ in range(chance.randint(1, 3)):
        kill = any_kill(chance)
        note("forget", kill, Child(lambda: world.forget(session_id), kill).end(), deaths)
    ended(lambda: world.trouble(forgotten=(session_id,)))


def _pause(chance: Random, longest: float) -> None:
    select.select([], [], [], chance.uniform(0, longest))


Round = Callable[[World, Random, Deaths], None]
ROUNDS: Final[dict[str, Round]] = {
    "scan": _scan,
    "follow": _follow,
    "two": _two,
    "helped": _helped,
    "gc": _gc,
    "forget": _forget,
    "enable": setting.play,
    "upgrade": upgrading.play,
    "dashboard": watching.play,
    "storm": hooking.play,
}
SHARES: Final = {
    "scan": 40,
    "follow": 15,
    "two": 15,
    "helped": 5,
    "gc": 8,
    "forget": 6,
    "enable": 5,
    "upgrade": 4,
    "dashboard": 2,
}
"""Of a hundred rounds; a storm comes once in all, for it takes as long as many others."""


def schedule(rounds: int, seed: str) -> list[str]:
    """The kinds of so many rounds: each kind once, then by their shares."""
    chance = Random(seed)
    more = chance.choices(list(SHARES), list(SHARES.values()), k=max(0, rounds - len(ROUNDS)))
    return [*ROUNDS, *more][:rounds]
