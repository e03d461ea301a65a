"""What the store says of itself, by the questions that every store answers."""

from __future__ import annotations

from collections.abc import Iterable

from mi6_tui.doctor.facts import Content, Unpriced
from mi6_tui.model import EventQuery, StorageStatsQuery, UsageQuery
from mi6_tui.model.usage import QUARTER
from mi6_tui.storage.protocol import Storage

_WEEK = 7 * 86_400_000


def content(storage: Storage, machine_id: str, roots: Iterable[str], now: int) -> Content:
    """What `storage` holds at `now` (ms); `roots` are resolved paths. StorageError."""
    stats = storage.storage_stats(StorageStatsQuery())
    latest = storage.query(EventQuery().with_limit(1))
    newest = latest[0] if latest else None
    position = None
    if newest is not None and newest.transcript_path is not None:
        position = storage.get_transcript_position(newest.transcript_path)
    since = (now - _WEEK) // QUARTER * QUARTER
    models = storage.usage(UsageQuery(by="model", since=since)).rows
    heard: dict[str, dict[str, int]] = {}
    for claim in storage.claims(machine_id):
        words = heard.setdefault(claim.framework or "", {})
        words[claim.witness] = max(claim.at, words.get(claim.witness, claim.at))
    return Content(
        read_only=storage.read_only,
        sessions=stats.session_count,
        active=stats.active_session_count,
        events=storage.count(),
        requests=stats.total_api_requests,
        newest=newest.timestamp if newest is not None else None,
        newest_recorded=position.updated_at if position is not None else None,
        unpriced=tuple(Unpriced(row.key, row.unpriced_requests) for row in models if row.unpriced_requests),
        roots={root: storage.read_below(root) for root in roots},
        heard=heard,
    )
