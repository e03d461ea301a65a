"""What is forwarded, and what becomes of it where things are corrected, deleted, lost or made anew."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from mi6_tui.model import Batch, FilePosition, SessionFact, SessionQuery, Telemetry
from mi6_tui.storage.conformance import Clock, make_event, request
from mi6_tui.storage.conformance.base import DAY, NOW
from mi6_tui.storage.merge import session_hash
from mi6_tui.storage.parcel import packed
from mi6_tui.storage.postgres import PostgresStorage
from mi6_tui.storage.sqlite.outgoing import OutgoingStorage
from tests.storage.planned import Plans
from tests.storage.postgres.forwarding.support import BOX, push, sessions_of, told
from tests.storage.postgres.server import PostgresServer

OLD = NOW - 10 * DAY


def unsent(local: OutgoingStorage) -> int:
    """What is noted to be sent."""
    connection = apsw.Connection(str(local.path), flags=apsw.SQLITE_OPEN_READONLY)
    with closing(connection):
        return int(connection.execute("SELECT count(*) FROM unsent").get)


def title(text: str, at: int, session_id: str = "s") -> SessionFact:
    return SessionFact(
        machine_id="m", session_id=session_id, name="title", value=text, timestamp=at, order=(at, 0)
    )


def test_only_what_is_new_is_sent(local: OutgoingStorage, storage: PostgresStorage, url: str) -> None:
    local.record(Batch(events=(request(key="a"), make_event(key="b")), facts=(title("One", NOW),)))
    (sent,) = push(local, url)
    assert (sent.events, sent.corrections, sent.sessions, sent.more) == (2, 0, 1, False)
    assert push(local, url) == []
    local.record(Batch(facts=(title("Two", NOW + 1),)))
    (sent,) = push(local, url)
    assert (sent.events, sent.corrections, sent.sessions, sent.lag_ms) == (0, 0, 1, None)
    assert [row.title for row in storage.list_sessions(SessionQuery())] == ["Two"]
    assert told(storage) == told(local)


def test_what_moved_to_another_session_is_sent_before_gc_takes_it(
    local: OutgoingStorage, storage: PostgresStorage, url: str
) -> None:
    local.insert(request(key="a", session_id="t", timestamp=OLD))
    push(local, url)
    local.insert(request(key="a", session_id="s", timestamp=OLD))
    assert local.gc(DAY) == 0
    push(local, url)
    assert local.gc(DAY) == 1
    push(local, url)
    counted = {row.session_id: row.api_request_count for row in storage.list_sessions(SessionQuery())}
    assert counted == {"s": 1, "t": 0}


def test_a_corrected_event_is_sent_again(local: OutgoingStorage, storage: PostgresStorage, url: str) -> None:
    local.insert(request(key="a", version="1", tokens_output=1))
    push(local, url)
    local.insert(request(key="a", version="2", tokens_output=500))
    local.insert(make_event(key="b"))
    (sent,) = push(local, url)
    assert (sent.events, sent.corrections) == (1, 1)
    (row,) = storage.list_sessions(SessionQuery())
    assert (row.tokens_output, row.api_request_count) == (500, 1)
    assert unsent(local) == 0


def test_a_parcel_is_bounded_by_its_text(local: OutgoingStorage) -> None:
    def parcels() -> list[list[str | None]]:
        found, more = [], True
        while more:
            outgoing = local.next("there", BOX, most=1_000, after=0)
            local.sent("there", outgoing.mark)
            assert outgoing.corrections in (0, len(outgoing.parcel.events))
            found.append([event.key for event, _ in outgoing.parcel.events])
            more = outgoing.more
        return found

    text = "x" * 1_500_000
    local.begin("there", "store")
    for version in ("1", "2"):
        local.record(
            Batch(events=tuple(make_event(key=key, version=version, payload=text + version) for key in "abc"))
        )
        assert parcels() == [["a", "b"], ["c"]]
    assert unsent(local) == 0


def test_what_was_merged_with_a_subagents_copy_here_is_so_there(
    local: OutgoingStorage, storage: PostgresStorage, url: str, tmp_path: Path, clock: Clock
) -> None:
    local.insert(request(key="side", twin_key="t", is_sidechain=True, claim="later"))
    assert local.insert(request(key="main", twin_key="t", is_sidechain=False)) == 1
    push(local, url)
    with closing(OutgoingStorage(tmp_path / "other.db", clock=clock)) as other:
        other.insert(request(key="copy", twin_key="t", is_sidechain=False, machine_id="n"))
        push(other, url, machine_id="n")
    assert storage.count() == 1
    assert sum(row.api_request_count for row in storage.list_sessions(SessionQuery())) == 1


def test_an_event_that_turns_out_to_be_another_sessions(
    local: OutgoingStorage, storage: PostgresStorage, url: str
) -> None:
    local.insert(request(key="a", session_id="fork", claim="2"))
    push(local, url)
    local.insert(request(key="a", session_id="origin", claim="1"))
    push(local, url)
    assert {row.session_id: row.api_request_count for row in sessions_of(storage)} == {"fork": 0, "origin": 1}
    assert sessions_of(storage) == sessions_of(local)


def test_events_deleted_before_they_were_sent_stay_in_the_sums(
    local: OutgoingStorage, storage: PostgresStorage, url: str
) -> None:
    local.record(Batch(events=(request(key="old", timestamp=OLD), request(key="new"))))
    assert local.gc(DAY) == 1
    push(local, url)
    assert storage.count() == 1
    assert sessions_of(storage) == sessions_of(local)
    assert sessions_of(storage)[0].api_request_count == 2
    assert told(storage)[3] == told(local)[3]


def test_events_deleted_after_they_were_sent_stay_there_and_count_once(
    local: OutgoingStorage, storage: PostgresStorage, url: str
) -> None:
    local.record(Batch(events=(request(key="old", timestamp=OLD), request(key="new"))))
    push(local, url)
    local.insert(request(key="unsent", timestamp=OLD + 1))
    assert local.gc(DAY) == 2
    push(local, url)
    push(local, url, again=True)
    assert storage.count() == 2
    assert sessions_of(storage) == sessions_of(local)
    assert sessions_of(storage)[0].api_request_count == 3
    assert told(storage)[3] == told(local)[3]


def test_a_store_that_is_made_anew_doubles_nothing(
    local: OutgoingStorage, storage: PostgresStorage, url: str, tmp_path: Path, clock: Clock
) -> None:
    batch = Batch(events=(request(key="old", timestamp=OLD), make_event(key="b"), request(key="new")))
    local.record(batch)
    local.gc(DAY)
    push(local, url)
    before = told(storage)
    with closing(OutgoingStorage(tmp_path / "anew.db", clock=clock)) as anew:
        anew.record(batch)
        assert sum(sent.events for sent in push(anew, url)) == 3
    assert told(storage) == before


def test_a_database_that_was_emptied_gets_everything(
    local: OutgoingStorage, storage: PostgresStorage, url: str, emptied: Callable[[], None]
) -> None:
    local.record(Batch(events=(request(key="a"), request(key="b", timestamp=OLD)), facts=(title("T", NOW),)))
    push(local, url)
    local.gc(DAY)
    emptied()
    push(local, url)
    assert sessions_of(storage) == sessions_of(local)
    assert storage.count() == 1


def test_a_database_that_came_out_of_a_backup_gets_what_it_lost(
    local: OutgoingStorage, storage: PostgresStorage, url: str, server: PostgresServer
) -> None:
    local.insert(request(key="a"))
    push(local, url)
    local.insert(request(key="b"))
    push(local, url)
    server.run("DELETE FROM events WHERE key = 'b'; UPDATE forwarded SET sequence = 1", "shared")
    assert push(local, url)[0].events == 2
    assert storage.count() == 2


def test_a_session_that_is_forgotten_here_is_forgotten_there(
    local: OutgoingStorage, storage: PostgresStorage, url: str
) -> None:
    local.record(Batch(events=(make_event(key="a", session_id="secret-1"), make_event(key="b"))))
    heard = Telemetry(
        machine_id="m",
        session_id="secret-1",
        framework="claude",
        identity="secret-1/0",
        kind="prompt",
        at=NOW,
        received_at=NOW,
    )
    local.record(Batch(telemetry=(heard,)))
    push(local, url)
    # Noted, and not sent when it is forgotten.
    local.record(Batch(telemetry=(heard,), events=(make_event(key="c", session_id="secret-1"),)))
    local.gc(0)
    local.forget("secret-1")
    assert local.path is not None
    assert b"secret-1" not in local.path.read_bytes()
    push(local, url)
    assert [row.session_id for row in sessions_of(storage)] == ["s"]
    storage.insert(make_event(key="again", session_id="secret-1"))
    assert [row.session_id for row in sessions_of(storage)] == ["s"]


def test_a_session_that_is_recalled_is_there_again_with_what_came_since(
    local: OutgoingStorage, storage: PostgresStorage, url: str
) -> None:
    local.insert(make_event(key="a"))
    push(local, url)
    local.forget("s")
    local.recall("s")
    local.insert(make_event(key="b"))
    push(local, url, most=1)
    assert [event.key for event in told(storage)[1]] == ["b"]
    local.forget("s")
    local.recall("s")
    local.forget("s")
    push(local, url)
    assert storage.count() == 0
    assert sessions_of(storage) == []


def test_a_status_that_the_clock_alone_changed(
    local: OutgoingStorage, storage: PostgresStorage, url: str, clock: Clock
) -> None:
    local.insert(make_event(event_type="UserPromptSubmit", key="a"))
    push(local, url)
    clock.now += 2 * DAY
    assert local.rejudge(clock.now) == 1
    push(local, url)
    (row,) = sessions_of(storage)
    assert row == sessions_of(local)[0]
    assert row.status_rule == "silent"


def test_marks_that_were_made_in_the_database_stay(
    local: OutgoingStorage, storage: PostgresStorage, url: str
) -> None:
    local.record(Batch(events=(make_event(key="a"),), facts=(title("T", NOW),)))
    push(local, url)
    mark = title("", NOW + 5)
    storage.record(
        Batch(
            facts=(
                SessionFact(
                    machine_id="m",
                    session_id="s",
                    name="nickname",
                    value="Mine",
                    timestamp=mark.timestamp,
                    order=mark.order,
                ),
            )
        )
    )
    local.insert(make_event(key="b"))
    push(local, url)
    (row,) = sessions_of(storage)
    assert (row.nickname, row.title, row.n_hook_events) == ("Mine", "T", 2)


def test_the_path_of_a_transcript_that_moved(
    local: OutgoingStorage, storage: PostgresStorage, url: str
) -> None:
    told_at = request(key="a", transcript_path="/old.jsonl", byte_offset=0, byte_length=9)
    local.record(Batch(events=(told_at,), positions=(FilePosition(file_path="/old.jsonl", byte_offset=9),)))
    push(local, url)
    assert local.rename_transcript("/old.jsonl", "/new.jsonl")
    push(local, url)
    assert [row.transcript_path for row in sessions_of(storage)] == ["/new.jsonl"]


def test_three_machines_and_a_session_that_two_of_them_hold(
    storage: PostgresStorage, url: str, tmp_path: Path, clock: Clock
) -> None:
    for name in ("one", "two", "three"):
        with closing(OutgoingStorage(tmp_path / f"{name}.db", clock=clock)) as local:
            own = request(key=f"{name}-own", machine_id=name, session_id=f"{name}-s")
            # The same record of a home that both mount.
            same = request(key="shared", machine_id=name, session_id="both")
            local.record(Batch(events=(own, same) if name != "three" else (own,)))
            push(local, url, machine_id=name)
    rows = sessions_of(storage)
    assert [row.key for row in rows] == [
        ("one", "both"),
        ("one", "one-s"),
        ("three", "three-s"),
        ("two", "both"),
        ("two", "two-s"),
    ]
    assert sum(row.api_request_count for row in rows) == 4
    assert [machine.machine_id for machine in storage.machines()] == ["one", "three", "two"]
    assert {machine.way for machine in storage.machines()} == {"push"}


def aged(local: OutgoingStorage, target: str, days: int) -> None:
    """As if nothing had gone to it for so long."""
    with closing(apsw.Connection(str(local.path))) as connection:
        connection.execute(
            "UPDATE targets SET sequence = sequence - (? << 20) * CASE WHEN sequence < 0 THEN -1 ELSE 1 END "
            "WHERE target = ?",
            (days * DAY, target),
        )


def test_for_a_place_that_is_not_reached_for_long_nothing_is_kept(
    local: OutgoingStorage, storage: PostgresStorage, url: str
) -> None:
    local.insert(request(key="a", version="1"))
    push(local, url)
    local.begin("elsewhere", None)
    for days, left, version in ((89, 1, "2"), (2, 0, "3")):
        aged(local, "elsewhere", days)
        local.insert(request(key="a", version=version))
        push(local, url)
        assert unsent(local) == left
    assert local.mark("elsewhere") is None
    assert told(storage) == told(local)


def test_a_place_that_is_reached_again_after_long_gets_everything_once(
    local: OutgoingStorage, storage: PostgresStorage, url: str
) -> None:
    local.record(Batch(events=(request(key="a", version="1"), request(key="b"))))
    push(local, url)
    with closing(apsw.Connection(str(local.path))) as connection:
        target = str(connection.execute("SELECT target FROM targets").get)
    aged(local, target, 91)
    local.insert(request(key="a", version="2", tokens_output=7))
    assert (local.mark(target), unsent(local)) == (None, 0)
    assert sum(sent.events for sent in push(local, url)) == 2
    assert told(storage) == told(local)
    assert push(local, url) == []


def test_only_what_was_forgotten_is_told_as_sessions(local: OutgoingStorage) -> None:
    local.begin("there", "store")
    local.record(Batch(events=(request(key="old", timestamp=OLD), request(key="b", session_id="t"))))
    local.gc(DAY)
    first = local.next("there", BOX, most=9, after=0)
    assert (len(first.parcel.deleted), first.parcel.forgotten) == (1, [])
    local.sent("there", first.mark)
    local.forget("t")
    second = local.next("there", BOX, most=9, after=0).parcel
    assert (second.deleted, second.forgotten) == ([session_hash("t")],) * 2
    # Of what was deleted before a place was sent to, nobody knows what it was.
    local.begin("there", "store")
    again = local.next("there", BOX, most=9, after=0).parcel
    assert len(again.deleted) == 2
    assert again.forgotten == again.deleted


def test_a_parcel_is_bounded_by_its_sessions(local: OutgoingStorage) -> None:
    names = [f"s{number}" for number in range(10)]
    local.begin("there", "store")
    local.record(
        Batch(
            events=tuple(make_event(key=name, session_id=name) for name in names),
            facts=tuple(title("x" * 1_000_000, NOW, name) for name in names),
        )
    )
    keys: list[str | None] = []
    sessions: set[str] = set()
    more = True
    while more:
        outgoing = local.next("there", BOX, most=1_000, after=0)
        local.sent("there", outgoing.mark)
        # Four of them are no 4 MiB; one more comes with the first event.
        assert len(packed(outgoing.parcel)) < 5_100_000
        keys += [event.key for event, _ in outgoing.parcel.events]
        sessions |= {name for _, name, _ in outgoing.parcel.sessions}
        more = outgoing.more
    assert (keys, sessions) == (names, set(names))


def test_a_title_there_is_no_longer_than_one_that_is_read(
    local: OutgoingStorage, storage: PostgresStorage, url: str
) -> None:
    local.record(Batch(events=(make_event(key="a"),), facts=(title("x" * 600, NOW),)))
    push(local, url)
    assert [row.title for row in sessions_of(storage)] == ["x" * 512]


ALLOWED = (
    r"SELECT machine_id, session_id, state FROM session_state",
    r"INSERT OR REPLACE INTO unsent.* SELECT .*",
    r"SELECT 1 FROM tombstones LIMIT 1",
    r"SELECT DISTINCT file_id FROM events WHERE file_id IN .*",
    r"SELECT .* WHERE events\.id > \? ORDER BY events\.id LIMIT \?",
    r"INSERT INTO usage SELECT .*",
    r"SELECT id, event_type, preview, payload FROM events WHERE event_type IN \([^)]*\) ORDER BY id",
)
"""Patterns of statements that may walk through a large table: when a place is first sent to, and in order."""


@pytest.mark.usefixtures("storage")
def test_no_statement_walks_through_the_store(url: str, tmp_path: Path, clock: Clock) -> None:
    plans = Plans()
    with plans.noting(), closing(OutgoingStorage(tmp_path / "mi6.db", clock=clock)) as local:
        local.record(Batch(events=(request(key="a", version="1"), request(key="b", timestamp=OLD))))
        push(local, url)
        local.insert(request(key="a", version="2"))
        local.gc(DAY)
        local.forget("s")
        push(local, url)
    walks = {
        sql: steps
        for sql, steps in plans.walks().items()
        if not any(re.fullmatch(allowed, sql) for allowed in ALLOWED)
        and not sql.startswith("SELECT DISTINCT")
    }
    assert walks == {}
