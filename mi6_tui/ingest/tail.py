"""Reads the complete new lines of one growing file.

A visit opens the file, proves that it is still the one its stored position speaks of, and reads on
from there. Every doubt starts again at the first byte: recording a line twice changes nothing.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Final, Protocol, Self

import msgspec

from mi6_tui.frameworks.base import Line
from mi6_tui.model import FilePosition, FileSeen

BLOCK: Final = 1 << 20
"""Bytes read at once."""
LINE_LIMIT: Final = 64 << 20
"""A longer line is skipped and counted."""

_HEAD: Final = 1024
_BEFORE: Final = 256
_REST_NS: Final = 2_000_000_000
# Without O_NONBLOCK opening a FIFO that took the file's place would hang.
_FLAGS: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_INT64: Final = 2**63 - 1


class _State(msgspec.Struct, array_like=True, frozen=True):
    """What `FilePosition.state` holds: the decoder's memory and the tailer's own."""

    decoder: bytes | None = None
    searched: int = 0
    """End of the bytes that are known to belong to a line above the limit; 0: in no such line."""


class Status(Protocol):
    """What tells one state of a file from another: the parts of `os.stat_result` that are looked at."""

    @property
    def st_dev(self) -> int:
        """Device."""

    @property
    def st_ino(self) -> int:
        """Inode."""

    @property
    def st_size(self) -> int:
        """Bytes."""

    @property
    def st_mtime_ns(self) -> int:
        """Last change."""


def identity(status: Status) -> tuple[int, int]:
    """Device and inode, cut to what the store can hold."""
    return status.st_dev & _INT64, status.st_ino & _INT64


def at_rest(status: Status, now: int) -> bool:
    """Whether a change after `now` (ms) must show in the file's time.

    A file that was modified just before may change again without its time moving, since the clocks of
    some file systems tick every two seconds.
    """
    return now * 1_000_000 - status.st_mtime_ns > _REST_NS


def open_regular(path: str) -> tuple[int, os.stat_result]:
    """A descriptor of a regular file for reading, and its status; OSError for anything else."""
    descriptor = os.open(path, _FLAGS)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "not a regular file", path)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor, status


class Opened(Protocol):
    """A regular file that was opened for reading, wherever it is. All calls may raise OSError."""

    @property
    def status(self) -> Status:
        """What it was when it was opened."""

    def read(self, size: int, offset: int) -> bytes:
        """`size` bytes at `offset`; fewer only where the file ends before."""

    def written_from(self, offset: int) -> int:
        """Where the next bytes stand that anybody wrote: behind a hole at `offset`, else there."""

    def look(self) -> Status:
        """What it is by now."""

    def close(self) -> None:
        """It is read no more."""


Opener = Callable[[str], Opened]
"""Opens the file at a path; OSError for anything but a regular file."""


class LocalFile:
    """A file of this machine that is read."""

    def __init__(self, path: str) -> None:
        self._fd, self.status = open_regular(path)

    def read(self, size: int, offset: int) -> bytes:
        """See `Opened`."""
        return os.pread(self._fd, size, offset)

    def written_from(self, offset: int) -> int:
        """See `Opened`."""
        try:
            return os.lseek(self._fd, offset, os.SEEK_DATA)
        except OSError as error:
            return self.status.st_size if error.errno == errno.ENXIO else offset

    def look(self) -> os.stat_result:
        """See `Opened`."""
        return os.fstat(self._fd)

    def close(self) -> None:
        """See `Opened`."""
        os.close(self._fd)


def seen(path: str, status: Status, now: int, *, whole: bool = True) -> FilePosition:
    """The position of a file that was looked at, at `now` (ms); nothing read.

    A size stands in it only if the `whole` file was seen, a time only if the file was at rest. Without
    both, the next look opens the file.
    """
    device, inode = identity(status)
    return FilePosition(
        file_path=path,
        updated_at=now,
        device=device,
        inode=inode,
        size=status.st_size if whole else None,
        mtime_ns=status.st_mtime_ns if at_rest(status, now) else None,
    )


def unchanged(position: FileSeen | FilePosition, status: Status) -> bool:
    """Whether the file's metadata are enough to know that it has nothing new."""
    return (
        position.size == status.st_size
        and position.mtime_ns == status.st_mtime_ns
        and (position.device, position.inode) == identity(status)
    )


def digest(data: bytes) -> bytes:
    """By which a file's beginning is known again: 16 bytes."""
    from hashlib import blake2b  # late: where nothing is new nothing is digested

    return blake2b(data, digest_size=16).digest()


def split_lines(data: bytes, offset: int) -> Iterator[Line]:
    """The lines in `data`, which stands at `offset` and ends in a newline.

    One at a time: a line that is done with leaves its memory, still in the cache, to the next.
    """
    start, end = 0, data.find(b"\n")
    while end >= 0:
        raw = data[start:end]
        yield offset + start, raw[:-1] if raw.endswith(b"\r") else raw
        start = end + 1
        end = data.find(b"\n", start)


