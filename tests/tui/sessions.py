"""Opens the session screen, and says what stands on it."""

from __future__ import annotations

import json

from textual.pilot import Pilot

from mi6_tui.model import Session, SessionQuery
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.rows import Key
from mi6_tui.tui.screens.session import SessionScreen
from mi6_tui.tui.session.tab import Tab
from tests.tui.conftest import app_of, screen_text


async def settle(pilot: Pilot[None]) -> None:
    """Let the screen ask, be answered, read, and ask again."""
    await pilot.pause(0)
    for _ in range(4):
        app_of(pilot).pull()
        await pilot.pause(0)
        await pilot.app.workers.wait_for_complete()
        await pilot.pause(0)


async def opened(pilot: Pilot[None], key: Key, tab: str = "activity", at: int | None = None) -> SessionScreen:
    """The screen of a session, with what it shows."""
    app_of(pilot).open_session(key, tab=tab, at=at)
    await settle(pilot)
    return shown(pilot)


def shown(pilot: Pilot[None]) -> SessionScreen:
    """The session screen that is seen."""
    screen = pilot.app.screen
    assert isinstance(screen, SessionScreen)
    return screen


def tab_of(screen: SessionScreen) -> Tab:
    """The tab that is open."""
    assert screen.tab is not None
    return screen.tab


def open_tab(screen: SessionScreen) -> str:
    """The name of the tab that is open."""
    return tab_of(screen).LABEL


def body(pilot: Pilot[None]) -> list[str]:
    """The lines between the tabs and the footer, without the scroll bar and without empty ones at the end."""
    scroll_bar = pilot.app.size.width - 1
    lines = [line[:scroll_bar].rstrip() for line in screen_text(pilot)[3:-1]]
    while lines and not lines[-1]:
        lines.pop()
    return lines


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys one by one, each with all its consequences."""
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


def busiest(storage: SqliteStorage, framework: str) -> Session:
    """The recorded session of a client in which most was done."""
    sessions = storage.list_sessions(SessionQuery().with_framework(framework))
    return max(sessions, key=lambda one: (one.tool_call_count + one.message_count, one.session_id))


def claude_line(session: str, uuid: str, at: int, words: str) -> bytes:
    """A reply as Claude Code writes it down, `at` seconds into the day."""
    stamp = f"2026-11-23T{at // 3600:02}:{at // 60 % 60:02}:{at % 60:02}.000Z"
    record = {
        "type": "assistant", "uuid": uuid, "sessionId": session, "timestamp": stamp, "isSidechain": False,
        "message": {"id": uuid, "model": "claude-opus-5-5", "content": [{"type": "text", "text": words}]},
    }  # fmt: skip
    return json.dumps(record).encode()
