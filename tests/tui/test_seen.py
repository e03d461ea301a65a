"""A session that was looked at is no longer "your turn", and that is written once."""

from __future__ import annotations

from mi6_tui.model import Batch, EventType, Session
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.app import Mi6App
from mi6_tui.tui.feed import Feed
from tests.tui.conftest import NOW, Clock, Start, look, press, screen_text
from tests.tui.looking import home, toasts
from tests.tui.makers import MACHINE, event, working


def row(storage: SqliteStorage, name: str = "a") -> Session:
    found = storage.get_session_by_key(MACHINE, name)
    assert found is not None
    return found


def stop(ago: int) -> Batch:
    return Batch(events=(event(EventType.STOP, "a", ago, key=f"stop:{ago}"),))


async def test_opening_a_session_makes_your_turn_idle(start: Start, writer: SqliteStorage) -> None:
    writer.record(working("a", ago=20))
    writer.record(stop(10))
    async with start() as pilot:
        assert any("○ your turn" in line for line in screen_text(pilot))
        await press(pilot, "enter")
        assert row(writer).seen_at == NOW
        assert row(writer).status_shown == "idle"
        await press(pilot, "escape")
        assert any(line.startswith("▌· idle") for line in screen_text(pilot))


async def test_it_is_written_again_only_after_something_happened(
    start: Start, writer: SqliteStorage, clock: Clock
) -> None:
    writer.record(working("a", ago=20))
    writer.record(stop(10))
    async with start() as pilot:
        await press(pilot, "enter")
        revision = writer.revision()
        clock.now += 5000
        await press(pilot, "escape", "enter", "escape", "enter")
        assert writer.revision() == revision
        assert row(writer).seen_at == NOW
        # It goes on and ends while it is looked at; leaving it says that this was seen, too.
        writer.record(working("a", ago=-1))
        writer.record(stop(-2))
        await look(pilot)
        assert row(writer).status_shown == "your turn"
        await press(pilot, "escape")
        assert row(writer).seen_at == NOW + 5000
        assert row(writer).status_shown == "idle"


async def test_a_store_that_cannot_be_written_is_no_trouble(
    writer: SqliteStorage, store_path: object
) -> None:
    writer.record(working("a", ago=20))
    writer.record(stop(10))
    storage = SqliteStorage(str(store_path), clock=lambda: NOW, read_only=True)
    app = Mi6App(storage, clock=lambda: NOW, live=False)
    async with app.run_test(size=(120, 35)) as pilot:
        await look(pilot)
        await press(pilot, "enter")
        assert not home(pilot).banner.display
        assert pilot.app.screen is not home(pilot)
        assert row(writer).seen_at is None
        assert not any("noted" in words for words in toasts(pilot))
    storage.close()


def test_of_two_notes_at_one_moment_the_later_holds(storage: SqliteStorage) -> None:
    storage.record(working("a"))
    feed = Feed(storage, lambda tick: None, lambda: NOW)
    feed.look()
    for name in ("first", "second", None, "last"):
        feed.note(row(storage), nickname=name, pinned=1)
    tick = feed.look()
    assert tick is not None
    assert [(one.nickname, one.pinned) for one in tick.sessions] == [("last", True)]
    assert row(storage).last_activity == NOW - 10_000, "a note is no sign of life"
