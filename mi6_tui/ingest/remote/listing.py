"""What the other machine says of its files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from mi6_tui.ingest.remote.link import LinkError

_NS: Final = 1_000_000_000
_INT64: Final = 2**63 - 1
_RECORD: Final = re.compile(
    rb"(\d{1,20}) (\d{1,20}) (\d{1,20}) (\d{1,12})(?:\.(\d{1,9})\d*)? (/.*)", re.DOTALL
)
_START: Final = b"\n//"
# Without a year it is one of the last months, with one it lies farther back.
_LS: Final = (
    rb"(?:^|(?<=\n)) *(\d{1,20}) -\S+ +\d+ +\d+ +\d+ +(\d{1,20}) "
    rb"([A-Z][a-z][a-z]) +(\d{1,2}) +(?:(\d\d?):(\d\d)|(\d{4})) (?=%b)"
)
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class FarStatus(NamedTuple):
    """A regular file there (a `tail.Status`)."""

    st_dev: int
    st_ino: int
    st_size: int
    st_mtime_ns: int


Listed = tuple[str, FarStatus]
"""A path, with `/./` behind its root."""


def time_of(text: bytes) -> datetime:
    """The time of a machine as it says it. LinkError if it is none."""
    try:
        return datetime.strptime(text.decode(), "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
    except ValueError as error:
        raise LinkError("it does not know the time") from error


def files(data: bytes, kind: str, roots: Sequence[str], now: datetime) -> Iterator[Listed]:
    """The files in an answer, looked at by a program of that `kind` at `now`."""
    return _by_stat(data) if kind == "stat" else _by_ls(data, roots, now)


def _by_stat(data: bytes) -> Iterator[Listed]:
    for record in (b"\n" + data).split(_START):
        found = _RECORD.fullmatch(record.removesuffix(b"\n"))
        if found is not None:
            device, inode, size, seconds = (int(part) for part in found.groups()[:4])
            fraction = int((found[5] or b"").ljust(9, b"0"))
            yield os.fsdecode(found[6]), _status(device, inode, size, seconds * _NS + fraction)


def _by_ls(data: bytes, roots: Sequence[str], now: datetime) -> Iterator[Listed]:
    """The clock of `ls` shows minutes, or days: a file is taken as changed at the end of them.

    Otherwise it might change again and look the same.
    """
    places = b"|".join(re.escape(os.fsencode(root)) for root in roots)
    heads = list(re.finditer(_LS % (b"(?:" + places + b")"), data))
    for head, following in zip(heads, [*heads[1:], None][: len(heads)], strict=True):
        end = len(data) if following is None else following.start()
        at = _last_moment(head, now)
        if at is not None:
            path = data[head.end() : end].removesuffix(b"\n")
            yield os.fsdecode(path), _status(0, int(head[1]), int(head[2]), int(at.timestamp()) * _NS)


def _last_moment(head: re.Match[bytes], now: datetime) -> datetime | None:
    try:
        month, day = _MONTHS.index(head[3].decode()) + 1, int(head[4])
        if head[7] is not None:
            return datetime(int(head[7]), month, day, 23, 59, 59, tzinfo=UTC)
        at = datetime(now.year, month, day, int(head[5]), int(head[6]), 59, tzinfo=UTC)
        return at if at <= now + timedelta(days=1) else at.replace(year=now.year - 1)
    except ValueError:
        return None


def _status(device: int, inode: int, size: int, mtime_ns: int) -> FarStatus:
    return FarStatus(device & _INT64, inode & _INT64, min(size, _INT64), min(mtime_ns, _INT64))
