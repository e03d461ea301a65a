"""`doctor --rebuild`: a clean scan, and what only the old store knew; whatever was broken."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import apsw
import pytest

from mi6_tui.model import (
    Batch,
    Claim,
    EventQuery,
    Machine,
    Session,
    SessionFact,
    SessionQuery,
    StorageStatsQuery,
    Telemetry,
    UsageQuery,
    Way,
)
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.storage.sqlite.salvage import TABLES
from tests.commands.transcripts import write_session
from tests.faults.damage import Damage, first_page, flipped, late, shorter_by, truncated_to, without_log
from tests.faults.world import (
    DELETED,
    GONE,
    HOOKS,
    MACHINE,
    NOW,
    REQUESTS,
    SECRET,
    SESSIONS,
    World,
    ids_of,
    sessions_of,
)

TOLD = SESSIONS * REQUESTS - REQUESTS // 2
"""Requests that the transcripts tell: the first session has half as many as the others."""
GONE_EVENTS = 1 + GONE + (GONE + 1) + 2 * (GONE - 1)
"""One prompt; the requests; a text for each and one more for the last; call and result for the others."""


def told_by_transcripts(session: Session) -> Session:
    """The session without what only the store knows of it."""
    return session.with_(
        nickname=None, tags=None, pinned=False, hidden=False, seen_at=None, **status_of(Session, session)
    )


def status_of(model: type[Session], session: Session) -> dict[str, object]:
    return {name: None for name in model.__struct_fields__ if name.startswith("status")}


def check_told(world: World, storage: SqliteStorage) -> None:
    """Everything that transcripts tell is as in a clean scan, by every path to the number."""
    clean, found = world.clean(), sessions_of(storage)
    forgotten = {"secret"} - set(found)
    for name in forgotten:
        del clean[name]
    for name, session in clean.items():
        assert told_by_transcripts(found[name]) == told_by_transcripts(session)
    requests = [event for event in storage.query(EventQuery()) if event.is_api_request]
    names = {event.session_id for event in requests} - {"gone"}
    assert names == set(clean)
    mine = [event for event in requests if event.session_id in clean]
    told = TOLD + (0 if forgotten else SECRET)
    assert len(mine) == told
    assert sum(event.tokens_input or 0 for event in mine) == 10 * told
    assert sum(found[name].tokens_output for name in clean) == 5 * told
    rows = storage.usage(UsageQuery(by="session")).rows
    assert sum(row.api_request_count for row in rows if row.key in clean) == told


def check_kept(storage: SqliteStorage) -> None:
    """Everything is there that only the old store knew."""
    found = sessions_of(storage)
    assert "secret" not in found
    assert (found["s03"].nickname, found["s04"].tags, found["s05"].pinned) == ("the third", "blue red", True)
    assert (found["s06"].hidden, found["s07"].seen_at) == (True, NOW - 5)
    assert (found["s08"].status, found["s08"].status_source) == ("wait", "registry")
    assert (found["gone"].nickname, found["gone"].api_request_count) == ("remembered", GONE)
    assert found["gone"].tokens_cache_read == 100 * GONE
    assert found["hooked"].tool_call_count == DELETED + HOOKS
    assert len(storage.query(EventQuery().with_session("hooked"))) == HOOKS
    stats = storage.storage_stats(StorageStatsQuery())
    assert stats.total_api_requests == TOLD + GONE
    assert storage.usage(UsageQuery(by="model")).total.api_request_count == TOLD + GONE


def is_whole(store: Path) -> bool:
    connection = apsw.Connection(str(store), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return bool(connection.execute("PRAGMA integrity_check").get == "ok")
    finally:
        connection.close()


def test_a_healthy_store_comes_out_as_it_went_in(world: World) -> None:
    with closing(world.open()) as storage:
        before, ids, last = sessions_of(storage), ids_of(storage), storage.last_event_id()
        revision = storage.revision()
    done = world.rebuild()
    assert done.kept is not None
    assert (done.kept.events, done.kept.dropped, done.unreadable) == (HOOKS + GONE_EVENTS, 0, 0)
    with closing(world.open()) as storage:
        assert sessions_of(storage) == before
        assert ids_of(storage) == ids
        assert storage.last_event_id() == last
        assert min(session.revision for session in storage.list_sessions(SessionQuery())) > revision
        check_told(world, storage)
        check_kept(storage)
    assert is_whole(world.store)
    assert world.store.stat().st_mode & 0o777 == 0o600


def test_no_table_is_forgotten(world: World) -> None:
    """Whoever adds one says in `salvage` how it comes into the new store, or here why it need not."""
    connection = apsw.Connection(str(world.store), flags=apsw.SQLITE_OPEN_READONLY)
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    connection.close()
    # A new store has another name, and is forwarded anew.
    forwarding = {"store_identity", "targets", "unsent"}
    made_anew = {
        "schema_version",
        "priced_with",
        *forwarding,
        *(name for name in tables if name.startswith("event_text")),
    }
    assert tables - made_anew == TABLES


def test_what_telemetry_told_and_which_machines_were_seen_is_taken_over(world: World) -> None:
    told = Telemetry(
        machine_id="devbox",
        session_id="s01",
        framework="claude",
        identity="one",
        kind="request",
        at=1,
        received_at=2,
        tokens_input=7,
    )
    machine = Machine(machine_id="ci", seen_at=NOW, way=Way.REMOTE, address="me@ci", problem="no route")
    with closing(world.open()) as storage:
        storage.record(Batch(telemetry=(told,)))
        storage.see_machine(machine)
    world.rebuild()
    with closing(world.open()) as storage:
        assert storage.telemetry(["s01"]) == [told]
        assert storage.machines() == [machine]


def test_secrets_that_an_older_version_kept_are_masked(world: World) -> None:
    """In what hooks told, which nothing tells again. What the user wrote is the user's."""
    secret = "sk-" + "ant-api03-Zq9fT4kB7mX2cV8nL1pR6sW3yH5jD0gA"
    with closing(world.open()) as storage:
        storage.record(
            Batch(
                events=(
                    late().with_(
                        session_id="older",
                        key="older",
                        payload=f'{{"command":"curl -H {secret}"}}',
                        preview=f"curl -H {secret}",
                        metadata=f'{{"note":"{secret}"}}',
                        git_branch=f"fix-{secret}",
                    ),
                ),
                facts=tuple(
                    SessionFact(
                        machine_id=MACHINE,
                        session_id="older",
                        name=name,
                        value=f"about {secret}",
                        timestamp=NOW,
                        order=(NOW, 1),
                    )
                    for name in ("title", "nickname")
                ),
                claims=(
                    Claim(
                        machine_id=MACHINE,
                        session_id="older",
                        witness="registry",
                        kind="waiting",
                        detail=f"Bash: {secret}",
                        at=NOW,
                    ),
                ),
            )
        )
    world.rebuild()
    with closing(world.open()) as storage:
        (event,) = storage.query(EventQuery().with_session("older"))
        session = storage.get_session("older")
    assert session is not None
    assert event.preview == "curl -H [masked: key]"
    assert session.nickname == f"about {secret}"
    assert session.title == "about [masked: key]"
    assert secret not in repr(event) + repr(session.with_(nickname=None))
    data = b"".join(
        path.read_bytes() for path in world.store.parent.glob("mi6.db*") if "before" not in path.name
    )
    assert data.count(secret.encode()) == data.count(b"about " + secret.encode())


