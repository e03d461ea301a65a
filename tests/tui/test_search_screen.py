"""The search: what can be typed, what is found, where it leads."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from mi6_tui.model import Batch, Event, EventType, SearchQuery
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.rows import Key
from mi6_tui.tui.screens import search
from mi6_tui.tui.screens.search import HitList, SearchScreen
from mi6_tui.tui.search_words import asked, snippet
from tests.tui.conftest import NOW, Start, app_of, look, press, screen_text
from tests.tui.makers import event, titled

DAY = 86_400_000


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for what was typed without waiting for more."""
    monkeypatch.setattr(search, "PATIENCE", 0.001)


def prompt(session: str, ago: int, words: str, **values: Any) -> Event:
    kind = values.pop("kind", EventType.USER_PROMPT_SUBMIT)
    return event(kind, session, ago, key=f"{session}:{ago}:{kind}", preview=words, **values)


async def page(pilot: Pilot[None], typed: str = "") -> SearchScreen:
    await press(pilot, "4")
    screen = pilot.app.screen
    assert isinstance(screen, SearchScreen)
    await type_in(pilot, typed)
    return screen


async def type_in(pilot: Pilot[None], words: str) -> None:
    screen = pilot.app.screen
    assert isinstance(screen, SearchScreen)
    screen.ask_bar.input.value = words
    await pilot.pause(0.02)
    await look(pilot)


def found(screen: SearchScreen) -> list[str]:
    return [row.hit.snippet for row in screen.list.rows if row.hit is not None]


@pytest.mark.parametrize(
    ("typed", "query"),
    [
        ("two words", SearchQuery(text="two words", limit=9)),
        ('kind:reply "in order"', SearchQuery(text='"in order"', kind="reply", limit=9)),
        ("framework:codex a* -b", SearchQuery(text="a* -b", framework="codex", limit=9)),
        ("since:7d x until:1d", SearchQuery(text="x", since=NOW - 7 * DAY, until=NOW - DAY, limit=9)),
        ("thekind:x", SearchQuery(text="thekind:x", limit=9)),
    ],
)
def test_what_is_typed_is_a_question(typed: str, query: SearchQuery) -> None:
    told = asked(typed, NOW, 9)
    assert (told.query, told.problem) == (query, "")


@pytest.mark.parametrize("typed", ["", "  ", "kind:reply", "-without", '"', "***", "[/]", "since:1d"])
def test_without_a_word_nothing_is_asked(typed: str) -> None:
    assert asked(typed, NOW, 9) == asked("", NOW, 9)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("kind:foo x", "kind: is one of prompt, reply, command"),
        ("x kind:", "kind: is one of prompt, reply, command"),
        ("framework: x", "framework: wants a name like codex"),
        ("since:never x", "since: is a day (2026-11-20) or an age (7d, 12h)"),
    ],
)
def test_what_is_wrong_is_told(typed: str, problem: str) -> None:
    assert asked(typed, NOW, 9).problem == problem


async def test_the_empty_page_explains_itself(start: Start) -> None:
    async with start(80, 24) as pilot:
        screen = await page(pilot)
        words = "\n".join(screen_text(pilot))
        assert "What can be typed" in words and '"run the tests"' in words and "since:7d" in words
        assert screen.ask_bar.input.has_focus
        await press(pilot, "enter", "down", "up", "pagedown")
        await press(pilot, "escape")
        assert not screen.is_current


async def test_hits_are_shown_as_they_are_typed(start: Start, writer: SqliteStorage) -> None:
    events = (
        prompt("a", 90, "fix the parser"),
        prompt("b", 60, "The Parser is fixed", kind=EventType.ASSISTANT_MESSAGE, framework="codex"),
        prompt("b", 30, "nothing of it"),
    )
    writer.record(Batch(events=events, facts=(titled("a", "The title"), titled("b", "Other"))))
    async with start() as pilot:
        screen = await page(pilot, "parser")
        assert found(screen) == ["The Parser is fixed", "fix the parser"]
        assert "2 hits" in screen.head.text
        lines = screen_text(pilot)
        assert lines[2].split() == ["▌", "1m00", "reply", "-", "Other", "The", "Parser", "is", "fixed"]
        assert lines[3].split()[:5] == ["1m30", "prompt", "-", "The", "title"]
        marked = {
            segment.text
            for segment in screen.list.render_line(0)
            if segment.style is not None and segment.style.underline
        }
        assert marked == {"Parser"}
        for typed, expected in (
            ("parser kind:prompt", ["fix the parser"]),
            ("parser framework:codex", ["The Parser is fixed"]),
            ("pars", []),
            ("pars*", ["The Parser is fixed", "fix the parser"]),
            ("parser since:75s", ["The Parser is fixed"]),
        ):
            await type_in(pilot, typed)
            assert found(screen) == expected, typed
        await type_in(pilot, "pars")
        assert "nothing found" in screen.head.text
        await type_in(pilot, "parser kind:x")
        assert "kind: is one of" in screen.ask_bar.told.text


