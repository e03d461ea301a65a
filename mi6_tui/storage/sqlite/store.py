"""`SqliteStorage`: the storage protocol over one SQLite file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from mi6_tui.errors import ReadOnlyError
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
from mi6_tui.model.session_reads import moment_of
from mi6_tui.storage import deleting
from mi6_tui.storage.answers import stats_of
from mi6_tui.storage.changes import GitContext
from mi6_tui.storage.rows import seen_of
from mi6_tui.storage.sqlite import forgetting, gc, machines, pricing, session_reads, stats, updates
from mi6_tui.storage.sqlite.base import SqliteFile
from mi6_tui.storage.sqlite.claims import claims_of
from mi6_tui.storage.sqlite.connection import fetch
from mi6_tui.storage.sqlite.errors import translated
from mi6_tui.storage.sqlite.positions import read_below, write_positions
from mi6_tui.storage.sqlite.queries import (
    event_sql,
    finds_nothing,
    session_sql,
    stats_sql,
    uuid_test,
)
from mi6_tui.storage.sqlite.rates import rates
from mi6_tui.storage.sqlite.record import record_batch
from mi6_tui.storage.sqlite.search import search
from mi6_tui.storage.sqlite.sessions import current_revision
from mi6_tui.storage.sqlite.telemetry import telemetry_about
from mi6_tui.storage.sqlite.text_index import merge_some

_MANY: Final = 1024
_FOR_MANY: Final = "PRAGMA cache_size = -8000; PRAGMA wal_autocheckpoint = 4000"
"""For many events at once: they touch most pages of the indexes, each of which would be read from the file
and written into it again every time. Up to 8 MB of memory and 16 MB of log."""


class SqliteStorage(SqliteFile):
    """A store in the file `path`, made if need be; see storage.protocol for what each method promises.

    `clock` gives the time (ms) that statuses are judged at, `prices` what requests cost. `read_only` asks
    for a look without any write. `busy_timeout` (ms) is how long another process's transaction is waited
    for.
    """

    # Events.

    def insert(self, event: Event) -> int:
        """Record one event; its id, 0 for one that `gc` removed."""
        with self._writing() as connection:
            return record_batch(connection, Batch(events=(event,)), self._clock(), self._prices).ids[0]

    def record(self, batch: Batch) -> Sequence[int]:
        """Record a batch in one transaction; the ids of the events that are new, ascending."""
        with self._writing() as connection:
            if len(batch.events) >= _MANY:
                connection.execute(_FOR_MANY)
            return record_batch(connection, batch, self._clock(), self._prices).new_ids

    def query(self, query: EventQuery) -> list[Event]:
        """The events that match, in the query's order."""
        if finds_nothing(query):
            return []
        end, values = event_sql(query)
        with self._reading() as connection:
            rows = fetch(connection, self._reader.events + end, values)
        return [self._reader.event(row) for row in rows]

    def gc(self, retention: int) -> int:
        """Delete events older than `retention` ms; how many."""
        before = deleting.cutoff(self._clock(), retention)
        deleted = 0
        while True:
            with self._writing() as connection:
                step = gc.delete_some(connection, before, self._clock())
            if not step:
                break
            deleted += step
        self._scrub()
        return deleted

    def _scrub(self) -> None:
        """Let no byte of the file hold what was deleted."""
        merging = True
        while merging:
            with self._writing() as connection:
                merging = merge_some(connection)
        with translated(self._path):
            gc.rewrite(self._connections.get())

    def count_expired(self, retention: int) -> int:
        """How many events `gc` would delete."""
        return self._number(
            "SELECT count(*) FROM events WHERE timestamp < ?", deleting.cutoff(self._clock(), retention)
        )

    def count(self) -> int:
        """All events."""
        return self._number("SELECT count(*) FROM events")

    def event_exists_by_uuid(self, session_id: str, uuid: str) -> bool:
        """Whether the session holds an event of that client's id."""
        test = uuid_test(self._reader.event_columns)
        return self._number(f"SELECT count(*) FROM events WHERE {test}", session_id, uuid) > 0

    # Sessions.

    def list_sessions(self, query: SessionQuery) -> list[Session]:
        """The sessions that match, in the query's order."""
        return self._sessions(*session_sql(query, self._reader.session_columns))

    def _sessions(self, end: str, values: Sequence[str | int]) -> list[Session]:
        with self._reading() as connection:
            # Not fetched first: thousands of rows need not exist twice.
            return [
                self._reader.session(row) for row in connection.execute(self._reader.sessions + end, values)
            ]

    def _latest(self, condition: str, *values: str | int) -> Session | None:
        end = f" WHERE {condition} ORDER BY last_activity DESC, machine_id, session_id LIMIT 1"
        found = self._sessions(end, values)
        return found[0] if found else None

    def get_session(self, session_id: str) -> Session | None:
        """By exact id; of several machines the most recently active."""
        return self._latest("session_id = ?", session_id)

    def get_session_by_key(self, machine_id: str, session_id: str) -> Session | None:
        """By exact key."""
        return self._latest("machine_id = ? AND session_id = ?", machine_id, session_id)

    def get_session_by_pid(self, pid: int) -> Session | None:
        """The most recently active session of a process id."""
        return self._latest("pid = ?", pid)

    def update_session_git_info(self, session_id: str, info: GitBranchInfo) -> bool:
        """Set the branch; fill pull request and issue where given."""
        with self._writing() as connection:
            return updates.set_git_info(connection, session_id, info, self._clock())

    def update_session_github_repo(self, session_id: str, repo: str) -> bool:
        """Set the repository where none is known."""
        with self._writing() as connection:
            return updates.fill_github_repo(connection, session_id, repo, self._clock())

    def upsert_session_git_context(
        self,
        session_id: str,
        machine_id: str,
        framework: str,
        timestamp: int,
        local_git_dir: str | None,
        github_repo: str | None,
    ) -> None:
        """Note where a session works, creating it if need be."""
        if local_git_dir is None and github_repo is None:
            return
        context = GitContext(framework, timestamp, local_git_dir, github_repo)
        with self._writing() as connection:
            updates.note_git_context(connection, (machine_id, session_id), context, self._clock())

    def update_session_transcript_path(self, machine_id: str, session_id: str, path: str) -> bool:
        """Set the transcript's path where none is known."""
        with self._writing() as connection:
            return updates.fill_transcript_path(connection, (machine_id, session_id), path, self._clock())

    def forget(self, session_id: str) -> int:
        """Delete all of a session and record nothing more of it; how many events."""
        with self._writing() as connection:
            deleted = forgetting.forget_session(connection, session_id)
        self._scrub()
        return deleted

    def recall(self, session_id: str) -> bool:
        """Let a forgotten session be recorded again; False if it was not forgotten."""
        with self._writing() as connection:
            return forgetting.recall_session(connection, session_id)

    def storage_stats(self, query: StorageStatsQuery) -> StorageStats:
        """Totals, by one aggregation query."""
        with self._reading() as connection:
            rows = fetch(connection, *stats_sql(query))
        return stats_of(rows[0])

    # Transcript positions.

    def get_transcript_position(self, path: str) -> FilePosition | None:
        """How far the file at exactly this path was read."""
        found = self._positions(" WHERE file_path = ?", path)
        return found[0] if found else None

    def set_transcript_position(self, path: str, position: FilePosition) -> None:
        """Store a position under `path`."""
        with self._writing() as connection:
            write_positions(connection, [position.with_(file_path=path)], self._clock())

    def query_transcript_positions(self) -> list[tuple[str, FilePosition]]:
        """All positions with their paths, by path."""
        return [(position.file_path, position) for position in self._positions(" ORDER BY file_path")]

    def files_seen(self) -> list[FileSeen]:
        """All positions, in no order, as far as they tell whether their files have anything new."""
        with self._reading() as connection:
            return [seen_of(row) for row in connection.execute(self._reader.seen)]

    def _positions(self, end: str, *values: str) -> list[FilePosition]:
        with self._reading() as connection:
            rows = fetch(connection, self._reader.positions + end, values)
        return [self._reader.position(row) for row in rows]

    def read_below(self, folder: str) -> ReadBelow:
        """What was read of the files below a folder."""
        with self._reading() as connection:
            return read_below(connection, folder, self._position_columns)

    def rename_transcript(self, old_path: str, new_path: str) -> bool:
        """A file moved: its position and its events' pointers follow."""
        with self._writing() as connection:
            return updates.rename_transcript(connection, old_path, new_path, self._clock())

    # Costs.

    def reprice(self) -> int:
        """Estimate again every cost in the store if the prices changed since; how many changed."""
        table = self._prices()
        if self._number(pricing.IS_PRICED, table.version):
            return 0
        changed, after = 0, 0
        while True:
            with self._writing() as connection:
                step = pricing.reprice_some(connection, after, table, self._clock())
            changed += step.changed
            if step.last is None:
                return changed
            after = step.last

    def usage(self, query: UsageQuery) -> Usage:
        """The requests of a time and what they used, by one dimension and in all."""
        with self._reading() as connection:
            return stats.usage(connection, query, self._reader.event_columns)

    def rates(self, since: int, until: int) -> Rates:
        """Tokens of the requests from `since` to `until` by session and minute."""
        with self._reading() as connection:
            return rates(connection, since, until, self._reader.event_columns)

    # Searching.

    def search(self, query: SearchQuery) -> list[Hit]:
        """The prompts, replies and commands that match, in the query's order."""
        with self._reading() as connection:
            return search(connection, query, self._reader)

    # A close look at one session.

    def timeline(self, query: TimelineQuery) -> list[Event]:
        """A stretch of a session's events, oldest first."""
        end, values = session_reads.timeline_sql(query, self._reader.event_columns)
        with self._reading() as connection:
            rows = fetch(connection, self._reader.events + end, values)
        return sorted((self._reader.event(row) for row in rows), key=moment_of)

    def tools(self, machine_id: str, session_id: str) -> list[ToolUse]:
        """Its calls by tool, the most called first."""
        with self._reading() as connection:
            return session_reads.tools_of(connection, machine_id, session_id, self._reader.event_columns)

    def files(self, machine_id: str, session_id: str, tools: tuple[str, ...]) -> list[FileTouch]:
        """What its calls of `tools` wrote to, the latest first."""
        if "outcome" not in self._reader.event_columns:
            return []
        with self._reading() as connection:
            return session_reads.files_of(connection, machine_id, session_id, tools)

    def context_curve(self, machine_id: str, session_id: str) -> list[ContextPoint]:
        """How its context filled and was compacted, by time."""
        with self._reading() as connection:
            return session_reads.context_of(connection, machine_id, session_id, self._reader.event_columns)

    def models(self, machine_id: str, session_id: str) -> list[UsageRow]:
        """Its requests summed up by model, the dearest first."""
        with self._reading() as connection:
            return session_reads.models_of(connection, machine_id, session_id, self._reader.event_columns)

    # Watching.

    def claims(self, machine_id: str, session_id: str | None = None) -> list[Claim]:
        """The latest word of each witness on a session, or on all of a machine that have not ended."""
        if "status_rule" not in self._reader.session_columns:
            return []
        with self._reading() as connection:
            return claims_of(connection, machine_id, session_id)

    def telemetry(self, session_ids: Sequence[str]) -> list[Telemetry]:
        """What the clients' telemetry told of these sessions, by time."""
        with self._reading() as connection:
            return telemetry_about(connection, session_ids)

    def rejudge(self, now: int) -> int:
        """Judge again the sessions whose status is not valid at `now`, no more or not yet; how many."""
        if self._read_only is not None:
            raise ReadOnlyError(self._read_only)
        if not any(self._number(f"SELECT EXISTS ({due})", now) for due in updates.DUE):
            return 0
        with self._writing() as connection:
            return updates.rejudge(connection, now)

    # Machines.

    def see_machine(self, machine: Machine) -> None:
        """Note the latest word of a machine."""
        with self._writing() as connection:
            machines.see_machine(connection, machine)

    def machines(self) -> list[Machine]:
        """All that were seen, by id."""
        with self._reading() as connection:
            return machines.machines(connection)

    def now(self) -> int:
        """The time (ms) by this machine's clock."""
        return self._clock()

    def data_version(self) -> int:
        """A number that differs from the last one if another connection changed the store since."""
        return self._number("PRAGMA data_version")

    def revision(self) -> int:
        """The largest `Session.revision` in the store; 0 when empty."""
        if "revision" not in self._reader.session_columns:
            return 0
        with self._reading() as connection:
            return current_revision(connection)

    def last_event_id(self) -> int:
        """The largest id ever given; 0 when none was."""
        if "file_id" not in self._reader.event_columns:
            return self._number("SELECT max(id) FROM events")
        return self._number("SELECT seq FROM sqlite_sequence WHERE name = 'events'")
