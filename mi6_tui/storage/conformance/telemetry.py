"""Telemetry: kept beside everything else, once, whatever the order; forgotten and deleted with the rest."""

from __future__ import annotations

from itertools import permutations
from typing import Any

from mi6_tui.model import Batch, EventQuery, SessionQuery, StorageStatsQuery, Telemetry, UsageQuery
from mi6_tui.storage.conformance.base import DAY, NOW, Clock, Group, request
from mi6_tui.storage.protocol import Storage


def told(**fields: Any) -> Telemetry:
    """A request of session `s`, told when it was made, but for `fields`."""
    defaults: dict[str, Any] = {
        "machine_id": "m",
        "session_id": "s",
        "framework": "claude",
        "identity": "one",
        "kind": "request",
        "at": NOW,
        "received_at": NOW,
        "tokens_input": 100,
        "tokens_output": 20,
        "cost_usd": 0.25,
    }
    return Telemetry(**(defaults | fields))


class TelemetryConformance(Group):
    """telemetry, and what records, forgets and deletes it."""

    def test_what_is_told_is_told_again_by_time(self, storage: Storage) -> None:
        late = told(identity="late", at=NOW + 1, request_id="r", model="x\x00\u2028y", what="tool")
        early = told(identity="early", at=NOW - 1, kind="sum", cost_usd=None, duration_ms=0)
        other = told(identity="other", session_id="t", at=NOW)
        storage.record(Batch(telemetry=(late, other, early)))
        assert storage.telemetry(["s"]) == [early, late]
        assert storage.telemetry(["s", "t", "?"]) == [early, other, late]
        assert storage.telemetry([]) == []

    def test_it_is_in_no_sum_and_no_list(self, storage: Storage) -> None:
        storage.record(Batch(telemetry=(told(), told(identity="two", session_id="unknown"))))
        assert storage.list_sessions(SessionQuery()) == []
        assert (storage.count(), storage.revision(), storage.query(EventQuery())) == (0, 0, [])
        assert storage.storage_stats(StorageStatsQuery()).session_count == 0
        assert storage.usage(UsageQuery(by="session")).rows == ()
        storage.insert(request(key="r"))
        before = storage.list_sessions(SessionQuery()), storage.usage(UsageQuery(by="session"))
        storage.record(Batch(telemetry=(told(identity="three"),)))
        assert (storage.list_sessions(SessionQuery()), storage.usage(UsageQuery(by="session"))) == before

    def test_of_two_that_differ_the_same_one_stays_whatever_the_order(self, storage: Storage) -> None:
        versions = (
            told(tokens_input=1, received_at=NOW + 5),
            told(tokens_input=3, at=NOW + 1, received_at=NOW + 4),
            told(tokens_input=2, at=NOW + 1, received_at=NOW + 3),
        )
        for number, order in enumerate(permutations(versions)):
            own = [
                told(identity=f"{number}", session_id=f"s{number}", **_content(version)) for version in order
            ]
            for record in (*own, *own):
                storage.record(Batch(telemetry=(record,)))
            (kept,) = storage.telemetry([f"s{number}"])
            assert (kept.at, kept.tokens_input, kept.received_at) == (NOW + 1, 3, NOW + 3)

    def test_a_forgotten_session_is_not_told_of(self, storage: Storage) -> None:
        storage.record(Batch(events=(request(key="r", agent_id="child"),), telemetry=(told(),)))
        storage.record(Batch(telemetry=(told(identity="two", session_id="child"),)))
        storage.forget("s")
        assert storage.telemetry(["s", "child"]) == []
        storage.record(Batch(telemetry=(told(), told(identity="two", session_id="child"))))
        assert storage.telemetry(["s", "child"]) == []
        storage.recall("s")
        storage.record(Batch(telemetry=(told(),)))
        assert storage.telemetry(["s"]) == [told()]

    def test_gc_goes_by_when_it_came(self, storage: Storage, clock: Clock) -> None:
        future = told(identity="future", at=NOW + 1000 * DAY)
        storage.record(Batch(telemetry=(future, told(identity="new", received_at=NOW + DAY))))
        clock.now = NOW + 2 * DAY
        assert storage.gc(DAY) == 0
        assert [record.identity for record in storage.telemetry(["s"])] == ["new"]


def _content(record: Telemetry) -> dict[str, Any]:
    return {"tokens_input": record.tokens_input, "at": record.at, "received_at": record.received_at}
