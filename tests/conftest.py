"""What every test relies on: no real home, one time zone, no wall clock in hypothesis."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

# A busy machine is no failure; where it must be known what is tested (CI), every run tries the same.
settings.register_profile(
    "house",
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="CI" in os.environ,
)
settings.load_profile("house")

_FOREIGN = (
    "CLAUDE_CONFIG_DIR",
    "CODEX_HOME",
    "COLUMNS",
    "COPILOT_HOME",
    "GEMINI_CLI_HOME",
    "LINES",
    "MI6_TUI_DB",
    "MI6_TUI_LOG",
    "NO_COLOR",
    "OPENCODE_DB",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
)


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
