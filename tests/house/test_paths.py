"""Where the program keeps its files."""

from __future__ import annotations

from pathlib import Path

import pytest

from mi6_tui.errors import UsageError
from mi6_tui.paths import machine_id, paths


def test_one_variable_moves_everything(tmp_path: Path) -> None:
    found = paths({"MI6_TUI_HOME": str(tmp_path)})
    assert (found.store, found.settings, found.logs) == (
        tmp_path / "mi6.db",
        tmp_path / "settings.toml",
        tmp_path / "logs",
    )
    assert found.writer_lock == tmp_path / "mi6.db.lock"


def test_the_store_alone_can_be_elsewhere_and_the_command_line_wins(tmp_path: Path) -> None:
    env = {"MI6_TUI_HOME": str(tmp_path), "MI6_TUI_DB": str(tmp_path / "env.db")}
    assert paths(env).store == tmp_path / "env.db"
    assert paths(env).logs == tmp_path / "logs"
    assert paths(env, store=str(tmp_path / "typed.db")).store == tmp_path / "typed.db"


def test_relative_and_home_paths_become_absolute() -> None:
    assert paths({"MI6_TUI_DB": "here.db"}).store == Path.cwd() / "here.db"
    assert paths({"MI6_TUI_DB": "~/there.db"}).store == Path.home() / "there.db"


def test_without_a_word_the_system_decides() -> None:
    found = paths({})
    assert found.store.name == "mi6.db"
    assert found.store.is_absolute() and "mi6-tui" in found.store.parts
    assert found.settings.name == "settings.toml"


def test_this_machine_has_a_name() -> None:
    assert machine_id()


@pytest.mark.parametrize("url", ["mysql://x/y", "postgress://host/db", "file:///tmp/mi6.db"])
def test_another_url_is_no_store(url: str) -> None:
    with pytest.raises(UsageError, match="a file or a PostgreSQL database"):
        paths({}, store=url)
