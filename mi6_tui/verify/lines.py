"""The complete lines of a file as objects, one at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BufferedReader
from typing import IO, Any, Final

from mi6_tui.plain_file import open_plain
from mi6_tui.verify.recount import File, fields

_LONGEST: Final = 64 << 20
"""Bytes; nobody reads a line above, neither here nor there."""
_WINDOW: Final = 1 << 27
"""Bytes of memory that a compressed file may ask for."""


def objects(file: File) -> Iterator[tuple[int, dict[str, Any]]]:
    """Byte offset and content of each line that is a JSON object; what has no newline is not there yet."""
    offset = 0
    lines, broken = _opened(file.path)
    with lines:
        while file.stop is None or offset < file.stop:
            try:
                line, length = _next(lines)
            except broken:
                return  # what comes before is all there is
            if not line and not length:
                return
            if line:
                found = _parsed(line)
                if isinstance(found, dict):
                    yield offset, found
            offset += length


def whole_document(file: File) -> dict[str, Any]:
    """The one object that a document holds; empty if it holds none."""
    with open(open_plain(file.path), "rb") as document:
        data = document.read(_LONGEST + 1)
    return fields(_parsed(data)) if len(data) <= _LONGEST else {}


def _opened(path: str) -> tuple[IO[bytes], tuple[type[Exception], ...]]:
    """The text of a file, and what is raised where it cannot be expanded."""
    if not path.endswith(".zst"):
        return open(open_plain(path), "rb"), ()
    import zstandard  # late: most people have no compressed transcript

    expander = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
    packed = open(open_plain(path), "rb")  # noqa: SIM115  (closed with the text)
    text = expander.stream_reader(packed, read_across_frames=True)
    return BufferedReader(text), (zstandard.ZstdError,)


def _next(lines: IO[bytes]) -> tuple[bytes, int]:
    """A line and its length; empty with a length where it is too long, without where none is complete."""
    line = lines.readline(_LONGEST + 1)
    length = len(line)
    if line.endswith(b"\n"):
        return line, length
    if length <= _LONGEST:
        return b"", 0
    while (piece := lines.readline(_LONGEST)) and not piece.endswith(b"\n"):
        length += len(piece)
    return (b"", length + len(piece)) if piece else (b"", 0)


def _parsed(line: bytes) -> object:
    try:
        return json.loads(line.decode("utf-8", "replace").removeprefix("\ufeff"), strict=False)
    except (ValueError, RecursionError):
        return None
