"""The stream of all sessions: what is in it, how it is held, followed, narrowed and left."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from mi6_tui.model import Batch, EventType, Source
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui import event_log
from mi6_tui.tui.rows import Key
from mi6_tui.tui.screens import events
from mi6_tui.tui.screens.events import EventsScreen
from tests.tui.conftest import NOW, Start, app_of, look, press, screen_text
from tests.tui.makers import asking, ended, event, titled

DAY = 24 * 3600
HOSTILE = (
    "[/some/path] [bold]x[0] [/] \x1b[31mred\x1b]0;t\x07 \u202eRTL \u200bZW \U0001f468\u200d\U0001f469 漢"
)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Paint whatever comes at once, however slow the machine."""
    monkeypatch.setattr(events, "EVERY", 0.001)


async def page(pilot: Pilot[None]) -> EventsScreen:
    await press(pilot, "2")
    screen = pilot.app.screen
    assert isinstance(screen, EventsScreen)
    return screen


def told(pilot: Pilot[None]) -> list[str]:
    """The lines of the stream."""
    screen = pilot.app.screen
    assert isinstance(screen, EventsScreen)
    height = len(screen.list.rows)
    return [line for line in screen_text(pilot)[1 : 1 + height] if line.strip()]


def prompt(session: str, ago: int, words: str = "go", **values: Any) -> Batch:
    kind = EventType.USER_PROMPT_SUBMIT
    return Batch(events=(event(kind, session, ago, key=f"{session}:{ago}", preview=words, **values),))


def tool(session: str, ago: int, name: str, *, ends: int | None = None, outcome: str = "ok") -> Batch:
    used = f"{session}-{ago}"
    begun = event(
        EventType.PRE_TOOL_USE, session, ago, key=f"b{used}", tool_use_id=used, tool_name=name, preview="x"
    )
    if ends is None:
        return Batch(events=(begun,))
    end = event(
        EventType.POST_TOOL_USE,
        session,
        ends,
        key=f"e{used}",
        tool_use_id=used,
        tool_name=name,
        outcome=outcome,
        duration_ms=(ago - ends) * 1000,
    )
    return Batch(events=(begun, end))


async def test_an_empty_store_says_so(start: Start) -> None:
    async with start() as pilot:
        screen = await page(pilot)
        assert "nothing like that happened" in screen.head.text
        await press(pilot, "enter", "j", "k", "g", "G", "space", "space", "tab", "c", "pagedown", "ctrl+u")
        assert screen.is_current
        await press(pilot, "escape", "escape")
        assert not screen.is_current


async def test_all_sessions_in_the_order_of_time(start: Start, writer: SqliteStorage) -> None:
    writer.record(prompt("b", 20, "second"))
    writer.record(Batch(events=prompt("a", 30, "first").events, facts=(titled("a", "The title"),)))
    writer.record(tool("b", 10, "Bash", ends=8))
    writer.record(tool("a", 9, "Read"))
    async with start() as pilot:
        await page(pilot)
        lines = told(pilot)
        assert [line[1:9] for line in lines] == ["14:01:41", "14:01:51", "14:02:01", "14:02:02"]
        assert "› you" in lines[0] and lines[0].endswith("first") and "The title" in lines[0]
        assert lines[1].endswith("second")
        assert "Bash" in lines[2] and lines[2].endswith("2.0s")
        assert "Read" in lines[3] and lines[3].endswith("…")
        writer.record(
            Batch(
                events=(event(EventType.POST_TOOL_USE, "a", 1, key="ea", tool_use_id="a-9", outcome="error"),)
            )
        )
        await look(pilot)
        assert len(told(pilot)) == 4
        assert told(pilot)[3].endswith("error")


async def test_other_days_have_a_line_of_their_own(start: Start, writer: SqliteStorage) -> None:
    writer.record(prompt("a", DAY, "yesterday"))
    writer.record(prompt("a", 5, "today"))
    async with start() as pilot:
        await page(pilot)
        days = [row.day for row in pilot.app.screen.query_one(events.EventList).rows]
        assert days == ["Sun 22 Nov 2026", "", "Mon 23 Nov 2026", ""]


