"""What a process that was killed left half made is taken away by the next one, and nothing else is."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from mi6_tui.hooks.files import write_ours
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.unfinished import remove_abandoned, unfinished


@pytest.fixture
def dead() -> int:
    """The id of a process that has ended."""
    with subprocess.Popen(("true",)) as process:
        process.wait()
    return process.pid


def test_only_what_a_dead_process_was_making_is_removed(tmp_path: Path, dead: int) -> None:
    path = tmp_path / "mi6.db"
    of_the_dead = [f".mi6.db.{dead}.0123abcd", f".mi6.db.{dead}.0123abcd-journal"]
    kept = [
        "mi6.db",
        unfinished(path).name,
        ".mi6.db.1.0123abcd",
        f".mi6.db.{dead}.0123abc",
        f".other.db.{dead}.0123abcd",
        f"mi6.db.{dead}.0123abcd",
        f".mi6.db.{dead}.0123abcd.more",
    ]
    for name in (*of_the_dead, ".mi6.db.9999999999.0123abcd", *kept):
        (tmp_path / name).touch()
    remove_abandoned(path)
    assert {found.name for found in tmp_path.iterdir()} == set(kept)


def test_where_nobody_may_look_there_is_nothing_to_do(tmp_path: Path) -> None:
    remove_abandoned(tmp_path / "none" / "mi6.db")


def test_opening_a_store_and_writing_a_settings_file_do_it(tmp_path: Path, dead: int) -> None:
    (tmp_path / f".mi6.db.{dead}.0123abcd").touch()
    (tmp_path / f".settings.json.{dead}.0123abcd").touch()
    SqliteStorage(tmp_path / "mi6.db").close()
    write_ours(tmp_path / "settings.json", b"{}")
    assert {found.name for found in tmp_path.iterdir()} == {"mi6.db", "settings.json"}
