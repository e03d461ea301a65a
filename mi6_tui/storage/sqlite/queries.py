"""Query values as SQL conditions."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec

from mi6_tui.model import EventQuery, EventType, SessionQuery, StorageStatsQuery

Sql = tuple[str, list[Any]]
"""A statement's end, and its values."""


class _Conditions:
    def __init__(self) -> None:
        self._texts: list[str] = []
        self.values: list[Any] = []

    def add(self, text: str, *values: Any) -> None:
        self._texts.append(text)
        self.values += values

    def compare(self, **values: Any) -> None:
        """`column = value` for each that is given."""
        for column, value in values.items():
            if value is not None:
                self.add(f"{column} = ?", value)

    def sql(self) -> str:
        return " WHERE " + " AND ".join(self._texts) if self._texts else ""


def finds_nothing(query: EventQuery) -> bool:
    """Whether the answer is empty without looking."""
    return query.limit == 0 or () in (query.session_ids, query.identities)


def event_sql(query: EventQuery) -> Sql:
    """What follows `SELECT ... FROM events`."""
    where = _Conditions()
    where.compare(**{"events.session_id": query.session_id, "events.permission_mode": query.permission_mode})
    where.compare(**{"events.framework": query.framework})
    if query.session_ids is not None:
        where.add("events.session_id IN (SELECT value FROM json_each(?))", _json(query.session_ids))
    if query.identities is not None:
        some = "(SELECT value FROM json_each(?))"
        same = (_json(query.identities),) * 2
        where.add(f"(events.key IN {some} OR events.twin_key IN {some})", *same)
    if query.event_type is not None:
        where.add("events.event_type = ? COLLATE NOCASE", query.event_type)
    if query.only_api_requests:
        where.add(f"events.event_type = '{EventType.API_REQUEST}'")
    elif query.no_api_requests:
        where.add(f"events.event_type <> '{EventType.API_REQUEST}'")
    for column, sign, bound in (
        ("timestamp", ">", query.after_ts),
        ("timestamp", "<", query.before_ts),
        ("id", ">", query.after_id),
        ("id", "<", query.before_id),
    ):
        if bound is not None:
            where.add(f"events.{column} {sign} ?", bound)
    by_id = query.order_by == "id"
    direction = query.direction or ("asc" if by_id else "desc")
    columns = ("id",) if by_id else ("timestamp", "id")
    order = ", ".join(f"events.{column} {direction}" for column in columns)
    return _finish(where, order, query.limit)


def session_sql(query: SessionQuery, columns: frozenset[str]) -> Sql:
    """What follows `SELECT ... FROM sessions`; without a `revision` column every session is changed."""
    where = _Conditions()
    # Most sessions are one machine's, and few of them live: rather look at those (what `+` does).
    machine = "+machine_id" if query.only_active else "machine_id"
    where.compare(
        **{machine: query.machine_id},
        framework=query.framework,
        github_repo=query.github_repo,
        github_issue=query.github_issue,
        github_pr=query.github_pr,
    )
    if query.only_active:
        where.add("last_ended_at IS NULL")
    if query.statuses and "status_shown" in columns:
        marks = ", ".join("?" * len(query.statuses))
        where.add(f"status_shown IN ({marks})", *query.statuses)
    elif query.statuses:
        where.add("FALSE")
    if query.active_since is not None:
        where.add("last_activity >= ?", query.active_since)
    if query.started_after is not None:
        where.add("first_started_at > ?", query.started_after)
    if query.started_before is not None:
        where.add("first_started_at < ?", query.started_before)
    if query.after_revision is not None and "revision" in columns:
        where.add("revision > ?", query.after_revision)
    if query.session_id_prefix:
        last = query.session_id_prefix + chr(0x10FFFF)
        where.add("session_id >= ? AND session_id < ?", query.session_id_prefix, last)
    column = {"started_at": "first_started_at", "last_activity": "last_activity", "cost": "cost_usd"}
    unknown_last = "cost_usd IS NULL, " if query.order_by == "cost" else ""
    # Few sessions change at a time, or live: rather sort those than walk all in order (what `+` forbids).
    walk = "" if query.after_revision is None and not query.only_active else "+"
    order = f"{unknown_last}{walk}{column[query.order_by]} {query.direction}, machine_id, session_id"
    return _finish(where, order, query.limit)


def _finish(where: _Conditions, order: str, limit: int | None) -> Sql:
    text = f"{where.sql()} ORDER BY {order}"
    if limit is None:
        return text, where.values
    return f"{text} LIMIT ?", [*where.values, limit]


def _json(values: tuple[str, ...]) -> str:
    return msgspec.json.encode(values).decode()


def stats_sql(query: StorageStatsQuery) -> Sql:
    """The whole statement; its row is read by `stats_of`."""
    where = _Conditions()
    where.compare(framework=query.framework)
    if query.only_active:
        where.add("last_ended_at IS NULL")
    tokens = "tokens_input + tokens_output + tokens_cache_read + tokens_cache_write"
    # total() instead of sum(): an absurd number in one row must not make the whole question fail.
    select = (
        "SELECT count(*), count(*) FILTER (WHERE last_ended_at IS NULL), "
        f"total({tokens}), total(cost_usd), total(api_request_count) FROM sessions"
    )
    return select + where.sql(), where.values


def uuid_test(columns: Collection[str]) -> str:
    """The condition that an event of `columns` is of a session (first value) and has a uuid (second)."""
    if "uuid" in columns:
        # A uuid leads to one event and a session to thousands: `+` keeps the session's index out of it.
        return "+session_id = ? AND uuid = ?"
    return "session_id = ? AND json_valid(metadata) AND json_extract(metadata, '$.uuid') = ?"
