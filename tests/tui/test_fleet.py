"""Many machines in one list: how fresh each is stands beside it, and what may be old looks so."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from mi6_tui.model import Batch, EventType, Machine, Way
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.columns import Live
from mi6_tui.tui.feed import Feed, FeedTick
from mi6_tui.tui.fleet import NAME, Fleet, FleetQuestion, Seen
from mi6_tui.tui.row_painter import RowPainter
from tests.tui.conftest import NOW, Clock, Start, app_of, look, press, screen_text
from tests.tui.makers import event, session

FIRST, SECOND, THIRD = "laptop", "build-01", "ci"


def seen(name: str, ago: int = 0, **fields: Any) -> Machine:
    """A machine that pushed `ago` seconds before NOW."""
    facts: dict[str, Any] = {"machine_id": name, "seen_at": NOW - ago * 1000, "way": Way.PUSH}
    return Machine(**(facts | fields))


def works(name: str, machine: str, **fields: Any) -> Batch:
    prompt = event(
        EventType.USER_PROMPT_SUBMIT, name, 10, machine_id=machine, key=name, preview=name, **fields
    )
    return Batch(events=(prompt,))


@pytest.fixture
def fleet(writer: SqliteStorage) -> SqliteStorage:
    """Three machines: one is fine, one's clock is wrong, one tells nothing any more."""
    for name, machine in (("one", FIRST), ("two", SECOND), ("three", THIRD), ("four", THIRD)):
        writer.record(works(name, machine))
    writer.see_machine(seen(FIRST))
    writer.see_machine(seen(SECOND, 40, skew_ms=12_000))
    writer.see_machine(seen(THIRD, 7_200, problem="no route to host"))
    return writer


async def heard(pilot: Pilot[None]) -> list[str]:
    """The screen after the clock moved and the store was asked for machines."""
    home = app_of(pilot).home
    assert home is not None
    home.tick()
    await look(pilot)
    return screen_text(pilot)


def line_with(lines: list[str], words: str) -> str:
    (found,) = [line for line in lines if words in line]
    return found


# What is known.


def told(clock: Clock, *machines: Machine, ahead: int = 0, problem: str = "") -> Fleet:
    found = Fleet(lambda name, question: None, clock)
    found.take(FeedTick(answers={NAME: Seen(machines, ahead)}, problem=problem))
    return found


def test_ages_are_by_the_clock_of_the_store(clock: Clock) -> None:
    fleet = told(clock, seen(FIRST, 90), ahead=60_000)
    assert fleet.is_stale(FIRST)
    assert not told(clock, seen(FIRST, 90), ahead=0).is_stale(FIRST)
    assert "".join(words for words, _ in fleet.about(FIRST)) == " · ◌ not seen for 2m30"


def test_a_machine_that_nobody_saw_is_not_called_stale(clock: Clock) -> None:
    fleet = told(clock, seen(FIRST))
    assert not fleet.is_stale("other")
    assert list(fleet.about("other")) == []


def test_silence_grows_without_any_news(clock: Clock) -> None:
    fleet = told(clock, seen(FIRST))
    assert not fleet.tick()
    clock.now += 120_000
    assert not fleet.tick()
    clock.now += 1
    assert fleet.tick()
    assert fleet.is_stale(FIRST)
    assert not fleet.tick()


def test_a_store_out_of_reach_makes_everything_stale_until_it_is_back(clock: Clock) -> None:
    fleet = told(clock, seen(FIRST))
    assert fleet.take(FeedTick(problem="gone"))
    clock.now += 7_000
    assert not fleet.take(FeedTick(problem="still gone"))
    assert (fleet.lost_at, fleet.is_stale("any")) == (NOW, True)
    assert fleet.why_stale("any") == "stale: no word from the store for 7s"
    assert fleet.take(FeedTick())
    assert (fleet.lost_at, fleet.is_stale("any"), fleet.why_stale(FIRST)) == (None, False, "")


def test_how_many_there_are_is_told_of_several_or_stale_ones(clock: Clock) -> None:
    assert told(clock, seen(FIRST)).summary() == ()
    assert told(clock, seen(FIRST), seen(SECOND)).summary() == ("2 machines",)
    assert told(clock, seen(FIRST, 300)).summary()[0] == "1 machine, 1 not seen for 5m00"
    assert told(clock, seen(FIRST, 300), seen(SECOND, 900), seen(THIRD)).summary() == (
        "3 machines, 2 not seen for 5m00 and more",
        "2 of 3 machines stale",
    )
    fleet = told(clock, seen(FIRST))
    fleet.take(FeedTick((session(machine_id=SECOND),)))
    assert fleet.summary() == ("2 machines",)


def test_the_store_is_asked_now_and_then_and_answers_what_is_new(
    storage: SqliteStorage, writer: SqliteStorage, clock: Clock
) -> None:
    feed = Feed(storage, lambda tick: None)
    fleet = Fleet(feed.ask, clock)

    def found() -> object:
        fleet.tick()
        tick = feed.look()
        if tick is not None:
            fleet.take(tick)
        return tick and tick.answers.get(NAME)

    assert found() == Seen((), 0)
    assert found() is None
    clock.now += 5_000
    writer.see_machine(seen(FIRST))
    assert found() is None, "who has no fleet is asked seldom"
    clock.now += 25_000
    assert found() == Seen((seen(FIRST),), -30_000), "the store's own clock stands still"
    clock.now += 5_000
    assert found() == Seen((seen(FIRST),), -35_000)
    writer.see_machine(seen(FIRST, -1))
    assert found() is None, "too soon"
    fleet.stop()
    assert found() is not None, "after a pause at once"


