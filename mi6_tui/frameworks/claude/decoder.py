"""Lines of one transcript to events, in file order, stopping and going on anywhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import PurePath
from typing import Final

from mi6_tui.frameworks.activity import Activity
from mi6_tui.frameworks.base import Decoded
from mi6_tui.frameworks.base import Line as RawLine
from mi6_tui.frameworks.claude import conversation, kinds, usage, user
from mi6_tui.frameworks.claude.lines import NAME, Line
from mi6_tui.frameworks.claude.records import Record, is_silent, parse
from mi6_tui.frameworks.claude.state import State
from mi6_tui.frameworks.memory import dump, load
from mi6_tui.frameworks.records import value
from mi6_tui.frameworks.text import one_line
from mi6_tui.frameworks.times import milliseconds
from mi6_tui.model import SessionFact

_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_TITLE_LIMIT: Final = 200
_SYSTEM: Final[dict[str, Callable[[Line], None]]] = {
    "api_error": conversation.retry,
    "compact_boundary": conversation.compaction,
    "turn_duration": conversation.turn_end,
}


class ClaudeDecoder:
    """Decoder of the file at `path`, at its start or where `memory` left off."""

    def __init__(self, path: str, machine_id: str, memory: bytes | None) -> None:
        self._path = path
        self._machine_id = machine_id
        self._state = load(State, memory, path)
        place = PurePath(path)
        spawner = _spawner(place)
        self._in_subagents = spawner is not None
        self._fallback_session = spawner or _session_named(place)

    def state(self) -> bytes:
        """What must be remembered to go on after the last line read."""
        return dump(self._state)

    def decode(self, lines: Iterable[RawLine]) -> Decoded:
        """The events and facts of the next lines; never raises on what a line holds."""
        out = Decoded()
        activity = Activity()
        for offset, data in lines:
            if data and not data.isspace():
                self._decode_line(offset, data, out, activity)
        activity.tell(out, self._machine_id, NAME)
        return out

    def _decode_line(self, offset: int, data: bytes, out: Decoded, activity: Activity) -> None:
        record = parse(data)
        if record is None:
            out.malformed += 1
            return
        memory, silent = self._state, is_silent(record)
        told = milliseconds(record.timestamp)
        at = memory.last if told is None else told
        if at is None:
            if not silent and not memory.keep_early(offset, data):
                out.odd("line without a time")
            return
        memory.last, memory.latest = at, max(memory.latest, at)
        if memory.first is None:
            memory.first = memory.latest = at
            early, memory.early = memory.early, []
            for early_offset, early_data in early:
                self._decode_line(early_offset, early_data, out, activity)
        if not silent:
            self._decode_record(self._line(record, at, offset, len(data), out), out)
        if told is not None:
            activity.saw(memory.session or self._fallback_session, at)

    def _decode_record(self, line: Line, out: Decoded) -> None:
        if not line.sidechain:
            self._facts(line, out)
        _events(line, out)
        self._state.uuid = out.last_uuid = line.record.uuid or self._state.uuid

    def _line(self, record: Record, at: int, offset: int, length: int, out: Decoded) -> Line:
        memory = self._state
        session = record.session_id or memory.session or self._fallback_session
        memory.session = session
        sidechain = self._in_subagents if record.is_sidechain is None else record.is_sidechain
        return Line(
            record=record,
            state=memory,
            machine_id=self._machine_id,
            path=self._path,
            session_id=session,
            sidechain=sidechain,
            at=at,
            offset=offset,
            length=length,
            events=out.events,
        )

    def _facts(self, line: Line, out: Decoded) -> None:
        record = line.record
        for name, found in (
            ("client_version", record.version),
            ("entrypoint", record.entrypoint),
            ("permission_mode", record.permission_mode),
            ("title", record.custom_title or record.agent_name),
            ("title_suggestion", record.ai_title or self._own_summary(record)),
            ("cwd", record.relocated_cwd),
        ):
            if found:
                text = one_line(found, _TITLE_LIMIT) if name.startswith("title") else found
                if text and self._state.tell(line.session_id, name, text):
                    out.facts.append(self._fact(line.session_id, name, text, line.at, line.order))
        if record.type == "cost-state" and (nano_usd := usage.nano_usd(record.total_cost_usd)) is not None:
            name = "cost_client_nano_usd"
            out.facts.append(self._fact(line.session_id, name, nano_usd, line.at, line.order))

    def _fact(self, session: str, name: str, told: str | int, at: int, order: tuple[int, int]) -> SessionFact:
        return SessionFact(
            machine_id=self._machine_id,
            session_id=session,
            framework=NAME,
            name=name,
            value=told,
            timestamp=at,
            order=order,
        )

    def _own_summary(self, record: Record) -> str | None:
        """A summary, if it is of this conversation: old clients also wrote those of other ones."""
        own = record.leaf_uuid is not None and record.leaf_uuid == self._state.uuid
        return record.summary if record.type == "summary" and own else None


def _events(line: Line, out: Decoded) -> None:
    record = line.record
    kind = record.type or "(no type)"
    if kind == "assistant":
        conversation.assistant(line)
    elif kind == "user":
        conversation.person(line)
    elif kind == "attachment":
        _attachment(line, out)
    elif kind == "system" or kind in _SYSTEM:
        subtype = record.subtype or kind
        if handler := _SYSTEM.get(subtype):
            handler(line)
        elif not kinds.ignores_subtype(subtype):
            out.odd(f"system:{subtype}")
    elif kind == "queue-operation":
        _queued(line, value(record.content))
    elif kind not in kinds.TELLING:
        out.odd(kind)


def _attachment(line: Line, out: Decoded) -> None:
    attachment = line.record.attachment
    kind = (attachment.type if attachment else None) or "(no type)"
    if attachment and kind == "queued_command":
        _queued(line, value(attachment.prompt))
    else:
        out.odd(f"attachment:{kind}")


def _queued(line: Line, content: object) -> None:
    if isinstance(content, str) and user.is_notification(content):
        conversation.ends_told(line, content)


def _spawner(place: PurePath) -> str | None:
    """The session whose folder a subagent's file stands in; None for a main file."""
    parts = place.parts
    for depth in (-2, -4):
        if len(parts) > -depth and parts[depth] == "subagents":
            return parts[depth - 1]
    return None


def _session_named(place: PurePath) -> str:
    found = _UUID.search(place.name)
    return found[0] if found else place.stem or "unknown"
