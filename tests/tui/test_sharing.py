"""`--share`: on no page of the dashboard stands a word of what was said, a name, a place or a price."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC
from pathlib import Path

import pytest
from textual.pilot import Pilot

from mi6_tui.ingest.progress import Progress
from mi6_tui.model import Batch, Claim, EventType, Source
from mi6_tui.storage.sharing import SharedStorage
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.app import Mi6App
from mi6_tui.tui.sharing import quiet_scan
from mi6_tui.tui.worker import ScanView
from tests.tui.conftest import NOW, Clock, look, press, screen_text
from tests.tui.looking import toasts
from tests.tui.makers import MACHINE, event, titled

WORD = "zebra"
"""Stands in everything that is told of the session."""


@pytest.fixture
def told(writer: SqliteStorage, tmp_path: Path) -> SqliteStorage:
    path = str(tmp_path / f"{WORD}.jsonl")
    place = {"cwd": f"/home/{WORD}/{WORD}", "git_branch": f"feat/{WORD}", "transcript_path": path}
    named = f"{WORD}-1"
    writer.record(
        Batch(
            events=(
                event(
                    EventType.USER_PROMPT_SUBMIT,
                    named,
                    60,
                    key="p",
                    payload=f'{{"prompt":"Feed the {WORD}"}}',
                    byte_offset=0,
                    **place,
                ),
                event(
                    EventType.API_REQUEST,
                    named,
                    50,
                    key="r",
                    model="claude-opus-5-5",
                    tokens_input=1_000,
                    tokens_cache_read=99_000,
                    tokens_output=500,
                    cost_usd=77.77,
                    **place,
                ),
                event(EventType.ASSISTANT_MESSAGE, named, 45, key="a", preview=f"The {WORD} eats", **place),
                event(
                    EventType.PRE_TOOL_USE,
                    named,
                    40,
                    key="t",
                    tool_name=f"mcp__{WORD}__feed",
                    tool_use_id=f"call-{WORD}",
                    payload=f'{{"command":"feed {WORD}"}}',
                    preview=f"feed {WORD}",
                    **place,
                ),
                event(
                    EventType.PERMISSION_REQUEST,
                    named,
                    5,
                    key="q",
                    source=Source.HOOK,
                    tool_name=f"mcp__{WORD}__feed",
                    preview=f"feed {WORD}",
                ),
            ),
            facts=(titled(named, f"About a {WORD}"),),
            claims=(
                Claim(
                    machine_id=MACHINE,
                    session_id=named,
                    witness="registry",
                    kind="waiting",
                    detail=WORD,
                    at=NOW,
                ),
            ),
        )
    )
    return writer


@asynccontextmanager
async def sharing(storage: SqliteStorage, clock: Clock) -> AsyncIterator[Pilot[None]]:
    app = Mi6App(SharedStorage(storage), clock=clock, zone=UTC, share=True, live=False)
    async with app.run_test(size=(160, 50)) as pilot:
        await look(pilot)
        yield pilot


def painted(pilot: Pilot[None]) -> str:
    return "\n".join([*screen_text(pilot), *toasts(pilot)])


async def test_the_list_shows_pseudonyms(told: SqliteStorage, storage: SqliteStorage, clock: Clock) -> None:
    async with sharing(storage, clock) as pilot:
        seen = painted(pilot)
        assert "session-1" in seen
        assert "project-1" in seen
        assert "permission" in seen
        await press(pilot, "d")
        seen += painted(pilot)
        assert WORD not in seen
        assert MACHINE not in seen.split()
        assert "$" not in seen


async def test_a_row_has_its_whole_pseudonym(
    told: SqliteStorage, storage: SqliteStorage, clock: Clock
) -> None:
    told.record(Batch(events=(event(EventType.STOP, f"{WORD}-2", 30, key="s"),)))
    async with sharing(storage, clock) as pilot:
        lines = [line for line in screen_text(pilot) if "session-" in line]
        assert any("session-1" in line for line in lines)
        assert any("session-2" in line for line in lines)
        assert "session session" not in "\n".join(lines)


async def test_no_page_tells(told: SqliteStorage, storage: SqliteStorage, clock: Clock) -> None:
    async with sharing(storage, clock) as pilot:
        seen = []
        for keys in (("1",), ("w",), ("2",), ("3",), ("tab",), ("1",), ("enter",), *[("tab",)] * 6, ("M",)):
            await press(pilot, *keys)
            seen.append(painted(pilot))
        everything = "\n".join(seen)
        assert len(set(seen)) > 9, "the keys lead somewhere"
        assert "[hidden]" in everything
        assert WORD not in everything
        assert "77.77" not in everything


@pytest.mark.parametrize(("key", "page"), [("4", "search"), ("5", "system"), ("comma", "settings")])
async def test_pages_that_would_tell_stay_closed(
    key: str, page: str, told: SqliteStorage, storage: SqliteStorage, clock: Clock
) -> None:
    async with sharing(storage, clock) as pilot:
        await press(pilot, key)
        assert f"the page {page} is not shown to others" in painted(pilot)
        assert len(pilot.app.screen_stack) == 1


async def test_nothing_is_changed(told: SqliteStorage, storage: SqliteStorage, clock: Clock) -> None:
    async with sharing(storage, clock) as pilot:
        await press(pilot, ".")
        assert any(toast.startswith("--share") for toast in toasts(pilot))
    session = storage.get_session(f"{WORD}-1")
    assert session is not None
    assert not session.pinned
    assert session.seen_at is None


def test_a_scan_tells_no_file() -> None:
    progress = Progress(
        files_done=1,
        files_total=2,
        bytes_done=1,
        bytes_total=2,
        lines=1,
        events=1,
        path="/home/u/x",
        elapsed=1,
    )
    view = quiet_scan(ScanView(progress=progress, problems=("cannot read /home/u/x",)))
    assert "/home" not in repr(view)
    assert view.progress is not None
    assert len(view.problems) == 1
