"""What every test relies on: no real home, one time zone, no wall clock in hypothesis."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Else a failing assertion of the suite would say nothing of the values it compared.
pytest.register_assert_rewrite("mi6_tui.storage.conformance")

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


def pytest_collection(session: pytest.Session) -> None:
    """Workers that collect all tests begin at different places, so that each prepares others' files, too.

    All asserts are compiled anew after a change. Side by side every worker would do that for every file.
    """
    number = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    count = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if count == 1 or session.config.args_source is not pytest.Config.ArgsSource.TESTPATHS:
        return
    names = [
        ".".join(path.relative_to(session.config.rootpath).with_suffix("").parts)
        for path in sorted(Path(__file__).parent.rglob("test_*.py"))
    ]
    begin = len(names) * int(number) // count
    for name in (*names[begin:], *names[:begin]):
        with suppress(Exception, pytest.skip.Exception):  # which collecting meets again, and tells
            import_module(name)
