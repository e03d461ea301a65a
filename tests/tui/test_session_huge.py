"""A conversation of 100 MB opens at once, is searched, and is told from what was kept when it is gone."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import pytest

from mi6_tui.ingest import reading_back
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.session import reading
from mi6_tui.tui.session.conversation import ConversationTab
from tests.recorded import read_all
from tests.tui.conftest import NOW, Start, screen_text
from tests.tui.sessions import body, claude_line, open_tab, opened, press, settle, tab_of

NAME = "11111111-2222-4333-8444-555555555555"


@pytest.fixture(scope="module")
def huge_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A transcript of 2,000 replies of 50 kB."""
    home = tmp_path_factory.mktemp("home")
    path = home / f".claude/projects/-src/{NAME}.jsonl"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        for number in range(2_000):
            words = f"reply {number} begins\n" + "lorem ipsum dolor " * 2_800 + f"\nthe end of {number}"
            file.write(claude_line(NAME, f"u{number:05}", number, words) + b"\n")
    return home


@pytest.fixture
def huge(storage: SqliteStorage, huge_home: Path) -> tuple[Path, str]:
    """It, read into the store, and its session."""
    read_all(storage, huge_home, NOW)
    return huge_home / f".claude/projects/-src/{NAME}.jsonl", NAME


async def test_a_hundred_megabytes_open_at_once(
    start: Start, storage: SqliteStorage, huge: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, name = huge
    assert path.stat().st_size > 100_000_000
    spent: list[int] = []

    def counting(descriptor: int, size: int, offset: int) -> bytes:
        data = os.pread(descriptor, size, offset)
        spent.append(len(data))
        return data

    monkeypatch.setattr(reading, "read_back", partial(reading_back.read_back, read=counting))
    async with start(120, 40) as pilot:
        screen = await opened(pilot, ("devbox", name), "conversation")
        assert body(pilot)[-1].endswith("the end of 1999")
        # What is seen is within one reply; around it lie the one before and nothing else.
        assert 0 < sum(spent) <= 3 * 51_000
        tab = tab_of(screen)
        assert isinstance(tab, ConversationTab)
        assert len(tab.view.stack.blocks) < 600
        before = sum(spent)
        await press(pilot, "pageup", "pageup", "k", "k")
        assert sum(spent) - before <= 3 * 51_000
        await press(pilot, "g")
        assert any(line.endswith("reply 0 begins") for line in body(pilot))
        assert sum(spent) <= 12 * 51_000
        await press(pilot, "G")
        assert body(pilot)[-1].endswith("the end of 1999")


async def test_words_are_found_wherever_they_stand(
    start: Start, storage: SqliteStorage, huge: tuple[Path, str]
) -> None:
    async with start(120, 40) as pilot:
        screen = await opened(pilot, ("devbox", huge[1]), "conversation")
        await press(pilot, "slash")
        await pilot.press(*"END OF 123", "enter")
        tab = tab_of(screen)
        assert isinstance(tab, ConversationTab)

        async def found() -> str:
            for _ in range(200):
                await settle(pilot)
                if tab._find is None and not tab._reading and tab.timeline.goal is None:
                    break
            return next((line for line in body(pilot) if "the end of" in line), "")

        assert (await found()).endswith("the end of 123")
        await pilot.press("n")
        assert (await found()).endswith("the end of 1230")
        await pilot.press("N")
        assert (await found()).endswith("the end of 123")
        assert open_tab(screen) == "conversation"
        await press(pilot, "escape")
        assert tab.view.needle == ""
        await press(pilot, "slash")
        await pilot.press(*"nowhere at all", "enter")
        await found()
        assert "not found" in screen_text(pilot)[2]


async def test_a_transcript_that_is_gone_shows_what_was_kept(
    start: Start, storage: SqliteStorage, huge: tuple[Path, str]
) -> None:
    path, name = huge
    storage.rename_transcript(str(path), f"{path}.gone.jsonl")
    async with start(120, 40) as pilot:
        await opened(pilot, ("devbox", name), "conversation")
        assert any("No such file" in line and "what the store kept" in line for line in body(pilot))
        await press(pilot, "pageup", "pageup")
        assert any("begins" in line or "lorem ipsum" in line for line in body(pilot))
