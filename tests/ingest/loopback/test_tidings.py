"""What the ports took and refused, told in a file beside the store."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mi6_tui.ingest.loopback.tidings import Teller, Tidings, tidings_of

TOLD = Tidings(pid=1, since=2, at=3, ended=False, ports={"OTLP": 4318}, refused={})


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "mi6.db"


@pytest.fixture
def file(store: Path) -> Path:
    return store.with_name("mi6.db.ports")


def test_what_is_told_is_heard(store: Path, file: Path) -> None:
    assert tidings_of(store) is None
    Teller(store, lambda: TOLD).write(TOLD)
    assert tidings_of(store) == TOLD
    assert file.stat().st_mode & 0o777 == 0o600


def test_whatever_else_stands_there_tells_nothing_and_makes_room(store: Path, file: Path) -> None:
    os.mkfifo(file)
    assert tidings_of(store) is None
    Teller(store, lambda: TOLD).write(TOLD)
    assert tidings_of(store) == TOLD
    elsewhere = file.rename(file.with_name("elsewhere"))
    before = elsewhere.read_bytes()
    file.symlink_to(elsewhere)
    assert tidings_of(store) is None
    Teller(store, lambda: TOLD).write(TOLD)
    assert (tidings_of(store), elsewhere.read_bytes()) == (TOLD, before)
    with open(file, "r+b") as grown:
        grown.truncate(1 << 40)
    assert tidings_of(store) is None
