"""Puts turns into the store, several small files to a transaction, and counts what was new."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from mi6_tui.ingest.turn import Turn
from mi6_tui.model import Batch, Event, EventQuery, FilePosition
from mi6_tui.storage.protocol import Storage

FIRST_EVENTS: Final = 256
"""The first batch, of the newest files, is small, so that it is seen soon; each other is twice as large."""
BATCH_EVENTS: Final = 8192
"""The largest: an event costs less the more are recorded together, as each transaction writes most pages of
the indexes again. It takes half a second."""
WATCHED_EVENTS: Final = 2048
"""The largest where somebody may be watching: all that a batch changes is painted at once."""
BATCH_FILES: Final = 1024
_WORTHWHILE: Final = 512
"""Events: fewer cost more each than is gained where others read meanwhile."""


class Tally(msgspec.Struct):
    """Counts of what is safely in the store."""

    paths: set[str] = msgspec.field(default_factory=set)
    sessions: set[tuple[str, str]] = msgspec.field(default_factory=set)
    bytes: int = 0
    lines: int = 0
    events: int = 0
    requests: int = 0
    malformed: int = 0
    skipped: int = 0


class Recorder:
    """Collects turns of different files until a batch is full; `watched`: somebody may look at the store."""

    def __init__(self, storage: Storage, *, watched: bool = True) -> None:
        self._most = WATCHED_EVENTS if watched else BATCH_EVENTS
        self._storage = storage
        self._turns: list[Turn] = []
        self._positions: list[FilePosition] = []
        self._events = 0
        self._limit = FIRST_EVENTS
        self.tally = Tally()

    def add(self, turn: Turn) -> None:
        """Take what a turn read."""
        self._turns.append(turn)
        self._events += len(turn.events)

    def add_position(self, position: FilePosition) -> None:
        """Take a position whose file gave nothing; it goes along with the next batch."""
        self._positions.append(position)

    @property
    def full(self) -> bool:
        """Whether it is time to `flush`."""
        return self._events >= self._limit or len(self._turns) >= BATCH_FILES

    @property
    def worthwhile(self) -> bool:
        """Whether enough is there to be recorded while others read on."""
        return self._events >= _WORTHWHILE

    def flush(self) -> list[FilePosition]:
        """Record everything collected in one transaction; the positions that now stand in the store."""
        turns, positions = self._turns, [*(turn.position for turn in self._turns), *self._positions]
        self._turns, self._positions, self._events = [], [], 0
        if not positions:
            return []
        self._limit = min(2 * self._limit, self._most)
        events = tuple([event for turn in turns for event in turn.events])
        facts = tuple([fact for turn in turns for fact in turn.facts])
        telemetry = tuple([record for turn in turns for record in turn.telemetry])
        new = self._storage.record(
            Batch(events=events, facts=facts, positions=tuple(positions), telemetry=telemetry)
        )
        tally = self.tally
        for turn in turns:
            tally.paths.add(turn.position.file_path)
            tally.bytes += turn.bytes
            tally.lines += turn.lines
            tally.malformed += turn.malformed
            tally.skipped += turn.skipped
        tally.sessions.update([(event.machine_id, event.session_id) for event in events])
        tally.sessions.update([(fact.machine_id, fact.session_id) for fact in facts])
        tally.events += len(new)
        tally.requests += self._new_requests(events, new)
        return positions

    def _new_requests(self, events: Sequence[Event], new: Sequence[int]) -> int:
        """How many of the events with the ids `new` are requests."""
        if not new:
            return 0
        keys = {event.key for event in events}
        keyless = [event for event in events if event.key is None] if None in keys else ()
        if len(new) == len(keys - {None}) + len(keyless):
            # Every event was new, as in any first scan: no need to ask the store.
            requests = [event for event in events if event.is_api_request]
            return len({event.key for event in requests} - {None}) + sum(
                event.key is None for event in requests
            )
        query = EventQuery(only_api_requests=True, after_id=new[0] - 1, before_id=new[-1] + 1, order_by="id")
        return len(set(new) & {event.id for event in self._storage.query(query)})
