"""Costs and usage in the store: they follow every request, and every sum agrees with every other."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mi6_tui.model import Batch, Event, EventQuery, EventType, Session, SessionQuery, UsageQuery, UsageRow
from mi6_tui.model.usage import Dimension
from mi6_tui.prices import Price, PriceTable, packaged
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.storage.sqlite.migrations import MIGRATIONS
from mi6_tui.storage.sqlite.opening import open_file
from tests.storage.original import execute, write_original

NOW = 1_795_392_000_000
"""2026-11-23T00:00:00Z."""
HOUR = 3_600_000
HOUSE = Price(id="house", models=("house",), input=2, output=10)
DEARER = Price(id="house", models=("house",), input=4, output=20)


def table(*rows: Price) -> PriceTable:
    return PriceTable(lambda: rows, repr(rows))


class Shop:
    """A price table that may be exchanged."""

    def __init__(self, *rows: Price) -> None:
        self.table = table(*rows)

    def __call__(self) -> PriceTable:
        return self.table


@pytest.fixture
def shop() -> Shop:
    return Shop(HOUSE)


@pytest.fixture
def store(tmp_path: Path, shop: Shop) -> Iterator[SqliteStorage]:
    with closing(SqliteStorage(tmp_path / "mi6.db", clock=lambda: NOW, prices=shop)) as found:
        yield found


def request(**fields: Any) -> Event:
    """A request of 1,000 fresh and 100 output tokens: 0.003 dollars at HOUSE, 0.006 at DEARER."""
    base: dict[str, Any] = {
        "machine_id": "m",
        "session_id": "s",
        "timestamp": NOW - HOUR,
        "event_type": EventType.API_REQUEST,
        "source": "transcript",
        "model": "house",
        "tokens_input": 1_000,
        "tokens_output": 100,
    }
    return Event(**(base | fields))


def session(store: SqliteStorage, session_id: str = "s") -> Session:
    found = store.get_session(session_id)
    assert found is not None
    return found


def costs(of: Session | UsageRow) -> tuple[float | None, float | None, float | None, int]:
    return of.cost_usd, of.cost_recorded_usd, of.cost_estimated_usd, of.unpriced_requests


def total(store: SqliteStorage, by: Dimension = "day") -> UsageRow:
    return store.usage(UsageQuery(by=by)).total


def test_a_request_is_priced_when_it_is_written(store: SqliteStorage) -> None:
    store.insert(request(key="a"))
    store.insert(request(key="b", cost_usd=0.5))
    store.insert(request(key="c", model="nobody-knows"))
    found = {event.key: (event.cost_estimated_usd, event.price_id) for event in store.query(EventQuery())}
    assert found == {"a": (0.003, "house"), "b": (None, None), "c": (None, None)}
    assert costs(session(store)) == costs(total(store)) == (0.503, 0.5, 0.003, 1)


@pytest.mark.parametrize("absurd", [-0.5, float("nan"), float("inf"), 10_000.0])
def test_recorded_dollars_that_cannot_be_are_unknown(store: SqliteStorage, absurd: float) -> None:
    store.insert(request(cost_usd=absurd))
    (found,) = store.query(EventQuery())
    assert (found.cost_usd, found.cost_estimated_usd) == (None, 0.003)
    assert (session(store).cost_recorded_usd, session(store).cost_usd) == (None, 0.003)


def test_nothing_known_is_not_nothing(store: SqliteStorage) -> None:
    store.insert(request(model="nobody-knows"))
    assert costs(session(store)) == costs(total(store)) == (None, None, None, 1)


def test_a_correction_moves_every_sum_by_the_difference(store: SqliteStorage) -> None:
    store.insert(request(key="a", version="1", tokens_output=0))
    store.insert(request(key="a", version="2", tokens_output=300))
    assert costs(session(store)) == costs(total(store)) == (0.005, None, 0.005, 0)
    store.insert(request(key="a", version="3", tokens_output=300, cost_usd=0.25))
    assert costs(session(store)) == costs(total(store)) == (0.25, 0.25, None, 0)
    assert total(store).api_request_count == 1


def test_a_corrected_model_leaves_no_row_behind(store: SqliteStorage) -> None:
    store.insert(request(key="a", version="1", model="nobody-knows"))
    store.insert(request(key="a", version="2"))
    assert [row.key for row in store.usage(UsageQuery(by="model")).rows] == ["house"]


def test_estimates_follow_the_prices(store: SqliteStorage, shop: Shop) -> None:
    store.insert(request(key="a"))
    store.insert(request(key="b", cost_usd=0.5))
    store.insert(request(key="c", model="nobody-knows"))
    assert store.reprice() == 0
    shop.table = table(DEARER)
    assert session(store).cost_estimated_usd == 0.003
    assert (store.reprice(), store.reprice()) == (1, 0)
    assert costs(session(store)) == costs(total(store)) == (0.506, 0.5, 0.006, 1)
    shop.table = table()
    assert store.reprice() == 1
    assert costs(session(store)) == costs(total(store)) == (0.5, 0.5, None, 2)
    assert {event.price_id for event in store.query(EventQuery())} == {None}


def test_repricing_takes_short_steps_and_may_be_cut_anywhere(
    store: SqliteStorage, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.record(Batch(events=tuple(request(key=str(number)) for number in range(7))))
    store.reprice()
    monkeypatch.setattr("mi6_tui.storage.sqlite.pricing._STEP", 3)
    cheap, shop.table = shop.table, table(DEARER)
    assert store.reprice() == 7
    assert costs(session(store)) == costs(total(store)) == (0.042, None, 0.042, 0)
    shop.table = cheap
    store.insert(request(key="new"))
    assert store.reprice() == 7
    assert costs(session(store)) == costs(total(store)) == (0.024, None, 0.024, 0)


def test_usage_survives_the_deletion_of_its_events(store: SqliteStorage, shop: Shop) -> None:
    store.insert(request(key="old", timestamp=NOW - 48 * HOUR))
    store.insert(request(key="new"))
    before = [store.usage(UsageQuery(by=by)) for by in get_args(Dimension)]
    assert store.gc(24 * HOUR) == 1
    assert [store.usage(UsageQuery(by=by)) for by in get_args(Dimension)] == before
    # Read again it must not count again, and prices that changed reach only what is still there.
    store.insert(request(key="old", timestamp=NOW - 48 * HOUR))
    assert total(store).api_request_count == session(store).api_request_count == 2
    shop.table = table(DEARER)
    assert store.reprice() == 1
    assert costs(session(store)) == costs(total(store)) == (0.009, None, 0.009, 0)


@pytest.mark.parametrize(
    ("zone", "days"),
    [
        ("UTC", {"2026-11-22": 2, "2026-11-23": 1}),
        ("Asia/Kathmandu", {"2026-11-22": 1, "2026-11-23": 2}),
        ("America/Los_Angeles", {"2026-11-22": 3}),
    ],
)
def test_days_begin_where_the_user_is(store: SqliteStorage, zone: str, days: dict[str, int]) -> None:
    # Midnight in Kathmandu is 18:15 UTC.
    for minutes in (-6 * 60 + 14, -6 * 60 + 15, 0):
        store.insert(request(key=str(minutes), timestamp=NOW + minutes * 60_000))
    rows = store.usage(UsageQuery(by="day", timezone=ZoneInfo(zone))).rows
    assert {row.key: row.api_request_count for row in rows} == days


def test_weeks_and_months_have_names(store: SqliteStorage) -> None:
    store.insert(request(key="a"))
    store.insert(request(key="b", timestamp=1_767_225_600_000))  # Thursday, 1 January 2026
    assert [row.key for row in store.usage(UsageQuery(by="week")).rows] == ["2026-W01", "2026-W47"]
    assert [row.key for row in store.usage(UsageQuery(by="month")).rows] == ["2026-01", "2026-11"]


def test_a_time_beyond_the_calendar_has_no_day(store: SqliteStorage) -> None:
    store.insert(request(timestamp=2**62))
    store.insert(request(timestamp=-(2**62)))
    (row,) = store.usage(UsageQuery()).rows
    assert (row.key, row.api_request_count) == (None, 2)


def test_bounds_are_quarters_of_an_hour(store: SqliteStorage) -> None:
    for number in range(4):
        store.insert(request(key=str(number), timestamp=NOW + number * 900_000))
    query = UsageQuery(since=NOW + 900_000, until=NOW + 3 * 900_000)
    assert store.usage(query).total.api_request_count == 2
    blurred = UsageQuery(since=NOW + 900_001, until=NOW + 3 * 900_000 + 1)
    assert blurred.rounded() == query
    assert store.usage(blurred) == store.usage(query)


def test_the_best_witness_counts_alone(store: SqliteStorage) -> None:
    store.insert(request(session_id="a", key="1"))
    store.insert(request(session_id="a", key="2", source="otel", cost_usd=0.5))
    store.insert(request(session_id="a", key="3", source="hook", cost_usd=0.7))
    store.insert(request(session_id="b", key="4", source="otel", cost_usd=0.5))
    store.insert(request(session_id="b", key="5", source="hook", cost_usd=0.7))
    store.insert(request(session_id="c", key="6", source="hook", cost_usd=0.7))
    rows = store.usage(UsageQuery(by="session")).rows
    assert {row.key: row.cost_usd for row in rows} == {"a": 0.003, "b": 0.5, "c": 0.7}
    assert {name: session(store, name).cost_usd for name in "abc"} == {"a": 0.003, "b": 0.5, "c": 0.7}


def test_the_same_session_id_on_two_machines_is_two_rows(store: SqliteStorage) -> None:
    for machine in "mn":
        store.insert(request(machine_id=machine, key=machine))
    usage = store.usage(UsageQuery(by="session"))
    assert [(row.key, row.session_count) for row in usage.rows] == [("s", 1), ("s", 1)]
    assert usage.total.session_count == 2


_FIELDS = [name for name in UsageRow.__struct_fields__ if name not in ("key", "session_count")]
_COSTS = ("cost_usd", "cost_recorded_usd", "cost_estimated_usd")


def summed(rows: list[Any]) -> dict[str, int | None]:
    """The sums over sessions or rows, by plain addition."""
    found: dict[str, int | None] = {}
    for name in _FIELDS:
        values = [getattr(row, name) for row in rows]
        if name in _COSTS:
            known = [round(value * 1e9) for value in values if value is not None]
            found[name] = sum(known) if known else None
        else:
            found[name] = sum(values)
    return found


@st.composite
def requests(draw: st.DrawFn) -> Event:
    tokens = st.none() | st.integers(0, 500)
    return request(
        machine_id=draw(st.sampled_from("mn")),
        session_id=draw(st.sampled_from("abc")),
        key=draw(st.sampled_from(["k0", "k1", "k2", "k3", "k4", "k5", None])),
        claim=draw(st.sampled_from(["", "1"])),
        version=draw(st.sampled_from(["1", "2"])),
        timestamp=NOW + draw(st.integers(-80, 80)) * HOUR,
        source=draw(st.sampled_from(["transcript", "transcript", "hook", "otel"])),
        framework=draw(st.sampled_from(["claude", "codex"])),
        model=draw(st.sampled_from(["house", "nobody-knows", None])),
        cwd=draw(st.sampled_from([None, "/x/one", "/x/two"])),
        cost_usd=draw(st.sampled_from([None, None, 0.1, 0.7])),
        tokens_input=draw(tokens),
        tokens_output=draw(tokens),
        tokens_cache_read=draw(tokens),
        tokens_incomplete=draw(st.booleans()),
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(recorded=st.lists(requests(), min_size=1, max_size=12), seed=st.integers(0, 1000), late=st.booleans())
def test_totals_agree_by_every_dimension_and_with_the_sessions(
    tmp_path_factory: pytest.TempPathFactory, recorded: list[Event], seed: int, late: bool
) -> None:
    path = tmp_path_factory.mktemp("store") / "mi6.db"
    shop = Shop(HOUSE)
    with closing(SqliteStorage(path, clock=lambda: NOW, prices=shop)) as store:
        shuffled = random.Random(seed).sample(recorded, len(recorded))
        for event in shuffled:
            store.insert(event)
        if late:
            shop.table = table(DEARER)
            store.reprice()
            store.gc(20 * HOUR)
        expected = summed(store.list_sessions(SessionQuery()))
        for by in get_args(Dimension):
            usage = store.usage(UsageQuery(by=by))
            assert summed([usage.total]) == summed(list(usage.rows)) == expected, by
            assert all(row.api_request_count > 0 for row in usage.rows)
        by_session = {row.key: row for row in store.usage(UsageQuery(by="session")).rows}
        assert usage.total.session_count == len(usage.rows)
        assert set(by_session) == {
            found.session_id for found in store.list_sessions(SessionQuery()) if found.api_request_count
        }


def test_an_older_store_comes_to_the_same(tmp_path: Path) -> None:
    """Rows as the first schema holds them, migrated and then priced: as if written today."""
    events = [
        request(key="a"),
        request(key="b", cost_usd=0.5, tokens_incomplete=True),
        request(key="c", session_id="t", source="hook", model=None, timestamp=-1),
    ]
    today, old = tmp_path / "today.db", tmp_path / "old.db"
    with closing(SqliteStorage(today, clock=lambda: NOW, prices=Shop(HOUSE))) as store:
        for event in events:
            store.insert(event)
        store.reprice()
        expected = [store.usage(UsageQuery(by=by)) for by in get_args(Dimension)]
        sessions = [found.with_(revision=0) for found in store.list_sessions(SessionQuery())]

    open_file(old, read_only=False, busy_timeout=0, migrations=MIGRATIONS[:1])
    with closing(SqliteStorage(today, clock=lambda: NOW, prices=Shop())) as store:
        store.reprice()
    copied = ("events", "sessions", "session_state")
    columns = {name: [row[1] for row in execute(old, f"PRAGMA table_info({name})")] for name in copied}
    script = "".join(
        f"INSERT INTO {name} SELECT {', '.join(columns[name])} FROM today.{name};" for name in copied
    )
    execute(old, f"ATTACH '{today}' AS today; {script}")
    with closing(SqliteStorage(old, clock=lambda: NOW, prices=Shop(HOUSE))) as store:
        assert store.reprice() == 1
        assert store.rejudge(NOW) == 1
        assert [store.usage(UsageQuery(by=by)) for by in get_args(Dimension)] == expected
        assert [found.with_(revision=0) for found in store.list_sessions(SessionQuery())] == sessions


def test_a_file_that_the_original_wrote_has_usage_too(tmp_path: Path) -> None:
    path = tmp_path / "mi6.db"
    write_original(path)
    with closing(SqliteStorage(path)) as store:
        (row,) = store.usage(UsageQuery(by="session")).rows
    assert (row.key, row.tokens_input, row.tokens_output, row.cost_usd) == ("b", 10, 5, None)


def test_the_packaged_prices_are_the_usual_ones(tmp_path: Path) -> None:
    with closing(SqliteStorage(tmp_path / "mi6.db", clock=lambda: NOW)) as store:
        store.insert(request(model="claude-opus-5-5"))
        assert session(store).cost_estimated_usd == 0.006
        store.reprice()
    assert execute(tmp_path / "mi6.db", "SELECT version FROM priced_with") == [(packaged().version,)]
