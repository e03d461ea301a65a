"""Not by chance: a process is killed at its first point, another at its second, and so on to the last."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from random import Random
from typing import Final

from tests.torture import upgrading
from tests.torture.killing import Child, Deaths, Kill, Kind, ended, note
from tests.torture.world import World

POINTS: Final[tuple[Kind, ...]] = ("statement", "write", "step")
Work = Callable[[World], None]
Trouble = Callable[[World], str | None]


def at_each(name: str, kind: Kind, deaths: Deaths) -> None:
    """Kill what is called `name` at each of its points of a kind. AssertionError if anything is lost."""
    with tempfile.TemporaryDirectory(prefix="torture-") as folder:
        world = World(Path(folder), Random(0))
        work, trouble = WORKS[name](world)
        number, killed = 0, True
        while killed:
            number += 1
            with _copy(world, Path(folder, str(number))) as victim:
                kill = Kill(kind, number)
                ending = Child(partial(work, victim), kill).end()
                note(f"each of {name}", kill, ending, deaths)
                ended(partial(trouble, victim))
            killed = ending.killed


@contextmanager
def _copy(world: World, folder: Path) -> Iterator[World]:
    try:
        yield world.beside(folder)
    finally:
        shutil.rmtree(folder)


def _scan(world: World) -> tuple[Work, Trouble]:
    """The second scan, in one transaction, and what hooks told."""
    world.grow(0.6)
    ended(world.scan)
    world.grow_up()
    world.call()
    return World.scan, World.trouble


def _first_scan(world: World) -> tuple[Work, Trouble]:
    """The store is made."""
    world.grow(0.1)
    return World.scan, World.trouble


def _gc(world: World) -> tuple[Work, Trouble]:
    world.grow_up()
    ended(world.scan)
    age = world.now - sum(world.times()) // 2
    return lambda victim: victim.gc(age), lambda victim: victim.trouble(gc=age)


def _forget(world: World) -> tuple[Work, Trouble]:
    world.grow_up()
    ended(world.scan)
    session_id = world.sessions()[0]
    return lambda victim: victim.forget(session_id), lambda victim: victim.trouble(forgotten=(session_id,))


def _upgrade(world: World) -> tuple[Work, Trouble]:
    old = upgrading.prepare(world)
    return lambda victim: upgrading.upgrade(victim.store), lambda victim: upgrading.trouble(victim, old)


WORKS: Final[dict[str, Callable[[World], tuple[Work, Trouble]]]] = {
    "scan": _scan,
    "first scan": _first_scan,
    "gc": _gc,
    "forget": _forget,
    "upgrade": _upgrade,
}
