"""Ways in which a store breaks; each is done to a world whose store nobody has open."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing

from mi6_tui.model import Event
from tests.faults.world import MACHINE, NOW, World, pages

Damage = Callable[[World], object]


def truncated_to(share: float) -> Damage:
    """A part of the file is left."""
    return lambda world: os.truncate(world.store, int(world.store.stat().st_size * share))


def shorter_by(size: int) -> Damage:
    """So many bytes are missing at its end."""
    return lambda world: os.truncate(world.store, world.store.stat().st_size - size)


def flipped(table: str, place: float) -> Damage:
    """A leaf page of a table or index is nonsense: the first one (`place` 0) up to the last one (1)."""

    def damage(world: World) -> None:
        leaves = pages(world.store)[table]
        world.damage(leaves[int(place * (len(leaves) - 1))], b"\xff" * 4096)

    return damage


def first_page(content: bytes) -> Damage:
    """The file begins with something else."""
    return lambda world: world.damage(1, content)


def without_log(world: World) -> None:
    """What was recorded since the last checkpoint stood in a log that is gone."""
    with closing(world.open()) as storage:
        storage.insert(late())
        kept = world.store.read_bytes()
    world.store.write_bytes(kept)


def late() -> Event:
    """Something that happened last."""
    return Event(machine_id=MACHINE, session_id="late", timestamp=NOW, event_type="Stop", key="late")


def a_folder(world: World) -> None:
    """A folder stands where the store was."""
    world.store.unlink()
    world.store.mkdir()


def a_text(world: World) -> None:
    """The store was overwritten with something of the user's."""
    world.store.write_text("dear diary\n" * 900)
