"""A dashboard where no program is but those that are recorded, and sessions of this machine."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC
from pathlib import Path

import pytest
from textual.pilot import Pilot

from mi6_tui.ingest.live.processes import system_processes
from mi6_tui.model import Batch, Claim, EventType, SessionFact, Source
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.app import Mi6App
from mi6_tui.tui.screens.kill import KillScreen
from tests.actions.recorded import Recorded
from tests.ingest.live.living import Living
from tests.tui.conftest import Clock, look, screen_text, until
from tests.tui.makers import event

HERE = os.uname().nodename
Open = Callable[..., AbstractAsyncContextManager[Pilot[None]]]


@pytest.fixture
def living() -> Iterator[Living]:
    processes = Living()
    yield processes
    processes.close()


@pytest.fixture
def recorded(tmp_path: Path) -> Recorded:
    return Recorded(tmp_path)


@pytest.fixture
def opened(storage: SqliteStorage, clock: Clock, recorded: Recorded) -> Open:
    """Runs the dashboard where no program is but those that are recorded."""

    @asynccontextmanager
    async def run(read_only: bool = False, **env: str) -> AsyncIterator[Pilot[None]]:
        app = Mi6App(
            storage, clock=clock, zone=UTC, env={**recorded.env, **env}, read_only=read_only, live=False
        )
        async with app.run_test(size=(110, 35)) as pilot:
            await look(pilot)
            yield pilot

    return run


def fact(session_id: str, name: str, value: str | int) -> SessionFact:
    return SessionFact(
        machine_id=HERE, session_id=session_id, name=name, value=value, timestamp=1, order=(1, 0)
    )


def running(session_id: str, pid: int | None = None, ago: int = 10, **facts: str | int) -> Batch:
    """A session of this machine that works; a witness saw its process alive."""
    prompt = event(
        EventType.USER_PROMPT_SUBMIT,
        session_id,
        ago,
        machine_id=HERE,
        key=session_id,
        preview="go",
        source=Source.HOOK,
    )
    claims: tuple[Claim, ...] = ()
    if pid is not None:
        process = system_processes().find(pid)
        assert process is not None
        claims = (
            Claim(
                machine_id=HERE,
                session_id=session_id,
                witness="process",
                kind="alive",
                at=prompt.timestamp,
                pid=pid,
                process=process.identity,
            ),
        )
    named = tuple(fact(session_id, name, value) for name, value in {"title": session_id, **facts}.items())
    return Batch(events=(prompt,), claims=claims, facts=named)


def told(pilot: Pilot[None]) -> list[str]:
    """What was said in toasts."""
    return [note.message for note in pilot.app._notifications]


def shown(pilot: Pilot[None]) -> str:
    return "\n".join(screen_text(pilot))


async def asked(pilot: Pilot[None]) -> KillScreen:
    """The question, once it is put."""
    assert isinstance(pilot.app.screen, KillScreen)
    screen = pilot.app.screen
    await until(pilot, lambda: "Looking" not in shown(pilot))
    return screen
