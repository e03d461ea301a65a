"""A world to break, made once and copied for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.world import World, build


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The world that nobody changes."""
    return build(tmp_path_factory.mktemp("world"))


@pytest.fixture
def world(template: World, tmp_path: Path) -> World:
    """One to break; its transcripts are the template's."""
    return template.copy_to(tmp_path)
