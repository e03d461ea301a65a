"""What the user notes on sessions: pins, names, tags, hidden ones; on one or on several."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from mi6_tui.model import Session
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui import marks
from mi6_tui.tui.app import Mi6App
from mi6_tui.tui.widgets.prompt import Prompt
from tests.tui.conftest import NOW, Start, look, press, screen_text
from tests.tui.looking import home, is_shown, names, selected, toasts
from tests.tui.makers import MACHINE, session, working


def row(storage: SqliteStorage, name: str) -> Session:
    found = storage.get_session_by_key(MACHINE, name)
    assert found is not None
    return found


def fleet(writer: SqliteStorage, letters: str = "abcd") -> None:
    for name in letters:
        writer.record(working(name, title=f"Work of {name}"))


async def test_pinned_sessions_stand_on_top(start: Start, writer: SqliteStorage) -> None:
    fleet(writer)
    async with start() as pilot:
        table = home(pilot).table
        await press(pilot, "j", "j", "full_stop")
        assert row(writer, "c").pinned
        assert names(table) == ["c", "a", "b", "d"]
        assert selected(table) == "c"
        assert screen_text(pilot)[2].startswith("▌↑ ●")
        await press(pilot, "full_stop")
        assert names(table) == ["a", "b", "c", "d"]
        assert screen_text(pilot)[2].startswith(" ●"), "without a sign there is no room for signs"


async def test_a_name_of_the_users_own(start: Start, writer: SqliteStorage) -> None:
    fleet(writer)
    async with start() as pilot:
        await press(pilot, "r", *"Bert", "enter")
        assert row(writer, "a").nickname == "Bert"
        assert any("Bert" in line for line in screen_text(pilot)[:4])
        assert home(pilot).table.has_focus
        await press(pilot, "r")
        assert screen_text(pilot)[1].startswith(" name Bert")
        await press(pilot, "x", "escape")
        assert row(writer, "a").nickname == "Bert", "Escape changes nothing"
        await press(pilot, "r", "ctrl+u", "enter")
        assert row(writer, "a").nickname is None
        assert any("Work of a" in line for line in screen_text(pilot)[:4])


async def test_hostile_names_are_cleaned(start: Start, writer: SqliteStorage) -> None:
    fleet(writer)
    async with start() as pilot:
        await press(pilot, "r")
        home(pilot).query_one("#prompt", Prompt).field.value = "[/x]\x1b[31m\u202e" + "y" * 500
        await press(pilot, "enter")
        nickname = row(writer, "a").nickname
        assert nickname is not None
        assert nickname.startswith("[/x]yyy")
        assert len(nickname) == marks.NAME_LIMIT
        assert any("[/x]yyy" in line for line in screen_text(pilot))


async def test_tags_of_one_are_written_and_of_several_added(start: Start, writer: SqliteStorage) -> None:
    fleet(writer)
    async with start() as pilot:
        await press(pilot, "number_sign", *"Urgent", "space", *"later", "enter")
        assert row(writer, "a").tags == "later urgent"
        await press(pilot, "g", "space", "space", "number_sign")
        assert screen_text(pilot)[1].startswith(" add tags to 2 sessions")
        await press(pilot, *"web", "space", "minus", *"later", "enter")
        assert (row(writer, "a").tags, row(writer, "b").tags) == ("urgent web", "web")
        assert row(writer, "c").tags is None
        assert home(pilot).table.picked == set()


async def test_hidden_sessions_go_and_can_be_seen_again(start: Start, writer: SqliteStorage) -> None:
    fleet(writer)
    async with start() as pilot:
        table = home(pilot).table
        await press(pilot, "j", "z")
        assert row(writer, "b").hidden
        assert names(table) == ["a", "c", "d"]
        assert selected(table) == "c"
        assert toasts(pilot) == ["Work of b: hidden; Z shows what is hidden"]
        await press(pilot, "Z")
        assert names(table) == ["a", "b", "c", "d"]
        assert screen_text(pilot)[3].startswith(" – ●")
        await press(pilot, "k", "z")
        assert not row(writer, "b").hidden


async def test_what_is_selected_is_what_is_done_to(start: Start, writer: SqliteStorage) -> None:
    fleet(writer)
    async with start() as pilot:
        screen = home(pilot)
        assert [one.session_id for one in screen.selected_sessions()] == ["a"]
        await press(pilot, "space", "j", "space")
        assert [one.session_id for one in screen.selected_sessions()] == ["a", "c"]
        assert "2 selected" in screen_text(pilot)[1]
        assert [line[1] for line in screen_text(pilot)[2:6]] == ["+", " ", "+", " "]
        await press(pilot, "full_stop")
        assert [row(writer, name).pinned for name in "abcd"] == [True, False, True, False]
        assert screen.table.picked == set()
        await press(pilot, "space", "space", "escape")
        assert screen.table.picked == set()


async def test_a_selected_session_that_is_not_on_show_is_left_alone(
    start: Start, writer: SqliteStorage
) -> None:
    fleet(writer)
    async with start() as pilot:
        screen = home(pilot)
        await press(pilot, "space", "space", "slash", *"work", "space", *"of", "space", "b", "enter")
        assert names(screen.table) == ["b"]
        assert [one.session_id for one in screen.selected_sessions()] == ["b"]
        assert "1 selected" in "\n".join(screen_text(pilot)[:4])


async def test_the_head_of_a_group_stands_for_its_sessions(start: Start, writer: SqliteStorage) -> None:
    fleet(writer, "ab")
    async with start() as pilot:
        screen = home(pilot)
        await press(pilot, "ctrl+g", "k", "space")
        assert [one.session_id for one in screen.selected_sessions()] == ["a", "b"]
        await press(pilot, "k", "space")
        assert screen.table.picked == set()


async def test_a_store_that_cannot_be_written_says_so(writer: SqliteStorage, store_path: object) -> None:
    fleet(writer, "a")
    storage = SqliteStorage(str(store_path), clock=lambda: NOW, read_only=True)
    app = Mi6App(storage, clock=lambda: NOW, live=False)
    async with app.run_test(size=(120, 35)) as pilot:
        await look(pilot)
        at_first = toasts(pilot)
        await press(pilot, "full_stop")
        (said,) = toasts(pilot)[len(at_first) :]
        assert said.startswith("nothing was noted: ") and "opened for reading only" in said
        assert not is_shown(home(pilot).banner)
        assert not row(writer, "a").pinned
        assert not home(pilot).table.selected.pinned  # type: ignore[union-attr]
        await press(pilot, "z")
        assert toasts(pilot) == [*at_first, said, said], "not that it is hidden"
        assert names(home(pilot).table) == ["a"]
    storage.close()


async def test_marks_on_a_locked_store_wait_and_say_so_once(writer: SqliteStorage, store_path: Path) -> None:
    fleet(writer, "abc")
    storage = SqliteStorage(store_path, clock=lambda: NOW, busy_timeout=1)
    app = Mi6App(storage, clock=lambda: NOW, live=False)
    other = apsw.Connection(str(store_path))
    waits = f"{store_path} is locked by another program"
    async with app.run_test(size=(120, 35)) as pilot:
        await look(pilot)
        table, banner = home(pilot).table, home(pilot).banner
        other.execute("BEGIN IMMEDIATE")
        await press(pilot, "j", "j", "full_stop")
        for _ in range(3):
            await look(pilot)
            assert names(table) == ["c", "a", "b"], "as it will be, and no way back"
        assert toasts(pilot) == [f"1 mark waits: {waits}; written once it is free"]
        assert f"1 mark waits: {waits}" in banner.text
        await press(pilot, "j", "z")
        assert toasts(pilot)[1:] == ["Work of a: hidden; Z shows what is hidden"]
        assert names(table) == ["c", "b"]
        assert f"2 marks wait: {waits}" in banner.text
        other.execute("ROLLBACK")
        await look(pilot)
        assert names(table) == ["c", "b"]
        assert (row(writer, "c").pinned, row(writer, "a").hidden) == (True, True)
        assert not is_shown(banner)
        assert len(toasts(pilot)) == 2, "no word of success"
    other.close()
    storage.close()


@pytest.mark.parametrize(
    ("before", "written", "alone", "after"),
    [
        (None, "", True, None),
        ("old", "", True, None),
        ("old", "New, newer  #old", True, "new newer old"),
        ("old", "new", False, "new old"),
        ("old", "-old", False, None),
        ("old", "-OLD new -missing", False, "new"),
        (None, "# , ,", False, None),
    ],
)
def test_tags(before: str | None, written: str, alone: bool, after: str | None) -> None:
    assert marks.tags_after(session("a", tags=before), written, alone=alone) == after


def test_a_flag_of_several_is_set_unless_all_have_it() -> None:
    pinned, other = session("a", pinned=True), session("b")
    assert marks.flag_after([pinned, other], "pinned")
    assert not marks.flag_after([pinned, pinned], "pinned")
