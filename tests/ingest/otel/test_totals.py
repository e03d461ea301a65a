"""Telemetry before, after or without the transcripts changes no total, whatever the order or the repeats."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mi6_tui import frameworks
from mi6_tui.ingest.otel import json as otlp_json
from mi6_tui.ingest.otel.mapping import mapped
from mi6_tui.ingest.scanner import Scanner
from mi6_tui.model import Batch, EventQuery, SessionQuery, StorageStatsQuery, Telemetry, UsageQuery
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.storage.sqlite.rebuilt import RebuiltStorage
from mi6_tui.storage.sqlite.salvage import salvaged
from tests.ingest.otel.recorded import CLIENTS, Sent, sent
from tests.verify.homes import unpack

NOW = 1_796_000_000_000


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The homes of the clients whose telemetry was recorded."""
    home = tmp_path_factory.mktemp("home")
    for client in CLIENTS:
        unpack(client, home)
    return home


def _scan(storage: SqliteStorage, home: Path) -> None:
    clients = [frameworks.framework(name) for name in CLIENTS]
    # On a slow machine more is told in between, in more transactions, and revisions count them.
    Scanner(
        storage, clients, "m", env={}, home=home, watch=False, clock=lambda: NOW, monotonic=lambda: 0.0
    ).scan_once()


def _tell(storage: SqliteStorage, requests: Iterable[Sent]) -> None:
    for one in requests:
        told = mapped(otlp_json.decode(one.json, one.signal), one.signal, "m", NOW)
        storage.record(Batch(telemetry=told.records))


def _totals(storage: SqliteStorage) -> dict[str, Any]:
    return {
        "sessions": storage.list_sessions(SessionQuery().order_by_last_activity()),
        "events": storage.query(EventQuery().order_by_id()),
        "stats": storage.storage_stats(StorageStatsQuery()),
        "usage": [storage.usage(UsageQuery(by=by)) for by in ("session", "model", "day", "framework")],
        "counts": (storage.count(), storage.revision(), storage.last_event_id()),
    }


def test_transcripts_give_the_same_totals_before_after_and_without(home: Path, tmp_path: Path) -> None:
    found = []
    heard = []
    for name in ("without", "after", "before"):
        with closing(SqliteStorage(tmp_path / f"{name}.db", clock=lambda: NOW)) as storage:
            if name == "before":
                _tell(storage, [*sent(), *sent()])
                assert storage.list_sessions(SessionQuery()) == []
            _scan(storage, home)
            if name == "after":
                _tell(storage, sent())
            found.append(_totals(storage))
            heard.append(_heard(storage))
    without, after, before = found
    assert after == without
    assert before == without
    assert len(without["sessions"]) > 20
    assert heard[0] == [] and heard[1] == heard[2] and len(heard[1]) > 50


_SENT = sent()
_SESSIONS = sorted(
    {
        record.session_id
        for one in _SENT
        for record in mapped(otlp_json.decode(one.json, one.signal), one.signal, "m", NOW).records
    }
)


def _heard(storage: SqliteStorage) -> list[Telemetry]:
    return storage.telemetry(_SESSIONS)


def _cut(one: Sent) -> list[Sent]:
    """A request as an exporter that sends each record by itself would have sent it."""
    return [
        Sent(one.at, one.path, {"resourceLogs": [{"scopeLogs": [{"logRecords": [record]}]}]})
        for resource in one.body.get("resourceLogs", ())
        for scope in resource["scopeLogs"]
        for record in scope["logRecords"]
    ] or [one]


@settings(max_examples=12)
@given(data=st.data())
def test_any_order_and_any_repeats_are_the_same_store(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    pieces = [piece for one in _SENT for piece in (_cut(one) if data.draw(st.booleans()) else [one])]
    again: Sequence[Sent] = data.draw(st.lists(st.sampled_from(_SENT), max_size=5))
    order = data.draw(st.permutations([*pieces, *again]))
    folder = tmp_path_factory.mktemp("order")
    with closing(SqliteStorage(folder / "a.db")) as one, closing(SqliteStorage(folder / "b.db")) as other:
        _tell(one, _SENT)
        _tell(other, order)
        assert _heard(other) == _heard(one)


def test_a_rebuilt_store_keeps_it(tmp_path: Path) -> None:
    with closing(SqliteStorage(tmp_path / "old.db")) as old:
        _tell(old, sent())
        heard = _heard(old)
    with salvaged(tmp_path / "old.db", tmp_path / "new.db") as salvage:
        new = RebuiltStorage(tmp_path / "new.db", salvage)
        new.keep()
        assert _heard(new) == heard
        new.close()


def test_a_store_of_before_it_tells_nothing(tmp_path: Path) -> None:
    SqliteStorage(tmp_path / "mi6.db").close()
    with closing(apsw.Connection(str(tmp_path / "mi6.db"))) as connection:
        connection.execute(
            "DROP TABLE telemetry; DELETE FROM mi6_tui_migrations WHERE name = 'm005_telemetry'"
        )
    with closing(SqliteStorage(tmp_path / "mi6.db", read_only=True)) as storage:
        assert storage.telemetry(["s"]) == []
    with closing(SqliteStorage(tmp_path / "mi6.db")) as storage:
        _tell(storage, sent("gemini"))
        assert len(_heard(storage)) == 9
