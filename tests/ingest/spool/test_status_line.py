"""What status lines left, from real files into a real store: the latest word, and the files go."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from mi6_tui.ingest.problem import Problem
from mi6_tui.ingest.spool.status_line import StatusLines
from mi6_tui.model.limits import LIMITS, limits_of
from mi6_tui.storage.sqlite import SqliteStorage
from tests.ingest.conftest import Clock

MINUTE = 60_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "status"
    made.mkdir(mode=0o700)
    return made


Look = Callable[[], tuple[int, list[Problem]]]


def looker(folder: Path, store: SqliteStorage, clock: Clock) -> Look:
    side = StatusLines(folder, store, "box")

    def once() -> tuple[int, list[Problem]]:
        problems: list[Problem] = []
        return side.look(clock(), problems.append), problems

    return once


def put(folder: Path, at: int, used: float = 42, session: str = "s", name: str = "") -> Path:
    """A file as the script leaves it, of the time `at` (ms); the window ends an hour later."""
    window = {"used_percentage": used, "resets_at": at // 1000 + 3600}
    told = {"session_id": session, "cost": {"total_cost_usd": 1.5}, "rate_limits": {"five_hour": window}}
    file = folder / (name or f"claude.{session}")
    file.write_text(json.dumps(told))
    os.utime(file, ns=(at * 1_000_000, at * 1_000_000))
    return file


def test_what_was_told_stands_in_the_store_and_the_file_goes(
    folder: Path, store: SqliteStorage, clock: Clock
) -> None:
    at = clock() - 5000
    put(folder, at)
    look = looker(folder, store, clock)
    assert look() == (2, [])
    assert list(folder.iterdir()) == []
    (limit,) = limits_of(store.telemetry((LIMITS,)), clock())
    assert (limit.used_percent, limit.at, limit.source) == (42.0, at, "status line")
    (status,) = store.telemetry(("s",))
    assert (status.kind, status.cost_usd, status.machine_id) == ("status", 1.5, "box")
    assert (store.count(), store.get_session("s")) == (0, None)
    version = store.data_version()
    assert look() == (0, []) and store.data_version() == version


def test_the_same_said_again_at_once_is_no_news(folder: Path, store: SqliteStorage, clock: Clock) -> None:
    look = looker(folder, store, clock)
    at = clock()
    told = put(folder, at).read_bytes()
    assert look()[0] == 2

    def again(after: int) -> int:
        file = folder / "claude.s"
        file.write_bytes(told)
        os.utime(file, ns=((at + after) * 1_000_000, (at + after) * 1_000_000))
        clock.ms = at + after
        recorded, problems = look()
        assert (problems, list(folder.iterdir())) == ([], [])
        return recorded

    assert [again(1000), again(MINUTE - 1), again(MINUTE)] == [0, 0, 2]
    assert store.telemetry(("s",))[0].at == at + MINUTE


def test_whoever_was_stopped_in_between_loses_nothing(
    folder: Path, store: SqliteStorage, clock: Clock
) -> None:
    put(folder, clock(), name=".claude.s.read")
    assert looker(folder, store, clock)() == (2, [])
    assert list(folder.iterdir()) == []


def test_what_is_not_complete_is_left_alone_until_it_never_will_be(
    folder: Path, store: SqliteStorage, clock: Clock
) -> None:
    put(folder, clock(), name=".4711")
    look = looker(folder, store, clock)
    assert look() == (0, []) and len(list(folder.iterdir())) == 1
    clock.ms += MINUTE + 1
    assert look() == (0, []) and list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("claude.s", b"{", "it tells of no session"),
        ("codex.s", b"{}", "it is of a client nobody knows"),
        ("nobody.s", b"{}", "it is of a client nobody knows"),
    ],
)
def test_what_says_nothing_is_told_once_and_goes(
    folder: Path, store: SqliteStorage, clock: Clock, name: str, data: bytes, why: str
) -> None:
    (folder / name).write_bytes(data)
    put(folder, clock(), session="good")
    look = looker(folder, store, clock)
    assert look() == (2, [Problem(str(folder / name), f"nothing that a status line is told: {why}")])
    assert look() == (0, []) and list(folder.iterdir()) == []


def test_a_number_beyond_all_others_stops_nothing(folder: Path, store: SqliteStorage, clock: Clock) -> None:
    told = {"session_id": "s", "cost": {"total_cost_usd": 10**400}}
    (folder / "claude.s").write_text(json.dumps(told))
    assert looker(folder, store, clock)() == (1, []) and list(folder.iterdir()) == []


def test_what_is_no_file_of_ours_is_never_opened(folder: Path, store: SqliteStorage, clock: Clock) -> None:
    os.mkfifo(folder / "claude.pipe")
    (folder / "claude.link").symlink_to("/etc/passwd")
    (folder / "claude.folder").mkdir()
    assert looker(folder, store, clock)() == (0, [])
    assert Path("/etc/passwd").exists()


def test_without_a_folder_there_is_nothing(tmp_path: Path, store: SqliteStorage, clock: Clock) -> None:
    assert looker(tmp_path / "none", store, clock)() == (0, [])