async def test_a_hit_opens_its_session_at_its_place_and_is_remembered(
    start: Start, writer: SqliteStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[tuple[Key, dict[str, Any]]] = []
    writer.record(Batch(events=(prompt("a", 90, "one parser"), prompt("b", 60, "two parser"))))
    async with start() as pilot:
        monkeypatch.setattr(app_of(pilot), "open_session", lambda key, **at: opened.append((key, at)))
        screen = await page(pilot, "parser")
        await press(pilot, "down", "enter")
        assert opened == [(("host", "a"), {"at": 1})]
        await pilot.click(HitList, offset=(20, 0), times=2)
        assert opened[1:] == [(("host", "b"), {"at": 2})]
        await type_in(pilot, "")
        assert found(screen) == []
        assert [row.words for row in screen.list.rows] == ["parser"]
        assert "Searched for before" in "\n".join(screen_text(pilot))
        await press(pilot, "enter")
        await pilot.pause(0.02)
        await look(pilot)
        assert screen.ask_bar.text == "parser"
        assert found(screen) == ["two parser", "one parser"]


async def test_more_hits_come_when_the_cursor_nears_the_end(
    start: Start, writer: SqliteStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "LIMIT", 30)
    writer.record(Batch(events=tuple(prompt("a", ago, f"parser {ago}") for ago in range(100, 0, -1))))
    async with start() as pilot:
        screen = await page(pilot, "parser")
        assert "30 hits or more" in screen.head.text
        await press(pilot, "escape")
        for _ in range(8):
            await press(pilot, "G")
        assert found(screen) == [f"parser {ago}" for ago in range(1, 101)]
        assert screen.head.text.strip().endswith("100 hits")
        assert screen.list.cursor == 99


async def test_hits_hold_still_while_the_store_changes(start: Start, writer: SqliteStorage) -> None:
    writer.record(Batch(events=(prompt("a", 90, "one parser"),)))
    async with start() as pilot:
        screen = await page(pilot, "parser")
        writer.record(Batch(events=(prompt("a", 10, "two parser"),)))
        await look(pilot)
        assert found(screen) == ["one parser"]
        await press(pilot, "escape", "1")
        assert "search" not in app_of(pilot).feed._questions
        await press(pilot, "4")
        assert found(screen) == ["two parser", "one parser"]


async def test_letters_are_typed_and_arrows_move(start: Start, writer: SqliteStorage) -> None:
    writer.record(Batch(events=tuple(prompt("a", ago, "jk 12 parser") for ago in (30, 20, 10))))
    async with start() as pilot:
        screen = await page(pilot)
        await press(pilot, *"jk")
        await pilot.press("space", *"12")
        await pilot.pause(0.02)
        await look(pilot)
        assert screen.ask_bar.text == "jk 12"
        assert len(found(screen)) == 3
        await press(pilot, "down")
        assert screen.list.cursor == 1
        await press(pilot, "escape", "j", "slash")
        assert screen.list.cursor == 2
        assert screen.ask_bar.input.has_focus


HOSTILE = (
    "\x1b[31m[/path]\x1b[0m [bold]parser[/] \x1b]0;t\x07 \u202eRTL \u200bZW \U0001f468\u200d\U0001f469 漢字"
)


@pytest.mark.parametrize("size", [(10, 4), (20, 5), (40, 10), (80, 24), (200, 50)])
async def test_hostile_text_at_every_size(start: Start, writer: SqliteStorage, size: tuple[int, int]) -> None:
    hostile = prompt("a\x1b[1m", 5, HOSTILE * 40, cwd=f"/src/{HOSTILE}", tool_name=HOSTILE)
    writer.record(Batch(events=(hostile,), facts=(titled("a\x1b[1m", HOSTILE),)))
    async with start(*size) as pilot:
        screen = await page(pilot, "parser")
        assert len(found(screen)) == 1
        text = "\n".join(screen_text(pilot))
        assert "\x1b" not in text and "\u202e" not in text and "\u200b" not in text
        for strip in pilot.app.screen._compositor.render_strips():
            assert strip.cell_length == size[0]
        await type_in(pilot, "[/] [bold]x")


async def test_snippets_keep_their_blanks(writer: SqliteStorage) -> None:
    writer.record(Batch(events=(prompt("a", 5, "say the word twice: word"),)))
    (hit,) = writer.search(SearchQuery(text="word"))
    assert snippet(hit, None) == [("say the ", False), ("word", True), (" twice: ", False), ("word", True)]
    assert "".join(words for words, _ in snippet(hit, 12)) == "…he word tw…"


async def test_the_footer_tells_how_to_leave_the_line(start: Start, writer: SqliteStorage) -> None:
    writer.record(Batch(events=(prompt("a", 5, "the parser"),)))
    async with start(120, 30) as pilot:
        await page(pilot, "parser")
        assert "Esc leave the line" in screen_text(pilot)[-1]
        await press(pilot, "escape")
        assert "Esc back" in screen_text(pilot)[-1]
        await press(pilot, "2")
        assert type(pilot.app.screen).__name__ == "EventsScreen"


async def test_nothing_in_a_line_is_as_bright_as_what_was_found(start: Start, storage: SqliteStorage) -> None:
    storage.record(Batch(events=(prompt("a", 9, "port the parser"),), facts=(titled("a", "Some session"),)))
    async with start() as pilot:
        screen = await page(pilot, "parser")
        (row,) = screen.list.rows
        inks = {words.strip(): ink for words, ink in screen.list.draw(row, 119)}
        assert inks.pop("parser") == "found"
        assert set(inks.values()) <= {"plain", "quiet", "faint"}
