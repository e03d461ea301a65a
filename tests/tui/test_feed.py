"""The feed hands over differences, never the whole store twice."""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path

import pytest

from mi6_tui.ingest.progress import Progress
from mi6_tui.model import Batch, EventType
from mi6_tui.storage import Storage
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui import feed as feed_module
from mi6_tui.tui.feed import Feed, FeedTick, Watched
from mi6_tui.tui.worker import ScanView
from tests.tui.conftest import NOW
from tests.tui.makers import MACHINE, event, working


def feed_of(storage: SqliteStorage) -> Feed:
    return Feed(storage, lambda tick: None)


def ids(tick: FeedTick | None) -> list[str]:
    assert tick is not None
    return sorted(session.session_id for session in tick.sessions)


def test_only_changed_sessions_come_again(storage: SqliteStorage, writer: SqliteStorage) -> None:
    storage.record(working("a"))
    storage.record(working("b"))
    feed = feed_of(storage)
    assert ids(feed.look()) == ["a", "b"]
    assert feed.look() is None
    writer.record(working("b", ago=2))
    assert ids(feed.look()) == ["b"]
    assert feed.look() is None
    writer.record(working("c"))
    assert ids(feed.look()) == ["c"]


def test_rows_may_wait_and_what_is_asked_may_not(storage: SqliteStorage, writer: SqliteStorage) -> None:
    storage.record(working("a"))
    feed = feed_of(storage)
    assert ids(feed.look()) == ["a"]
    writer.record(working("b"))
    feed.watch(Watched((MACHINE, "a"), 5))
    tick = feed.look(rows=False)
    assert ids(tick) == []
    assert tick is not None
    assert tick.activity is not None
    assert feed.look(rows=False) is None
    assert ids(feed.look()) == ["b"]


def test_a_watched_session_brings_its_events(storage: SqliteStorage, writer: SqliteStorage) -> None:
    events = tuple(event(EventType.STOP, "a", ago=ago, key=f"k{ago}") for ago in range(9, 0, -1))
    writer.record(Batch(events=events))
    feed = feed_of(storage)
    feed.look()
    feed.watch(Watched((MACHINE, "a"), 5))
    tick = feed.look()
    assert tick is not None
    assert tick.sessions == ()
    assert tick.activity is not None
    assert [e.key for e in tick.activity.events] == ["k5", "k4", "k3", "k2", "k1"]
    assert not tick.activity.complete
    assert feed.look() is None
    feed.watch(Watched((MACHINE, "a"), 50))
    tick = feed.look()
    assert tick is not None
    assert tick.activity is not None
    assert len(tick.activity.events) == 9
    assert tick.activity.complete
    writer.record(working("other"))
    tick = feed.look()
    assert tick is not None
    assert tick.activity is None
    writer.record(working("a", ago=0))
    tick = feed.look()
    assert tick is not None
    assert tick.activity is not None
    assert len(tick.activity.events) == 10


def test_events_of_another_machine_with_the_same_session_id_stay_out(storage: SqliteStorage) -> None:
    storage.record(working("a"))
    storage.record(Batch(events=(event(EventType.STOP, "a", key="theirs", machine_id="other"),)))
    feed = feed_of(storage)
    feed.watch(Watched((MACHINE, "a"), 10))
    tick = feed.look()
    assert tick is not None
    assert tick.activity is not None
    assert {e.machine_id for e in tick.activity.events} == {MACHINE}


def test_a_store_that_cannot_be_read_is_a_state(tmp_path: Path) -> None:
    path = tmp_path / "mi6.db"
    storage = SqliteStorage(path, clock=lambda: NOW)
    storage.record(working("a"))
    storage.close()
    whole = path.read_bytes()
    storage = SqliteStorage(path, clock=lambda: NOW)
    feed = feed_of(storage)
    path.write_bytes(b"this is not a database" * 500)
    tick = feed.look()
    assert tick is not None
    assert "mi6.db" in tick.problem
    path.write_bytes(whole)
    tick = feed.look()
    assert tick is not None
    assert tick.problem == ""
    assert ids(tick) == ["a"]
    storage.close()


def test_the_thread_posts_what_others_record(storage: SqliteStorage, writer: SqliteStorage) -> None:
    seen: set[str] = set()
    arrived = threading.Event()

    def post(tick: FeedTick) -> None:
        seen.update(session.session_id for session in tick.sessions)
        if "late" in seen:
            arrived.set()

    storage.record(working("early"))
    feed = Feed(storage, post)
    feed.start()
    writer.record(working("late"))
    feed.poke()
    assert arrived.wait(20)
    feed.stop()
    assert seen == {"early", "late"}


