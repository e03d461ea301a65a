"""A store read as something to be played: what it holds, in the order of its time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mi6_tui.model import Batch, Claim, Event, EventQuery, Session, SessionFact, SessionQuery
from mi6_tui.storage import Storage

_PAGE: Final = 1_000
"""Events that are read together."""
_AT_ONCE: Final = 2_000
"""Events of one batch at most, so that a long stretch comes in pieces."""
_TOLD: Final = (
    "cwd",
    "model",
    "title",
    "permission_mode",
    "client_version",
    "entrypoint",
    "git_branch",
    "git_worktree_path",
    "git_additions",
    "git_deletions",
    "github_issue",
    "github_pr",
    "nickname",
    "tags",
)
"""What a row tells of a session that its events need not tell."""
_REPORTED: Final = ("registry", "process", "child")
"""Witnesses that speak by claims; the others speak through events."""


class Recording:
    """What `storage` holds, each thing once.

    What is known only of a session as a whole (its title, for one) is told with its first event. The words of
    registries and processes are known only as they were last.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._sessions = {session.key: session for session in storage.list_sessions(SessionQuery())}
        self._claims = sorted(self._all_claims(), key=lambda claim: claim.at)
        self._events = _events(storage)
        self._next: Event | None = next(self._events, None)

    @property
    def begin(self) -> int | None:
        """When the first thing happened (ms); None if nothing did."""
        first = [event.timestamp for event in _ends(self._storage, "asc")]
        return min((*first, *(claim.at for claim in self._claims[:1])), default=None)

    @property
    def end(self) -> int | None:
        """When the last thing happened (ms); None if nothing did."""
        last = [event.timestamp for event in _ends(self._storage, "desc")]
        return max((*last, *(claim.at for claim in self._claims[-1:])), default=None)

    def until(self, now: int) -> Batch:
        """What happened up to `now` (ms), as far as one batch holds it. StorageError as it comes."""
        events: list[Event] = []
        facts: list[SessionFact] = []
        while (event := self._next) is not None and event.timestamp <= now and len(events) < _AT_ONCE:
            session = self._sessions.pop((event.machine_id, event.session_id), None)
            if session is not None:
                facts += _facts(session, event.timestamp)
            events.append(event if event.key is not None else event.with_(key=f"replay:{event.id}"))
            self._next = next(self._events, None)
        # No word of a registry before what it is about.
        horizon = now if self._next is None else min(now, self._next.timestamp)
        claims = []
        while self._claims and self._claims[0].at <= horizon:
            claims.append(self._claims.pop(0))
        return Batch(events=tuple(events), facts=tuple(facts), claims=tuple(claims))

    @property
    def next_at(self) -> int | None:
        """When there is more to tell (ms); None: never again."""
        events = () if self._next is None else (self._next.timestamp,)
        return min((*events, *(claim.at for claim in self._claims[:1])), default=None)

    def _all_claims(self) -> Iterator[Claim]:
        for machine_id, session_id in self._sessions:
            for claim in self._storage.claims(machine_id, session_id):
                if claim.witness in _REPORTED:
                    yield claim


def _events(storage: Storage) -> Iterator[Event]:
    """All events by time, read a page at a time."""
    after: int | None = None
    known: set[int | None] = set()
    """Ids of the events at `after` that were given."""
    limit = _PAGE
    while True:
        query = EventQuery(direction="asc", limit=limit, after_ts=None if after is None else after - 1)
        page = storage.query(query)
        fresh = [event for event in page if not (event.timestamp == after and event.id in known)]
        yield from fresh
        if len(page) < limit:
            return
        # More than a page at one instant: look further next time.
        limit = _PAGE if fresh else limit * 2
        last = page[-1].timestamp
        known = {event.id for event in page if event.timestamp == last} | (known if last == after else set())
        after = last


def _ends(storage: Storage, direction: str) -> list[Event]:
    return storage.query(EventQuery(direction="asc" if direction == "asc" else "desc", limit=1))


def _facts(session: Session, at: int) -> Iterator[SessionFact]:
    for name in _TOLD:
        value = getattr(session, name)
        if value is not None:
            yield SessionFact(
                machine_id=session.machine_id,
                session_id=session.session_id,
                framework=session.framework,
                name=name,
                value=value,
                timestamp=at,
                order=(at, 0),
            )