def test_twice_is_as_once(world: World) -> None:
    world.rebuild()
    with closing(world.open()) as storage:
        before, ids = sessions_of(storage), ids_of(storage)
    world.rebuild()
    with closing(world.open()) as storage:
        assert (sessions_of(storage), ids_of(storage)) == (before, ids)
        check_kept(storage)


@pytest.mark.parametrize("damage", [None, flipped("idx_sessions_status", 0), flipped("usage", 0)])
def test_what_gc_deleted_stays_deleted_and_counted(world: World, damage: Damage | None) -> None:
    with closing(world.open()) as storage:
        assert storage.gc(0) > 0
        assert storage.count() == 0
        before, used = sessions_of(storage), storage.usage(UsageQuery(by="session"))
    if damage is not None:
        damage(world)
    world.rebuild()
    with closing(world.open()) as storage:
        assert storage.count() == 0
        assert sessions_of(storage) == before
        if damage is None:
            assert storage.usage(UsageQuery(by="session")) == used
        assert world.scanner(storage).scan_once().events == 0


def test_a_dry_run_changes_nothing(world: World) -> None:
    before = {path.name: path.read_bytes() for path in world.store.parent.iterdir()}
    done = world.rebuild(dry_run=True)
    with closing(world.open()) as storage:
        assert (done.done, done.events, done.unreadable) == (False, storage.count(), 0)
    after = {path.name: path.read_bytes() for path in world.store.parent.iterdir()}
    assert {name: data for name, data in after.items() if not name.endswith(".lock")} == before


