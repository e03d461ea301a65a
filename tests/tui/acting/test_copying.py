"""What can be copied, and how it gets into a clipboard."""

from __future__ import annotations

import pytest

from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.screens.copy import CopyScreen, copies
from tests.actions.recorded import Recorded
from tests.tui.acting.conftest import Open, running, shown, told
from tests.tui.conftest import press
from tests.tui.makers import session


def test_what_can_be_copied() -> None:
    one = session(
        "one",
        framework="codex",
        cwd="/a b",
        transcript_path="/t/one.jsonl",
        github_repo="o/r",
        github_pr=7,
        last_reply="All pass.\n\x1b[31mDone\x1b[0m.",
    )
    assert [(copy.key, copy.what, copy.text) for copy in copies([one])] == [
        ("i", "id", "one"),
        ("f", "folder", "/a b"),
        ("r", "resume command", "cd '/a b' && codex resume one"),
        ("t", "transcript", "/t/one.jsonl"),
        ("o", "web page", "https://github.com/o/r/pull/7"),
        ("l", "last words", "All pass.\nDone."),
    ]


def test_of_several_a_line_each() -> None:
    sessions = [session(name, cwd="/same", framework=None) for name in ("one", "two")]
    assert [(copy.what, copy.text) for copy in copies(sessions)] == [("id", "one\ntwo"), ("folder", "/same")]


def test_nothing_that_is_copied_starts_a_command_when_pasted() -> None:
    one = session("a\nrm -rf x", cwd="/x\n\x1b[201~rm", transcript_path="/t\r\nx", framework="claude")
    for copy in copies([one]):
        assert copy.text.isprintable(), copy.what


@pytest.mark.parametrize("keys", [("f",), ("down", "enter"), ("j", "j", "k", "enter")])
async def test_the_menu(
    writer: SqliteStorage, opened: Open, recorded: Recorded, keys: tuple[str, ...]
) -> None:
    recorded.add("wl-copy")
    writer.record(running("one", cwd="/w"))
    async with opened(WAYLAND_DISPLAY="w") as pilot:
        await press(pilot, "y")
        assert isinstance(pilot.app.screen, CopyScreen)
        assert "/w" in shown(pilot)
        await press(pilot, *keys)
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert recorded.last["input"] == "/w"
        assert told(pilot) == ["folder: copied"]
        assert len(pilot.app.screen_stack) == 1


async def test_a_terminal_that_does_not_say_whether_it_copied(writer: SqliteStorage, opened: Open) -> None:
    writer.record(running("one"))
    async with opened() as pilot:
        await press(pilot, "y", "i")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert told(pilot) == ["id: sent to the clipboard of the terminal"]
