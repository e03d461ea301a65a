"""One file's turn: a bounded piece of its new lines, decoded."""

from __future__ import annotations

import msgspec

from mi6_tui.errors import TranscriptError
from mi6_tui.frameworks.base import Framework
from mi6_tui.ingest.problem import Problem, problem_of
from mi6_tui.ingest.tail import Visit
from mi6_tui.model import Event, FilePosition, SessionFact


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """What a turn gave. Counts are of this turn alone."""

    position: FilePosition
    """Where the next turn goes on; to be stored together with the events."""
    events: list[Event]
    facts: list[SessionFact]
    bytes: int
    lines: int
    malformed: int
    skipped: int
    progressed: bool
    """False: nothing new was consumed (a line is not complete, or only the file's times changed)."""
    more: bool
    """Whether the file has more to read right now."""
    problem: Problem | None
    """Why reading ended early; what was read until then counts."""


def take_turn(
    path: str,
    framework: Framework,
    machine_id: str,
    position: FilePosition | None,
    *,
    budget: int,
    now: int,
) -> Turn:
    """Read on behind `position` for about `budget` bytes; `now` in ms. OSError if it cannot be opened.

    A decoder's memory that cannot be read (another version wrote it) starts the file again.
    """
    try:
        return _take(path, framework, machine_id, position, budget, now)
    except TranscriptError:
        return _take(path, framework, machine_id, None, budget, now)


def _take(
    path: str, framework: Framework, machine_id: str, position: FilePosition | None, budget: int, now: int
) -> Turn:
    events: list[Event] = []
    facts: list[SessionFact] = []
    malformed = 0
    problem = None
    with Visit(path, position) as visit:
        known = position if visit.resumed else None
        start, first, skipped = visit.offset, visit.lines, visit.skipped
        unknown = dict(known.unknown) if known else {}
        last_uuid = known.last_uuid if known else None
        decoder = framework.decoder(path, machine_id, visit.decoder_state)
        try:
            for lines in visit.runs(budget):
                decoded = decoder.decode(lines)
                events += decoded.events
                facts += decoded.facts
                malformed += decoded.malformed
                last_uuid = decoded.last_uuid or last_uuid
                for kind, count in decoded.unknown.items():
                    unknown[kind] = unknown.get(kind, 0) + count
        except OSError as error:
            problem = problem_of(path, error)
        return Turn(
            position=visit.position(decoder.state(), now).with_(
                framework=framework.name,
                last_uuid=last_uuid,
                malformed=malformed + (known.malformed if known else 0),
                unknown=unknown,
            ),
            events=events,
            facts=facts,
            bytes=visit.offset - start,
            lines=visit.lines - first,
            malformed=malformed,
            skipped=visit.skipped - skipped,
            progressed=visit.progressed,
            more=visit.more and visit.progressed and problem is None,
            problem=problem,
        )