def test_the_old_store_stays_beside_the_new_one(world: World) -> None:
    with closing(world.open()) as storage:
        before = sessions_of(storage)
    done = world.rebuild()
    assert done.kept_as is not None
    with closing(world.open(Path(done.kept_as))) as storage:
        assert sessions_of(storage) == before
    assert not list(world.store.parent.glob(".*"))


def test_who_watches_sees_what_is_new_and_nothing_again(world: World) -> None:
    with closing(world.open()) as storage:
        last = storage.last_event_id()
    write_session(world.store.parent / "elsewhere", "new", requests=1)
    extra = world.home / ".claude" / "projects" / "-work-more"
    (world.store.parent / "elsewhere" / ".claude" / "projects" / "-work-greet").rename(extra)
    try:
        world.rebuild()
        with closing(world.open()) as storage:
            new = storage.query(EventQuery().order_by_id().with_after_id(last))
            assert {event.session_id for event in new} == {"new"}
            assert sum(event.is_api_request for event in new) == 1
    finally:
        for path in extra.iterdir():
            path.unlink()
        extra.rmdir()


def test_a_half_written_damaged_and_moved_file_is_still_one_file(world: World) -> None:
    """A transcript that the old store knows by another path is not one that is gone."""
    folder = world.home / ".claude" / "projects"
    old, new = folder / "-work-greet" / "s09.jsonl", folder / "-work-moved" / "s09.jsonl"
    new.parent.mkdir()
    old.rename(new)
    try:
        done = world.rebuild()
        assert done.kept is not None and done.kept.events == HOOKS + GONE_EVENTS
        with closing(world.open()) as storage:
            check_told(world, storage)
            session = storage.get_session("s09")
            assert session is not None and session.transcript_path == str(new)
    finally:
        new.rename(old)
        new.parent.rmdir()


WHOLE = {
    "index": flipped("idx_events_session_timestamp", 0.5),
    "unique index": flipped("idx_events_key", 0),
    "words": flipped("event_text_data", 0.5),
    "transcripts' events": flipped("events", 0.4),
    "first page": first_page(b"\0" * 4096),
    "header": first_page(b"\xff" * 100),
    "one byte less": shorter_by(1),
    "log deleted": without_log,
}
"""Damage that nothing is lost by which only the old store knew."""


@pytest.mark.parametrize("name", WHOLE)
def test_nothing_is_lost_by_this(world: World, name: str) -> None:
    WHOLE[name](world)
    world.rebuild()
    with closing(world.open()) as storage:
        check_told(world, storage)
        check_kept(storage)
    assert is_whole(world.store)


PARTS = {
    "half": truncated_to(0.5),
    "a tenth": truncated_to(0.1),
    "states": flipped("session_state", 0.5),
    "sessions": flipped("sessions", 0.5),
    "positions": flipped("transcript_positions", 0.5),
    "hooks' events": flipped("events", 1),
    "deleted things": flipped("tombstones", 0),
    "sums": flipped("usage", 0.5),
    "files": flipped("files", 0),
}
"""Damage that some of it may be lost by, and nothing that transcripts tell."""


@pytest.mark.parametrize("name", PARTS)
def test_what_transcripts_tell_is_never_lost(world: World, name: str) -> None:
    with closing(world.open()) as storage:
        known, ids, last = sessions_of(storage), ids_of(storage), storage.last_event_id()
    PARTS[name](world)
    done = world.rebuild()
    assert done.kept is not None and done.unreadable > 0
    with closing(world.open()) as storage:
        check_told(world, storage)
        found = sessions_of(storage)
        assert ("secret" not in found) or done.kept.forgets
        again = ids_of(storage)
        assert all(again[key] in (ids.get(key), *range(last + 1, last + 3000)) for key in again)
        for session in known.values():
            if session.session_id in found:
                assert found[session.session_id].nickname in (None, session.nickname)
                assert found[session.session_id].api_request_count == session.api_request_count
    assert is_whole(world.store)
