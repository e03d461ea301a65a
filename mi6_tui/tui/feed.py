"""Watches the store and hands over what changed, one immutable message per look."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final, Protocol

import msgspec
from textual.message import Message

from mi6_tui.clock import now_ms
from mi6_tui.errors import StorageError
from mi6_tui.model import Event, EventQuery, Session, SessionQuery, StorageStatsQuery
from mi6_tui.storage import Storage
from mi6_tui.tui.notes import Marks, Notes, as_said
from mi6_tui.tui.rows import Key
from mi6_tui.tui.worker import ScanView

LOOK_EVERY: Final = 0.1
"""Seconds between two looks at the store's version; a look costs microseconds."""
LOOK_WHEN_TOLD: Final = 1.0
"""The same while the only writer pokes."""
ROWS_EVERY: Final = 0.25
"""Seconds from rows that changed to the next ones, at least."""
READING_EVERY: Final = 0.6
"""The same while a backlog is read: they come all the time, and keys wait while they are painted."""
_FIRST: Final = 2.0
"""Seconds of a backlog whose rows are waited for."""
COUNT_EVERY: Final = 5.0
"""Seconds between two looks for sessions that were forgotten, which no revision tells of."""
RETRY_AFTER: Final = 2.0
"""Seconds to wait after the store could not be read."""


class Activity(msgspec.Struct, frozen=True):
    """The latest events of one session, oldest first; `complete` if it has no others."""

    key: Key
    events: tuple[Event, ...]
    complete: bool


class Question(Protocol):
    """What a view wants to know while it is on the screen."""

    def ask(self, storage: Storage, changed: frozenset[Key] | None) -> object | None:
        """An immutable answer; None if it is the last one. Called in the feed's thread.

        `changed`: the sessions whose rows changed since the last call; None the first time.
        StorageError as it comes.
        """


class Watched(msgspec.Struct, frozen=True):
    """A session whose latest `limit` events are wanted besides its row."""

    key: Key
    limit: int


class FeedTick(Message):
    """What one look at the store found: the sessions that changed, and answers by question.

    `problem`: why the store could not be read, empty if it could; `refused`: why it did not take what the
    user noted; `waiting`: how much of that waits, and for whom. Rows are as they will be then. `gone`: the
    sessions that the store does not hold any more.
    """

    def __init__(
        self,
        sessions: tuple[Session, ...] = (),
        activity: Activity | None = None,
        problem: str = "",
        refused: str = "",
        waiting: str = "",
        answers: Mapping[str, object] = MappingProxyType({}),
        gone: frozenset[Key] = frozenset(),
    ) -> None:
        super().__init__()
        self.sessions = sessions
        self.activity = activity
        self.problem = problem
        self.refused = refused
        self.waiting = waiting
        self.answers = answers
        self.gone = gone