async def test_what_hooks_and_transcript_tell_is_shown_once(start: Start, writer: SqliteStorage) -> None:
    twice = event(EventType.USER_PROMPT_SUBMIT, "a", 20, key="h", source=Source.HOOK, preview="go")
    alone = event(EventType.USER_PROMPT_SUBMIT, "b", 19, key="h2", source=Source.HOOK, preview="go")
    writer.record(Batch(events=(twice, alone)))
    writer.record(prompt("a", 20))
    writer.record(asking("a", 5))
    async with start() as pilot:
        await page(pilot)
        assert [line[12:23].strip() for line in told(pilot)] == ["you", "you", "permission"]


async def test_a_reply_that_is_still_written_is_corrected_in_place(
    start: Start, writer: SqliteStorage
) -> None:
    kind = EventType.ASSISTANT_MESSAGE
    writer.record(Batch(events=(event(kind, "a", 9, key="r", version="1", preview="I will"),)))
    async with start() as pilot:
        await page(pilot)
        assert told(pilot)[0].endswith("I will")
        writer.record(Batch(events=(event(kind, "a", 9, key="r", version="2", preview="I will do it"),)))
        await look(pilot)
        assert len(told(pilot)) == 1
        assert told(pilot)[0].endswith("I will do it")


async def test_held_still_it_counts_what_comes(start: Start, writer: SqliteStorage) -> None:
    writer.record(prompt("a", 50))
    async with start() as pilot:
        screen = await page(pilot)
        await press(pilot, "space")
        for ago in (40, 39, 38):
            writer.record(prompt("a", ago))
            await look(pilot)
        assert len(told(pilot)) == 1
        assert "held · 3 events since" in screen.head.text
        await press(pilot, "space")
        assert len(told(pilot)) == 4
        assert "live" in screen.head.text
        assert screen.list.following


async def test_looking_back_stops_following_and_g_returns(start: Start, writer: SqliteStorage) -> None:
    for ago in range(200, 100, -1):
        writer.record(prompt("a", ago))
    async with start() as pilot:
        screen = await page(pilot)
        assert screen.list.following
        await press(pilot, "k", "k")
        under, top = screen.list.selected, screen.list.first_line
        for ago in (9, 8):
            writer.record(prompt("a", ago))
            await look(pilot)
        assert (screen.list.selected, screen.list.first_line) == (under, top)
        assert "2 new below" in screen.foot.text
        await press(pilot, "G")
        assert screen.list.following
        assert "new below" not in screen.foot.text
        assert screen.list.rows[-1].key == 102


async def test_kinds_are_gone_through_with_tab(start: Start, writer: SqliteStorage) -> None:
    writer.record(prompt("a", 50))
    writer.record(tool("a", 40, "Bash", ends=39, outcome="error"))
    request = event(EventType.API_REQUEST, "a", 30, key="q", model="m", tokens_output=7)
    writer.record(Batch(events=(request,)))
    writer.record(asking("a", 20))
    writer.record(ended("a", 10))
    seen = {}
    async with start() as pilot:
        screen = await page(pilot)
        for _ in range(8):
            seen[screen._wanted.kind] = [
                row.event.event_type for row in screen.list.rows if row.event is not None
            ]
            await press(pilot, "tab")
        assert screen._wanted.kind is None
        assert seen == {
            None: ["UserPromptSubmit", "PreToolUse", "PermissionRequest", "SessionEnd"],
            "needs you": ["PermissionRequest"],
            "prompts": ["UserPromptSubmit"],
            "replies": [],
            "tools": ["PreToolUse"],
            "errors": ["PostToolUse"],
            "agents": [],
            "requests": ["ApiRequest"],
        }
        await press(pilot, "shift+tab", "escape")
        assert screen._wanted == event_log.Wanted()


async def test_one_client_after_the_other(start: Start, writer: SqliteStorage) -> None:
    writer.record(prompt("a", 50))
    writer.record(prompt("b", 40, framework="codex"))
    async with start() as pilot:
        screen = await page(pilot)
        counts = []
        for _ in range(3):
            await press(pilot, "c")
            counts.append((screen._wanted.framework, len(told(pilot))))
        assert counts == [("claude", 1), ("codex", 1), (None, 2)]


