"""Lines of one transcript to events."""

from __future__ import annotations

from typing import Final

from mi6_tui.frameworks.base import Decoded
from mi6_tui.frameworks.line_decoder import LineDecoder
from mi6_tui.frameworks.pi import NAME, conversation
from mi6_tui.frameworks.pi.records import SILENT, SILENT_ROLES, Entry, Message, tokens
from mi6_tui.frameworks.pi.state import State
from mi6_tui.frameworks.pieces import parse
from mi6_tui.frameworks.records import NOTHING, read
from mi6_tui.frameworks.spot import Spot
from mi6_tui.frameworks.text import clean, one_line
from mi6_tui.frameworks.times import milliseconds
from mi6_tui.model import EventType

_TITLE_LIMIT: Final = 200


class PiDecoder(LineDecoder[Entry, State]):
    """Decoder of the file at `path`."""

    name = NAME
    memory = State

    def _parse(self, data: bytes) -> Entry | None:
        return parse(Entry, data)

    def _time(self, record: Entry) -> int | None:
        return milliseconds(record.timestamp)

    @property
    def _session(self) -> str:
        return self._state.session or self.place.stem.partition("_")[2] or "unknown"

    def _tell(self, record: Entry, spot: Spot, out: Decoded) -> None:
        state = self._state
        if record.type == "session":
            state.session, state.cwd = record.id or state.session, record.cwd or state.cwd
            spot.session_id, spot.cwd = self._session, state.cwd
            spot.emit(EventType.SESSION_START, f"start:{self._session}:{spot.at}")
            return
        spot.cwd = state.cwd
        if record.id is None:
            # The first versions gave no ids, and give them when they write the file anew: what has none yet
            # could not be known again.
            out.odd("entry without an id")
            return
        out.last_uuid = record.id
        # An id is unique in its file, and kept in the file of a fork; so is the time.
        self._entry(record, f"{record.id}:{spot.at}", spot, out)

    def _entry(self, record: Entry, identity: str, spot: Spot, out: Decoded) -> None:
        match record.type:
            case "message":
                message = read(Message, record.message) or Message()
                if message.role not in SILENT_ROLES and not conversation.message(
                    spot, self._state, message, identity, record.id or ""
                ):
                    out.odd(f"message of {message.role}" if message.role else "message without a role")
            case "model_change":
                self._model(record, identity, spot)
            case "session_info":
                title = one_line(record.name or "", _TITLE_LIMIT)
                self._fact(spot, "title", title or None, out)
            case "compaction":
                self._side_request(record, identity, spot)
                spot.emit(EventType.COMPACTION, f"compaction:{identity}")
                if not self._state.in_turn:
                    later = (spot.order[0], spot.order[1] + 1)
                    spot.emit(EventType.TURN_COMPLETE, f"compacted:{identity}", order=later)
            case "branch_summary" | "usage":
                self._side_request(record, identity, spot)
            case "context_edit":
                conversation.edited(spot, self._state, record.target_id)
            case kind if kind not in SILENT:
                out.odd(kind or "(no type)")

    def _model(self, record: Entry, identity: str, spot: Spot) -> None:
        before, after = self._state.model, record.model_id
        if before and after and before != after:
            spot.emit(
                EventType.MODEL_CHANGE,
                f"model:{identity}",
                model=after,
                preview=clean(f"{before} -> {after}"),
            )
        self._state.model = after or before

    def _side_request(self, record: Entry, identity: str, spot: Spot) -> None:
        """What the client asks a model beside the conversation: its cost counts, its prompt does not."""
        if record.usage is NOTHING:
            return
        spot.emit(
            EventType.API_REQUEST,
            f"req:{identity}",
            uuid=record.id,
            model=record.model or self._state.model,
            is_sidechain=True,
            outcome="stop",
            **tokens(record.usage),
        )
