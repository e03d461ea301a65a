"""The turn of a client's own SQLite database: one bounded question."""

from __future__ import annotations

import os
from typing import NamedTuple, cast

from mi6_tui.frameworks.base import DatabaseFramework
from mi6_tui.ingest.tail import Status, identity, seen
from mi6_tui.ingest.turn import Source, Told, Turn

LOG: str = "-wal"
"""What the name of a database's write-ahead log ends in."""


class _Together(NamedTuple):
    """A database and its log as if they were one file."""

    st_dev: int
    st_ino: int
    st_size: int
    st_mtime_ns: int


def with_log(path: str, status: Status) -> Status:
    """The status of a database with its write-ahead log, where the newest rows stand.

    Every commit writes to one of the two, so two calls of stat tell whether there is anything to ask.
    """
    try:
        log = os.lstat(path + LOG)
    except OSError:
        return status
    return _Together(
        status.st_dev,
        status.st_ino,
        status.st_size + log.st_size,
        max(status.st_mtime_ns, log.st_mtime_ns),
    )


def read(source: Source) -> Turn:
    """Ask for what is new; OSError or TranscriptError if the database cannot be read."""
    status = with_log(source.path, os.lstat(source.path))
    before = source.position
    # Another file in its place is read from its start.
    known = before if before is not None and (before.device, before.inode) == identity(status) else None
    framework = cast(DatabaseFramework, source.framework)
    answer = framework.ask(source.path, source.machine_id, known.state if known else None)
    if answer is None:
        # Without a size in its position, the next look asks again.
        busy = known or seen(source.path, status, source.now)
        return Turn(position=busy.with_(size=None), progressed=False)
    told = Told(known)
    told.add(answer.decoded)
    done = known.byte_offset if known else 0
    offset = done if answer.more else status.st_size
    position = seen(source.path, status, source.now, whole=not answer.more).with_(
        byte_offset=offset, state=answer.cursor
    )
    return Turn(
        position=told.position(position, framework.name),
        events=told.events,
        facts=told.facts,
        telemetry=told.telemetry,
        bytes=max(0, offset - done),
        malformed=told.malformed,
        progressed=bool(told.events or told.facts or answer.more or told.malformed),
        more=answer.more,
    )
