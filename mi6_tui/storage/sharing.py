"""A store as others may see it: `--share` tells who waits and what runs, not whose it is and what about."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Final, NoReturn

import msgspec

from mi6_tui.errors import REFUSED, StorageError
from mi6_tui.model import (
    Batch,
    Claim,
    ContextPoint,
    Event,
    EventQuery,
    FilePosition,
    FileSeen,
    FileTouch,
    GitBranchInfo,
    Hit,
    Machine,
    ReadBelow,
    SearchQuery,
    Session,
    SessionQuery,
    StorageStats,
    StorageStatsQuery,
    Telemetry,
    TimelineQuery,
    ToolUse,
    Usage,
    UsageQuery,
    UsageRow,
)
from mi6_tui.model.rates import Rates
from mi6_tui.storage.protocol import Storage
from mi6_tui.storage.pseudonyms import HIDDEN, Pseudonyms

_KINDS: Final = {"project": "project", "machine": "machine", "session": "session"}
"""Dimensions whose keys are names."""


class SharedError(StorageError):
    """Asked for what sharing hides."""

    exit_code: ClassVar[int] = REFUSED


class SharedStorage:
    """Reads `real` and gives every name, text, place and cost away; see storage.protocol for the methods.

    Whoever asks by a pseudonym is answered about what it stands for; by a real name, id or process id nothing
    is found, so that nobody learns which pseudonym is whose. Nothing is written, and nothing is searched for.
    """

    def __init__(self, real: Storage) -> None:
        self.real = real
        self._names = Pseudonyms()
        self._numbered = False

    def _called(self) -> Pseudonyms:
        # The same numbers in every run, as long as no older session is found.
        if not self._numbered:
            self._names.number(self.real.list_sessions(SessionQuery()))
            self._numbered = True
        return self._names

    def _machine(self, called: str) -> str | None:
        return self._called().meant("machine", called)

    def _session(self, called: str) -> str | None:
        return self._called().meant("session", called)

    def _key(self, machine_id: str, session_id: str) -> tuple[str, str] | None:
        machine, session = self._machine(machine_id), self._session(session_id)
        return None if machine is None or session is None else (machine, session)

    # Events.

    def query(self, query: EventQuery) -> list[Event]:
        """The events that match, in the query's order."""
        if query.identities is not None:
            return []
        changes: dict[str, Any] = {}
        if query.session_id is not None:
            changes["session_id"] = session = self._session(query.session_id)
            if session is None:
                return []
        if query.session_ids is not None:
            found = map(self._session, query.session_ids)
            changes["session_ids"] = tuple(one for one in found if one is not None)
        called = self._called()
        return [called.event(event) for event in self.real.query(msgspec.structs.replace(query, **changes))]

    def timeline(self, query: TimelineQuery) -> list[Event]:
        """A stretch of a session's events, oldest first."""
        key = self._key(query.machine_id, query.session_id)
        if key is None:
            return []
        called = self._called()
        events = self.real.timeline(query.with_(machine_id=key[0], session_id=key[1]))
        return [called.event(event) for event in events]

    def count_expired(self, retention: int) -> int:
        """How many events `gc` would delete."""
        return self.real.count_expired(retention)

    def count(self) -> int:
        """All events."""
        return self.real.count()

    def event_exists_by_uuid(self, session_id: str, uuid: str) -> bool:
        """Never: no ids are shown."""
        return False

    # Sessions.

    def list_sessions(self, query: SessionQuery) -> list[Session]:
        """The sessions that match, in the query's order."""
        if (query.github_repo, query.github_issue, query.github_pr) != (None, None, None):
            return []
        called = self._called()
        prefix, limit = query.session_id_prefix, query.limit
        changes: dict[str, Any] = {}
        if query.machine_id is not None:
            changes["machine_id"] = machine = self._machine(query.machine_id)
            if machine is None:
                return []
        if prefix is not None:
            changes |= {"session_id_prefix": None, "limit": None}
        rows = self.real.list_sessions(msgspec.structs.replace(query, **changes))
        found = [called.session(row) for row in rows]
        if prefix is not None:
            found = [row for row in found if row.session_id.startswith(prefix)][:limit]
        return found

    def _shown(self, session: Session | None) -> Session | None:
        return session and self._called().session(session)

    def get_session(self, session_id: str) -> Session | None:
        """By exact id; of several machines the most recently active."""
        session = self._session(session_id)
        return None if session is None else self._shown(self.real.get_session(session))

    def get_session_by_key(self, machine_id: str, session_id: str) -> Session | None:
        """By exact key."""
        key = self._key(machine_id, session_id)
        return None if key is None else self._shown(self.real.get_session_by_key(*key))

    def get_session_by_pid(self, pid: int) -> Session | None:
        """None: no process ids are shown."""
        return None

    def storage_stats(self, query: StorageStatsQuery) -> StorageStats:
        """Totals, without their cost."""
        return msgspec.structs.replace(self.real.storage_stats(query), total_cost_usd=0.0)

    def claims(self, machine_id: str, session_id: str | None = None) -> list[Claim]:
        """The latest word of each witness."""
        called = self._called()
        machine = self._machine(machine_id)
        session = None if session_id is None else self._session(session_id)
        if machine is None or (session is None and session_id is not None):
            return []
        return [
            msgspec.structs.replace(
                claim,
                machine_id=called.give("machine", claim.machine_id),
                session_id=called.give("session", claim.session_id),
                detail=HIDDEN if claim.detail else "",
                subject=HIDDEN if claim.subject else "",
                pid=None,
                process=None,
                process_start_time=None,
            )
            for claim in self.real.claims(machine, session)
        ]

    def tools(self, machine_id: str, session_id: str) -> list[ToolUse]:
        """A session's calls by tool, the most called first."""
        key, called = self._key(machine_id, session_id), self._called()
        return [] if key is None else [called.tool_use(use) for use in self.real.tools(*key)]

    def files(self, machine_id: str, session_id: str, tools: tuple[str, ...]) -> list[FileTouch]:
        """What a session's calls of `tools` wrote to; the latest first."""
        key, called = self._key(machine_id, session_id), self._called()
        return [] if key is None else [called.file(touch) for touch in self.real.files(*key, tools)]

    def context_curve(self, machine_id: str, session_id: str) -> list[ContextPoint]:
        """How a session's context filled and was compacted, by time."""
        key = self._key(machine_id, session_id)
        return [] if key is None else self.real.context_curve(*key)

    def models(self, machine_id: str, session_id: str) -> list[UsageRow]:
        """A session's requests summed up by model."""
        key, called = self._key(machine_id, session_id), self._called()
        return [] if key is None else [called.usage(row, None) for row in self.real.models(*key)]

    # Sums.

    def usage(self, query: UsageQuery) -> Usage:
        """The requests of a time and what they used, without their cost."""
        called, kind = self._called(), _KINDS.get(query.by)
        found = self.real.usage(query)
        rows = tuple(called.usage(row, kind) for row in found.rows)
        return Usage(rows=rows, total=called.usage(found.total, None))

    def rates(self, since: int, until: int) -> Rates:
        """Tokens of the requests from `since` to `until` by session and minute."""
        called = self._called()
        found = self.real.rates(since, until)
        sessions = {
            (called.give("machine", machine), called.give("session", session)): rate
            for (machine, session), rate in found.sessions.items()
        }
        return msgspec.structs.replace(found, sessions=sessions)

    def machines(self) -> list[Machine]:
        """The machines, without how they are reached and what is wrong with them; by the names given."""
        called = self._called()
        return sorted(map(called.machine, self.real.machines()), key=lambda one: one.machine_id)

    def now(self) -> int:
        """The time by the store's clock."""
        return self.real.now()

    def data_version(self) -> int:
        """A number that differs from the last one if another connection changed the store since."""
        return self.real.data_version()

    def revision(self) -> int:
        """The largest revision ever given."""
        return self.real.revision()

    def last_event_id(self) -> int:
        """The largest id ever given."""
        return self.real.last_event_id()

    # The file.

    @property
    def path(self) -> Path | None:
        """No place is told."""
        return None

    @property
    def read_only(self) -> str | None:
        """Why nothing can be written."""
        return "--share only looks"

    def close(self) -> None:
        """Let go of the file."""
        self.real.close()

    # What is not to be had.

    def search(self, query: SearchQuery) -> list[Hit]:
        """Refused: what is found, and that it is, would tell what was said."""
        raise SharedError("nothing is searched while --share hides what was said")

    def _refuse(self) -> NoReturn:
        raise SharedError(f"nothing is written: {self.read_only}")

    def telemetry(self, session_ids: Sequence[str]) -> list[Telemetry]:
        """Refused: it tells models, costs and times as the clients name them."""
        raise SharedError("--share hides what the clients' telemetry told")

    def get_transcript_position(self, path: str) -> FilePosition | None:
        """Refused."""
        raise SharedError("--share hides where transcripts are")

    def query_transcript_positions(self) -> list[tuple[str, FilePosition]]:
        """Refused."""
        raise SharedError("--share hides where transcripts are")

    def read_below(self, folder: str) -> ReadBelow:
        """Refused."""
        raise SharedError("--share hides where transcripts are")

    def files_seen(self) -> list[FileSeen]:
        """Refused."""
        raise SharedError("--share hides where transcripts are")

    def insert(self, event: Event) -> int:
        """Refused."""
        self._refuse()

    def gc(self, retention: int) -> int:
        """Refused."""
        self._refuse()

    def forget(self, session_id: str) -> int:
        """Refused."""
        self._refuse()

    def recall(self, session_id: str) -> bool:
        """Refused."""
        self._refuse()

    def update_session_git_info(self, session_id: str, info: GitBranchInfo) -> bool:
        """Refused."""
        self._refuse()

    def update_session_github_repo(self, session_id: str, repo: str) -> bool:
        """Refused."""
        self._refuse()

    def upsert_session_git_context(
        self,
        session_id: str,
        machine_id: str,
        framework: str,
        timestamp: int,
        local_git_dir: str | None,
        github_repo: str | None,
    ) -> None:
        """Refused."""
        self._refuse()

    def update_session_transcript_path(self, machine_id: str, session_id: str, path: str) -> bool:
        """Refused."""
        self._refuse()

    def set_transcript_position(self, path: str, position: FilePosition) -> None:
        """Refused."""
        self._refuse()

    def record(self, batch: Batch) -> Sequence[int]:
        """Refused."""
        self._refuse()

    def rename_transcript(self, old_path: str, new_path: str) -> bool:
        """Refused."""
        self._refuse()

    def see_machine(self, machine: Machine) -> None:
        """Refused."""
        self._refuse()

    def rejudge(self, now: int) -> int:
        """Refused."""
        self._refuse()

    def reprice(self) -> int:
        """Refused."""
        self._refuse()