def test_a_poke_is_enough_for_a_feed_that_is_told(storage: SqliteStorage, writer: SqliteStorage) -> None:
    arrived = threading.Event()
    feed = Feed(storage, lambda tick: arrived.set())
    feed.told = True
    feed.start()
    writer.record(working("a"))
    feed.poke()
    assert arrived.wait(20)
    feed.stop()


def progress_at(seconds: float) -> Progress:
    return Progress(
        files_done=1, files_total=2, bytes_done=1, bytes_total=2, lines=1, events=1, path=None,
        elapsed=seconds, recent=1.0,
    )  # fmt: skip


def test_rows_of_a_long_backlog_come_less_often_than_those_of_live_sessions(storage: SqliteStorage) -> None:
    feed = Feed(storage, lambda tick: None)

    def every(seconds: float | None) -> float:
        """What the feed waits for when a scan has taken so long; None: there is none."""
        progress = None if seconds is None else progress_at(seconds)
        feed.heed(ScanView(progress=progress))
        return feed.rows_every

    usual = every(None)
    assert every(1.0) == usual < every(3.0)
    assert every(None) == usual


class Counting:
    """Answers with how often it was asked, and of what."""

    def __init__(self) -> None:
        self.asked: list[frozenset[tuple[str, str]] | None] = []
        self.silent = False

    def ask(self, storage: Storage, changed: frozenset[tuple[str, str]] | None) -> object | None:
        self.asked.append(changed)
        return None if self.silent else len(self.asked)


def test_a_question_is_answered_at_once_and_when_something_changed(
    storage: SqliteStorage, writer: SqliteStorage
) -> None:
    feed = feed_of(storage)
    feed.look()
    question = Counting()
    feed.ask("count", question)
    tick = feed.look()
    assert tick is not None
    assert (dict(tick.answers), tick.sessions) == ({"count": 1}, ())
    assert feed.look() is None
    writer.insert(event(EventType.STOP, "a"))
    tick = feed.look()
    assert tick is not None
    assert dict(tick.answers) == {"count": 2}
    assert question.asked == [None, frozenset({(MACHINE, "a")})]


def test_the_first_look_is_told_though_there_is_nothing(storage: SqliteStorage) -> None:
    feed = feed_of(storage)
    tick = feed.look()
    assert tick is not None
    assert tick.sessions == ()
    assert feed.look() is None


def test_a_question_that_was_withdrawn_or_has_nothing_new_costs_nothing(
    storage: SqliteStorage, writer: SqliteStorage
) -> None:
    feed = feed_of(storage)
    question, other = Counting(), Counting()
    question.silent = True
    feed.look()
    feed.ask("count", question)
    assert feed.look() is None
    feed.ask("count", other)
    tick = feed.look()
    assert tick is not None
    assert dict(tick.answers) == {"count": 1}
    feed.ask("count", None)
    writer.insert(event(EventType.STOP, "a"))
    tick = feed.look()
    assert tick is not None
    assert not tick.answers
    assert (len(question.asked), len(other.asked)) == (1, 1)


# What the user notes while another program keeps the store to itself.


def test_a_session_that_is_forgotten_is_gone(storage: SqliteStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "COUNT_EVERY", 0.0)
    for name in "abc":
        storage.record(working(name))
    feed = feed_of(storage)
    first = feed.look()
    assert first is not None and not first.gone
    with closing(SqliteStorage(storage.path or "", clock=lambda: NOW)) as other:
        other.forget("b")
    tick = feed.look()
    assert tick is not None
    assert tick.sessions == ()
    assert tick.gone == {(MACHINE, "b")}
    assert feed.look() is None
    with closing(SqliteStorage(storage.path or "", clock=lambda: NOW)) as other:
        other.record(working("d"))
        other.forget("a")
    tick = feed.look()
    assert tick is not None
    assert [session.session_id for session in tick.sessions] == ["d"]
    assert tick.gone == {(MACHINE, "a")}


def test_a_session_forgotten_right_after_another_change_is_gone_as_well(
    storage: SqliteStorage, writer: SqliteStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "COUNT_EVERY", 1e9)
    writer.record(working("a"))
    feed = feed_of(storage)
    feed.look()
    writer.record(working("b"))
    assert ids(feed.look()) == ["b"]
    writer.forget("a")
    assert feed.look() is None
    monkeypatch.setattr(feed_module, "COUNT_EVERY", 0.0)
    assert feed.look(rows=False) is None
    tick = feed.look()
    assert tick is not None and tick.gone == {(MACHINE, "a")}
    assert feed.look() is None