class Feed:
    """Reads the store in a thread of its own; `post` is called there, once per look with news.

    Without `notes` nothing that the user says of sessions is recorded.
    """

    def __init__(
        self,
        storage: Storage,
        post: Callable[[FeedTick], object],
        clock: Callable[[], int] = now_ms,
        *,
        notes: bool = True,
    ) -> None:
        self.told = False
        """Whether whoever writes the store pokes after each write."""
        self._reading = False
        """Whether a backlog is read, and has been for a while."""
        self.lost = ""
        """What the user noted and could not be written until the end, in one line; empty if all was."""
        self._storage = storage
        self._post = post
        self._wake = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._version: int | None = None
        self._revision: int | None = None
        self._known: set[Key] = set()
        """The sessions that were handed over."""
        self._counted_at = -COUNT_EVERY
        self._uncounted = False
        """Whether the store changed since they were counted."""
        self._watched: Watched | None = None
        self._read: Watched | None = None
        self._questions: Mapping[str, Question] = {}
        self._asked: dict[str, Question] = {}
        """Questions that were answered at least once."""
        self._notes = Notes(storage, clock, self._wake.set)
        self._takes_notes = notes
        self._said: Mapping[Key, Marks] = {}
        """What the rows that were handed over say, though the store does not yet."""
        self._waiting = ""
        self._failed = False

    @property
    def in_database(self) -> bool:
        """Whether other machines fill the store, too: what they name is not found here."""
        return self._storage.path is None

    def watch(self, watched: Watched | None) -> None:
        """Also report more of this session, now and whenever it changes."""
        self._watched = watched
        self._wake.set()

    def ask(self, name: str, question: Question | None) -> None:
        """Also answer this, now and whenever the store changes, under `name`; None: no longer.

        Another question of the same name takes its place and is asked anew.
        """
        questions = dict(self._questions)
        if question is None:
            questions.pop(name, None)
        else:
            questions[name] = question
        self._questions = questions
        self._wake.set()

    def note(self, session: Session, **marks: str | int | None) -> None:
        """Record soon what the user says of a session: see the marks of `SessionFact`, and `seen` (ms)."""
        if self._takes_notes:
            self._notes.add(session, marks)
            self._wake.set()

    def poke(self) -> None:
        """Look now: something was just written."""
        self._wake.set()

    def heed(self, scan: ScanView) -> None:
        """Look as often as what is known of the scan asks for."""
        self.told = scan.state is not None and scan.state.role == "writer"
        self._reading = scan.progress is not None and scan.progress.elapsed > _FIRST

    def start(self) -> None:
        """Begin to look."""
        self._thread = threading.Thread(target=self._run, name="feed", daemon=True)
        self._thread.start()
        self._notes.start()

    def stop(self) -> None:
        """End soon; nothing is posted afterwards."""
        self._stopping = True
        self._wake.set()
        self.lost = self._notes.stop()
        if self._thread is not None:
            self._thread.join(timeout=1.0)

    def _run(self) -> None:
        rested = 0.0
        while not self._stopping:
            left = rested - time.monotonic()
            tick = self.look(rows=left <= 0)
            if tick is not None and not self._stopping:
                self._post(tick)
            if tick is not None and tick.sessions:
                left = self.rows_every
                rested = time.monotonic() + left
            self._wake.wait(min(left, self._patience) if left > 0 else self._patience)
            self._wake.clear()

    @property
    def rows_every(self) -> float:
        """Seconds that changed rows are left to be read."""
        return READING_EVERY if self._reading else ROWS_EVERY

    @property
    def _patience(self) -> float:
        if self._failed:
            return RETRY_AFTER
        return LOOK_WHEN_TOLD if self.told else LOOK_EVERY

    def look(self, *, rows: bool = True) -> FeedTick | None:
        """What changed since the last look; None if nothing did, but not at the first one.

        Called by one thread at a time.

        Without `rows` what changed in the store has to wait, and only what is newly asked is answered.
        """
        if not self._notes.started and self._notes.write():
            self._version = None  # data_version does not tell of what its own connection wrote
        # Before the rows: what is written meanwhile is then in the row or still said of it.
        said, refused, waiting = self._notes.said(), self._notes.refused(), self._notes.waiting
        try:
            tick = self._changes(said, rows=rows)
        except StorageError as error:
            self._failed = True
            self._version = self._revision = None  # what comes next may be another store
            tick = FeedTick(problem=str(error))
        else:
            if tick is None and (self._failed or refused or waiting != self._waiting):
                tick = FeedTick()
            self._failed = False
        if tick is not None:
            tick.refused, tick.waiting = refused, waiting
        self._waiting = waiting
        return tick

    def _changes(self, said: Mapping[Key, Marks], *, rows: bool) -> FeedTick | None:
        watched, questions = self._watched, self._questions
        first = self._revision is None
        anew = {name: one for name, one in questions.items() if self._asked.get(name) is not one}
        # Before the rows: what comes in between is then seen at the next look.
        version = self._storage.data_version() if rows or self._version is None else self._version
        moved = version != self._version or self._failed
        resaid = [key for key in {**self._said, **said} if said.get(key) != self._said.get(key)]
        self._uncounted |= moved
        due = rows and self._uncounted and time.monotonic() - self._counted_at >= COUNT_EVERY
        if not (moved or anew or resaid or due) and watched == self._read:
            self._asked = {name: one for name, one in self._asked.items() if name in questions}
            return None
        query = SessionQuery()
        if self._revision is not None:
            query = query.changed_since(self._revision)
        changed = self._storage.list_sessions(query) if version != self._version else []
        revision = max((row.revision for row in changed), default=self._revision or 0)
        gone = self._gone(changed, counted=due)
        found = [*changed, *self._again(resaid, changed)]
        sessions = tuple(as_said(row, said.get(row.key)) for row in found)
        answers = self._answers(questions if moved else anew, anew, sessions)
        activity = None
        if watched is not None and (
            watched != self._read or any(session.key == watched.key for session in sessions)
        ):
            activity = self._activity(watched.key, watched.limit)
        self._asked = dict(questions)
        self._read = watched
        self._version = version
        self._revision = revision
        self._said = said
        if not (sessions or activity or answers or gone or first):
            return None
        return FeedTick(sessions, activity, answers=MappingProxyType(answers), gone=gone)

    def _gone(self, changed: Collection[Session], *, counted: bool) -> frozenset[Key]:
        """Sessions that were handed over and are not in the store any more.

        Found out whenever all rows are read, and else, if the store changed, by their number now and then.
        """
        listed = {row.key for row in changed}
        all_read = self._revision is None
        if not all_read:
            self._known |= listed
            if not counted:
                return frozenset()
            self._counted_at, self._uncounted = time.monotonic(), False
            if self._storage.storage_stats(StorageStatsQuery()).session_count >= len(self._known):
                return frozenset()
            listed = {row.key for row in self._storage.list_sessions(SessionQuery())}
        gone = frozenset(self._known - listed)
        self._known, self._uncounted = listed, False
        return gone

    def _again(self, keys: Iterable[Key], read: Iterable[Session]) -> Iterator[Session]:
        """Rows of which something else is said now, except those that were `read` just now."""
        done = {session.key for session in read}
        for key in keys:
            if key not in done and (session := self._storage.get_session_by_key(*key)) is not None:
                yield session

    def _answers(
        self, questions: Mapping[str, Question], anew: Collection[str], sessions: Sequence[Session]
    ) -> dict[str, object]:
        changed = frozenset(session.key for session in sessions)
        answers = {}
        for name, question in questions.items():
            answer = question.ask(self._storage, None if name in anew else changed)
            if answer is not None:
                answers[name] = answer
        return answers

    def _activity(self, key: Key, limit: int) -> Activity:
        machine_id, session_id = key
        newest = self._storage.query(EventQuery().with_session(session_id).with_limit(limit))
        events = tuple(event for event in reversed(newest) if event.machine_id == machine_id)
        return Activity(key, events, complete=len(newest) < limit)
