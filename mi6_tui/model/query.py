"""Questions to the store. Every builder returns a new query."""

from __future__ import annotations

from typing import Any, Literal, Self

import msgspec

from mi6_tui.errors import ModelError

Direction = Literal["asc", "desc"]


class _Query(msgspec.Struct, frozen=True, kw_only=True):
    def _with(self, **changes: Any) -> Self:
        return msgspec.structs.replace(self, **changes)


class EventQuery(_Query, frozen=True, kw_only=True):
    """Which events, in which order. Without a direction: newest first by timestamp, ascending by id.

    Ties in time are broken by id in the same direction. Empty `session_ids`, empty `identities` or a
    limit of 0 find nothing. Time bounds (ms) are strict.
    """

    session_id: str | None = None
    session_ids: tuple[str, ...] | None = None
    identities: tuple[str, ...] | None = None
    event_type: str | None = None
    permission_mode: str | None = None
    framework: str | None = None
    after_ts: int | None = None
    before_ts: int | None = None
    after_id: int | None = None
    before_id: int | None = None
    limit: int | None = None
    order_by: Literal["timestamp", "id"] = "timestamp"
    direction: Direction | None = None
    only_api_requests: bool = False
    no_api_requests: bool = False

    def __post_init__(self) -> None:
        if self.limit is not None and self.limit < 0:
            raise ModelError(f"limit {self.limit} is negative")

    def with_session(self, session_id: str) -> Self:
        """Of one session; replaces a list of sessions."""
        return self._with(session_id=session_id, session_ids=None)

    def with_sessions(self, session_ids: tuple[str, ...]) -> Self:
        """Of these sessions; replaces a single one."""
        return self._with(session_ids=tuple(session_ids), session_id=None)

    def with_identities(self, identities: tuple[str, ...]) -> Self:
        """Whose key or twin key is one of these, whoever owns them."""
        return self._with(identities=tuple(identities))

    def with_event_type(self, event_type: str) -> Self:
        """Of one type; ASCII case is ignored."""
        return self._with(event_type=event_type)

    def with_permission_mode(self, mode: str) -> Self:
        """In one permission mode, exact."""
        return self._with(permission_mode=mode)

    def with_framework(self, framework: str) -> Self:
        """Of one framework, exact."""
        return self._with(framework=framework)

    def with_after_ts(self, timestamp: int) -> Self:
        """Later than `timestamp` (ms, exclusive)."""
        return self._with(after_ts=timestamp)

    def with_before_ts(self, timestamp: int) -> Self:
        """Earlier than `timestamp` (ms, exclusive)."""
        return self._with(before_ts=timestamp)

    def with_between(self, after: int, before: int) -> Self:
        """Strictly between two times (ms)."""
        return self._with(after_ts=after, before_ts=before)

    def with_after_id(self, event_id: int) -> Self:
        """Stored after `event_id` (exclusive): the cursor for watching, with `order_by_id`."""
        return self._with(after_id=event_id)

    def with_before_id(self, event_id: int) -> Self:
        """Stored before `event_id` (exclusive)."""
        return self._with(before_id=event_id)

    def with_limit(self, limit: int) -> Self:
        """At most `limit` events."""
        return self._with(limit=limit)

    def order_by_id(self) -> Self:
        """In the order of storing."""
        return self._with(order_by="id")

    def order_by_timestamp(self) -> Self:
        """In the order of time."""
        return self._with(order_by="timestamp")

    def ascending(self) -> Self:
        """Oldest or smallest first."""
        return self._with(direction="asc")

    def descending(self) -> Self:
        """Newest or largest first."""
        return self._with(direction="desc")

    def api_requests_only(self) -> Self:
        """Only requests to a model; undoes `exclude_api_requests`."""
        return self._with(only_api_requests=True, no_api_requests=False)

    def exclude_api_requests(self) -> Self:
        """Everything but requests to a model; undoes `api_requests_only`."""
        return self._with(no_api_requests=True, only_api_requests=False)


class SessionQuery(_Query, frozen=True, kw_only=True):
    """Which sessions, in which order; latest start first unless said otherwise, ties by key."""

    machine_id: str | None = None
    framework: str | None = None
    github_repo: str | None = None
    github_issue: int | None = None
    github_pr: int | None = None
    only_active: bool = False
    statuses: tuple[str, ...] = ()
    """As `Session.status_shown` says; empty: any."""
    active_since: int | None = None
    started_after: int | None = None
    started_before: int | None = None
    after_revision: int | None = None
    session_id_prefix: str | None = None
    limit: int | None = None
    order_by: Literal["started_at", "last_activity", "cost"] = "started_at"
    direction: Direction = "desc"

    def __post_init__(self) -> None:
        if self.limit is not None and self.limit < 0:
            raise ModelError(f"limit {self.limit} is negative")

    def with_machine(self, machine_id: str) -> Self:
        """On one machine."""
        return self._with(machine_id=machine_id)

    def with_framework(self, framework: str) -> Self:
        """Of one framework, exact."""
        return self._with(framework=framework)

    def with_github_repo(self, repo: str) -> Self:
        """In one repository, `owner/name`."""
        return self._with(github_repo=repo)

    def with_github_issue(self, number: int) -> Self:
        """About one issue."""
        return self._with(github_issue=number)

    def with_github_pr(self, number: int) -> Self:
        """About one pull request."""
        return self._with(github_pr=number)

    def active_only(self) -> Self:
        """Not ended."""
        return self._with(only_active=True)

    def with_statuses(self, *statuses: str) -> Self:
        """Shown with one of these statuses."""
        return self._with(statuses=statuses)

    def with_active_since(self, timestamp: int) -> Self:
        """Last activity at or after `timestamp` (ms)."""
        return self._with(active_since=timestamp)

    def with_started_after(self, timestamp: int) -> Self:
        """First started later than `timestamp` (ms, exclusive)."""
        return self._with(started_after=timestamp)

    def with_started_before(self, timestamp: int) -> Self:
        """First started earlier than `timestamp` (ms, exclusive)."""
        return self._with(started_before=timestamp)

    def changed_since(self, revision: int) -> Self:
        """Changed after the store's `revision` (exclusive)."""
        return self._with(after_revision=revision)

    def with_id_prefix(self, prefix: str) -> Self:
        """Whose id starts with `prefix`, case-sensitive."""
        return self._with(session_id_prefix=prefix)

    def with_limit(self, limit: int) -> Self:
        """At most `limit` sessions."""
        return self._with(limit=limit)

    def order_by_started_at(self) -> Self:
        """By first start."""
        return self._with(order_by="started_at")

    def order_by_last_activity(self) -> Self:
        """By last activity."""
        return self._with(order_by="last_activity")

    def order_by_cost(self) -> Self:
        """By cost; unknown cost last, in either direction."""
        return self._with(order_by="cost")

    def ascending(self) -> Self:
        """Smallest first."""
        return self._with(direction="asc")

    def descending(self) -> Self:
        """Largest first."""
        return self._with(direction="desc")


class StorageStatsQuery(_Query, frozen=True, kw_only=True):
    """Which sessions the store's totals cover."""

    only_active: bool = False
    framework: str | None = None

    def active_only(self) -> Self:
        """Not ended."""
        return self._with(only_active=True)

    def with_framework(self, framework: str) -> Self:
        """Of one framework, exact."""
        return self._with(framework=framework)


class StorageStats(msgspec.Struct, frozen=True, kw_only=True):
    """Totals over sessions, on all machines; zeros over none."""

    session_count: int = 0
    active_session_count: int = 0
    total_tokens: int = 0
    total_cost_usd: float = 0.0
    total_api_requests: int = 0
