"""Query values as SQL conditions."""

from __future__ import annotations

from typing import Any, Final

from mi6_tui.model import EventQuery, EventType, SessionQuery, StorageStatsQuery

Sql = tuple[str, list[Any]]
"""A statement's end, and its values."""

_SESSION_ORDERS: Final = {
    "started_at": "first_started_at",
    "last_activity": "last_activity",
    "cost": "cost_usd",
}


class _Conditions:
    def __init__(self) -> None:
        self._texts: list[str] = []
        self.values: list[Any] = []

    def add(self, text: str, *values: Any) -> None:
        self._texts.append(text)
        self.values += values

    def add_given(self, *given: tuple[str, Any]) -> None:
        """Each condition whose value is given."""
        for text, value in given:
            if value is not None:
                self.add(text, value)

    def end(self, order: str, limit: int | None) -> Sql:
        where = f" WHERE {' AND '.join(self._texts)}" if self._texts else ""
        text = f"{where} ORDER BY {order}" if order else where
        return (text, self.values) if limit is None else (f"{text} LIMIT %s", [*self.values, limit])


def event_sql(query: EventQuery) -> Sql:
    """What follows `SELECT ... FROM events`."""
    where = _Conditions()
    where.add_given(
        ("events.session_id = %s", query.session_id),
        ("events.session_id = ANY(%s)", query.session_ids),
        ("events.permission_mode = %s", query.permission_mode),
        ("events.framework = %s", query.framework),
        # By the letters of ASCII alone, which is what this order of texts knows.
        ('lower(events.event_type) = lower(%s::text COLLATE "C")', query.event_type),
        ("events.timestamp > %s", query.after_ts),
        ("events.timestamp < %s", query.before_ts),
        ("events.id > %s", query.after_id),
        ("events.id < %s", query.before_id),
    )
    if query.identities is not None:
        where.add("(events.key = ANY(%s) OR events.twin_key = ANY(%s))", *(query.identities,) * 2)
    if query.only_api_requests:
        where.add(f"events.event_type = '{EventType.API_REQUEST}'")
    elif query.no_api_requests:
        where.add(f"events.event_type <> '{EventType.API_REQUEST}'")
    by_id = query.order_by == "id"
    direction = query.direction or ("asc" if by_id else "desc")
    columns = ("id",) if by_id else ("timestamp", "id")
    return where.end(", ".join(f"events.{column} {direction}" for column in columns), query.limit)


def session_sql(query: SessionQuery) -> Sql:
    """What follows `SELECT ... FROM sessions`."""
    where = _Conditions()
    where.add_given(
        ("machine_id = %s", query.machine_id),
        ("framework = %s", query.framework),
        ("github_repo = %s", query.github_repo),
        ("github_issue = %s", query.github_issue),
        ("github_pr = %s", query.github_pr),
        ("last_activity >= %s", query.active_since),
        ("first_started_at > %s", query.started_after),
        ("first_started_at < %s", query.started_before),
        ("revision > %s", query.after_revision),
    )
    if query.only_active:
        where.add("last_ended_at IS NULL")
    if query.statuses:
        where.add("status_shown = ANY(%s)", list(query.statuses))
    if query.session_id_prefix:
        last = query.session_id_prefix + chr(0x10FFFF)
        where.add("session_id >= %s AND session_id < %s", query.session_id_prefix, last)
    unknown_last = "cost_usd IS NULL, " if query.order_by == "cost" else ""
    column = _SESSION_ORDERS[query.order_by]
    return where.end(f"{unknown_last}{column} {query.direction}, machine_id, session_id", query.limit)


def stats_sql(query: StorageStatsQuery) -> Sql:
    """The whole statement; its row is read by `stats_of`."""
    where = _Conditions()
    where.add_given(("framework = %s", query.framework))
    if query.only_active:
        where.add("last_ended_at IS NULL")
    # As numeric: absurd numbers in one row must not make the whole question fail.
    tokens = "tokens_input::numeric + tokens_output + tokens_cache_read + tokens_cache_write"
    end, values = where.end("", None)
    select = (
        "SELECT count(*), count(*) FILTER (WHERE last_ended_at IS NULL), coalesce(sum("
        f"{tokens}), 0), coalesce(sum(cost_usd), 0), coalesce(sum(api_request_count), 0) FROM sessions"
    )
    return select + end, values
