"""The way in for users who may do nothing but leave parcels: as good as the direct one."""

from __future__ import annotations

import threading
from contextlib import closing
from typing import Any

import msgspec
import psycopg
import pytest

from mi6_tui.errors import UsageError
from mi6_tui.ingest.forward import collect, collect_all
from mi6_tui.model import Batch
from mi6_tui.prices import packaged
from mi6_tui.storage.conformance import make_event, request
from mi6_tui.storage.conformance.base import NOW
from mi6_tui.storage.merge import session_hash
from mi6_tui.storage.parcel import VERSION, Parcel, UnfitParcelError, packed, unpacked
from mi6_tui.storage.postgres import PostgresStorage
from mi6_tui.storage.postgres.destination import open_destination
from mi6_tui.storage.sqlite.outgoing import OutgoingStorage
from tests.storage.postgres.forwarding.support import BOX, push, told
from tests.storage.postgres.server import PostgresServer


def posted(url: str, payload: bytes, *, machine_id: str = BOX, at: int = NOW) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO inbox(machine_id, sent_at, payload) VALUES (%s, %s, %s)", (machine_id, at, payload)
        )


def parcel(**fields: Any) -> Parcel:
    usual: dict[str, Any] = {"origin": "o", "machine_id": BOX, "sequence": 1, "at": NOW}
    return Parcel(**usual | fields)


def refused(server: PostgresServer) -> list[str]:
    return [reason for (reason,) in server.run("SELECT reason FROM inbox_refused ORDER BY id", "shared")]


def test_what_was_left_is_taken_in(local: OutgoingStorage, storage: PostgresStorage, sender: str) -> None:
    local.record(Batch(events=tuple(request(key=f"k{number}", machine_id=BOX) for number in range(5))))
    assert len(push(local, sender, most=2)) == 3
    assert storage.count() == 0
    assert push(local, sender) == []
    assert collect(storage) == 4  # and a sign of life
    assert collect(storage) == 0
    assert told(storage) == told(local)
    (machine,) = storage.machines()
    assert (machine.machine_id, machine.way) == (BOX, "push")
    assert machine.skew_ms is not None


def test_a_repeat_changes_nothing(storage: PostgresStorage, sender: str, server: PostgresServer) -> None:
    with closing(open_destination(sender, packaged)) as inbox:
        for _ in range(2):
            inbox.send(parcel(events=[(make_event(key="a"), False)]))
        assert collect(storage) == 2
        inbox.send(parcel(events=[(make_event(key="a"), False)]))
    assert collect(storage) == 1
    assert storage.count() == 1


def test_two_collectors_take_each_row_once(
    local: OutgoingStorage, storage: PostgresStorage, url: str, sender: str
) -> None:
    local.record(Batch(events=tuple(request(key=f"k{number}", machine_id=BOX) for number in range(20))))
    push(local, sender, most=1)
    with closing(PostgresStorage(url)) as other:
        worker = threading.Thread(target=collect, args=(other,))
        worker.start()
        collect(storage)
        worker.join()
    assert storage.count() == 20
    assert told(storage)[3] == told(local)[3]


STATE = msgspec.msgpack.encode({"totals": {}, "last_activity": NOW})
HOSTILE = {
    "no parcel": b"\x00\xff nonsense",
    "version 99 of parcels is not known": msgspec.msgpack.encode([99, {}]),
    "it names another machine than its row": packed(parcel(machine_id="another")),
    "an event has no key": packed(parcel(events=[(make_event(), False)])),
    "sums of deleted requests": msgspec.msgpack.encode(
        [VERSION, msgspec.to_builtins(parcel()) | {"thinned": [[BOX, "s", {}, [[["s"], [1]]]]]}]
    ),
    "malformed": packed(parcel(sessions=[(BOX, "s", b"\xc1")])),
    "nobody knows the word": packed(
        parcel(
            sessions=[
                (BOX, "s", msgspec.msgpack.encode({"claims": {"hook": [NOW, 0, 0, "nobody knows the word"]}}))
            ]
        )
    ),
    "bigint": packed(
        parcel(sessions=[(BOX, "s", msgspec.msgpack.encode({"latest": {"context_window": [1, 1, "many"]}}))])
    ),
    "index": packed(
        parcel(events=[(make_event(key="".join(map(str, range(9000)))), False)], sessions=[("m", "s", STATE)])
    ),
}


