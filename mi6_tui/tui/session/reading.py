"""Reading back what transcripts say, where they are on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from mi6_tui.ingest.reading_back import Passage, read_back
from mi6_tui.ingest.remote.address import machine_of
from mi6_tui.model import Event, Session
from mi6_tui.paths import machine_id

_ELSEWHERE: Final = "its transcript is on another machine"


def is_far(one: Event | Session, *, in_database: bool) -> bool:
    """Whether the paths that it names are those of another machine, and may be other files' here.

    `in_database`: other machines fill the store, each with paths of its own.
    """
    if in_database:
        return one.machine_id != machine_id()
    return one.transcript_path is not None and machine_of(one.transcript_path) is not None


def read_here(events: Sequence[Event], *, in_database: bool) -> list[Passage]:
    """The full text of each event, in their order; of one that is told elsewhere what the store kept."""
    far = [is_far(event, in_database=in_database) for event in events]
    passages = iter(read_back(event for event, away in zip(events, far, strict=True) if not away))
    return [
        Passage(event.text, _ELSEWHERE) if away else next(passages)
        for event, away in zip(events, far, strict=True)
    ]
