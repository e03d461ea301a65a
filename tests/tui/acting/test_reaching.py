"""Terminals and pages of sessions: a real tmux, recorded programs."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from mi6_tui.model import Batch, EventType
from mi6_tui.storage.sqlite import SqliteStorage
from tests.actions.recorded import Recorded
from tests.actions.tmux import Tmux
from tests.tui.acting.conftest import HERE, Open, running, told
from tests.tui.conftest import Clock, look, press
from tests.tui.makers import event


async def test_focus_shows_the_terminal_and_is_a_look(
    writer: SqliteStorage, opened: Open, recorded: Recorded, clock: Clock
) -> None:
    recorded.add("zellij")
    writer.record(running("one", terminal="zellij my work 3"))
    async with opened(ZELLIJ_SESSION_NAME="my work") as pilot:
        await press(pilot, "f")
        await pilot.app.workers.wait_for_complete()
        await look(pilot)
        assert recorded.calls == [["zellij", "--session", "my work", "action", "focus-pane-id", "terminal_3"]]
        found = writer.get_session_by_key(HERE, "one")
        assert found is not None
        assert found.seen_at == clock.now


async def test_a_double_click_is_focus(writer: SqliteStorage, opened: Open) -> None:
    if shutil.which("tmux") is None:
        pytest.skip("there is no tmux")
    with tempfile.TemporaryDirectory() as folder:
        tmux = Tmux(Path(folder))
        try:
            tmux.pane("new-session", "-d", "-s", "a b")
            wanted = tmux.pane("new-window", "-d")
            client = tmux.attach("a b")
            writer.record(running("one", terminal=f"tmux {tmux.socket} {wanted}"))
            async with opened(PATH=os.environ["PATH"]) as pilot:
                await pilot.click("#sessions", offset=(10, 1), times=2)
                await pilot.app.workers.wait_for_complete()
                assert tmux.seen() == {client: wanted}
        finally:
            tmux.close()


async def test_why_there_is_no_focus_is_one_sentence(writer: SqliteStorage, opened: Open) -> None:
    writer.record(running("one", cwd="/w"))
    async with opened() as pilot:
        await press(pilot, "f")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert told(pilot) == ["cannot go to 'one': nothing tells its terminal, in the folder /w"]


async def test_a_terminal_in_its_folder(
    writer: SqliteStorage, opened: Open, recorded: Recorded, tmp_path: Path
) -> None:
    recorded.add("zellij")
    writer.record(running("one", cwd=str(tmp_path)))
    async with opened(ZELLIJ_SESSION_NAME="s") as pilot:
        await press(pilot, "T")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert recorded.calls == [["zellij", "action", "new-pane", "--cwd", str(tmp_path)]]
        assert told(pilot) == [f"zellij: a terminal in {tmp_path}"]


async def test_a_session_that_may_run_is_not_resumed(writer: SqliteStorage, opened: Open) -> None:
    writer.record(running("one", cwd="/"))
    async with opened() as pilot:
        await press(pilot, "R")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert told(pilot)[0].startswith("'one' is not known to have ended")


async def test_one_that_has_ended_is_resumed(
    writer: SqliteStorage, opened: Open, recorded: Recorded, tmp_path: Path
) -> None:
    recorded.add("zellij")
    writer.record(running("one", cwd=str(tmp_path)))
    end = event(EventType.SESSION_END, "one", 1, machine_id=HERE, key="end")
    writer.record(Batch(events=(end,)))
    async with opened(ZELLIJ_SESSION_NAME="s", SHELL="/bin/zsh") as pilot:
        await press(pilot, "a", "R")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        (call,) = recorded.calls
        assert call[:5] == ["zellij", "action", "new-pane", "--cwd", str(tmp_path)]
        assert call[5:] == ["--", "/bin/zsh", "-i", "-c", "claude --resume one; exec /bin/zsh -i"]
        assert told(pilot) == ["zellij: claude --resume one"]


async def test_its_page(writer: SqliteStorage, opened: Open, recorded: Recorded) -> None:
    recorded.add("xdg-open")
    writer.record(running("one", github_pr=5))
    writer.update_session_github_repo("one", "o/r")
    async with opened() as pilot:
        await press(pilot, "o")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert recorded.calls == [["xdg-open", "https://github.com/o/r/pull/5"]]


@pytest.mark.parametrize("key", ["f", "T", "R", "o", "y", "x", "K"])
async def test_without_a_session_nothing_happens(opened: Open, key: str) -> None:
    async with opened() as pilot:
        await press(pilot, key)
        assert (told(pilot), len(pilot.app.screen_stack)) == ([], 1)