async def test_a_query_picks_the_sessions(start: Start, writer: SqliteStorage) -> None:
    writer.record(prompt("a", 50, cwd="/src/web"))
    writer.record(prompt("b", 40, cwd="/src/api"))
    writer.record(tool("b", 30, "Bash", ends=29))
    async with start() as pilot:
        screen = await page(pilot)
        await press(pilot, "slash", *"project:api kind:tools")
        assert [row.event.session_id for row in screen.list.rows if row.event] == ["b"]
        await press(pilot, "backspace")
        assert "kind: is one of" in screen.ask_bar.told.text
        await press(pilot, *"s", "enter")
        assert not screen.ask_bar.input.has_focus
        assert len(told(pilot)) == 1
        writer.record(tool("b", 20, "Read"))
        writer.record(tool("a", 20, "Read"))
        await look(pilot)
        assert len(told(pilot)) == 2
        await press(pilot, "slash", *" colour:red")
        assert "colour" in screen.ask_bar.told.text
        await press(pilot, "escape", "escape")
        assert len(told(pilot)) == 5


async def test_enter_opens_the_session_at_its_place(
    start: Start, writer: SqliteStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[tuple[Key, dict[str, Any]]] = []
    for ago in (50, 40, 30):
        writer.record(prompt("a", ago))
    async with start() as pilot:
        monkeypatch.setattr(app_of(pilot), "open_session", lambda key, **at: opened.append((key, at)))
        await page(pilot)
        await press(pilot, "k", "enter")
        assert opened == [(("host", "a"), {"at": 2})]
        await pilot.click(events.EventList, offset=(5, 0))
        await pilot.click(events.EventList, offset=(5, 0), times=2)
        assert opened[1:] == [(("host", "a"), {"at": 1})]


async def test_memory_is_bounded_and_a_flood_begins_anew(
    start: Start, writer: SqliteStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_log, "HELD", 30)
    monkeypatch.setattr(event_log, "_PAGE", 20)
    kind = EventType.STOP

    def flood(first: int, number: int) -> None:
        ago = range(first, first - number, -1)
        writer.record(Batch(events=tuple(event(kind, "a", one, key=f"f{one}") for one in ago)))

    flood(1000, 100)
    async with start() as pilot:
        screen = await page(pilot)
        assert len(screen.list.rows) == 30
        for step in range(5):
            flood(800 - 10 * step, 10)
            await look(pilot)
        assert len(screen.list.rows) == 30
        flood(700, 200)
        await look(pilot)
        last = [row.event.timestamp for row in screen.list.rows if row.event]
        assert last == [NOW - ago * 1000 for ago in range(530, 500, -1)]


async def test_hidden_it_asks_nothing(
    start: Start, writer: SqliteStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer.record(prompt("a", 50))
    asked: list[object] = []
    original = event_log.LatestEvents.ask

    def ask(self: event_log.LatestEvents, storage: Any, changed: Any) -> Any:
        asked.append(changed)
        return original(self, storage, changed)

    monkeypatch.setattr(event_log.LatestEvents, "ask", ask)
    async with start() as pilot:
        screen = await page(pilot)
        await press(pilot, "1")
        asked.clear()
        writer.record(prompt("a", 40))
        await look(pilot)
        assert asked == []
        await press(pilot, "2")
        assert len(screen.list.rows) == 2


@pytest.mark.parametrize("size", [(20, 5), (40, 10), (80, 24), (200, 50)])
async def test_hostile_text_at_every_size(start: Start, writer: SqliteStorage, size: tuple[int, int]) -> None:
    hostile = event(
        EventType.PRE_TOOL_USE,
        "a\x1b[0m",
        5,
        key="x",
        tool_name=HOSTILE,
        preview=HOSTILE * 5000,
        framework="[b]odd\n",
        cwd="/tmp/[/]\x07",
    )
    writer.record(Batch(events=(hostile,), facts=(titled("a\x1b[0m", HOSTILE),)))
    async with start(*size) as pilot:
        await page(pilot)
        await press(pilot, "c", "tab")
        text = "\n".join(screen_text(pilot))
        assert "\x1b" not in text and "\u202e" not in text and "\u200b" not in text
        for strip in pilot.app.screen._compositor.render_strips():
            assert strip.cell_length == size[0]
