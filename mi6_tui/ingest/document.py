"""The turn of a document: one JSON text that its client rewrites whole."""

from __future__ import annotations

from contextlib import closing
from typing import Final

from mi6_tui.ingest.tail import at_rest, digest, seen
from mi6_tui.ingest.turn import Source, Told, Turn

DOCUMENT_LIMIT: Final = 64 << 20
"""Bytes; a larger document is skipped and counted."""


def read(source: Source) -> Turn:
    """Read the whole document again; OSError if it cannot be opened.

    One that does not make sense may be half written: it is tried again until it makes sense or is at
    rest, and only then counts as malformed.
    """
    with closing(source.opener(source.path)) as file:
        status = file.status
        data = file.read(min(status.st_size, DOCUMENT_LIMIT) + 1, 0)
        after = file.look()
    torn = (after.st_size, after.st_mtime_ns) != (status.st_size, status.st_mtime_ns)
    position = seen(source.path, status, source.now, whole=not torn).with_(
        byte_offset=len(data), line_number=1, head=digest(data)
    )
    before = source.position
    if before is not None and before.head == position.head and not torn:
        return Turn(
            position=before.with_(
                device=position.device,
                inode=position.inode,
                size=position.size,
                mtime_ns=position.mtime_ns,
                updated_at=position.updated_at,
            ),
            progressed=False,
        )
    told = Told()
    skipped = len(data) > DOCUMENT_LIMIT
    if data and not skipped:
        decoder = source.framework.decoder(source.path, source.machine_id, None)
        told.add(decoder.decode([(0, data)]))
    if torn or (told.malformed and not at_rest(status, source.now)):
        # Without a size in its position, the next look reads it again.
        unread = before or seen(source.path, status, source.now)
        return Turn(position=unread.with_(size=None), progressed=False)
    return Turn(
        position=told.position(position.with_(skipped=int(skipped)), source.framework.name),
        events=told.events,
        facts=told.facts,
        telemetry=told.telemetry,
        bytes=len(data),
        lines=1,
        malformed=told.malformed,
        skipped=int(skipped),
        progressed=True,
    )
