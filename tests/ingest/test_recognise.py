"""Files the user names, where several clients could have written them."""

from __future__ import annotations

from pathlib import Path

import pytest
import zstandard

from mi6_tui.frameworks.base import Kind
from mi6_tui.ingest.scanner import Scanner
from mi6_tui.storage.sqlite import SqliteStorage
from tests.ingest.conftest import Clock
from tests.ingest.numbers import MACHINE, Numbers, NumbersDecoder


class Hashes(Numbers):
    """Another client with files of the same name, whose first line begins with `#`."""

    name = "hashes"

    def kind(self, parts: tuple[str, ...]) -> Kind | None:
        packed = len(parts) == 2 and parts[-1].endswith(".num.zst")
        return "compressed" if packed else super().kind(parts)

    def recognises(self, head: bytes) -> bool:
        assert len(head) <= 4096
        return head.startswith(b"#")

    def decoder(self, path: str, machine_id: str, state: bytes | None) -> NumbersDecoder:
        return NumbersDecoder(path, machine_id, state)


class Packed(Numbers):
    """The numbers client, with compressed files."""

    def kind(self, parts: tuple[str, ...]) -> Kind | None:
        packed = len(parts) == 2 and parts[-1].endswith(".num.zst")
        return "compressed" if packed else super().kind(parts)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "s" / "1.num"
    path.parent.mkdir()
    return path


def scanner(store: SqliteStorage, clock: Clock, *paths: Path) -> Scanner:
    clients = [Packed(), Hashes()]
    return Scanner(
        store, clients, MACHINE, paths=paths, env={}, home=Path("/nowhere"), watch=False, clock=clock
    )


def owner(store: SqliteStorage, path: Path) -> str | None:
    position = store.get_transcript_position(str(path))
    return position.framework if position else None


@pytest.mark.parametrize(
    ("text", "client"), [(b"12\n", "numbers"), (b"#\n12\n", "hashes"), (b"?\n12\n", "numbers")]
)
def test_its_first_bytes_decide_else_the_first_client(
    store: SqliteStorage, clock: Clock, file: Path, text: bytes, client: str
) -> None:
    file.write_bytes(text + b"9\n" * 5000)
    for named in (file, file.parent.parent):
        assert scanner(store, clock, named).scan_once(full=True).files == 1
        assert owner(store, file) == client


def test_a_compressed_file_is_expanded_for_that(store: SqliteStorage, clock: Clock, tmp_path: Path) -> None:
    path = tmp_path / "s" / "1.num.zst"
    path.parent.mkdir()
    path.write_bytes(zstandard.ZstdCompressor().compress(b"#\n12\n"))
    assert scanner(store, clock, tmp_path).scan_once().events == 1
    assert owner(store, path) == "hashes"


def test_a_file_that_begins_later_is_recognised_then(store: SqliteStorage, clock: Clock, file: Path) -> None:
    file.touch()
    scan = scanner(store, clock, file)
    scan.scan_once()
    file.write_bytes(b"#\n12\n")
    assert scan.scan_once().events == 1
    assert owner(store, file) == "hashes"


def test_what_another_client_had_read_is_read_anew(store: SqliteStorage, clock: Clock, file: Path) -> None:
    file.write_bytes(b"12\n")
    scanner(store, clock, file).scan_once()
    file.write_bytes(b"#2\n12\n13\n")
    report = scanner(store, clock, file).scan_once()
    assert (report.lines, owner(store, file)) == (3, "hashes")


def test_a_link_to_nothing_is_no_file(store: SqliteStorage, clock: Clock, file: Path) -> None:
    file.symlink_to(file.with_name("gone.num"))
    report = scanner(store, clock, file.parent).scan_once()
    assert (report.files_total, report.problems) == (0, ())
