"""One line in its place: what every event of it has in common."""

from __future__ import annotations

from typing import Any

import msgspec

from mi6_tui.frameworks.claude.records import Record
from mi6_tui.frameworks.claude.state import State
from mi6_tui.frameworks.times import sortable
from mi6_tui.model import Event, Source
from mi6_tui.model.secrets import masked

NAME = "claude"


class Line(msgspec.Struct):
    """A record with its session, time and place, and the memory of its file."""

    record: Record
    state: State
    machine_id: str
    path: str
    session_id: str
    sidechain: bool
    at: int
    """ms."""
    offset: int
    length: int
    events: list[Event]
    """Where its events go."""

    @property
    def order(self) -> tuple[int, int]:
        """Place among the session's records."""
        return self.state.latest, self.offset

    @property
    def identity(self) -> str:
        """The record's own id; for want of one its place."""
        return self.record.uuid or f"{self.session_id}/{self.record.agent_id or ''}@{self.offset}"

    @property
    def claim(self) -> str:
        """The smallest claim on a record owns it: main chain, then original, then earliest file."""
        record = self.record
        paid_elsewhere = record.request_session_id not in (None, self.session_id)
        forked = bytes(record.forked_from) not in (b"", b"null")
        return f"{self.sidechain:d}{paid_elsewhere or forked:d}{sortable(self.state.first)}"

    def emit(self, event_type: str, key: str, **fields: Any) -> None:
        """Add an event; `key` is its identity among the client's."""
        record = self.record
        branch = record.git_branch
        told_in, mode = self.state.facts.get("permission_mode", ("", None))
        self.events.append(
            Event(
                machine_id=self.machine_id,
                timestamp=self.at,
                event_type=event_type,
                session_id=self.session_id,
                framework=NAME,
                source=Source.TRANSCRIPT,
                permission_mode=mode if told_in == self.session_id and not self.sidechain else None,
                transcript_path=self.path,
                cwd=record.cwd or None,
                git_branch=masked(branch) if branch and branch != "HEAD" else None,
                is_sidechain=self.sidechain,
                key=f"{NAME}:{key}",
                claim=self.claim,
                order=self.order,
                uuid=record.uuid,
                agent_id=record.agent_id,
                byte_offset=self.offset,
                byte_length=self.length,
                **fields,
            )
        )
