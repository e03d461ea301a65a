"""Lines of one transcript, or one older document, to events."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath
from typing import Final

from mi6_tui.frameworks.activity import Activity
from mi6_tui.frameworks.base import Decoded
from mi6_tui.frameworks.base import Line as RawLine
from mi6_tui.frameworks.gemini import conversation
from mi6_tui.frameworks.gemini.lines import NAME, Line
from mi6_tui.frameworks.gemini.records import Message, Record, messages, parse
from mi6_tui.frameworks.gemini.state import State
from mi6_tui.frameworks.memory import dump, load
from mi6_tui.frameworks.records import NOTHING, read
from mi6_tui.frameworks.text import one_line
from mi6_tui.frameworks.times import milliseconds
from mi6_tui.model import EventType, SessionFact

_TITLE_LIMIT: Final = 200
_STEP: Final = 1024
"""Room in the order of a document's messages for the tool calls of one."""


class GeminiDecoder:
    """Decoder of the file at `path`, at its start or where `memory` left off."""

    def __init__(self, path: str, machine_id: str, memory: bytes | None) -> None:
        self._path = path
        self._machine_id = machine_id
        self._state = load(State, memory, path)
        place = PurePath(path)
        self._document = place.suffix == ".json"
        self._spawner = place.parent.name if place.parent.parent.name == "chats" else None
        self._fallback = place.stem or "unknown"

    def state(self) -> bytes:
        """What must be remembered to go on after the last line read."""
        return dump(self._state)

    def decode(self, lines: Iterable[RawLine]) -> Decoded:
        """The events and facts of the next lines; never raises on what a line holds."""
        out = Decoded()
        activity = Activity()
        for offset, data in lines:
            if not data or data.isspace():
                continue
            record = parse(data)
            if record is None:
                out.malformed += 1
                continue
            if self._document:
                self._whole(record, len(data), out)
            else:
                self._one(record, offset, len(data), out)
            if self._state.last is not None:
                activity.saw(self._session, self._state.latest)
        activity.tell(out, self._machine_id, NAME)
        return out

    @property
    def _session(self) -> str:
        """To which the file belongs: a subagent's to the session that spawned it."""
        return self._spawner or self._state.session or self._fallback

    def _one(self, record: Record, offset: int, length: int, out: Decoded) -> None:
        patch = read(Record, record.patch) or Record()
        at = milliseconds(record.timestamp or record.start_time or patch.last_updated)
        if at is None:
            at = self._state.last
        if at is None:
            out.odd("line without a time")
            return
        self._state.note_time(at)
        line = self._line(at, (self._state.latest, offset), f"1{offset:020d}", offset, length, out)
        if record.patch is not NOTHING:
            self._patch(line, patch, out)
        elif record.type is not None:
            self._message(line, record, out)
        elif record.session_id is not None:
            self._header(line, record)
        elif record.rewind is NOTHING:
            out.odd("(no type)")
        out.last_uuid = record.id or out.last_uuid

    def _whole(self, record: Record, length: int, out: Decoded) -> None:
        """An older file: a header with its messages, told whole again after each change."""
        self._state = State()
        found = messages(record.messages)
        told = (record.start_time, record.last_updated, *(message.timestamp for message in found))
        times = [at for time in told if (at := milliseconds(time)) is not None]
        if not times:
            out.odd("line without a time")
            return
        self._state.note_time(min(times))
        version = f"0{max(times):020d}"
        for index, message in enumerate([None, *found]):
            at = milliseconds(message.timestamp) if message else None
            at = self._state.last or 0 if at is None else at
            self._state.note_time(at)
            order = (self._state.latest, index * _STEP)
            line = self._line(at, order, version, 0, length, out)
            if message is None:
                self._header(line, record)
            else:
                self._message(line, message, out)
                out.last_uuid = message.id or out.last_uuid
        self._title(record.summary, line.order, out)

    def _line(
        self, at: int, order: tuple[int, int], version: str, offset: int, length: int, out: Decoded
    ) -> Line:
        own = self._state.session or self._fallback
        return Line(
            state=self._state,
            machine_id=self._machine_id,
            path=self._path,
            session_id=self._spawner or own,
            agent_id=own if self._spawner else None,
            document=self._document,
            at=at,
            order=order,
            version=version,
            offset=offset,
            length=length,
            events=out.events,
        )

    def _header(self, line: Line, record: Record) -> None:
        if record.session_id:
            self._state.session = record.session_id
        own = self._state.session or self._fallback
        if self._spawner:
            line.agent_id = own
            line.emit(EventType.SUBAGENT_START, f"agent:{own}:start", spawned_agent_id=own)
        else:
            line.session_id = own
            line.emit(EventType.SESSION_START, f"start:{own}:{line.at}")

    def _message(self, line: Line, message: Message, out: Decoded) -> None:
        if not conversation.message(line, message):
            out.odd(message.type or "(no type)")

    def _patch(self, line: Line, patch: Record, out: Decoded) -> None:
        """`$set`: only what was billed is taken from messages told again, at their own place in time."""
        self._title(patch.summary, line.order, out)
        for message in messages(patch.messages):
            conversation.note_workspace(line, message)
            at = milliseconds(message.timestamp)
            if conversation.billed(message) and at is not None:
                again = self._line(at, (at, line.offset), line.version, line.offset, line.length, out)
                conversation.request(again, message)

    def _title(self, summary: str | None, order: tuple[int, int], out: Decoded) -> None:
        title = one_line(summary, _TITLE_LIMIT) if summary and not self._spawner else ""
        if title and title != self._state.title:
            self._state.title = title
            out.facts.append(self._fact("title_suggestion", title, order))

    def _fact(self, name: str, told: str | int, order: tuple[int, int]) -> SessionFact:
        return SessionFact(
            machine_id=self._machine_id,
            session_id=self._session,
            framework=NAME,
            name=name,
            value=told,
            timestamp=order[0],
            order=order,
        )
