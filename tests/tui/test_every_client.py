"""Sessions of clients that have no mark of their own stand in the table like all others."""

from __future__ import annotations

import pytest

from mi6_tui.frameworks import names
from mi6_tui.model import EventType
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.columns import cells
from tests.tui.conftest import NOW, Start, screen_text
from tests.tui.makers import event


@pytest.mark.asyncio
async def test_each_client_is_shown(storage: SqliteStorage, start: Start) -> None:
    for number, name in enumerate(names()):
        storage.insert(
            event(
                EventType.USER_PROMPT_SUBMIT,
                session_id=f"s{number}",
                framework=name,
                timestamp=NOW - 1000,
                payload=f'{{"prompt":"asked {name}"}}',
            )
        )
    async with start(140) as pilot:
        rows = [line for line in screen_text(pilot) if "thinking" in line and "asked " in line]
        assert len(rows) == len(names())
        for name in names():
            (row,) = (line for line in rows if f"asked {name}" in line)
            assert cells.GLYPHS.get(name, "•") in row
