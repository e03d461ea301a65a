"""Watches the store and hands over what changed, one immutable message per look."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

import msgspec
from textual.message import Message

from mi6_tui.errors import StorageError
from mi6_tui.model import Event, EventQuery, Session, SessionQuery
from mi6_tui.storage import Storage
from mi6_tui.tui.rows import Key

LOOK_EVERY: Final = 0.1
"""Seconds between two looks at the store's version; a look costs microseconds."""
LOOK_WHEN_TOLD: Final = 1.0
"""The same while the only writer pokes."""
RETRY_AFTER: Final = 2.0
"""Seconds to wait after the store could not be read."""


class Activity(msgspec.Struct, frozen=True):
    """The latest events of one session, oldest first; `complete` if it has no others."""

    key: Key
    events: tuple[Event, ...]
    complete: bool


class FeedTick(Message):
    """What one look at the store found. `problem`: why it could not be read, empty if it could."""

    def __init__(
        self, sessions: tuple[Session, ...] = (), activity: Activity | None = None, problem: str = ""
    ) -> None:
        super().__init__()
        self.sessions = sessions
        self.activity = activity
        self.problem = problem


class Feed:
    """Reads the store in a thread of its own; `post` is called there, once per look with news."""

    def __init__(self, storage: Storage, post: Callable[[FeedTick], object]) -> None:
        self.told = False
        """Whether whoever writes the store pokes after each write."""
        self._storage = storage
        self._post = post
        self._wake = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._version: int | None = None
        self._revision: int | None = None
        self._watched: tuple[Key, int] | None = None
        self._read: tuple[Key, int] | None = None
        self._failed = False

    def watch(self, key: Key | None, limit: int) -> None:
        """Also report the latest `limit` events of this session, now and whenever it changes."""
        self._watched = (key, limit) if key is not None else None
        self._wake.set()

    def poke(self) -> None:
        """Look now: something was just written."""
        self._wake.set()

    def start(self) -> None:
        """Begin to look."""
        self._thread = threading.Thread(target=self._run, name="feed", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End soon; nothing is posted afterwards."""
        self._stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=1.0)

    def _run(self) -> None:
        while not self._stopping:
            tick = self.look()
            if tick is not None and not self._stopping:
                self._post(tick)
            self._wake.wait(self._patience)
            self._wake.clear()

    @property
    def _patience(self) -> float:
        if self._failed:
            return RETRY_AFTER
        return LOOK_WHEN_TOLD if self.told else LOOK_EVERY

    def look(self) -> FeedTick | None:
        """What changed since the last look; None if nothing did. Called by one thread at a time."""
        try:
            tick = self._changes()
        except StorageError as error:
            self._failed = True
            return FeedTick(problem=str(error))
        if tick is None and self._failed:
            tick = FeedTick()
        self._failed = False
        return tick

    def _changes(self) -> FeedTick | None:
        watched = self._watched
        # Before the rows: what comes in between is then seen at the next look.
        version = self._storage.data_version()
        if version == self._version and watched == self._read and not self._failed:
            return None
        query = SessionQuery()
        if self._revision is not None:
            query = query.changed_since(self._revision)
        sessions = tuple(self._storage.list_sessions(query)) if version != self._version else ()
        activity = None
        if watched is not None and (watched != self._read or any(s.key == watched[0] for s in sessions)):
            activity = self._activity(*watched)
        self._read = watched
        self._version = version
        self._revision = max((session.revision for session in sessions), default=self._revision or 0)
        return FeedTick(sessions, activity) if sessions or activity else None

    def _activity(self, key: Key, limit: int) -> Activity:
        machine_id, session_id = key
        newest = self._storage.query(EventQuery().with_session(session_id).with_limit(limit))
        events = tuple(event for event in reversed(newest) if event.machine_id == machine_id)
        return Activity(key, events, complete=len(newest) < limit)
