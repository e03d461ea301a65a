"""Two stores that must hold the same, and the way from one to the other."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any

from mi6_tui.ingest.forward.pusher import Pusher, Sent
from mi6_tui.model import Event, EventQuery, Session, SessionQuery, Telemetry, UsageQuery
from mi6_tui.prices import packaged
from mi6_tui.storage import Storage
from mi6_tui.storage.parcel import Parcel
from mi6_tui.storage.postgres.destination import Destination, open_destination
from mi6_tui.storage.sqlite.outgoing import OutgoingStorage

BOX = "box"


def pusher(storage: OutgoingStorage, url: str, **options: Any) -> Pusher:
    """Between a store and a database."""
    machine_id = options.pop("machine_id", BOX)
    return Pusher(storage, lambda: open_destination(url, packaged), machine_id, **options)


def push(storage: OutgoingStorage, url: str, **options: Any) -> list[Sent]:
    """Send all that is new."""
    with closing(pusher(storage, url, **options)) as sending:
        return list(sending.send())


def sessions_of(storage: Storage) -> list[Session]:
    """All rows, revisions aside."""
    rows = (row.with_(revision=0) for row in storage.list_sessions(SessionQuery()))
    return sorted(rows, key=lambda row: row.key)


def events_of(storage: Storage) -> list[Event]:
    """All events, ids aside."""
    return sorted((event.with_(id=None) for event in storage.query(EventQuery())), key=repr)


def told(storage: Storage) -> tuple[list[Session], list[Event], list[Telemetry], list[Any]]:
    """All that a store tells."""
    rows = sessions_of(storage)
    usage = [storage.usage(UsageQuery(by=by)) for by in ("model", "session", "day")]
    return rows, events_of(storage), storage.telemetry([row.session_id for row in rows]), usage


class Failing:
    """A destination that fails where it is told to: the parcel has arrived then, or has not."""

    def __init__(self, real: Destination, fate: Callable[[], str]) -> None:
        self._real = real
        self._fate = fate

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def send(self, parcel: Parcel) -> None:
        """Give it on, or die before or after that."""
        fate = self._fate()
        if fate == "before":
            raise KilledError
        self._real.send(parcel)
        if fate == "after":
            raise KilledError


class KilledError(BaseException):
    """The pusher ends here."""
