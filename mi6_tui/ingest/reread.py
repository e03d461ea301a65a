"""A transcript told again from its beginning, with the place of everything in it. Nothing is recorded."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import cast

import msgspec

from mi6_tui.errors import TranscriptError
from mi6_tui.frameworks.base import Decoded, Decoder, Framework, Line
from mi6_tui.ingest.discover import Root
from mi6_tui.ingest.problem import problem_of
from mi6_tui.ingest.reading import take_turn
from mi6_tui.ingest.remote.address import machine_of
from mi6_tui.ingest.tail import LINE_LIMIT
from mi6_tui.ingest.turn import Source
from mi6_tui.model import Event, EventType

_TELLING = (EventType.API_REQUEST, EventType.COMPACTION)


class Reread(msgspec.Struct, kw_only=True):
    """What a file says, and which of its lines say nothing."""

    path: str
    lines: int = 0
    """0 for a database."""
    events: list[Event] = []
    """Requests and compactions, one for each line that tells of it."""
    malformed: list[int] = []
    """Byte offsets of lines that are no JSON object."""
    skipped: list[int] = []
    """Byte offsets of lines above the length limit."""
    problem: str | None = None
    """Why it could not be read, or not to its end."""


def reread(path: str, framework: Framework, machine_id: str) -> Reread:
    """Read the transcript at `path`, as far as it is complete."""
    found = Reread(path=path)
    if (machine := machine_of(path)) is not None:
        found.problem = f"it is on {machine}"
        return found
    kind = Root(framework, path, named=True).kind(())
    if kind is None:
        found.problem = f"no transcript of {framework.name}"
        return found
    listener = cast(Framework, _Listener(framework, found))
    source = Source(
        path=path, framework=listener, machine_id=machine_id, position=None, budget=sys.maxsize, now=0
    )
    try:
        while True:
            turn = take_turn(kind, source)
            found.events += [event for event in turn.events if event.event_type in _TELLING]
            if not turn.more:
                break
            source = msgspec.structs.replace(source, position=turn.position)
        found.problem = turn.problem.reason if turn.problem else None
    except OSError as error:
        found.problem = problem_of(path, error).reason
    except TranscriptError as error:
        found.problem = error.message
    return found


class _Listener:
    """A client whose decoders tell which line was what; all else is the client's own."""

    def __init__(self, framework: Framework, found: Reread) -> None:
        self._framework = framework
        self._found = found

    def __getattr__(self, name: str) -> object:
        return getattr(self._framework, name)

    def decoder(self, path: str, machine_id: str, state: bytes | None) -> Decoder:
        return _Attentive(self._framework.decoder(path, machine_id, state), self._found)


class _Attentive:
    """A decoder that is told one line at a time."""

    def __init__(self, decoder: Decoder, found: Reread) -> None:
        self._decoder = decoder
        self._found = found
        self._end = 0
        """Of the last line."""

    def decode(self, lines: Iterable[Line]) -> Decoded:
        every = Decoded()
        for offset, line in lines:
            if offset - self._end > LINE_LIMIT:
                self._found.skipped.append(self._end)
            self._end = offset + len(line) + 1
            self._found.lines += 1
            decoded = self._decoder.decode([(offset, line)])
            every.events += decoded.events
            if decoded.malformed:
                self._found.malformed.append(offset)
        return every

    def state(self) -> bytes:
        return self._decoder.state()