def test_what_cannot_be_merged_is_put_aside_and_blocks_nothing(
    storage: PostgresStorage, sender: str, server: PostgresServer
) -> None:
    for payload in HOSTILE.values():
        posted(sender, payload, at=-(1 << 63))
    good = parcel(events=[(make_event(key="good"), False)], sessions=[("m", "s", STATE)])
    posted(sender, packed(good), at=-(1 << 63))
    assert collect(storage) == len(HOSTILE) + 1
    reasons = refused(server)
    assert len(reasons) == len(HOSTILE)
    for reason, wanted in zip(reasons, HOSTILE, strict=True):
        assert wanted in reason
    assert [event.key for event in told(storage)[1]] == ["good"]
    assert [row.session_id for row in told(storage)[0]] == ["s"]
    assert server.run("SELECT count(*) FROM inbox", "shared") == [(0,)]
    (machine,) = storage.machines()
    assert machine.skew_ms == -(10**15)


def test_what_is_refused_is_no_sign_of_life(storage: PostgresStorage, sender: str) -> None:
    posted(sender, b"nonsense", machine_id="invented")
    assert collect(storage) == 1
    assert storage.machines() == []


def test_who_only_leaves_parcels_sees_nothing(storage: PostgresStorage, sender: str) -> None:
    storage.insert(make_event(key="a"))
    with psycopg.connect(sender, autocommit=True) as connection:
        for table in ("events", "sessions", "inbox", "forwarded", "inbox_refused"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"SELECT * FROM {table}".encode())


def test_a_payload_that_is_too_long_is_not_decoded() -> None:
    with pytest.raises(UnfitParcelError, match="too long"):
        unpacked(b"\x00" * (33 << 20))


def test_a_file_has_no_inbox(local: OutgoingStorage) -> None:
    with pytest.raises(UsageError, match="only a database has an inbox"):
        collect(local)


class Busy(PostgresStorage):
    """While it takes in what came, something else comes."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._url = url
        self.looks = 0

    def collect(self) -> int:
        """Look."""
        self.looks += 1
        assert self.looks < 9, "it never ends"
        done = super().collect()
        posted(self._url, b"nonsense")
        return done


def test_it_ends_though_something_comes_all_the_time(url: str, server: PostgresServer) -> None:
    with closing(Busy(url)) as storage:
        server.run(
            "INSERT INTO inbox(machine_id, sent_at, payload) "
            "SELECT 'box', 1, 'nonsense' FROM generate_series(1, 102)",
            "shared",
        )
        # A look finds 100 of them; then two, and the one that came.
        assert collect_all(storage) == 103
        assert storage.looks == 2
        assert server.run("SELECT count(*) FROM inbox", "shared") == [(1,)]


@pytest.mark.parametrize(
    ("forgotten", "left"), [(None, ["b"]), ([session_hash("b")], ["a"]), ([], ["a", "b"])]
)
def test_sessions_are_looked_for_where_some_may_be_meant(
    storage: PostgresStorage, forgotten: list[bytes] | None, left: list[str]
) -> None:
    for name in ("a", "b"):
        storage.insert(make_event(key=name, session_id=name))
    meant = session_hash("a" if forgotten is None else "b")
    storage.merge(parcel(deleted=[meant, session_hash("c")], forgotten=forgotten))
    assert sorted(row.session_id for row in told(storage)[0]) == left
    storage.insert(make_event(key="c", session_id="c"))
    assert sorted(row.session_id for row in told(storage)[0]) == left


def test_a_parcel_of_before_is_one() -> None:
    old = {"origin": "o", "machine_id": BOX, "sequence": 1, "at": NOW, "deleted": [b"x"]}
    assert unpacked(msgspec.msgpack.encode([VERSION, old])) == parcel(deleted=[b"x"])
