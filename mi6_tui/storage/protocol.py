"""The store as the rest of the program sees it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

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


class Storage(Protocol):
    """Events and the sessions they sum up to. Shared by threads; every method may raise StorageError.

    A session row is a function of the set of things recorded about it: the order in which they
    arrive, and how often, does not matter. Units: ms since the epoch; retention in ms.
    """

    # Events.

    def insert(self, event: Event) -> int:
        """Record one event and its effect on its session, atomically; return the event's id.

        A `key` already known corrects the stored event or changes nothing, and returns its id; the
        id of one that `gc` removed is 0.
        """

    def query(self, query: EventQuery) -> list[Event]:
        """The events that match, in the query's order."""

    def gc(self, retention: int) -> int:
        """Delete events older than `retention` ms (strict), to the last byte; how many.

        Totals stay, ids are never reused.
        """

    def count_expired(self, retention: int) -> int:
        """How many events `gc` would delete."""

    def count(self) -> int:
        """All events."""

    def event_exists_by_uuid(self, session_id: str, uuid: str) -> bool:
        """Whether the session holds an event of that client's id, on any machine; exact, indexed."""

    # Sessions.

    def list_sessions(self, query: SessionQuery) -> list[Session]:
        """The sessions that match, in the query's order, each with everything the dashboard shows."""

    def get_session(self, session_id: str) -> Session | None:
        """By exact id; of several machines the most recently active."""

    def get_session_by_key(self, machine_id: str, session_id: str) -> Session | None:
        """By exact key."""

    def get_session_by_pid(self, pid: int) -> Session | None:
        """The most recently active session of a process id, ended ones included."""

    def update_session_git_info(self, session_id: str, info: GitBranchInfo) -> bool:
        """Set the branch; fill pull request and issue where given. False if no machine has the session."""

    def update_session_github_repo(self, session_id: str, repo: str) -> bool:
        """Set the repository where none is known. False if no machine has the session."""

    def upsert_session_git_context(
        self,
        session_id: str,
        machine_id: str,
        framework: str,
        timestamp: int,
        local_git_dir: str | None,
        github_repo: str | None,
    ) -> None:
        """Note where a session works, creating it if need be; another repository clears issue and PR."""

    def update_session_transcript_path(self, machine_id: str, session_id: str, path: str) -> bool:
        """Set the transcript's path where none is known. False if there is no such session."""

    def forget(self, session_id: str) -> int:
        """Delete all that is known of a session, on every machine, so that no byte of it can be found.

        How many events. Nothing of it, or of its subagents, is recorded from now on.
        """

    def recall(self, session_id: str) -> bool:
        """Take a `forget` back: what is read again of it is recorded. False if it was not forgotten."""

    def storage_stats(self, query: StorageStatsQuery) -> StorageStats:
        """Totals, by one aggregation query."""

    # Transcript positions.

    def get_transcript_position(self, path: str) -> FilePosition | None:
        """How far the file at exactly this path was read."""

    def set_transcript_position(self, path: str, position: FilePosition) -> None:
        """Store a position under `path`; it may move backwards."""

    def query_transcript_positions(self) -> list[tuple[str, FilePosition]]:
        """All positions with their paths, by path."""

    def files_seen(self) -> list[FileSeen]:
        """All positions, in no order, as far as they tell whether their files have anything new."""

    def read_below(self, folder: str) -> ReadBelow:
        """What was read of the files below a folder, by its absolute path; those that are gone included."""

    # Beyond the original's interface, for this program.

    def record(self, batch: Batch) -> Sequence[int]:
        """Record a batch in one transaction; the ids of the events that are new in the store, ascending."""

    def rename_transcript(self, old_path: str, new_path: str) -> bool:
        """A file moved: its position and its events' pointers follow. False if `old_path` is unknown."""

    def claims(self, machine_id: str, session_id: str | None = None) -> list[Claim]:
        """The latest word of each witness on a session, or on all of a machine that have not ended.

        Ordered by session, then witness. What hooks and transcripts told is among it.
        """

    def telemetry(self, session_ids: Sequence[str]) -> list[Telemetry]:
        """What the clients' telemetry told of these sessions, also of those that nothing else knows; by time.

        It is a witness beside them: no sum, no count and no list holds it.
        """

    def rejudge(self, now: int) -> int:
        """Judge again the sessions whose status was valid until `now` (ms) at most; how many changed."""

    def reprice(self) -> int:
        """Estimate again every cost in the store if the prices changed since; how many changed."""

    def usage(self, query: UsageQuery) -> Usage:
        """The requests of a time and what they used, by one dimension and in all; deleted ones included."""

    def rates(self, since: int, until: int) -> Rates:
        """Tokens of the requests from `since` to before `until` (ms), by session and minute from `since` on.

        Of the events that are left; a look at the last minutes reads no others.
        """

    def search(self, query: SearchQuery) -> list[Hit]:
        """The prompts, replies and commands that match, in the query's order; deleted ones never."""

    # A close look at one session, by its exact key; of what `gc` deleted only the sums by model are left.

    def timeline(self, query: TimelineQuery) -> list[Event]:
        """A stretch of a session's events, oldest first, ties by id."""

    def tools(self, machine_id: str, session_id: str) -> list[ToolUse]:
        """Its calls by tool, the most called first."""

    def files(self, machine_id: str, session_id: str, tools: tuple[str, ...]) -> list[FileTouch]:
        """What its calls of `tools` wrote to, by path as the client names it; the latest first."""

    def context_curve(self, machine_id: str, session_id: str) -> list[ContextPoint]:
        """How its context filled and was compacted, by time; subagents' requests are no part of it."""

    def models(self, machine_id: str, session_id: str) -> list[UsageRow]:
        """Its requests summed up by model, the dearest first: together they are the sums of its row."""

    # Machines.

    def see_machine(self, machine: Machine) -> None:
        """Note the latest word of a machine: an older one, or the same again, changes nothing.

        Without an address the known one stays. No session, no revision and no id is touched.
        """

    def machines(self) -> list[Machine]:
        """All that were seen, by id; `forget` and `gc` leave them."""

    def now(self) -> int:
        """The time (ms) by the store's clock: the server's, or this machine's where a file holds it."""

    def data_version(self) -> int:
        """A number that differs from the last one if another connection changed the store since."""

    def revision(self) -> int:
        """The largest `Session.revision` in the store; 0 when empty."""

    def last_event_id(self) -> int:
        """The largest id ever given; 0 when none was."""

    @property
    def path(self) -> Path | None:
        """The file that holds it; None if no file does."""

    @property
    def read_only(self) -> str | None:
        """Why nothing can be written, in one sentence; None if it can."""

    def close(self) -> None:
        """Let go of the file; idempotent. Connections of other threads close with their threads."""
