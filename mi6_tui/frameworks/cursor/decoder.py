"""Lines of one transcript to events.

A line has neither an id nor a time: it is known by its place in the file, and its time is the minute that the
client writes into each prompt. Before the first of those nothing can be told. No tokens stand anywhere.
"""

from __future__ import annotations

from typing import Final

from mi6_tui.frameworks.base import Decoded
from mi6_tui.frameworks.cursor import NAME
from mi6_tui.frameworks.cursor.records import Block, Message, Record, prompt_of, reply_of, told_at
from mi6_tui.frameworks.line_decoder import LineDecoder, Times
from mi6_tui.frameworks.pieces import fields, many, parse
from mi6_tui.frameworks.records import Json, read
from mi6_tui.frameworks.spot import Spot
from mi6_tui.frameworks.text import clean, compact_json, one_line
from mi6_tui.frameworks.tool_calls import called
from mi6_tui.model import EventType

SHELL: Final = "Shell"


class State(Times, omit_defaults=True):
    """Memory of one file."""

    began: bool = False


class CursorDecoder(LineDecoder[Record, State]):
    """Decoder of the file at `path`, of a session or of a subagent."""

    name = NAME
    memory = State

    def _parse(self, data: bytes) -> Record | None:
        return parse(Record, data)

    def _time(self, record: Record) -> int | None:
        return told_at(_content(record)) if record.role == "user" else None

    @property
    def _spawner(self) -> str | None:
        """The session in whose folder a subagent's file stands."""
        folder = self.place.parent
        return folder.parent.name if folder.name == "subagents" else None

    @property
    def _session(self) -> str:
        return self._spawner or self.place.stem or "unknown"

    def _tell(self, record: Record, spot: Spot, out: Decoded) -> None:
        own = self.place.stem or "unknown"
        spot.agent_id = own if self._spawner else None
        identity = f"{self._session}:{own}:{spot.offset}"
        self._begin(spot, own)
        content = _content(record)
        if record.type == "turn_ended":
            self._ended(record, identity, spot)
        elif record.role == "user":
            text = prompt_of(content)
            if text and not spot.sidechain:
                spot.emit(
                    EventType.USER_PROMPT_SUBMIT, f"prompt:{identity}", payload=compact_json(prompt=text)
                )
        elif record.role == "assistant":
            self._reply(content, identity, spot)
        else:
            out.odd(record.type or record.role or "(no type)")

    def _begin(self, spot: Spot, own: str) -> None:
        if self._state.began:
            return
        self._state.began = True
        if spot.sidechain:
            start = f"agent:{self._session}:{own}:start"
            spot.emit(EventType.SUBAGENT_START, start, spawned_agent_id=own)
        else:
            spot.emit(EventType.SESSION_START, f"start:{own}")

    def _reply(self, content: Json, identity: str, spot: Spot) -> None:
        text = clean(reply_of(content))
        if text:
            spot.emit(EventType.ASSISTANT_MESSAGE, f"text:{identity}", preview=text)
        calls = (block for block in many(Block, content) if block.type == "tool_use")
        for index, block in enumerate(calls):
            called(spot, f"{identity}:{index}", None, block.name or "", fields(block.input), SHELL, {})

    def _ended(self, record: Record, identity: str, spot: Spot) -> None:
        if spot.sidechain:
            spot.emit(
                EventType.SUBAGENT_STOP,
                f"end:{identity}",
                spawned_agent_id=spot.agent_id,
                outcome=one_line(record.status or "", 80) or None,
            )
        elif record.status == "aborted":
            spot.emit(EventType.INTERRUPT, f"end:{identity}")
        elif record.status == "error":
            text = clean(record.error or "") or None
            spot.emit(EventType.API_ERROR, f"end:{identity}", outcome="error", preview=text)
        else:
            spot.emit(EventType.TURN_COMPLETE, f"end:{identity}")


def _content(record: Record) -> Json:
    return (read(Message, record.message) or Message()).content
