"""A database as a place to forward to, in the way that the user's rights allow."""

from __future__ import annotations

from typing import Final, Protocol

from mi6_tui.clock import now_ms
from mi6_tui.errors import ReadOnlyError, StorageError
from mi6_tui.model import Machine, Way
from mi6_tui.storage.parcel import Parcel
from mi6_tui.storage.postgres import inbox
from mi6_tui.storage.postgres.address import address_of
from mi6_tui.storage.postgres.connection import fetch
from mi6_tui.storage.postgres.errors import StaleError
from mi6_tui.storage.postgres.inbox import Reached
from mi6_tui.storage.postgres.record import Prices
from mi6_tui.storage.postgres.server import Server
from mi6_tui.storage.postgres.store import PostgresStorage

_LOCK_TIMEOUT: Final = 60_000
"""ms; hundreds of machines may stand in line."""
_POSTED_PULSE: Final = 30_000
"""ms; each sign of life is a row until somebody collects it."""
# With a table that is not there nothing may be done.
_ONLY_POSTS: Final = (
    "SELECT coalesce(has_column_privilege(to_regclass('inbox')::oid, 'payload', 'INSERT'), false) "
    "AND NOT coalesce(has_table_privilege(to_regclass('events')::oid, 'INSERT'), false)"
)


class Destination(Protocol):
    """Where parcels go. Every method may raise StorageError."""

    @property
    def shown(self) -> str:
        """Its address without a password."""

    @property
    def pulse(self) -> int:
        """After how many ms a parcel should come, be it empty, so that its machine is known to be there."""

    def reached(self, origin: str) -> Reached:
        """How far it has what comes from `origin`."""

    def send(self, parcel: Parcel) -> None:
        """Give it a parcel; when this returns it will not be lost there."""

    def close(self) -> None:
        """Let go of it; idempotent."""


class _Direct:
    """A store that the user may read and write."""

    pulse = inbox.SEE_EVERY

    def __init__(self, shown: str, storage: PostgresStorage) -> None:
        self.shown = shown
        self._storage = storage
        self._seen_at = 0

    def reached(self, origin: str) -> Reached:
        return self._storage.reached(origin)

    def send(self, parcel: Parcel) -> None:
        """Merge it, and note that its machine is there, and those that it reads."""
        if not parcel.empty:
            self._storage.merge(parcel)
        before = now_ms()
        if abs(before - self._seen_at) < self.pulse:
            return
        there = self._storage.now()
        skew = (before + now_ms()) // 2 - there
        sender = Machine(machine_id=parcel.machine_id, seen_at=there, skew_ms=skew, way=Way.PUSH)
        self._storage.see_machine(sender)
        self._storage.see_remotes(parcel.machines, sender, parcel.at)
        self._seen_at = before

    def close(self) -> None:
        self._storage.close()


class _Inbox:
    """The inbox of a store that the user may do nothing else with."""

    pulse = _POSTED_PULSE

    def __init__(self, shown: str, server: Server) -> None:
        self.shown = shown
        self._server = server

    def reached(self, _: str) -> Reached:
        return self._server.read(inbox.reached_by_post)

    def send(self, parcel: Parcel) -> None:
        self._server.read(lambda connection: inbox.post(connection, parcel))

    def close(self) -> None:
        self._server.close()


def open_destination(url: str, prices: Prices) -> Destination:
    """The database at `url`, in the way that its user's rights allow.

    Nothing is tried again by itself. UsageError if `url` is none, ReadOnlyError if the user may only look.
    """
    address = address_of(url)
    server = Server(address, writable=True, lock_timeout=_LOCK_TIMEOUT, patience=0)
    try:
        ((only_posts,),) = server.read(lambda connection: fetch(connection, _ONLY_POSTS))
    except BaseException:
        server.close()
        raise
    if only_posts:
        return _Inbox(address.shown, server)
    server.close()
    try:
        storage = PostgresStorage(url, prices=prices, lock_timeout=_LOCK_TIMEOUT, patience=0)
    except StorageError as error:
        if isinstance(error.__cause__, StaleError):
            raise error.__cause__ from error  # it was there a moment ago
        raise
    if storage.read_only is not None:
        storage.close()
        raise ReadOnlyError(storage.read_only)
    return _Direct(address.shown, storage)
