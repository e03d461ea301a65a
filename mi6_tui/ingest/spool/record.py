"""What hook calls say, into the store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import msgspec

from mi6_tui import frameworks
from mi6_tui.errors import Mi6Error
from mi6_tui.frameworks.hooks import HookCall
from mi6_tui.frameworks.records import read
from mi6_tui.model import Batch, Event, SessionFact
from mi6_tui.storage.protocol import Storage

Git = Callable[[str, int], tuple[str | None, str | None] | None]
"""The git folder, and the repository on GitHub, of a folder at a time (ms); None outside of a repository."""

_MOST_PLACES: Final = 1000


class CallError(Mi6Error):
    """A call that says nothing, and why."""


class Heard(msgspec.Struct, frozen=True):
    """A call and what it says."""

    call: HookCall
    events: list[Event]


class _Object(msgspec.Struct):
    """Any JSON object."""


def heard(call: HookCall, machine_id: str) -> Heard:
    """What a call says, at least one event. CallError if it is nothing."""
    if call.framework not in frameworks.names():
        raise CallError("it is of a client nobody knows")
    events = frameworks.framework(call.framework).hooks().decode(call, machine_id)
    if not events:
        known = read(_Object, call.payload) is not None
        raise CallError("it tells of no session, or of nothing known" if known else "it is no JSON object")
    return Heard(call, events)


class CallRecorder:
    """Records what hook calls say; `git` says where the sessions work."""

    def __init__(self, storage: Storage, machine_id: str, git: Git) -> None:
        self._storage = storage
        self._machine_id = machine_id
        self._git = git
        self._places: dict[str, tuple[str | None, str | None]] = {}
        """What was told last of each session's place."""

    def record(self, calls: Sequence[Heard]) -> int:
        """How many events were new. A call that was recorded before changes nothing."""
        events = [event for one in calls for event in one.events]
        self._note_places(events)
        facts = [fact for one in calls for fact in _facts(one, self._machine_id)]
        return len(self._storage.record(Batch(events=tuple(events), facts=tuple(facts))))

    def _note_places(self, events: Iterable[Event]) -> None:
        """The repositories the sessions work in, where they differ from what was told last.

        Told again they would seem to be newer than another that the session itself named since: the one
        that it forked, for example.
        """
        for event in events:
            if event.cwd is None or not event.on_main_chain:
                continue
            place = self._git(event.cwd, event.timestamp)
            if place is None or self._places.get(event.session_id) == place:
                continue
            self._storage.upsert_session_git_context(
                event.session_id, self._machine_id, event.framework or "", event.timestamp, *place
            )
            if len(self._places) >= _MOST_PLACES:
                self._places.clear()
            self._places[event.session_id] = place


def _facts(one: Heard, machine_id: str) -> list[SessionFact]:
    """Where the session can be seen, and how it was started."""
    event, call = one.events[0], one.call
    told = {"terminal": call.terminal, "entrypoint": call.entrypoint}
    return [
        SessionFact(
            machine_id=machine_id,
            session_id=event.session_id,
            framework=call.framework,
            name=name,
            value=value,
            timestamp=call.at,
            order=(call.at, 0),
        )
        for name, value in told.items()
        if value is not None and event.on_main_chain
    ]
