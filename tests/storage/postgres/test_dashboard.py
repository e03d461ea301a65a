"""The dashboard on a database that several machines fill, and on one that goes away and comes back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from datetime import UTC
from pathlib import Path

import pytest
from textual.pilot import Pilot

from mi6_tui.model import PREVIEW_LIMIT, Batch, EventType, Machine, SessionFact, Source, Way
from mi6_tui.storage.conformance import make_event
from mi6_tui.storage.postgres import PostgresStorage
from mi6_tui.tui.app import Mi6App
from tests.actions.recorded import Recorded
from tests.storage.postgres.proxy import Proxy
from tests.storage.postgres.server import PostgresServer
from tests.tui.acting.conftest import told
from tests.tui.conftest import NOW, Clock, app_of, look, press, screen_text, until

Open = Callable[[], AbstractAsyncContextManager[Pilot[None]]]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def proxy(server: PostgresServer, url: str) -> Iterator[Proxy]:
    with closing(Proxy(server.socket)) as network:
        yield network


@pytest.fixture
def recorded(tmp_path: Path) -> Recorded:
    return Recorded(tmp_path)


def begin(storage: PostgresStorage, name: str, machine: str, transcript: Path | None = None) -> None:
    """A session that works, in tmux, and whose machine was just seen."""
    prompt = make_event(
        event_type=EventType.USER_PROMPT_SUBMIT,
        session_id=name,
        machine_id=machine,
        key=name,
        # As much as a store keeps: there may be more of it in the transcript.
        preview=f"kept {name} ".ljust(PREVIEW_LIMIT, "."),
        timestamp=NOW - 10_000,
        source=Source.TRANSCRIPT,
        framework="claude",
        transcript_path=str(transcript) if transcript is not None else None,
        byte_offset=0 if transcript is not None else None,
        byte_length=transcript.stat().st_size if transcript is not None else None,
    )
    terminal = SessionFact(
        machine_id=machine,
        session_id=name,
        name="terminal",
        value="tmux /tmp/tmux-0/my socket %3",
        timestamp=1,
        order=(1, 0),
    )
    storage.record(Batch(events=(prompt,), facts=(terminal,)))
    storage.see_machine(Machine(machine_id=machine, seen_at=storage.now(), way=Way.PUSH))


@pytest.fixture
def fleet(storage: PostgresStorage) -> PostgresStorage:
    begin(storage, "one", "desk")
    begin(storage, "two", "build")
    return storage


@pytest.fixture
def opened(proxy: Proxy, clock: Clock, recorded: Recorded, tmp_path: Path) -> Open:
    """Runs the dashboard on the database, through a network that can be cut."""

    @asynccontextmanager
    async def run() -> AsyncIterator[Pilot[None]]:
        with closing(PostgresStorage(proxy.url("shared"), clock=clock, patience=0)) as store:
            app = Mi6App(
                store,
                clock=clock,
                zone=UTC,
                env=recorded.env,
                settings=tmp_path / "settings.toml",
                live=False,
            )
            async with app.run_test(size=(120, 35)) as pilot:
                await look(pilot)
                yield pilot

    return run


async def heard(pilot: Pilot[None]) -> list[str]:
    """The screen after the clock moved and the store was looked at."""
    home = app_of(pilot).home
    assert home is not None
    home.tick()
    await look(pilot)
    return screen_text(pilot)


async def choose(pilot: Pilot[None], name: str) -> None:
    await press(pilot, "slash", *f"session:{name}", "enter")


async def test_a_lost_store_is_told_and_comes_back_by_itself(
    fleet: PostgresStorage, opened: Open, proxy: Proxy, clock: Clock
) -> None:
    async with opened() as pilot:
        lines = await heard(pilot)
        assert [line[1] for line in lines if "desk" in line or "build" in line] == ["●", "●"]
        proxy.judge = lambda piece: "cut"
        proxy.cut()
        begin(fleet, "three", "build")
        lines = await heard(pilot)
        assert lines[1].startswith(" ▲ as of 14:02:11: postgresql://mi6@127.0.0.1:")
        assert [line[1] for line in lines if "desk" in line or "build" in line] == ["◌", "◌"]
        clock.now += 7_000
        assert "stale: no word from the store for 7s" in "".join(await heard(pilot))
        proxy.judge = lambda piece: "pass"
        lines = await heard(pilot)
        assert not any("▲" in line for line in lines)
        assert [line[1] for line in lines if "desk" in line or "build" in line] == ["●", "●", "●"]


async def test_a_person_marks_sessions_of_other_machines(fleet: PostgresStorage, opened: Open) -> None:
    async with opened() as pilot:
        await choose(pilot, "two")
        await press(pilot, "full_stop")
        await press(pilot, "r", *"mine", "enter")
        found = fleet.get_session_by_key("build", "two")
        assert found is not None
        assert (found.pinned, found.nickname) == (True, "mine")


@pytest.mark.parametrize("key", ["T", "R"])
async def test_what_needs_the_machine_itself_is_refused_in_one_line(
    fleet: PostgresStorage, opened: Open, key: str
) -> None:
    async with opened() as pilot:
        await choose(pilot, "two")
        await press(pilot, key)
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert told(pilot) == ["'two' runs on another machine, build"]


async def test_focus_goes_by_ssh_where_an_address_is_known(
    fleet: PostgresStorage, opened: Open, recorded: Recorded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    recorded.add("terminal")
    choosing = "tmux -S '/tmp/tmux-0/my socket' select-window -t %3 ';' select-pane -t %3 ';'"
    line = f"{choosing} attach-session -t %3"

    def opening(address: str) -> list[str]:
        """By hand, as a shell that stays gets it."""
        quoted = line.replace("'", "'\"'\"'")
        command = f"ssh -t -- {address} '{quoted}'; exec /bin/sh -i"
        return ["terminal", str(tmp_path), "/bin/sh", "-i", "-c", command]

    settings = tmp_path / "settings.toml"
    settings.write_text('[actions]\nterminal = ["terminal", "{folder}", "{command}"]\n')
    async with opened() as pilot:
        app_of(pilot).look_at_settings()
        await choose(pilot, "two")

        async def focus() -> None:
            await press(pilot, "f")
            await pilot.app.workers.wait_for_complete()
            await look(pilot)

        async def called(times: int) -> list[str]:
            """How the terminal was called; it may begin after it was started."""
            await until(pilot, lambda: len(recorded.calls) == times)
            return recorded.calls[-1]

        await focus()
        assert recorded.calls == []
        assert told(pilot)[-1].endswith('how to get there: [machines."build"] ssh = "user@host"')
        seen = Machine(machine_id="build", seen_at=fleet.now(), way=Way.PUSH, address="me@build")
        fleet.see_machine(seen)
        await focus()
        assert await called(1) == opening("me@build")
        settings.write_text(settings.read_text() + '[machines."build"]\nssh = "you@other"\n')
        app_of(pilot).look_at_settings()
        await focus()
        assert await called(2) == opening("you@other")
        found = fleet.get_session_by_key("build", "two")
        assert found is not None and found.seen_at == NOW


async def test_a_file_here_is_not_taken_for_another_machines(
    storage: PostgresStorage, opened: Open, tmp_path: Path
) -> None:
    transcript = tmp_path / "two.jsonl"
    transcript.write_text('{"type":"user","message":{"role":"user","content":"only here"}}\n')
    begin(storage, "two", "build", transcript)
    async with opened() as pilot:
        await press(pilot, "enter", "tab")
        await pilot.app.workers.wait_for_complete()
        await look(pilot)
        text = "\n".join(screen_text(pilot))
        assert "kept two" in text
        assert "its transcript is on another machine" in text
        assert "only here" not in text
