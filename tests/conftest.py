"""What every test relies on: no real home, one time zone, no wall clock in hypothesis."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from hypothesis import settings

settings.register_profile("house", deadline=None, database=None, print_blob=True)
settings.load_profile("house")

_FOREIGN = ("CLAUDE_CONFIG_DIR", "CODEX_HOME", "MI6_TUI_DB", "MI6_TUI_LOG", "NO_COLOR", "COLUMNS", "LINES")


@pytest.fixture(scope="session", autouse=True)
def machine_out(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nobody's home, settings or time zone reach a test, nor the processes it starts."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        patch.setenv("MI6_TUI_HOME", str(home / "state"))
        patch.setenv("TZ", "UTC")
        for name in _FOREIGN:
            patch.delenv(name, raising=False)
        time.tzset()
        yield
    time.tzset()
