"""Real transcripts of the other clients, told again write by write.

`tests/data/replay/others.jsonl.gz` holds which file grew by how many lines, in the recorded order.
"""

from __future__ import annotations

import gzip
import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mi6_tui.frameworks import framework
from mi6_tui.ingest.scanner import Scanner
from mi6_tui.model import Event, Session
from mi6_tui.storage.sqlite import SqliteStorage
from tests.ingest.growth import NOW, contents

_DATA = Path(__file__).parents[1] / "data"
_CLIENTS = ("codex", "copilot", "gemini")
Rows = tuple[Sequence[Event], Sequence[Session]]


@cache
def _files(client: str) -> dict[str, bytes]:
    """Path below the home and content of each file in the end."""
    home = _DATA / client / "home"
    return {
        str(path.relative_to(home)).removesuffix(".gz"): gzip.decompress(path.read_bytes())
        for path in sorted(home.rglob("*.jsonl.gz"))
    }


@cache
def _writes(client: str) -> tuple[tuple[str, bytes], ...]:
    """What was appended, and to which file."""
    lines = {name: iter(content.splitlines(keepends=True)) for name, content in _files(client).items()}
    with gzip.open(_DATA / "replay" / "others.jsonl.gz", "rb") as log:
        told = [write for write in map(json.loads, log) if write["file"] in lines]
    found = tuple(
        (write["file"], b"".join(next(lines[write["file"]]) for _ in range(write["lines"]))) for write in told
    )
    assert not any(list(rest) for rest in lines.values()), "the log tells of every line"
    return found


def _append(home: Path, name: str, data: bytes) -> Path:
    path = home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.write(data)
    return path


@contextmanager
def _scanned_home(*clients: str) -> Iterator[tuple[Path, SqliteStorage, Scanner]]:
    """An empty home, an empty store, and a scanner between them."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder).resolve() / "home"
        storage = SqliteStorage(Path(folder) / "mi6.db", clock=lambda: NOW)
        seconds = iter(range(0, 10**9, 60))
        scanner = Scanner(
            storage,
            [framework(client) for client in clients],
            "box",
            env={},
            home=home,
            watch=False,
            clock=lambda: NOW,
            monotonic=lambda: float(next(seconds)),
        )
        try:
            yield home, storage, scanner
        finally:
            storage.close()


@cache
def _clean(client: str) -> Rows:
    """What one scan of the finished files gives."""
    with _scanned_home(client) as (home, storage, scanner):
        for name, content in _files(client).items():
            _append(home, name, content)
        report = scanner.scan_once()
        assert report.lines == sum(content.count(b"\n") for content in _files(client).values())
        assert (report.malformed, report.problems) == (0, ())
        return contents(storage, home)


@pytest.mark.parametrize("client", _CLIENTS)
def test_a_recorded_day_told_again_write_by_write(client: str) -> None:
    """After each write a sweep, and a notification now and then."""
    with _scanned_home(client) as (home, storage, scanner):
        lines = 0
        for number, (name, data) in enumerate(_writes(client)):
            path = _append(home, name, data)
            lines += scanner.sweep({str(path)} if number % 3 else set()).lines
        assert lines == sum(data.count(b"\n") for _, data in _writes(client)), "each line was read once"
        assert contents(storage, home) == _clean(client)


@pytest.mark.parametrize("client", _CLIENTS)
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_any_order_of_files_and_any_split_of_bytes_gives_the_same_rows(
    client: str, data: st.DataObject
) -> None:
    with _scanned_home(client) as (home, storage, scanner):
        for name in data.draw(st.permutations(sorted(_files(client))), label="order"):
            content = _files(client)[name]
            cuts = sorted(data.draw(st.lists(st.integers(0, len(content)), max_size=2), label="cuts"))
            for start, end in pairwise([0, *cuts, len(content)]):
                _append(home, name, content[start:end])
                if end < len(content):
                    scanner.sweep()
        scanner.scan_once()
        scanner.scan_once(full=True)
        assert contents(storage, home) == _clean(client)


def test_the_clients_of_one_home_do_not_disturb_each_other() -> None:
    with _scanned_home(*_CLIENTS) as (home, storage, scanner):
        for client in _CLIENTS:
            for name, content in _files(client).items():
                _append(home, name, content)
        scanner.scan_once()
        events, sessions = contents(storage, home)
        for client in _CLIENTS:
            expected_events, expected_sessions = _clean(client)
            assert [event for event in events if event.framework == client] == expected_events
            assert [session for session in sessions if session.framework == client] == expected_sessions


@pytest.mark.parametrize("client", _CLIENTS)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_a_damaged_file_may_be_cut_anywhere_too(client: str, data: st.DataObject) -> None:
    """Its lines are in any order, and some of them are missing."""
    name, content = data.draw(st.sampled_from(sorted(_files(client).items())), label="file")
    lines = data.draw(
        st.lists(st.sampled_from(content.splitlines(keepends=True)), max_size=20), label="lines"
    )
    cut = data.draw(st.integers(0, len(lines)), label="cut")
    rows = []
    for pieces in ([lines], [lines[:cut], lines[cut:]]):
        with _scanned_home(client) as (home, storage, scanner):
            for piece in pieces:
                _append(home, name, b"".join(piece))
                scanner.scan_once()
            rows.append(contents(storage, home))
    assert rows[0] == rows[1]
