"""What the decoders of lines have in common that remember times and keep their records in order."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import PurePath
from typing import ClassVar, Generic, TypeVar

import msgspec

from mi6_tui.frameworks.activity import Activity
from mi6_tui.frameworks.base import Decoded, Line
from mi6_tui.frameworks.memory import dump, load
from mi6_tui.frameworks.spot import Spot
from mi6_tui.frameworks.times import sortable
from mi6_tui.model import SessionFact


class Times(msgspec.Struct, omit_defaults=True):
    """Memory of one file, to which a client adds. Times in ms."""

    first: int | None = None
    """First time in the file."""
    last: int | None = None
    """Time of the last line that has one: lines without inherit it."""
    latest: int = 0
    """Largest time so far."""

    def note_time(self, at: int) -> None:
        """Note the time of a line."""
        self.last, self.latest = at, max(self.latest, at)
        if self.first is None:
            self.first = self.latest = at


_Record = TypeVar("_Record")
_State = TypeVar("_State", bound=Times)


class LineDecoder(ABC, Generic[_Record, _State]):
    """Decoder of the file at `path`, at its start or where `memory` left off."""

    name: ClassVar[str]
    memory: ClassVar[type[Times]]
    """What it remembers: the type of `state`."""

    def __init__(self, path: str, machine_id: str, memory: bytes | None) -> None:
        self.path = path
        self.place = PurePath(path)
        self.machine_id = machine_id
        self._state: _State = load(self.memory, memory, path)  # type: ignore[assignment]

    def state(self) -> bytes:
        """What must be remembered to go on after the last line read."""
        return dump(self._state)

    def decode(self, lines: Iterable[Line]) -> Decoded:
        """The events and facts of the next lines; never raises on what a line holds."""
        out = Decoded()
        activity = Activity()
        for offset, data in lines:
            if not data or data.isspace():
                continue
            record = self._parse(data)
            if record is None:
                out.malformed += 1
                continue
            at = self._time(record)
            at = self._state.last if at is None else at
            if at is None:
                out.odd("line without a time")
                continue
            self._state.note_time(at)
            self._tell(record, self._spot(at, offset, len(data), out), out)
            activity.saw(self._session, self._state.latest)
        activity.tell(out, self.machine_id, self.name)
        return out

    @abstractmethod
    def _parse(self, data: bytes) -> _Record | None:
        """The record in a line; None if it is none."""

    @abstractmethod
    def _time(self, record: _Record) -> int | None:
        """When it was made (ms), if it says so."""

    @property
    @abstractmethod
    def _session(self) -> str:
        """To which the file belongs."""

    @abstractmethod
    def _tell(self, record: _Record, spot: Spot, out: Decoded) -> None:
        """Add the events and facts of a record."""

    def _spot(self, at: int, offset: int, length: int, out: Decoded) -> Spot:
        return Spot(
            framework=self.name,
            machine_id=self.machine_id,
            path=self.path,
            session_id=self._session,
            at=at,
            order=(self._state.latest, offset),
            claim=sortable(self._state.first),
            offset=offset,
            length=length,
            events=out.events,
        )

    def _fact(self, spot: Spot, name: str, told: str | int | None, out: Decoded) -> None:
        """Add what a record says of its session."""
        out.facts.append(
            SessionFact(
                machine_id=self.machine_id,
                session_id=spot.session_id,
                framework=self.name,
                name=name,
                value=told,
                timestamp=spot.at,
                order=spot.order,
            )
        )
