"""What a shared store gives away: numbers and states, and no word, name, place, id or price."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from mi6_tui.errors import StorageError
from mi6_tui.model import (
    EventQuery,
    Machine,
    SearchQuery,
    Session,
    SessionQuery,
    StorageStatsQuery,
    TimelineQuery,
    UsageQuery,
    Way,
)
from mi6_tui.storage.conformance import request
from mi6_tui.storage.protocol import Storage
from mi6_tui.storage.sharing import SharedStorage
from mi6_tui.storage.sqlite import SqliteStorage
from tests.recorded import MACHINE, RECORDED_AT, furnish, read_all


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteStorage]:
    """Everything that five clients recorded."""
    home = tmp_path_factory.mktemp("home")
    furnish(home)
    with closing(SqliteStorage(home / "mi6.db", clock=lambda: RECORDED_AT)) as store:
        read_all(store, home)
        yield store


def _secrets(real: SqliteStorage) -> set[str]:
    """Every text of the store that says what, where or whose."""
    found: set[str | None] = {MACHINE}
    for session in real.list_sessions(SessionQuery()):
        found |= {session.session_id, session.cwd, session.title, session.first_user_message}
        found |= {session.last_user_message, session.last_reply, session.transcript_path, session.github_repo}
        found |= {session.git_worktree_path, session.local_git_dir}
    for event in real.query(EventQuery()):
        found |= {event.preview, event.payload, event.metadata, event.uuid, event.key, event.tool_use_id}
        found |= {event.transcript_path, event.cwd, event.agent_id, event.spawned_agent_id}
    return {text for text in found if text is not None and len(text) > 12}


def _everything(shared: Storage) -> list[object]:
    """All that can be read of all sessions."""
    sessions = shared.list_sessions(SessionQuery())
    told: list[object] = [*sessions, *shared.query(EventQuery()), *shared.claims("machine-1")]
    for by in ("day", "model", "project", "framework", "session"):
        told.append(shared.usage(UsageQuery(by=by)))
    told.append(shared.rates(RECORDED_AT - 86_400_000, RECORDED_AT).sessions.keys())
    told.append(shared.storage_stats(StorageStatsQuery()))
    for session in sessions:
        key = session.key
        told += shared.timeline(TimelineQuery(machine_id=key[0], session_id=key[1]))
        told += [*shared.claims(*key), *shared.tools(*key), *shared.models(*key), *shared.context_curve(*key)]
        told += shared.files(*key, ("Write", "Edit", "apply_patch", "write_file", "create", "edit"))
    return told


def test_nothing_of_it_is_told(real: SqliteStorage) -> None:
    secrets = _secrets(real)
    assert len(secrets) > 1000
    told = "\n".join(map(repr, _everything(SharedStorage(real))))
    assert [text for text in secrets if text in told] == []
    # As JSON some of them would look otherwise.
    encoded = b"\n".join(map(msgspec.json.encode, SharedStorage(real).list_sessions(SessionQuery()))).decode()
    assert [text for text in secrets if text in encoded] == []


def test_no_price_is_told(real: SqliteStorage) -> None:
    shared = SharedStorage(real)
    assert {session.cost_usd for session in real.list_sessions(SessionQuery())} != {None}
    assert {session.cost_usd for session in shared.list_sessions(SessionQuery())} == {None}
    assert shared.usage(UsageQuery(by="model")).total.cost_usd is None
    assert shared.storage_stats(StorageStatsQuery()).total_cost_usd == 0.0


def test_states_and_numbers_are_those_of_the_store(real: SqliteStorage) -> None:
    def numbers(session: Session) -> tuple[object, ...]:
        return (
            session.status_shown,
            session.total_tokens,
            session.context,
            session.last_activity,
            session.model,
        )

    query = SessionQuery()
    shared = SharedStorage(real).list_sessions(query)
    assert list(map(numbers, shared)) == list(map(numbers, real.list_sessions(query)))


def test_a_pseudonym_leads_to_what_it_stands_for(real: SqliteStorage) -> None:
    shared = SharedStorage(real)
    for session in shared.list_sessions(SessionQuery())[:20]:
        events = shared.query(EventQuery().with_session(session.session_id))
        assert {event.session_id for event in events} <= {session.session_id}
        assert shared.get_session(session.session_id) == session
        assert shared.get_session_by_key(*session.key) == session
        assert shared.list_sessions(SessionQuery().with_id_prefix(session.session_id))[0:] != []


def test_no_real_name_leads_to_a_pseudonym(real: SqliteStorage) -> None:
    """Else whoever knows the one would learn the other."""
    shared = SharedStorage(real)
    known = shared.list_sessions(SessionQuery())[0]
    for session in real.list_sessions(SessionQuery())[:10]:
        name, (machine, _) = session.session_id, session.key
        assert real.get_session(name) is not None
        assert shared.get_session(name) is None
        assert shared.list_sessions(SessionQuery().with_id_prefix(name[:8])) == []
        assert shared.query(EventQuery().with_session(name)) == []
        for key in ((machine, name), (machine, known.session_id), (known.machine_id, name)):
            assert shared.get_session_by_key(*key) is None
            assert shared.timeline(TimelineQuery(machine_id=key[0], session_id=key[1])) == []
            assert not any((shared.claims(*key), shared.tools(*key), shared.models(*key)))
            assert not any((shared.context_curve(*key), shared.files(*key, ("Write",))))
    both = (known.session_id, real.list_sessions(SessionQuery())[-1].session_id)
    events = shared.query(EventQuery().with_sessions(both))
    assert {event.session_id for event in events} == {known.session_id}
    assert shared.list_sessions(SessionQuery().with_machine(MACHINE)) == []
    assert shared.claims(MACHINE) == []
    assert shared.list_sessions(SessionQuery().with_machine(known.machine_id)) != []
    # One kind's pseudonym is no other kind's.
    assert shared.get_session(known.machine_id) is None


def test_nor_does_a_process_an_event_or_a_repository(real: SqliteStorage, tmp_path: Path) -> None:
    shared = SharedStorage(real)
    keyed = next(event for event in real.query(EventQuery()) if event.key)
    assert keyed.key is not None
    assert real.query(EventQuery().with_identities((keyed.key,))) != []
    assert shared.query(EventQuery().with_identities((keyed.key,))) == []
    named = next(event for event in real.query(EventQuery()) if event.uuid and event.session_id)
    assert named.uuid is not None
    assert real.event_exists_by_uuid(named.session_id, named.uuid)
    pseudonym = shared.query(EventQuery(after_id=(named.id or 0) - 1, order_by="id", limit=1))[0].session_id
    assert not shared.event_exists_by_uuid(pseudonym, named.uuid)
    with closing(SqliteStorage(tmp_path / "mi6.db", clock=lambda: RECORDED_AT)) as store:
        store.insert(request(pid=4242))
        store.update_session_github_repo(store.list_sessions(SessionQuery())[0].session_id, "ada/zebra")
        assert store.get_session_by_pid(4242) is not None
        assert len(store.list_sessions(SessionQuery(github_repo="ada/zebra"))) == 1
        assert SharedStorage(store).get_session_by_pid(4242) is None
        assert SharedStorage(store).list_sessions(SessionQuery(github_repo="ada/zebra")) == []


def test_machines_are_told_by_the_names_that_sessions_have_and_nothing_leads_to_them(tmp_path: Path) -> None:
    with closing(SqliteStorage(tmp_path / "mi6.db", clock=lambda: RECORDED_AT)) as store:
        store.insert(request(machine_id="zeus"))
        for name in ("zeus", "apollo"):
            machine = Machine(machine_id=name, seen_at=7, skew_ms=9, way=Way.REMOTE, address=f"me@{name}")
            store.see_machine(msgspec.structs.replace(machine, problem=f"{name}: no route"))
        shared = SharedStorage(store)
        found = shared.machines()
        (session,) = shared.list_sessions(SessionQuery())
        assert (session.machine_id, [one.machine_id for one in found]) == (
            "machine-1",
            ["machine-1", "machine-2"],
        )
        assert {(one.seen_at, one.skew_ms, one.address) for one in found} == {(7, 9, None)}
        assert "no route" not in repr(found)
        assert shared.now() == RECORDED_AT
        assert [row.key for row in shared.usage(UsageQuery(by="machine")).rows] == ["machine-1"]


def test_every_run_gives_the_same_numbers(real: SqliteStorage) -> None:
    first = SharedStorage(real).list_sessions(SessionQuery())
    again = SharedStorage(real)
    again.query(EventQuery().with_limit(3))
    assert again.list_sessions(SessionQuery()) == first
    oldest = min(real.list_sessions(SessionQuery()), key=lambda one: (one.first_started_at, one.key))
    first_one = SharedStorage(real).get_session("session-1")
    assert first_one is not None
    assert first_one.first_started_at == oldest.first_started_at


def test_searching_and_writing_are_refused(real: SqliteStorage) -> None:
    shared = SharedStorage(real)
    assert shared.read_only
    with pytest.raises(StorageError, match="--share"):
        shared.search(SearchQuery(text="hello"))
    with pytest.raises(StorageError, match="--share"):
        shared.forget("s")
    with pytest.raises(StorageError, match="--share"):
        shared.see_machine(Machine(machine_id="m", seen_at=1, way=Way.LOCAL))
    with pytest.raises(StorageError, match="--share"):
        shared.query_transcript_positions()
    with pytest.raises(StorageError, match="--share"):
        shared.read_below("/home")


def test_it_answers_every_question_of_the_protocol() -> None:
    """A method that is added to the protocol must say here what it hides."""
    asked = {name for name, _ in inspect.getmembers(Storage) if not name.startswith("_")}
    assert asked <= set(dir(SharedStorage))
    assert not hasattr(SharedStorage, "__getattr__")


def test_paths_are_kept_out(real: SqliteStorage) -> None:
    assert SharedStorage(real).path is None
    assert isinstance(real.path, Path)
