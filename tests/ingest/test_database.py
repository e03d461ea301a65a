"""A client's own database: asked when it changed, left alone when it did not."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import pytest

from mi6_tui.frameworks import framework
from mi6_tui.ingest.scanner import Scanner
from mi6_tui.ingest.schedule import Clockwork, Intervals
from mi6_tui.model import EventQuery
from mi6_tui.storage.sqlite import SqliteStorage
from tests.frameworks.opencode.support import EPOCH, MACHINE, Client
from tests.ingest.conftest import Clock


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    found = Client(tmp_path / "home" / ".local" / "share" / "opencode" / "opencode.db")
    found.session("ses_1")
    found.prompt("msg_1", "ses_1", EPOCH + 1000, "Hello?")
    yield found
    found.close()


@pytest.fixture
def scanner(store: SqliteStorage, tmp_path: Path, clock: Clock) -> Scanner:
    return Scanner(
        store,
        [framework("opencode")],
        MACHINE,
        env={},
        home=tmp_path / "home",
        watch=False,
        clock=clock,
        monotonic=clock.seconds,
    )


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """Every statement that is run on a client's database from now on."""
    seen: list[str] = []

    def trace(cursor: apsw.Cursor, sql: str, bindings: object) -> bool:
        seen.append(sql)
        return True

    def hook(connection: apsw.Connection) -> None:
        if connection.filename.endswith("opencode.db"):
            connection.exec_trace = trace

    apsw.connection_hooks.append(hook)
    yield seen
    apsw.connection_hooks.remove(hook)


@pytest.fixture
def at_rest(client: Client, clock: Clock) -> Callable[[], None]:
    """Puts the test's time some seconds behind the last change of the database."""

    def move() -> None:
        names = (client.path, Path(f"{client.path}-wal"))
        clock.ms = max(path.stat().st_mtime_ns for path in names if path.exists()) // 1_000_000 + 10_000

    move()
    return move


def uuids(store: SqliteStorage) -> set[str | None]:
    return {event.uuid for event in store.query(EventQuery())}


def test_a_database_that_did_not_change_is_not_asked(
    client: Client, scanner: Scanner, statements: list[str], at_rest: Callable[[], None]
) -> None:
    assert scanner.scan_once().events == 2
    assert statements
    statements.clear()
    report = scanner.scan_once()
    assert (report.files, report.files_total, statements) == (0, 1, [])
    client.prompt("msg_2", "ses_1", EPOCH + 2000, "And now?")
    at_rest()
    assert scanner.scan_once().events == 1
    assert statements


def test_a_change_in_the_log_alone_is_noticed(
    client: Client, store: SqliteStorage, scanner: Scanner, at_rest: Callable[[], None]
) -> None:
    scanner.scan_once()
    before = client.path.stat()
    client.prompt("msg_2", "ses_1", EPOCH + 2000, "And now?")
    after = client.path.stat()
    assert (after.st_size, after.st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert scanner.sweep().events == 1
    assert uuids(store) == {"ses_1", "msg_1", "msg_2"}


def test_a_hint_about_the_log_means_the_database(
    client: Client, store: SqliteStorage, scanner: Scanner, clock: Clock, at_rest: Callable[[], None]
) -> None:
    scanner.sweep()
    client.prompt("msg_2", "ses_1", EPOCH + 2000, "And now?")
    report = scanner.sweep({f"{client.path}-wal"})
    assert report.events == 1, "nothing else was due"


def test_a_checkpoint_changes_nothing(client: Client, scanner: Scanner, at_rest: Callable[[], None]) -> None:
    scanner.scan_once()
    client.connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    at_rest()
    assert scanner.scan_once().events == 0
    client.prompt("msg_2", "ses_1", EPOCH + 2000, "And now?")
    at_rest()
    assert scanner.scan_once().events == 1


def test_another_process_goes_on_where_one_ended(
    client: Client, store: SqliteStorage, scanner: Scanner, tmp_path: Path, at_rest: Callable[[], None]
) -> None:
    scanner.scan_once()
    position = store.get_transcript_position(str(client.path))
    assert position is not None
    assert position.state
    assert position.framework == "opencode"
    assert position.byte_offset == client.path.stat().st_size + Path(f"{client.path}-wal").stat().st_size
    other = Scanner(store, [framework("opencode")], MACHINE, env={}, home=tmp_path / "home", watch=False)
    report = other.scan_once()
    assert (report.files, report.bytes) == (0, 0)


def test_another_database_in_its_place_is_read_from_its_start(
    client: Client, store: SqliteStorage, scanner: Scanner, at_rest: Callable[[], None]
) -> None:
    scanner.scan_once()
    client.close()
    fresh = Client(client.path.with_name("fresh.db"), wal=False)
    fresh.session("ses_0", EPOCH - 10**9)
    fresh.prompt("msg_0", "ses_0", EPOCH - 10**9, "Long ago.")
    fresh.close()
    fresh.path.rename(client.path)
    assert scanner.scan_once().events == 2
    assert "msg_0" in uuids(store)


def test_another_database_that_was_copied_over_it_is_read_from_its_start(
    client: Client, store: SqliteStorage, scanner: Scanner, at_rest: Callable[[], None]
) -> None:
    scanner.scan_once()
    client.close()
    older = Client(client.path.with_name("older.db"), wal=False)
    older.session("ses_0", EPOCH - 10**9)
    older.prompt("msg_0", "ses_0", EPOCH - 10**9, "Long ago.")
    older.close()
    number = client.path.stat().st_ino
    client.path.write_bytes(older.path.read_bytes())
    assert client.path.stat().st_ino == number
    assert scanner.scan_once().events == 2
    assert "msg_0" in uuids(store)


def test_a_busy_database_is_a_state_and_no_problem(tmp_path: Path, scanner: Scanner, clock: Clock) -> None:
    path = tmp_path / "home" / ".local" / "share" / "opencode" / "opencode.db"
    client = Client(path, wal=False)
    client.session("ses_1")
    client.connection.execute("BEGIN EXCLUSIVE")
    client.session("ses_2")
    clock.ms = path.stat().st_mtime_ns // 1_000_000 + 10_000
    report = scanner.scan_once()
    assert (report.files, report.problems) == (0, ())
    client.connection.execute("ROLLBACK")
    client.prompt("msg_1", "ses_1", EPOCH, "Hello?")
    client.close()
    assert scanner.scan_once().events == 2


def test_a_broken_database_is_a_problem_of_its_own(tmp_path: Path, scanner: Scanner, clock: Clock) -> None:
    path = tmp_path / "home" / ".local" / "share" / "opencode" / "opencode.db"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"no database " * 1000)
    [problem] = scanner.scan_once().problems
    assert problem.path == str(path)
    assert "cannot be read" in problem.reason


