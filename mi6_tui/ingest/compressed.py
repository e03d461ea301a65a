"""The turn of a finished file that was compressed with zstd.

All of it is read in one turn, block by block: what is kept are the events, which are small. Nothing
goes on in the middle, so a file that changed is read from its start.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import closing
from typing import IO, Final, Protocol, cast

from mi6_tui.frameworks.base import Line
from mi6_tui.ingest.problem import Problem, problem_of
from mi6_tui.ingest.tail import BLOCK, LINE_LIMIT, Opened, seen, split_lines
from mi6_tui.ingest.turn import Source, Told, Turn

EXPANDED_LIMIT: Final = 2 << 30
"""Bytes of text that are read from one file."""
_RATIO: Final = 250
_HARMLESS: Final = 16 << 20
"""A file may grow to that, whatever its size; beyond it more than _RATIO to one is no transcript."""
_FEW_LINES: Final = 100_000
"""As many may stand in any file; beyond them less than two bytes of it for each is no transcript."""
_WINDOW: Final = 1 << 27
"""Largest window a file may ask for: the memory that it takes to expand it."""


def read(source: Source) -> Turn:
    """Read the whole file; OSError if it cannot be opened."""
    told, problem = Told(), None
    with closing(source.opener(source.path)) as file:
        status = file.status
        text = _Text(Stream(file), status.st_size)
        decoder = source.framework.decoder(source.path, source.machine_id, None)
        try:
            for lines in text.runs():
                told.add(decoder.decode(lines))
        except OSError as error:
            problem = problem_of(source.path, error)
        except _BrokenError as error:
            problem = Problem(source.path, str(error))
    position = seen(source.path, status, source.now).with_(
        byte_offset=status.st_size, line_number=text.lines, skipped=text.skipped
    )
    return Turn(
        position=told.position(position, source.framework.name),
        events=told.events,
        facts=told.facts,
        telemetry=told.telemetry,
        bytes=status.st_size,
        lines=text.lines,
        malformed=told.malformed,
        skipped=text.skipped,
        progressed=True,
        problem=problem,
    )


class Readable(Protocol):
    """What is read from its start to its end."""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, at most `size`; none at the end."""


class Stream:
    """An opened file that is read from its start to its end."""

    def __init__(self, file: Opened) -> None:
        self._file = file
        self._at = 0

    def read(self, size: int = -1, /) -> bytes:
        """See `Readable`; without a size a block."""
        data = self._file.read(size if size >= 0 else BLOCK, self._at)
        self._at += len(data)
        return data


class _BrokenError(Exception):
    """Why the rest of a file cannot be read."""


class _Text:
    """The lines in a compressed file of `size` bytes, as many of them as such a file can hold."""

    def __init__(self, file: Readable, size: int) -> None:
        self._file = file
        self._limit = min(EXPANDED_LIMIT, max(_HARMLESS, _RATIO * size))
        self._most_lines = max(_FEW_LINES, size // 2)
        self.lines = self.skipped = 0

    def runs(self) -> Iterator[Iterator[Line]]:
        """Complete lines in runs; _BrokenError where the file ends too early or grows without measure."""
        offset = 0
        """Of `parts`, the beginning of a line."""
        parts: list[bytes] = []
        length = 0
        for block in self._blocks():
            cut = block.rfind(b"\n") + 1
            if not cut:
                length += len(block)
                parts = [*parts, block] if length <= LINE_LIMIT else []
                continue
            data = b"".join((*parts, block[:cut]))
            if length > LINE_LIMIT:
                rest = block.find(b"\n") + 1
                offset, data = offset + length + rest, block[rest:cut]
                self.skipped += 1
                self.lines += 1
            if self.lines + data.count(b"\n") > self._most_lines:
                raise _BrokenError(f"it expands to more than {self._most_lines} lines: the rest was not read")
            if data:
                yield self._counted(data, offset)
            offset += len(data)
            parts = [block[cut:]] if cut < len(block) else []
            length = len(block) - cut
        if length:
            raise _BrokenError("it ends in the middle of a line: only the lines before it were read")

    def _counted(self, data: bytes, offset: int) -> Iterator[Line]:
        for line in split_lines(data, offset):
            self.lines += 1
            yield line

    def _blocks(self) -> Iterator[bytes]:
        total = 0
        for block in _expanded(self._file, BLOCK):
            total += len(block)
            if total > self._limit:
                raise _BrokenError(f"it expands to more than {self._limit >> 20} MiB: the rest was not read")
            yield block


def _expanded(file: Readable, size: int) -> Iterator[bytes]:
    """The text in `file` in blocks of at most `size` bytes."""
    import zstandard  # late: most people have no compressed transcript

    expander = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
    with expander.stream_reader(cast(IO[bytes], file), read_across_frames=True, closefd=False) as reader:
        while True:
            try:
                block = reader.read(size)
            except zstandard.ZstdError as error:
                raise _BrokenError(f"it cannot be decompressed ({error})") from error
            if not block:
                return
            yield block


def head_of(file: Readable, size: int) -> bytes:
    """The first `size` bytes of the text in `file`, fewer where it cannot be expanded."""
    try:
        return next(_expanded(file, size), b"")
    except _BrokenError:
        return b""


def spans_of(descriptor: int, spans: Collection[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
    """The bytes at each (offset, length) of the text in a file; those it does not have are left out.

    The text is expanded up to the last of them.
    """
    found: dict[tuple[int, int], bytes] = {}
    waiting = sorted(set(spans), reverse=True)
    end = max((offset + length for offset, length in waiting), default=0)
    kept, start = b"", 0
    with open(descriptor, "rb", closefd=False) as file:
        try:
            for block in _expanded(file, BLOCK):
                kept += block
                while waiting and sum(waiting[-1]) <= start + len(kept):
                    offset, length = waiting.pop()
                    found[offset, length] = kept[offset - start : offset - start + length]
                if not waiting or start + len(kept) >= min(end, EXPANDED_LIMIT):
                    break
                passed = min(len(kept), max(0, waiting[-1][0] - start))
                kept, start = kept[passed:], start + passed
        except _BrokenError:
            pass
    return found


def plain_twin(path: str) -> str:
    """Where the same transcript stands as long as it is not compressed."""
    return os.path.splitext(path)[0]  # noqa: PTH122
