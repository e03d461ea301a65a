"""The program as a user starts it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.conftest import Cli


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """A program that nobody has used yet."""
    return Cli(tmp_path)