def test_a_database_the_environment_names(tmp_path: Path, store: SqliteStorage, clock: Clock) -> None:
    client = Client(tmp_path / "elsewhere" / "my.db", wal=False)
    client.session("ses_1")
    client.close()
    env = {"OPENCODE_DB": str(client.path)}
    scanner = Scanner(store, [framework("opencode")], MACHINE, env=env, home=tmp_path / "home", clock=clock)
    assert scanner.scan_once().events == 1


def test_it_rests_in_proportion_to_what_a_question_takes(
    client: Client, store: SqliteStorage, tmp_path: Path, clock: Clock, at_rest: Callable[[], None]
) -> None:
    """On a clock that moves 10 ms at each look, a question takes 10 ms: it rests for 200."""
    ticks = iter(range(1_000_000))
    scanner = Scanner(
        store,
        [framework("opencode")],
        MACHINE,
        env={},
        home=tmp_path / "home",
        watch=False,
        clock=clock,
        monotonic=lambda: next(ticks) * 0.01,
        intervals=Intervals(hot=0.001, hot_slowest=0.001, idle_share=0),
    )
    scanner.sweep()
    client.prompt("msg_2", "ses_1", EPOCH + 2000, "And now?")
    began = next(ticks)
    sweeps = 0
    while not (report := scanner.sweep()).events:
        sweeps += 1
    assert report.events == 1
    assert sweeps > 1
    assert next(ticks) - began > 15


def test_a_rest_moves_the_next_look_forward() -> None:
    clockwork = Clockwork(Intervals())
    clockwork.discovery_done(0, 0, hinted=False)
    clockwork.hot_done(0, 0, changed=False)
    clockwork.rejudge_due(0)
    assert clockwork.delay(0) == pytest.approx(0.625)
    clockwork.look_by(0.25)
    assert clockwork.delay(0) == 0.25


def test_the_store_follows_a_client_at_work(client: Client, store: SqliteStorage, tmp_path: Path) -> None:
    """With the system's notifications and the real clock: each step of the client arrives."""
    arrived = threading.Event()
    stop = threading.Event()
    scanner = Scanner(store, [framework("opencode")], MACHINE, env={}, home=tmp_path / "home")
    thread = threading.Thread(
        target=scanner.run, args=(stop,), kwargs={"on_recorded": lambda _: arrived.set()}
    )
    thread.start()
    try:
        for number in range(2, 5):
            client.prompt(f"msg_{number}", "ses_1", EPOCH + number * 60_000, "Go on.")
            while f"msg_{number}" not in uuids(store):
                assert arrived.wait(20)
                arrived.clear()
    finally:
        stop.set()
        thread.join(20)
