"""Sessions are ended: real processes, and only after a yes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mi6_tui.actions.kill import Ending
from mi6_tui.model import Batch, Claim
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.screens.kill import KillScreen
from tests.actions.recorded import Recorded
from tests.ingest.live.living import Living, order
from tests.tui.acting.conftest import HERE, Open, asked, running, shown, told
from tests.tui.conftest import app_of, press, until


@pytest.mark.parametrize("key", ["x", "K"])
async def test_enter_leaves_a_session_alone(
    writer: SqliteStorage, opened: Open, living: Living, key: str
) -> None:
    agent = living.agent()
    writer.record(running("one", agent.pid))
    async with opened() as pilot:
        await press(pilot, key)
        screen = await asked(pilot)
        text = shown(pilot)
        assert "End this session?" in text
        assert f"process {agent.pid}" in text
        assert re.search(r"children +none", text)
        assert re.search(r"unsent +what is typed there and not sent cannot be seen", text)
        assert not screen.yes_chosen
        await press(pilot, "enter")
        assert not isinstance(pilot.app.screen, KillScreen)
    assert order(agent, "echo alive") == "alive"


async def test_y_interrupts_it_and_offers_the_way_back(
    writer: SqliteStorage, opened: Open, living: Living, recorded: Recorded, tmp_path: Path
) -> None:
    agent = living.start("sleep", "1000", program="/bin/sleep")
    batch = running("one", agent.pid, cwd=str(tmp_path))
    writer.record(batch)
    recorded.add("xclip")
    async with opened(DISPLAY=":0") as pilot:
        await press(pilot, "x")
        screen = await asked(pilot)
        await press(pilot, "y")
        await until(pilot, lambda: bool(screen.outcomes))
        await pilot.pause()
        assert screen.outcomes[0].ended == "interrupt"
        assert agent.wait() == -2
        assert "ended, interrupted (SIGINT)" in shown(pilot)
        line = f"cd {tmp_path} && claude --resume one"
        assert screen.resume_lines == [line]
        await press(pilot, "c")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert recorded.last["input"] == line
        assert told(pilot) == ["resume command: copied"]


async def test_the_last_resort_is_a_key_of_its_own(
    writer: SqliteStorage, opened: Open, living: Living, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Ending.__init__, "__defaults__", (0.1,))
    agent = living.agent()
    order(agent, "trap '' INT TERM; echo")
    writer.record(running("one", agent.pid))
    async with opened() as pilot:
        await press(pilot, "x")
        screen = await asked(pilot)
        await press(pilot, "X", "y")
        await until(pilot, lambda: bool(screen.outcomes))
        await pilot.pause()
        assert screen.survivors == [screen.outcomes[0].process]
        assert agent.poll() is None
        assert "1 session still running" in shown(pilot)
        await press(pilot, "y", "X")
        await until(pilot, lambda: screen.outcomes[0].ended is not None)
        assert screen.outcomes[0].ended == "kill"
        assert agent.wait() == -9


async def test_several_are_asked_for_at_once(writer: SqliteStorage, opened: Open, living: Living) -> None:
    first, second = (living.start("sleep", "1000", program="/bin/sleep") for _ in range(2))
    writer.record(running("one", first.pid))
    writer.record(running("two", second.pid))
    writer.record(running("three"))
    async with opened() as pilot:
        app = app_of(pilot)
        sessions = [one for name in ("one", "two", "three") if (one := app.session((HERE, name)))]
        app.actions.act("kill", sessions[0], sessions)
        await pilot.pause()
        screen = await asked(pilot)
        text = shown(pilot)
        assert "End 2 of 3 sessions?" in text
        assert "nothing tells its process" in text
        await press(pilot, "y")
        await until(pilot, lambda: len(screen.outcomes) == 2)
        assert [one.ended for one in screen.outcomes] == ["interrupt", "interrupt"]
        assert (first.wait(), second.wait()) == (-2, -2)


async def test_a_process_that_has_its_number_by_now_cannot_be_ended(
    writer: SqliteStorage, opened: Open, living: Living
) -> None:
    agent = living.agent()
    batch = running("one", agent.pid)
    (claim,) = batch.claims
    boot, namespace, ticks = (claim.process or "").split()
    before = f"{boot} {namespace} {int(ticks) - 1}"
    stale = Claim(
        machine_id=HERE,
        session_id="one",
        witness="process",
        kind="alive",
        at=claim.at,
        pid=agent.pid,
        process=before,
    )
    writer.record(Batch(events=batch.events, claims=(stale,), facts=batch.facts))
    async with opened() as pilot:
        await press(pilot, "x")
        screen = await asked(pilot)
        assert "its number belongs to another one now" in shown(pilot)
        assert not screen.offered
        await press(pilot, "y", "right", "enter")
        assert not isinstance(pilot.app.screen, KillScreen)
    assert order(agent, "echo alive") == "alive"
