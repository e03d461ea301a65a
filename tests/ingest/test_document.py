"""Transcripts that their client rewrites whole."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec
import pytest

from mi6_tui.frameworks.base import Decoded, Kind, Line
from mi6_tui.ingest import document
from mi6_tui.ingest.scanner import Scanner
from mi6_tui.model import Event, EventQuery, EventType
from mi6_tui.storage.sqlite import SqliteStorage
from tests.ingest.conftest import Clock
from tests.ingest.numbers import EPOCH, MACHINE, Client


class Page:
    """A decoder of `{"numbers": [...]}`."""

    def __init__(self, path: str) -> None:
        self._path = path

    def decode(self, lines: Iterable[Line]) -> Decoded:
        [(offset, data)] = lines
        assert offset == 0
        decoded = Decoded()
        try:
            numbers = msgspec.json.decode(data, type=dict[str, list[int]])["numbers"]
        except msgspec.DecodeError:
            decoded.malformed = 1
            return decoded
        for number in numbers:
            decoded.events.append(
                Event(
                    machine_id=MACHINE,
                    timestamp=EPOCH + number,
                    event_type=EventType.API_REQUEST,
                    session_id=Path(self._path).stem,
                    key=f"page:{number}",
                    uuid=str(number),
                )
            )
        return decoded

    def state(self) -> bytes:
        return b""


class Pages(Client):
    """A client whose transcripts are such documents."""

    name = "pages"

    def roots(self, env: Mapping[str, str], home: Path) -> list[Path]:
        return [home / "pages"]

    def descends(self, parts: tuple[str, ...]) -> bool:
        return False

    def kind(self, parts: tuple[str, ...]) -> Kind | None:
        return "document" if parts and parts[-1].endswith(".json") else None

    def recognises(self, head: bytes) -> bool:
        return head.startswith(b"{")

    def decoder(self, path: str, machine_id: str, state: bytes | None) -> Page:
        assert state is None
        return Page(path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "home" / "pages" / "a.json"
    found.parent.mkdir(parents=True)
    return found


@pytest.fixture
def scanner(store: SqliteStorage, tmp_path: Path, clock: Clock) -> Scanner:
    options = {"env": {}, "home": tmp_path / "home"}
    return Scanner(store, [Pages()], MACHINE, **options, watch=False, clock=clock, monotonic=clock.seconds)  # type: ignore[arg-type]


def write(path: Path, text: str, clock: Clock) -> None:
    """Write at the test's time."""
    path.write_text(text)
    os.utime(path, ns=(clock.ms * 1_000_000,) * 2)


def numbers(store: SqliteStorage) -> list[int]:
    return sorted(int(event.uuid or 0) for event in store.query(EventQuery()))


def test_it_is_told_again_whenever_it_changed(
    store: SqliteStorage, scanner: Scanner, path: Path, clock: Clock
) -> None:
    write(path, '{"numbers": [1, 2]}', clock)
    assert scanner.scan_once().events == 2
    clock.forward(60)
    write(path, '{"numbers": [1, 2, 3]}', clock)
    report = scanner.scan_once()
    assert (report.files, report.events, report.malformed) == (1, 1, 0)
    assert numbers(store) == [1, 2, 3]


def test_one_that_is_renamed_into_place_is_another_file(
    store: SqliteStorage, scanner: Scanner, path: Path, clock: Clock
) -> None:
    write(path, '{"numbers": [1]}', clock)
    clock.forward(60)
    scanner.scan_once()
    fresh = path.with_suffix(".tmp")
    fresh.write_text('{"numbers": [7]}')
    os.utime(fresh, ns=(path.stat().st_mtime_ns,) * 2)
    fresh.rename(path)
    assert scanner.scan_once().events == 1
    assert numbers(store) == [1, 7]


def test_what_did_not_change_is_not_opened(scanner: Scanner, path: Path, clock: Clock) -> None:
    write(path, '{"numbers": [1]}', clock)
    clock.forward(60)
    scanner.scan_once()
    status = path.stat()
    path.write_text('{"numbers": [2]}')
    os.utime(path, ns=(status.st_mtime_ns,) * 2)
    assert scanner.scan_once().files == 0, "a look inside would have found another number"


def test_what_was_only_touched_is_not_told(
    store: SqliteStorage, scanner: Scanner, path: Path, clock: Clock
) -> None:
    write(path, '{"numbers": [1]}', clock)
    clock.forward(60)
    scanner.scan_once()
    touched = (clock.ms - 5_000) * 1_000_000
    os.utime(path, ns=(touched, touched))
    assert scanner.scan_once().files == 0
    position = store.get_transcript_position(str(path))
    assert position is not None
    assert position.mtime_ns == touched, "the next look need not open it"


def test_a_half_written_one_is_tried_again(
    store: SqliteStorage, scanner: Scanner, path: Path, clock: Clock
) -> None:
    write(path, '{"numbers": [1, 2', clock)
    report = scanner.scan_once()
    assert (report.files, report.malformed, report.problems) == (0, 0, ())
    write(path, '{"numbers": [1, 2]}', clock)
    assert scanner.scan_once().events == 2
    assert numbers(store) == [1, 2]
    clock.forward(60)
    write(path, '{"numbers": [1, 2', clock)
    scanner.scan_once()
    assert numbers(store) == [1, 2]
    position = store.get_transcript_position(str(path))
    assert position is not None
    assert position.malformed == 0


def test_one_that_stays_broken_is_malformed_once(
    store: SqliteStorage, scanner: Scanner, path: Path, clock: Clock
) -> None:
    write(path, '{"numbers": [1, 2', clock)
    scanner.scan_once()
    clock.forward(60)
    assert scanner.scan_once().malformed == 1
    assert scanner.scan_once().malformed == 0
    position = store.get_transcript_position(str(path))
    assert position is not None
    assert position.malformed == 1


def test_an_empty_one_says_nothing(scanner: Scanner, path: Path, clock: Clock) -> None:
    write(path, "", clock)
    report = scanner.scan_once()
    assert (report.events, report.malformed) == (0, 0)


def test_one_above_the_limit_is_skipped(scanner: Scanner, path: Path, clock: Clock) -> None:
    write(path, "{", clock)
    os.truncate(path, document.DOCUMENT_LIMIT + 1)
    clock.forward(60)
    report = scanner.scan_once()
    assert (report.skipped, report.malformed) == (1, 0)
