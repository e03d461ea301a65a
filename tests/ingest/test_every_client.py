"""What holds for the files of every client: whose they are wherever they lie, and how they grow."""

from __future__ import annotations

import gzip
import random
from functools import cache
from pathlib import Path

import pytest

from mi6_tui.frameworks import framework, names
from mi6_tui.ingest.scanner import Scanner
from mi6_tui.model import Session, SessionQuery
from mi6_tui.storage.sqlite import SqliteStorage

_DATA = Path(__file__).parents[1] / "data"
_NOW = 1_795_718_000_000
_FILES = tuple(name for name in names() if (_DATA / name / "home").is_dir())
_GROWING = ("qwen", "cursor", "pi")
"""Clients that append, and whose growth nobody recorded."""


@cache
def _files(client: str) -> dict[str, bytes]:
    """Path below the home and content of each file."""
    home = _DATA / client / "home"
    return {
        str(path.relative_to(home)).removesuffix(".gz"): gzip.decompress(path.read_bytes())
        for path in sorted(home.rglob("*.gz"))
    }


def _write(home: Path, name: str, data: bytes) -> Path:
    path = home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def _sessions(storage: SqliteStorage) -> list[Session]:
    found = (session.with_(revision=0) for session in storage.list_sessions(SessionQuery()))
    return sorted(found, key=lambda session: session.key)


@pytest.mark.parametrize("client", _FILES)
def test_a_file_that_was_copied_elsewhere_is_still_its_clients(client: str, tmp_path: Path) -> None:
    for name, data in _files(client).items():
        # The last folders are part of a transcript's name.
        path = _write(tmp_path / "backup", "/".join(Path(name).parts[2:]), data)
        storage = SqliteStorage(tmp_path / f"{path.stem}.db")
        clients = [framework(known) for known in names()]
        Scanner(storage, clients, "box", paths=[path], env={}, home=tmp_path, watch=False).scan_once()
        position = storage.get_transcript_position(str(path))
        storage.close()
        assert (position and position.framework) == client, name


@pytest.mark.parametrize("client", _GROWING)
@pytest.mark.parametrize("seed", range(3))
def test_however_files_grow_the_sessions_are_the_same(client: str, seed: int, tmp_path: Path) -> None:
    """Any piece of any file at a time, also a piece of a line; now and then another process goes on."""
    chance = random.Random(seed)
    whole, grown = tmp_path / "whole", tmp_path / "grown"
    straight, piecewise = SqliteStorage(tmp_path / "whole.db"), SqliteStorage(tmp_path / "grown.db")

    def scanner(storage: SqliteStorage, home: Path) -> Scanner:
        only = [framework(client)]
        return Scanner(storage, only, "box", env={}, home=home, watch=False, clock=lambda: _NOW)

    for name, data in _files(client).items():
        _write(whole, name, data)
    scanner(straight, whole).scan_once()
    left = dict(_files(client))
    looking = scanner(piecewise, grown)
    while left:
        name = chance.choice(sorted(left))
        size = chance.choice((1, 100, 5000, 40_000))
        path = grown / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(left[name][:size])
        left[name] = left[name][size:]
        if not left[name]:
            del left[name]
        if chance.random() < 0.1:
            looking = scanner(piecewise, grown)
        looking.scan_once()
    expected, found = _sessions(straight), _sessions(piecewise)
    straight.close()
    piecewise.close()
    assert [one.with_(transcript_path=None) for one in found] == [
        one.with_(transcript_path=None) for one in expected
    ]
