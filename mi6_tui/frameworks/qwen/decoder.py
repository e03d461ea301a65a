"""Lines of one transcript to events."""

from __future__ import annotations

from typing import Final

from mi6_tui.frameworks.base import Decoded
from mi6_tui.frameworks.line_decoder import LineDecoder
from mi6_tui.frameworks.pieces import fields, parse
from mi6_tui.frameworks.qwen import NAME, conversation, requests
from mi6_tui.frameworks.qwen.records import SILENT, Payload, Record
from mi6_tui.frameworks.qwen.state import State
from mi6_tui.frameworks.records import NOTHING, read, token_count
from mi6_tui.frameworks.spot import Spot
from mi6_tui.frameworks.text import one_line
from mi6_tui.frameworks.times import milliseconds
from mi6_tui.model import EventType

_TITLE_LIMIT: Final = 200
_COMPRESSED: Final = 1
"""The status of a compression that took place."""


class QwenDecoder(LineDecoder[Record, State]):
    """Decoder of the file at `path`, of a session or of a subagent."""

    name = NAME
    memory = State

    def _parse(self, data: bytes) -> Record | None:
        return parse(Record, data)

    def _time(self, record: Record) -> int | None:
        return milliseconds(record.timestamp)

    @property
    def _spawner(self) -> str | None:
        """The session in whose folder a subagent's file stands."""
        folder = self.place.parent
        return folder.name if folder.parent.name == "subagents" else None

    @property
    def _session(self) -> str:
        return self._spawner or self._state.session or self.place.stem or "unknown"

    def _tell(self, record: Record, spot: Spot, out: Decoded) -> None:
        state = self._state
        state.session = record.session_id or state.session
        state.cwd = record.cwd or state.cwd
        if self._spawner:
            state.agent = record.agent_id or state.agent or self.place.stem.removeprefix("agent-")
        copied = record.forked_from is not NOTHING
        spot.session_id, spot.cwd, spot.agent_id = self._session, state.cwd, state.agent
        # Who was forked keeps its records; what a subagent's file repeats is the session's.
        spot.claim = f"{spot.sidechain:d}{copied:d}{spot.claim}"
        self._begin(record, spot)
        self._note(spot, "client_version", record.version, out)
        if record.uuid is None:
            out.odd("record without an id")
            return
        out.last_uuid = record.uuid
        if record.type == "system":
            self._system(record, spot, out)
        elif record.subtype == "goal_runtime":
            return
        elif not conversation.record(spot, state, record):
            out.odd(f"record of {record.type}" if record.type else "(no type)")
        size = token_count(record.context_window_size)
        if not spot.sidechain and size:
            self._note(spot, "context_window", size, out)

    def _begin(self, record: Record, spot: Spot) -> None:
        if self._state.began:
            return
        self._state.began = True
        if spot.agent_id:
            spot.emit(
                EventType.SUBAGENT_START,
                f"agent:{spot.session_id}:{spot.agent_id}:start",
                spawned_agent_id=spot.agent_id,
                subagent_type=record.agent_name,
            )
        else:
            spot.emit(
                EventType.SESSION_START, f"start:{spot.session_id}:{spot.at}", git_branch=record.git_branch
            )

    def _system(self, record: Record, spot: Spot, out: Decoded) -> None:
        payload = read(Payload, record.system_payload) or Payload()
        match record.subtype:
            case "ui_telemetry":
                requests.telemetry(spot, self._state, record.uuid or "", fields(payload.ui_event))
            case "custom_title":
                self._note(spot, "title", one_line(payload.custom_title or "", _TITLE_LIMIT), out)
            case "session_approval_mode":
                self._note(spot, "permission_mode", payload.mode, out)
            case "chat_compression":
                info = fields(payload.info)
                if info.get("compressionStatus") == _COMPRESSED:
                    size, reason = info.get("newTokenCount"), info.get("triggerReason")
                    spot.emit(
                        EventType.COMPACTION,
                        f"compaction:{record.uuid}",
                        uuid=record.uuid,
                        outcome=reason if reason in ("auto", "manual") else None,
                        context_size=size if type(size) is int and size >= 0 else None,
                    )
            case "notification":
                conversation.notified(spot, record)
            case kind if kind not in SILENT:
                out.odd(f"system record {kind}")

    def _note(self, spot: Spot, name: str, told: str | int | None, out: Decoded) -> None:
        """Tell what is new of the session."""
        if told and not spot.sidechain and self._state.told.get(name) != str(told):
            self._state.told[name] = str(told)
            self._fact(spot, name, told, out)
