"""Marks on their way through the feed into a store that somebody else holds."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw
import pytest

from mi6_tui.model import Batch
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.feed import Feed, FeedTick
from tests.tui.conftest import NOW
from tests.tui.makers import MACHINE, fact, working
from tests.tui.test_feed import Counting, feed_of


@contextmanager
def locked(path: Path) -> Iterator[apsw.Connection]:
    """Another program's transaction."""
    other = apsw.Connection(str(path))
    other.execute("BEGIN IMMEDIATE")
    try:
        yield other
    finally:
        other.execute("ROLLBACK")
        other.close()


@pytest.fixture
def impatient(storage: SqliteStorage, store_path: Path) -> Iterator[SqliteStorage]:
    """The store, seen by one who does not wait long."""
    impatient = SqliteStorage(store_path, clock=lambda: NOW, busy_timeout=1)
    yield impatient
    impatient.close()


def rows(tick: FeedTick | None) -> list[tuple[str, bool, str | None, str | None]]:
    assert tick is not None
    return [(one.session_id, one.pinned, one.nickname, one.tags) for one in tick.sessions]


def test_marks_wait_for_a_locked_store_and_are_seen_meanwhile(
    impatient: SqliteStorage, writer: SqliteStorage, store_path: Path
) -> None:
    writer.record(working("a"))
    writer.record(working("b"))
    feed = feed_of(impatient)
    first = feed.look()
    assert first is not None
    a, b = sorted(first.sessions, key=lambda one: one.session_id)
    with locked(store_path):
        feed.note(a, pinned=1)
        feed.note(a, nickname="Bert")
        feed.note(b, tags="x")
        tick = feed.look()
        assert sorted(rows(tick)) == [("a", True, "Bert", None), ("b", False, None, "x")]
        assert tick is not None
        assert tick.waiting == f"3 marks wait: {store_path} is locked by another program"
        assert (tick.refused, tick.problem) == ("", "")
        assert feed.look() is None, "it still waits: no news"
        feed.note(a, nickname=None, pinned=0)
        assert rows(feed.look()) == [("a", False, None, None)]
    tick = feed.look()
    assert sorted(rows(tick)) == [("a", False, None, None), ("b", False, None, "x")]
    assert tick is not None
    assert (tick.waiting, tick.refused) == ("", "")
    assert feed.look() is None
    stored = {one: writer.get_session_by_key(MACHINE, one) for one in "ab"}
    assert stored["a"] is not None and (stored["a"].pinned, stored["a"].nickname) == (False, None)
    assert stored["b"] is not None and stored["b"].tags == "x"


def test_a_row_that_changes_while_a_mark_waits_keeps_the_mark(
    impatient: SqliteStorage, writer: SqliteStorage, store_path: Path
) -> None:
    writer.record(working("a"))
    feed = feed_of(impatient)
    first = feed.look()
    assert first is not None
    with locked(store_path):
        feed.note(first.sessions[0], pinned=1)
        feed.look()
    # Between two tries the scanner gets its turn.
    writer.record(working("a", ago=1))
    with locked(store_path):
        assert rows(feed.look()) == [("a", True, None, None)]
    assert rows(feed.look()) == [("a", True, None, None)]


def test_a_mark_that_a_later_one_overruled_is_not_shown_for_ever(
    impatient: SqliteStorage, writer: SqliteStorage, store_path: Path
) -> None:
    writer.record(working("a"))
    feed = Feed(impatient, lambda tick: None, lambda: NOW - 7_200_000)
    first = feed.look()
    assert first is not None
    with locked(store_path):
        feed.note(first.sessions[0], pinned=1)
        assert rows(feed.look()) == [("a", True, None, None)]
    writer.record(Batch(facts=(fact("a", "pinned", 0),)))
    assert rows(feed.look()) == [("a", False, None, None)]


def test_a_look_waits_in_silence(impatient: SqliteStorage, writer: SqliteStorage, store_path: Path) -> None:
    writer.record(working("a"))
    feed = feed_of(impatient)
    first = feed.look()
    assert first is not None
    with locked(store_path):
        feed.note(first.sessions[0], seen=NOW)
        assert feed.look() is None
    assert feed.look() is not None
    stored = writer.get_session_by_key(MACHINE, "a")
    assert stored is not None and stored.seen_at == NOW


def test_reading_goes_on_while_a_mark_waits(writer: SqliteStorage, store_path: Path) -> None:
    writer.record(working("a"))
    session = writer.get_session_by_key(MACHINE, "a")
    assert session is not None
    patient = SqliteStorage(store_path, clock=lambda: NOW, busy_timeout=3_600_000)
    shown, answered, written = threading.Event(), threading.Event(), threading.Event()

    def post(tick: FeedTick) -> None:
        if any(one.pinned for one in tick.sessions):
            shown.set()
        if tick.answers:
            answered.set()
        stored = writer.get_session_by_key(MACHINE, "a")
        if stored is not None and stored.pinned:
            written.set()

    feed = Feed(patient, post, lambda: NOW)
    with locked(store_path):
        feed.start()
        feed.note(session, pinned=1)
        assert shown.wait(20)
        feed.ask("count", Counting())
        assert answered.wait(20), "whoever reads does not wait for who writes"
        assert not written.is_set()
    assert written.wait(20)
    feed.stop()
    assert feed.lost == ""
    patient.close()


def test_what_was_noted_just_before_the_end_is_written(writer: SqliteStorage, store_path: Path) -> None:
    writer.record(working("a"))
    session = writer.get_session_by_key(MACHINE, "a")
    assert session is not None
    storage = SqliteStorage(store_path, clock=lambda: NOW)
    feed = Feed(storage, lambda tick: None, lambda: NOW)
    feed.start()
    feed.note(session, pinned=1)
    feed.stop()
    assert feed.lost == ""
    stored = writer.get_session_by_key(MACHINE, "a")
    assert stored is not None and stored.pinned
    storage.close()


def test_what_could_not_be_written_until_the_end_is_told(
    impatient: SqliteStorage, writer: SqliteStorage, store_path: Path
) -> None:
    writer.record(working("a"))
    session = writer.get_session_by_key(MACHINE, "a")
    assert session is not None
    feed = Feed(impatient, lambda tick: None, lambda: NOW)
    with locked(store_path):
        feed.start()
        feed.note(session, pinned=1, seen=NOW)
        feed.stop()
    assert feed.lost == f"1 mark could not be written: {store_path} is locked by another program"