def test_the_same_again_is_no_news(storage: SqliteStorage, clock: Clock) -> None:
    known = Seen((seen(FIRST),), 0)
    storage.see_machine(seen(FIRST))
    assert FleetQuestion(clock, known).ask(storage, None) is None
    assert FleetQuestion(clock, Seen((), 0)).ask(storage, None) == known
    assert FleetQuestion(clock).ask(storage, frozenset()) is None


def test_what_may_be_old_has_another_mark_and_no_bright_ink() -> None:
    painter = RowPainter(lambda keys: dict.fromkeys(keys, Live(stale=True)))
    waiting = session(status_shown="waiting", status_detail="permission: Bash")
    for width in (4, 20, 79, 119, 260):
        pieces = list(painter.row(waiting, NOW, painter.slots(width)))
        assert {ink for _, ink in pieces} <= {"quiet", "faint", "rule", "plain"}
        assert {words.isspace() or not words for words, ink in pieces if ink == "plain"} <= {True}
        assert "◆" not in "".join(words for words, _ in pieces)
    wide = "".join(words for words, _ in painter.row(waiting, NOW, painter.slots(260)))
    assert "◌ permission" in wide and "stale · permission: Bash" in wide
    over = session(status_shown="ended")
    assert "✓ ended" in "".join(words for words, _ in painter.row(over, NOW, painter.slots(79)))


# On the screen.


async def test_several_machines_have_a_column_and_one_has_none(fleet: SqliteStorage, start: Start) -> None:
    for width in (80, 120, 200):
        async with start(width=width) as pilot:
            lines = await heard(pilot)
            assert "Machine" in line_with(lines, "Session")
            assert sum(line.count("build-01") for line in lines) == 1
            await press(pilot, "slash", *"machine:build", "enter")
            assert "Machine" in line_with(screen_text(pilot), "Since")


async def test_of_one_machine_nothing_is_said(writer: SqliteStorage, start: Start) -> None:
    writer.record(works("one", FIRST))
    async with start() as pilot:
        text = "\n".join(await heard(pilot))
        assert "achine" not in text and "◌" not in text


async def test_stale_rows_say_so_beside_the_fresh_ones(fleet: SqliteStorage, start: Start) -> None:
    async with start() as pilot:
        lines = await heard(pilot)
        marks = {name: line_with(lines, f"session {name} ")[1] for name in ("one", "two", "three", "four")}
        assert marks == {"one": "●", "two": "●", "three": "◌", "four": "◌"}
        assert "3 machines, 1 not seen for 2h00" in lines[0]


async def test_the_head_of_a_machine_says_how_fresh_it_is(
    fleet: SqliteStorage, start: Start, clock: Clock
) -> None:
    async with start(width=120) as pilot:
        await press(pilot, *("ctrl+g",) * 4)
        lines = await heard(pilot)
        assert line_with(lines, "▾ laptop").endswith("1 session · seen just now")
        assert line_with(lines, "▾ build-01").endswith("1 session · seen 40s ago · clock 12 s ahead")
        assert line_with(lines, "▾ ci").endswith("2 sessions · ◌ not seen for 2h00 · no route to host")
        clock.now += 61_000
        lines = await heard(pilot)
        assert line_with(lines, "▾ laptop").endswith("seen 1m00 ago")
        fleet.see_machine(seen(THIRD, -61))
        clock.now += 5_000
        lines = await heard(pilot)
        assert line_with(lines, "▾ ci").endswith("2 sessions · seen just now")
        assert not any(line[1] == "◌" for line in lines if len(line) > 1)


async def test_the_details_of_a_stale_session_say_why(
    fleet: SqliteStorage, start: Start, clock: Clock
) -> None:
    async with start() as pilot:
        await press(pilot, "slash", *"three", "enter")
        lines = await heard(pilot)
        assert "· stale: its machine was not seen for 2h00" in line_with(lines, "stale:")
        clock.now += 60_000
        assert "not seen for 2h01" in line_with(await heard(pilot), "stale:")


async def test_a_person_marks_a_session_of_another_machine(fleet: SqliteStorage, start: Start) -> None:
    async with start() as pilot:
        await press(pilot, "slash", *"two", "enter")
        await press(pilot, "full_stop")
        found = fleet.get_session_by_key(SECOND, "two")
        assert found is not None and found.pinned


async def test_the_page_of_the_system_lists_them(
    fleet: SqliteStorage, start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MI6_TUI_HOME", str(tmp_path))
    fleet.see_machine(seen("\x1b[2Jbad\x07", address="me@bad"))
    async with start(height=80) as pilot:
        await press(pilot, "5")
        while " Machines" not in screen_text(pilot):
            await look(pilot)
        lines = screen_text(pilot)
        assert line_with(lines, "  bad ").split() == ["bad", "pushes", "seen", "just", "now,", "at", "me@bad"]
        assert line_with(lines, "  ci ").endswith("pushes        ◌ not seen for 2h00, no route to host")
        assert "clock 12 s ahead" in line_with(lines, "  build-01 ")
