"""Usage by every dimension: it agrees with the sessions, and outlives the events."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, get_args
from zoneinfo import ZoneInfo

import pytest

from mi6_tui.model import Usage, UsageQuery
from mi6_tui.model.usage import Dimension
from mi6_tui.storage.conformance.base import DAY, MINUTE, NOW, Clock, Group, request, session_of
from mi6_tui.storage.protocol import Storage

_DIMENSIONS: Final[tuple[Dimension, ...]] = get_args(Dimension)


def _all(storage: Storage) -> list[Usage]:
    return [storage.usage(UsageQuery(by=by)) for by in _DIMENSIONS]


class UsageConformance(Group):
    """Sums of requests by period, model, project, framework and session; estimates."""

    @pytest.mark.parametrize("by", _DIMENSIONS)
    def test_an_empty_store_has_no_row_and_a_total_of_nothing(self, storage: Storage, by: Dimension) -> None:
        usage = storage.usage(UsageQuery(by=by))
        assert usage.rows == ()
        assert (usage.total.api_request_count, usage.total.session_count, usage.total.cost_usd) == (
            0,
            0,
            None,
        )

    @pytest.mark.parametrize("by", _DIMENSIONS)
    def test_every_dimension_has_the_same_total(self, storage: Storage, by: Dimension) -> None:
        storage.insert(request(cost_usd=0.25))
        storage.insert(request(session_id="t", model=None, cwd="/src/x", timestamp=NOW - 40 * DAY))
        storage.insert(request(session_id="t", framework="codex", tokens_incomplete=True))
        usage = storage.usage(UsageQuery(by=by))
        for name, expected in (
            ("api_request_count", 3),
            ("incomplete_requests", 1),
            ("tokens_input", 300),
            ("tokens_cache_read", 3_000),
            ("unpriced_requests", 2),
        ):
            assert getattr(usage.total, name) == expected
            assert sum(getattr(row, name) for row in usage.rows) == expected
        assert (usage.total.session_count, usage.total.cost_usd) == (2, 0.25)

    def test_only_what_lies_within_the_bounds_counts(self, storage: Storage) -> None:
        for quarter in range(4):
            storage.insert(request(timestamp=NOW + quarter * 15 * MINUTE))
        query = UsageQuery(since=NOW + 15 * MINUTE, until=NOW + 45 * MINUTE)
        assert storage.usage(query).total.api_request_count == 2

    def test_an_hour_is_the_one_that_the_clock_on_the_wall_shows(self, storage: Storage) -> None:
        berlin = ZoneInfo("Europe/Berlin")
        autumn = int(datetime(2026, 10, 25, 0, 15, tzinfo=UTC).timestamp() * 1000)
        for hours in range(3):  # 02:15, again 02:15, and 03:15 there
            storage.insert(request(timestamp=autumn + hours * 60 * MINUTE))
        spring = int(datetime(2026, 3, 29, 0, 45, tzinfo=UTC).timestamp() * 1000)
        for hours in range(2):  # 01:45 and 03:45 there
            storage.insert(request(timestamp=spring + hours * 60 * MINUTE))
        usage = storage.usage(UsageQuery(by="hour", timezone=berlin))
        assert [(row.key, row.api_request_count) for row in usage.rows] == [
            ("2026-03-29T01", 1),
            ("2026-03-29T03", 1),
            ("2026-10-25T02", 2),
            ("2026-10-25T03", 1),
        ]

    def test_a_correction_moves_it(self, storage: Storage) -> None:
        storage.insert(request(key="k", version="1", model="old"))
        storage.insert(request(key="k", version="2", model="new", tokens_output=7))
        (row,) = storage.usage(UsageQuery(by="model")).rows
        assert (row.key, row.api_request_count, row.tokens_output) == ("new", 1, 7)

    def test_it_outlives_the_events(self, storage: Storage, clock: Clock) -> None:
        storage.insert(request(key="k", cost_usd=0.5))
        before = _all(storage)
        clock.now += DAY
        assert storage.gc(MINUTE) == 1
        assert _all(storage) == before
        assert storage.insert(request(key="k", cost_usd=0.5)) == 0
        assert _all(storage) == before

    def test_estimates_are_made_again_only_when_prices_changed(self, storage: Storage) -> None:
        storage.insert(request())
        assert (storage.reprice(), storage.reprice()) == (0, 0)
        assert session_of(storage).unpriced_requests == 1
