"""The turn of a file that grows line by line."""

from __future__ import annotations

import msgspec

from mi6_tui.errors import TranscriptError
from mi6_tui.ingest.problem import problem_of
from mi6_tui.ingest.tail import Visit
from mi6_tui.ingest.turn import Source, Told, Turn


def read(source: Source) -> Turn:
    """Read on behind the position for about the budget; OSError if the file cannot be opened.

    A decoder's memory that cannot be read (another version wrote it) starts the file again.
    """
    try:
        return _read(source)
    except TranscriptError:
        return _read(msgspec.structs.replace(source, position=None))


def _read(source: Source) -> Turn:
    problem = None
    with Visit(source.path, source.position, opener=source.opener) as visit:
        told = Told(source.position if visit.resumed else None)
        start, first, skipped = visit.offset, visit.lines, visit.skipped
        decoder = source.framework.decoder(source.path, source.machine_id, visit.decoder_state)
        try:
            for lines in visit.runs(source.budget):
                told.add(decoder.decode(lines))
        except OSError as error:
            problem = problem_of(source.path, error)
        return Turn(
            position=told.position(visit.position(decoder.state(), source.now), source.framework.name),
            events=told.events,
            facts=told.facts,
            telemetry=told.telemetry,
            bytes=visit.offset - start,
            lines=visit.lines - first,
            malformed=told.malformed,
            skipped=visit.skipped - skipped,
            progressed=visit.progressed,
            more=visit.more and visit.progressed and problem is None,
            problem=problem,
        )
