"""Vitals of real processes: read beside the screen, only while they are shown."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator

import pytest

from mi6_tui.ingest.live.processes import system_processes
from mi6_tui.model import Batch, Claim, Session
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui import vitals as module
from mi6_tui.tui.columns import USUAL
from mi6_tui.tui.vitals import VitalsNews, VitalsWorker, Wanted, wanted
from tests.tui.columns import BY_ID
from tests.tui.conftest import NOW
from tests.tui.makers import MACHINE, session, working


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE)
    yield process
    process.kill()
    process.wait()
    assert process.stdin is not None
    process.stdin.close()


def hold(writer: SqliteStorage, session_id: str, pid: int, identity: str, kind: str = "alive") -> Session:
    """The process holds the session, as its witness says."""
    claim = Claim(
        machine_id=MACHINE,
        session_id=session_id,
        framework="claude",
        witness="process",
        kind=kind,  # type: ignore[arg-type]
        at=NOW,
        pid=pid,
        process=identity,
    )
    writer.record(Batch(events=working(session_id).events, claims=(claim,)))
    found = writer.get_session(session_id)
    assert found is not None
    return found


def identity(pid: int) -> str:
    found = system_processes().find(pid)
    assert found is not None
    return found.identity


def silent(news: VitalsNews) -> None:
    """For who only looks."""


def test_one_look_at_the_processes_of_sessions(
    storage: SqliteStorage, writer: SqliteStorage, child: subprocess.Popen[bytes]
) -> None:
    held = hold(writer, "held", os.getpid(), identity(os.getpid()))
    leaf = hold(writer, "leaf", child.pid, identity(child.pid))
    reused = hold(writer, "reused", child.pid, "another process that had the pid")
    gone = hold(writer, "gone", child.pid, identity(child.pid), kind="gone")
    worker = VitalsWorker(storage, silent)
    worker.watch(Wanted())
    worker._wanted = Wanted((held, leaf, reused, gone, session("unknown")), ports=True)
    first = worker.look()
    assert first is not None
    assert set(first.vitals) == {held.key, leaf.key}
    ours, its = first.vitals[held.key], first.vitals[leaf.key]
    assert (ours.cpu, its.cpu) == (None, None)  # takes a second look
    assert ours.children is not None
    assert ours.children >= 1
    assert its.children == 0
    assert ours.memory is not None
    assert its.memory is not None
    assert 100_000 < its.memory < ours.memory
    assert (its.ports, its.read_rate) == ((), None)
    second = worker.look()
    assert second is not None
    assert second.vitals[leaf.key].cpu == 0.0
    assert second.vitals[held.key].cpu is not None


def test_disks_and_ports_are_looked_at_where_they_are_shown(
    storage: SqliteStorage, writer: SqliteStorage, child: subprocess.Popen[bytes]
) -> None:
    held = hold(writer, "held", os.getpid(), identity(os.getpid()))
    leaf = hold(writer, "leaf", child.pid, identity(child.pid))
    worker = VitalsWorker(storage, silent)
    worker._wanted = Wanted((held, leaf), whole=leaf.key)
    first = worker.look()
    assert first is not None
    assert first.vitals[held.key].ports is None
    assert first.vitals[leaf.key].ports == ()


def test_what_reads_the_same_is_told_once(
    storage: SqliteStorage, writer: SqliteStorage, child: subprocess.Popen[bytes]
) -> None:
    leaf = hold(writer, "leaf", child.pid, identity(child.pid))
    worker = VitalsWorker(storage, silent)
    worker._wanted = Wanted((leaf,), disk=True)
    assert worker.look() is not None  # no cpu yet
    assert worker.look() is not None
    assert worker.look() is None
    child.kill()
    child.wait()
    last = worker.look()
    assert last is not None
    assert last.vitals == {}
    assert worker.look() is None


def test_while_nothing_changes_looks_become_rare(
    storage: SqliteStorage, writer: SqliteStorage, child: subprocess.Popen[bytes]
) -> None:
    leaf = hold(writer, "leaf", child.pid, identity(child.pid))
    worker = VitalsWorker(storage, silent)
    worker._wanted = Wanted((leaf,))
    for _ in range(2):  # there is a share of a core from the second look on
        assert worker.look() is not None
        assert worker.patience == 2.0
    told = []
    for _ in range(3):
        assert worker.look() is None
        told.append(worker.patience)
    assert told == [4.0, 8.0, 8.0]
    child.kill()
    child.wait()
    assert worker.look() is not None
    assert worker.patience == 2.0


def test_a_process_that_becomes_known_later_is_found(
    storage: SqliteStorage, writer: SqliteStorage, child: subprocess.Popen[bytes]
) -> None:
    without_pid, with_pid = session("leaf"), session("leaf", pid=child.pid)
    worker = VitalsWorker(storage, silent)
    worker._wanted = Wanted((without_pid,))
    assert worker.look() is not None
    held = hold(writer, "leaf", child.pid, identity(child.pid))
    assert worker.look() is None  # nothing of the row says that there is news
    worker._wanted = Wanted((with_pid,))
    found = worker.look()
    assert found is not None
    assert set(found.vitals) == {held.key}


def test_the_thread_works_while_something_is_wanted(
    storage: SqliteStorage,
    writer: SqliteStorage,
    child: subprocess.Popen[bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "EVERY", 0.001)
    leaf = hold(writer, "leaf", child.pid, identity(child.pid))
    told: list[tuple[str, VitalsNews]] = []
    heard = threading.Event()

    def post(news: VitalsNews) -> None:
        told.append((threading.current_thread().name, news))
        if news.vitals and news.vitals[leaf.key].cpu is not None:
            heard.set()

    worker = VitalsWorker(storage, post)
    for what in (Wanted((leaf,)), Wanted()):
        worker.watch(what)
        assert "vitals" not in {thread.name for thread in threading.enumerate()}, "not before the first paint"
    worker.start()
    assert "vitals" not in {thread.name for thread in threading.enumerate()}
    worker.watch(Wanted((leaf,)))
    assert heard.wait(30)
    assert {name for name, _ in told} == {"vitals"}
    worker.watch(Wanted())
    (thread,) = (thread for thread in threading.enumerate() if thread.name == "vitals")
    worker.stop()
    thread.join(30)
    assert not thread.is_alive()
    worker.watch(Wanted((leaf,)))
    assert "vitals" not in {thread.name for thread in threading.enumerate()}


def test_only_what_is_shown_is_wanted() -> None:
    live, over = session("live"), session("over", last_ended_at=NOW)
    rows_only = [column for column in USUAL if column.source != "vitals"]
    assert wanted(rows_only, [live]) == Wanted()
    assert wanted([*rows_only, BY_ID["cpu"]], [live, over]) == Wanted((live,))
    assert wanted([BY_ID["diskw"]], [live]) == Wanted((live,), disk=True)
    assert wanted([BY_ID["ports"]], [live]) == Wanted((live,), ports=True)
    assert wanted(rows_only, [live, over], live) == Wanted((live,), whole=live.key)
    assert wanted([BY_ID["cpu"]], [live], live) == Wanted((live,), whole=live.key)
    other = session("other")
    assert wanted([BY_ID["cpu"]], [live], other) == Wanted((live, other), whole=other.key)
    assert wanted([BY_ID["cpu"]], [live], over) == Wanted((live,), whole=over.key)
