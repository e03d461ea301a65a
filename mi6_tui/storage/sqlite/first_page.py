"""A copy of a store whose first page is lost, with another one: the tables are found by their own pages.

The first page leads to the schema, and the schema to every table. Pages of the schema know themselves, for
their rows begin with `table` and a name that a store has.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import apsw

from mi6_tui.plain_file import open_plain

_PAGE: Final = 4096
"""Bytes; every store has pages of this size."""
_LEAF: Final = 0x0D
_ROOTS: Final = {False: (0x0D, 0x05), True: (0x0A, 0x02)}
"""First byte of a table's root page, by whether it is one without row ids."""
_INSERT: Final = "INSERT INTO sqlite_schema VALUES ('table', ?1, ?1, ?2, ?3)"


class Table(NamedTuple):
    """A row of the schema."""

    name: str
    root: int
    sql: str


def mended_copy(path: Path, copy: Path, names: frozenset[str]) -> bool:
    """Copy `path` with a new first page that leads to the tables `names`; False if there are none."""
    tables = _found(path, names)
    if not tables:
        return False
    shutil.copyfile(path, copy)
    copy.chmod(0o600)
    with copy.open("r+b") as file:
        file.write(_first_page(copy.stat().st_size // _PAGE))
    connection = apsw.Connection(str(copy), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        connection.execute("PRAGMA writable_schema = ON")
        for table in tables.values():
            connection.execute(_INSERT, (table.name, table.root, table.sql))
    finally:
        connection.close()
    return True


def _first_page(pages: int) -> bytes:
    """That of a file of so many pages without a schema."""
    connection = apsw.Connection(":memory:")
    connection.execute(f"PRAGMA page_size = {_PAGE}")
    connection.execute("CREATE TABLE gone(x)")
    connection.execute("DROP TABLE gone")
    page = bytearray(connection.serialize("main")[:_PAGE])
    connection.close()
    page[28:32] = pages.to_bytes(4, "big")
    page[32:40] = bytes(8)  # no free pages
    page[92:96] = page[24:28]  # the number of pages is as valid as the rest
    return bytes(page)


def _found(path: Path, names: frozenset[str]) -> dict[str, Table]:
    tables: dict[str, Table] = {}
    kinds = bytearray()
    with open(open_plain(path), "rb") as file:
        while len(page := file.read(_PAGE)) == _PAGE:
            kinds.append(page[0])
            if page[0] == _LEAF:
                for table in _tables(page):
                    known = tables.get(table.name)
                    # Of what was changed once an older text may still lie about; columns were only added.
                    if table.name in names and (known is None or len(table.sql) >= len(known.sql)):
                        tables[table.name] = table
    return {
        name: table
        for name, table in tables.items()
        if table.root <= len(kinds) and kinds[table.root - 1] in _ROOTS["WITHOUT ROWID" in table.sql.upper()]
    }


def _tables(page: bytes) -> Iterator[Table]:
    """The tables that a leaf page of a schema speaks of; none in any other page."""
    for number in range(int.from_bytes(page[3:5], "big")):
        place = int.from_bytes(page[8 + 2 * number : 10 + 2 * number], "big")
        try:
            values = list(_record(page, place))
            kind, name, _, root, sql = values
            if kind == b"table" and isinstance(root, int) and root > 1:
                yield Table(bytes(name).decode(), root, bytes(sql).decode())
        except (IndexError, ValueError, TypeError):
            continue


def _record(page: bytes, place: int) -> Iterator[int | bytes]:
    """The values of a record of five whole numbers and texts; ValueError where there is no such record."""
    _, place = _varint(page, place)
    _, place = _varint(page, place)
    start = place
    length, place = _varint(page, place)
    end = start + length
    kinds: list[int] = []
    while place < end and len(kinds) < 6:
        kind, place = _varint(page, place)
        kinds.append(kind)
    if len(kinds) != 5 or place != end:
        raise ValueError
    for kind in kinds:
        if kind in (1, 2, 3, 4):
            size = kind
            yield int.from_bytes(page[end : end + size], "big")
        elif kind >= 13 and kind % 2:
            size = (kind - 13) // 2
            yield page[end : end + size]
        else:
            raise ValueError
        end += size
        if end > len(page):
            raise ValueError


def _varint(page: bytes, place: int) -> tuple[int, int]:
    """SQLite's number of one to nine bytes, and where it ends."""
    value = 0
    for _ in range(8):
        byte = page[place]
        place += 1
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, place
    return value << 8 | page[place], place + 1
