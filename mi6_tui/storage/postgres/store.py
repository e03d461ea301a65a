"""`PostgresStorage`: the storage protocol over one PostgreSQL database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from mi6_tui.clock import now_ms
from mi6_tui.errors import ReadOnlyError, StorageError
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
from mi6_tui.prices import packaged
from mi6_tui.storage import deleting
from mi6_tui.storage.answers import stats_of
from mi6_tui.storage.changes import GitContext
from mi6_tui.storage.parcel import Parcel
from mi6_tui.storage.postgres import (
    forgetting,
    gc,
    inbox,
    machines,
    positions,
    pricing,
    queries,
    session_reads,
    stats,
    updates,
)
from mi6_tui.storage.postgres.address import address_of
from mi6_tui.storage.postgres.claims import claims_of
from mi6_tui.storage.postgres.connection import fetch
from mi6_tui.storage.postgres.errors import StaleError
from mi6_tui.storage.postgres.merging import Prepared, merge
from mi6_tui.storage.postgres.opening import open_store
from mi6_tui.storage.postgres.rates import rates
from mi6_tui.storage.postgres.record import Prices, Recorded, record_batch
from mi6_tui.storage.postgres.search import search
from mi6_tui.storage.postgres.server import Server, Turn
from mi6_tui.storage.postgres.telemetry import telemetry_about
from mi6_tui.storage.postgres.watch import Watch
from mi6_tui.storage.rows import SESSION_FIELDS, event_of, position_of, seen_of, select_events, session_of

T = TypeVar("T")

LOCK_TIMEOUT: Final = 5_000
PATIENCE: Final = 30.0
_EVENTS: Final = select_events()
_SESSIONS: Final = f"SELECT {', '.join(SESSION_FIELDS)} FROM sessions"


class PostgresStorage:
    """A store in the database at `url`, its tables made if need be; see storage.protocol for the methods.

    `clock` gives the time (ms) that statuses are judged at, `prices` what requests cost. `read_only` asks
    for a look without any write. `lock_timeout` (ms) is how long another program's transaction is waited
    for; `patience` (s) how long a write is tried again while the server cannot be reached.
    """

    def __init__(
        self,
        url: str,
        *,
        clock: Callable[[], int] = now_ms,
        prices: Prices = packaged,
        read_only: bool = False,
        lock_timeout: int = LOCK_TIMEOUT,
        patience: float = PATIENCE,
    ) -> None:
        address = address_of(url)
        self._clock = clock
        self._prices = prices
        self._server = Server(address, writable=not read_only, lock_timeout=lock_timeout, patience=patience)
        try:
            self._read_only = self._server.read(partial(open_store, shown=address.shown, read_only=read_only))
        except StaleError as error:
            self._server.close()
            raise StorageError(error.message, "check the address, and that the server runs") from error
        except BaseException:
            self._server.close()
            raise
        self._watch = Watch(self._server)

    @property
    def path(self) -> Path | None:
        """No file holds it."""
        return None

    @property
    def read_only(self) -> str | None:
        """Why nothing can be written, in one sentence; None if it can."""
        return self._read_only

    def close(self) -> None:
        """Let go of the server; idempotent."""
        self._watch.close()
        self._server.close()

    def _write(self, work: Callable[[Turn], T]) -> T:
        if self._read_only is not None:
            raise ReadOnlyError(self._read_only)
        return self._server.write(work)

    def _fetch(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return self._server.read(lambda connection: fetch(connection, sql, values))

    def _ask(self, work: Callable[..., T], *values: Any) -> T:
        return self._server.read(lambda connection: work(connection, *values))

    # Events.

    def insert(self, event: Event) -> int:
        """Record one event; its id, 0 for one that `gc` removed."""
        return self._write(lambda turn: self._record(turn, Batch(events=(event,))).ids[0])

    def record(self, batch: Batch) -> Sequence[int]:
        """Record a batch in one transaction; the ids of the events that are new, ascending."""
        return self._write(lambda turn: self._record(turn, batch).new_ids)

    def _record(self, turn: Turn, batch: Batch) -> Recorded:
        return record_batch(turn, batch, self._clock(), self._prices)

    def query(self, query: EventQuery) -> list[Event]:
        """The events that match, in the query's order."""
        end, values = queries.event_sql(query)
        return [event_of(row) for row in self._fetch(_EVENTS + end, *values)]

    def gc(self, retention: int) -> int:
        """Delete events older than `retention` ms; how many."""
        before, deleted = deleting.cutoff(self._clock(), retention), 0
        while step := self._write(lambda turn: gc.delete_some(turn, before, self._clock())):
            deleted += step
        if deleted:
            self._ask(gc.vacuum)
        return deleted

    def count_expired(self, retention: int) -> int:
        """How many events `gc` would delete."""
        before = deleting.cutoff(self._clock(), retention)
        return self._number("SELECT count(*) FROM events WHERE timestamp < %s", before)

    def count(self) -> int:
        """All events."""
        return self._number("SELECT count(*) FROM events")

    def event_exists_by_uuid(self, session_id: str, uuid: str) -> bool:
        """Whether the session holds an event of that client's id."""
        sql = "SELECT 1 FROM events WHERE uuid = %s AND session_id = %s LIMIT 1"
        return bool(self._fetch(sql, uuid, session_id))

    def _number(self, sql: str, *values: Any) -> int:
        return int(self._fetch(sql, *values)[0][0])

    # Sessions.

    def list_sessions(self, query: SessionQuery) -> list[Session]:
        """The sessions that match, in the query's order."""
        end, values = queries.session_sql(query)
        return [session_of(row) for row in self._fetch(_SESSIONS + end, *values)]

    def _latest(self, condition: str, *values: Any) -> Session | None:
        end = f" WHERE {condition} ORDER BY last_activity DESC, machine_id, session_id LIMIT 1"
        found = self._fetch(_SESSIONS + end, *values)
        return session_of(found[0]) if found else None

    def get_session(self, session_id: str) -> Session | None:
        """By exact id; of several machines the most recently active."""
        return self._latest("session_id = %s", session_id)

    def get_session_by_key(self, machine_id: str, session_id: str) -> Session | None:
        """By exact key."""
        return self._latest("machine_id = %s AND session_id = %s", machine_id, session_id)

    def get_session_by_pid(self, pid: int) -> Session | None:
        """The most recently active session of a process id."""
        return self._latest("pid = %s", pid)

    def update_session_git_info(self, session_id: str, info: GitBranchInfo) -> bool:
        """Set the branch; fill pull request and issue where given."""
        return self._write(lambda turn: updates.set_git_info(turn, session_id, info, self._clock()))

    def update_session_github_repo(self, session_id: str, repo: str) -> bool:
        """Set the repository where none is known."""
        return self._write(lambda turn: updates.fill_github_repo(turn, session_id, repo, self._clock()))

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
        key, context = (machine_id, session_id), GitContext(framework, timestamp, local_git_dir, github_repo)
        self._write(lambda turn: updates.note_git_context(turn, key, context, self._clock()))

    def update_session_transcript_path(self, machine_id: str, session_id: str, path: str) -> bool:
        """Set the transcript's path where none is known."""
        key = machine_id, session_id
        return self._write(lambda turn: updates.fill_transcript_path(turn, key, path, self._clock()))

    def forget(self, session_id: str) -> int:
        """Delete all of a session and record nothing more of it; how many events."""
        deleted = self._write(lambda turn: forgetting.forget_session(turn, session_id))
        self._ask(gc.vacuum)
        return deleted

    def recall(self, session_id: str) -> bool:
        """Let a forgotten session be recorded again; False if it was not forgotten."""
        return self._write(lambda turn: forgetting.recall_session(turn, session_id))

    def storage_stats(self, query: StorageStatsQuery) -> StorageStats:
        """Totals, by one aggregation query."""
        sql, values = queries.stats_sql(query)
        return stats_of(self._fetch(sql, *values)[0])

    # Transcript positions.

    def get_transcript_position(self, path: str) -> FilePosition | None:
        """How far the file at exactly this path was read."""
        found = self._fetch(f"{positions.READ} WHERE file_path = %s", path)
        return position_of(found[0]) if found else None

    def set_transcript_position(self, path: str, position: FilePosition) -> None:
        """Store a position under `path`."""
        named = [position.with_(file_path=path)]
        self._write(lambda turn: positions.Positions(turn, named).write(self._clock()))

    def query_transcript_positions(self) -> list[tuple[str, FilePosition]]:
        """All positions with their paths, by path."""
        found = map(position_of, self._fetch(f"{positions.READ} ORDER BY file_path"))
        return [(position.file_path, position) for position in found]

    def files_seen(self) -> list[FileSeen]:
        """All positions, in no order, as far as they tell whether their files have anything new."""
        return [seen_of(row) for row in self._fetch(positions.SEEN)]

    def read_below(self, folder: str) -> ReadBelow:
        """What was read of the files below a folder."""
        return self._ask(positions.read_below, folder)

    def rename_transcript(self, old_path: str, new_path: str) -> bool:
        """A file moved: its position and its events' pointers follow."""
        return self._write(lambda turn: updates.rename_transcript(turn, old_path, new_path, self._clock()))

    # Costs.

    def reprice(self) -> int:
        """Estimate again every cost in the store if the prices changed since; how many changed."""
        table = self._prices()
        if self._number(pricing.IS_PRICED, table.version):
            return 0
        changed, last = 0, 0
        while True:
            after = last
            step = self._write(lambda turn: pricing.reprice_some(turn, after, table, self._clock()))  # noqa: B023
            changed += step.changed
            if step.last is None:
                return changed
            last = step.last

    def usage(self, query: UsageQuery) -> Usage:
        """The requests of a time and what they used, by one dimension and in all."""
        return self._ask(stats.usage, query)

    def rates(self, since: int, until: int) -> Rates:
        """Tokens of the requests from `since` to `until` by session and minute."""
        return self._ask(rates, since, until)

    def search(self, query: SearchQuery) -> list[Hit]:
        """The prompts, replies and commands that match, in the query's order."""
        return self._ask(search, query)

    # A close look at one session.

    def timeline(self, query: TimelineQuery) -> list[Event]:
        """A stretch of a session's events, oldest first."""
        end, values = session_reads.timeline_sql(query)
        return sorted(map(event_of, self._fetch(_EVENTS + end, *values)), key=moment_of)

    def tools(self, machine_id: str, session_id: str) -> list[ToolUse]:
        """Its calls by tool, the most called first."""
        return self._ask(session_reads.tools_of, machine_id, session_id)

    def files(self, machine_id: str, session_id: str, tools: tuple[str, ...]) -> list[FileTouch]:
        """What its calls of `tools` wrote to, the latest first."""
        return self._ask(session_reads.files_of, machine_id, session_id, tools)

    def context_curve(self, machine_id: str, session_id: str) -> list[ContextPoint]:
        """How its context filled and was compacted, by time."""
        return self._ask(session_reads.context_of, machine_id, session_id)

    def models(self, machine_id: str, session_id: str) -> list[UsageRow]:
        """Its requests summed up by model, the dearest first."""
        return self._ask(session_reads.models_of, machine_id, session_id)

    # Watching.

    def claims(self, machine_id: str, session_id: str | None = None) -> list[Claim]:
        """The latest word of each witness on a session, or on all of a machine that have not ended."""
        return self._ask(claims_of, machine_id, session_id)

    def telemetry(self, session_ids: Sequence[str]) -> list[Telemetry]:
        """What the clients' telemetry told of these sessions, by time."""
        return self._ask(telemetry_about, session_ids)

    def rejudge(self, now: int) -> int:
        """Judge again the sessions whose status is not valid at `now`; how many changed."""
        if self._read_only is not None:
            raise ReadOnlyError(self._read_only)
        if not self._fetch(f"{updates.DUE} LIMIT 1", *(now,) * 3):
            return 0
        return self._write(lambda turn: updates.rejudge(turn, now))

    # What other stores forward.

    def merge(self, parcel: Parcel) -> None:
        """Merge a parcel; a repeat changes nothing."""
        prepared = Prepared(parcel)
        if self._write(lambda turn: merge(turn, prepared, self._prices)):
            self._ask(gc.vacuum)

    def collect(self) -> int:
        """Merge some of what machines left in the inbox; how many rows are gone from there."""
        if self._read_only is not None:
            raise ReadOnlyError(self._read_only)
        return inbox.collect(self._server, self._prices)

    def reached(self, origin: str) -> inbox.Reached:
        """How far this store has what the store `origin` forwards."""
        return self._ask(inbox.reached, origin)

    # Machines.

    def see_machine(self, machine: Machine) -> None:
        """Note the latest word of a machine."""
        if self._read_only is not None:
            raise ReadOnlyError(self._read_only)
        self._ask(machines.see_machine, machine)

    def see_remotes(self, told: Sequence[Machine], sender: Machine, at: int) -> None:
        """Note machines that `sender` told of at its time `at` (ms): it reads them over ssh."""
        self._ask(machines.see_remotes, told, sender, at)

    def machines(self) -> list[Machine]:
        """All that were seen, by id."""
        return self._ask(machines.machines)

    def now(self) -> int:
        """The time (ms) by the server's clock."""
        return self._ask(machines.now)

    def data_version(self) -> int:
        """How many transactions changed the store; what is asked often costs no question to the server."""
        return self._watch.changes()

    def revision(self) -> int:
        """The largest `Session.revision` ever given; 0 when none was."""
        return self._number("SELECT last_revision FROM counters")

    def last_event_id(self) -> int:
        """The largest id ever given; 0 when none was."""
        return self._number("SELECT last_event_id FROM counters")