class Visit:
    """One opening of one file; a context manager. Raises OSError like the calls it makes.

    `resumed` says whether the position given holds: if not, reading starts at the first byte, with
    no decoder state. `progressed`: whether this visit got further than that.
    """

    def __init__(
        self,
        path: str,
        position: FilePosition | None,
        *,
        block: int = BLOCK,
        limit: int = LINE_LIMIT,
        opener: Opener = LocalFile,
    ) -> None:
        self.path = path
        self._block, self._limit = block, max(limit, block)
        self._file = opener(path)
        self.status, self._read = self._file.status, self._file.read
        try:
            self._start(position)
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def _start(self, position: FilePosition | None) -> None:
        self._head = self._before = b""
        self.offset = self.lines = self.skipped = self._searched = self._seen = 0
        self.decoder_state: bytes | None = None
        self.resumed = self.progressed = False
        if position is None:
            return
        state = _state(position)
        reached = max(position.byte_offset, state.searched)
        if not reached or reached > self.status.st_size:
            return
        if (position.device, position.inode) != identity(self.status):
            return
        head = self._read(min(_HEAD, position.byte_offset), 0)
        size = min(_BEFORE, reached)
        before = self._read(size, reached - size)
        if digest(head) != position.head or digest(before) != position.tail:
            return
        self._head, self._before = head, before
        self.offset, self._searched, self._seen = position.byte_offset, state.searched, reached
        self.lines, self.skipped = position.line_number, position.skipped
        self.decoder_state = state.decoder
        self.resumed = True

    @property
    def more(self) -> bool:
        """Whether bytes that were there when the file was opened have not been looked at."""
        return self._seen < self.status.st_size

    def runs(self, budget: int) -> Iterator[Iterator[Line]]:
        """Complete lines in runs, until about `budget` bytes were read or none is left.

        Between two runs that were taken whole, and after the last, `position` tells where they end.
        """
        stop = min(self.offset + budget, self.status.st_size)
        while self.offset < stop:
            # No more than there is: a large block costs time to make, also where a small file fills little.
            block = self._read(min(self._block, self.status.st_size - self.offset), self.offset)
            self._seen = max(self._seen, self.offset + len(block))
            cut = block.rfind(b"\n") + 1
            if cut:
                start, data = self.offset, block[:cut]
                self._pass(data)
                yield self._counted(data, start)
            elif len(block) < self._block:
                return
            else:
                end, window = self._find_end(block, budget)
                if end is None:
                    return
                if end - self.offset > self._limit:
                    self._skip(end, window)
                    continue
                start, data = self.offset, self._read(end - self.offset, self.offset)
                if data.find(b"\n") != end - start - 1:
                    return  # rewritten under our eyes: the next visit will notice
                self._pass(data)
                yield self._counted(data, start)

    def _counted(self, data: bytes, offset: int) -> Iterator[Line]:
        for line in split_lines(data, offset):
            self.lines += 1
            yield line

    def _pass(self, data: bytes) -> None:
        """Move the offset behind `data`, which stands at it and ends in a newline."""
        if len(self._head) < _HEAD:
            self._head += data[: _HEAD - len(self._head)]
        self._before = (self._before + data[-_BEFORE:])[-_BEFORE:]
        self.offset += len(data)
        self.progressed = True

    def _find_end(self, block: bytes, budget: int) -> tuple[int | None, bytes]:
        """The end of a line longer than `block`, None if it is not there yet, and the bytes before it.

        Within a line above the limit the search goes on where the last one, or the last visit, ended.
        """
        resuming = self._searched > 0
        window = self._before if resuming else (self._before + block[-_BEFORE:])[-_BEFORE:]
        at = self._searched if resuming else self.offset + len(block)
        stop = at + budget
        while True:
            block = self._read(self._block, at)
            newline = block.find(b"\n")
            known = block if newline < 0 else block[: newline + 1]
            window = (window + known[-_BEFORE:])[-_BEFORE:]
            at += len(known)
            self._seen = max(self._seen, at)
            if newline >= 0:
                return at, window
            too_long = at - self.offset > self._limit
            if too_long:
                at, window = self._past_hole(at, window)
                self._seen = max(self._seen, at)
            if too_long and at > self._searched:
                self._searched, self._before = at, window
                self.progressed = True
            if len(block) < self._block or (too_long and at >= stop):
                return None, window

    def _past_hole(self, at: int, window: bytes) -> tuple[int, bytes]:
        """Where the next bytes stand that anybody wrote, and what is before it: holes may be endless."""
        data = self._file.written_from(at)
        return (data, self._read(_BEFORE, data - _BEFORE)) if data > at else (at, window)

    def _skip(self, end: int, window: bytes) -> None:
        """Move the offset behind a line above the limit."""
        missing = min(_HEAD, end) - len(self._head)
        if missing > 0:
            self._head += self._read(missing, len(self._head))
        self.offset, self._before, self._searched = end, window, 0
        self.progressed = True
        self.skipped += 1
        self.lines += 1

    def position(self, decoder_state: bytes | None, now: int) -> FilePosition:
        """Where the next visit goes on; `now` (ms) is when this one began."""
        return seen(self.path, self.status, now, whole=not self.more).with_(
            byte_offset=self.offset,
            line_number=self.lines,
            head=digest(self._head),
            tail=digest(self._before),
            state=msgspec.msgpack.encode(_State(decoder_state, self._searched)),
            skipped=self.skipped,
        )


def _state(position: FilePosition) -> _State:
    if position.state is None:
        return _State()
    try:
        return msgspec.msgpack.decode(position.state, type=_State)
    except msgspec.MsgspecError:
        return _State()
