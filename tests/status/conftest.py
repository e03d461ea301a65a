"""Worlds for stories."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.status.stories import NOW
from tests.status.world import World

NewWorld = Callable[..., World]


@pytest.fixture
def new_world(tmp_path: Path) -> Iterator[NewWorld]:
    """Makes a world of Claude Code with all witnesses, or without those that are set to False."""
    made: list[World] = []

    def make(**witnesses: bool) -> World:
        made.append(World(tmp_path / str(len(made)), "claude", NOW, **witnesses))
        return made[-1]

    yield make
    for world in made:
        world.close()


@pytest.fixture
def world(new_world: NewWorld) -> World:
    """One with all witnesses."""
    return new_world()
