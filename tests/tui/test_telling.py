"""The dashboard tells: in toasts, by the bell, on the desktop, by the user's program, as the settings say."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC
from pathlib import Path

import pytest
from textual import events
from textual.drivers.headless_driver import HeadlessDriver
from textual.pilot import Pilot

from mi6_tui.bench.terminal import Terminal
from mi6_tui.clock import now_ms
from mi6_tui.model import Batch, EventType
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.app import Mi6App
from tests.tui.conftest import Clock, app_of, look, press, screen_text, until
from tests.tui.looking import home, is_shown
from tests.tui.makers import event, titled, working

KITTY = {"TERM": "xterm-kitty"}
Run = Callable[..., AbstractAsyncContextManager[Pilot[None]]]


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the terminal is sent besides what Textual paints and how it wants the pointer to look."""
    sent: list[str] = []

    def write(self: HeadlessDriver, data: str) -> None:
        if not data.startswith("\x1b]22;"):
            sent.append(data)

    monkeypatch.setattr(HeadlessDriver, "write", write)
    return sent


@pytest.fixture
def run(storage: SqliteStorage, clock: Clock, settings: Path) -> Run:
    """The dashboard, which has looked at the store and at the settings."""

    @asynccontextmanager
    async def run(env: Mapping[str, str] = KITTY) -> AsyncIterator[Pilot[None]]:
        app = Mi6App(storage, clock=clock, zone=UTC, settings=settings, env=env, live=False)
        async with app.run_test(size=(120, 35), notifications=True) as pilot:
            app.look_at_settings()
            await look(pilot)
            yield pilot

    return run


def ask(name: str, clock: Clock, command: str = "npm test") -> Batch:
    """The session asks for a permission now."""
    asked = event(
        EventType.PERMISSION_REQUEST, name, timestamp=clock.now, key=f"{name}:{clock.now}", source="hook",
        tool_name="Bash", preview=command,
    )  # fmt: skip
    return Batch(events=(asked,), facts=(titled(name, f"Work of {name}"),))


async def pass_time(pilot: Pilot[None], clock: Clock, ms: int) -> None:
    """Let the dashboard see what is new, and time go by."""
    await look(pilot)
    clock.now += ms
    app_of(pilot).attend()
    await pilot.pause()


def toasts(pilot: Pilot[None]) -> list[str]:
    return [f"{note.title} | {note.message}" for note in app_of(pilot)._notifications]


async def test_a_session_that_begins_to_wait_is_told_in_every_way(
    run: Run, writer: SqliteStorage, clock: Clock, sent: list[str]
) -> None:
    writer.record(ask("old", clock))
    clock.now += 1
    async with run() as pilot:
        clock.now += 5000
        writer.record(ask("a", clock, "[bold]rm[/] -rf \x1b]0;x\x07build"))
        await pass_time(pilot, clock, 999)
        assert toasts(pilot) == sent == []
        await pass_time(pilot, clock, 1)
        assert toasts(pilot) == ["waiting | Work of a: permission: Bash [bold]rm[/] -rf build"]
        assert sent == [
            "\a",
            "\x1b]99;i=mi6-a:d=0:p=title;waiting\x07"
            "\x1b]99;i=mi6-a:d=1:p=body;Work of a: permission: Bash [bold]rm[/] -rf build\x07",
        ]
        await until(pilot, lambda: any("[bold]rm[/] -rf build" in line for line in screen_text(pilot)))
        await pass_time(pilot, clock, 60_000)
        assert len(toasts(pilot)) == 1
        assert len(sent) == 2


async def test_what_is_answered_at_once_is_not_told(
    run: Run, writer: SqliteStorage, clock: Clock, sent: list[str]
) -> None:
    async with run() as pilot:
        clock.now += 1000
        writer.record(ask("a", clock))
        await pass_time(pilot, clock, 500)
        done = event(EventType.POST_TOOL_USE, "a", timestamp=clock.now, key="done", tool_name="Bash")
        writer.record(Batch(events=(done,)))
        await pass_time(pilot, clock, 5000)
        assert toasts(pilot) == sent == []


async def test_nothing_is_told_of_the_session_that_fills_the_screen_while_the_terminal_has_focus(
    run: Run, writer: SqliteStorage, clock: Clock, sent: list[str]
) -> None:
    writer.record(working("a"))
    async with run() as pilot:
        await press(pilot, "enter")
        clock.now += 1000
        writer.record(ask("a", clock))
        await pass_time(pilot, clock, 1000)
        assert toasts(pilot) == sent == []
        writer.record(working("a", ago=-2))
        await pass_time(pilot, clock, 2000)
        app_of(pilot).post_message(events.AppBlur())
        await pilot.pause()
        writer.record(ask("a", clock))
        await pass_time(pilot, clock, 1000)
        assert len(toasts(pilot)) == 1


@pytest.mark.parametrize(
    ("text", "told", "bytes_sent"),
    [
        ("toast = false", 0, 2),
        ("bell = false", 1, 1),
        ('desktop = "none"', 1, 1),
        ('on = ["error"]', 0, 0),
        ('quiet = ["13:00-15:00"]', 1, 0),
        ('quiet = ["15:00-13:00"]', 1, 2),
    ],
)
async def test_the_settings_decide(
    run: Run, writer: SqliteStorage, clock: Clock, sent: list[str], settings: Path,
    text: str, told: int, bytes_sent: int,
) -> None:  # fmt: skip
    settings.write_text(f"[notifications]\n{text}\n")
    async with run() as pilot:
        clock.now += 1000
        writer.record(ask("a", clock))
        await pass_time(pilot, clock, 1000)
        assert (len(toasts(pilot)), len(sent)) == (told, bytes_sent)


async def test_many_at_once_are_told_as_one(
    run: Run, writer: SqliteStorage, clock: Clock, sent: list[str]
) -> None:
    async with run() as pilot:
        clock.now += 1000
        for name in "abcde":
            writer.record(ask(name, clock))
        await pass_time(pilot, clock, 1000)
        assert toasts(pilot) == ["5 sessions need you | 5 waiting: Work of a, Work of b, Work of c, …"]
        assert len(sent) == 2


async def test_broken_settings_are_a_banner_and_the_last_good_ones_hold(
    run: Run, writer: SqliteStorage, clock: Clock, sent: list[str], settings: Path
) -> None:
    settings.write_text("[notifications]\nbell = false\n")
    async with run() as pilot:
        assert not is_shown(home(pilot).banner)
        settings.write_text('[notifications]\nbel = "[/x]"\n')
        app_of(pilot).look_at_settings()
        assert (
            "settings.toml:2: notifications.bel: unknown key, did you mean bell?" in home(pilot).banner.text
        )
        clock.now += 1000
        writer.record(ask("a", clock))
        await pass_time(pilot, clock, 1000)
        assert len(sent) == 1
        settings.unlink()
        app_of(pilot).look_at_settings()
        assert not is_shown(home(pilot).banner)
        clock.now += 1000
        writer.record(ask("b", clock))
        await pass_time(pilot, clock, 1000)
        assert len(sent) == 3


async def test_the_users_program_is_started_and_its_failure_is_a_banner(
    run: Run, writer: SqliteStorage, clock: Clock, sent: list[str], settings: Path, tmp_path: Path
) -> None:
    said = tmp_path / "said"
    settings.write_text(
        f"""[notifications]\ncommand = ["sh", "-c", 'echo "$MI6_REASON" > "$0"; exit 7', "{said}"]\n"""
    )
    async with run() as pilot:
        clock.now += 1000
        writer.record(ask("a", clock))
        await pass_time(pilot, clock, 1000)
        await until(pilot, lambda: is_shown(home(pilot).banner))
        assert home(pilot).banner.text == " ▲ notifications.command: sh ended with 7"
        assert said.read_text() == "permission: Bash npm test\n"


async def test_without_settings_nobody_is_told(storage: SqliteStorage, clock: Clock, sent: list[str]) -> None:
    app = Mi6App(storage, clock=clock, live=False)
    async with app.run_test(size=(120, 35)) as pilot:
        await look(pilot)
        clock.now += 1000
        storage.record(ask("a", clock))
        await pass_time(pilot, clock, 5000)
        assert toasts(pilot) == sent == []


DASHBOARD = """
import sys
from pathlib import Path
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.app import run_dashboard
sys.exit(run_dashboard(SqliteStorage(sys.argv[1]), settings=Path(sys.argv[2])))
"""


def test_the_right_bytes_reach_a_real_terminal(store_path: Path, settings: Path) -> None:
    settings.write_text('[notifications]\ndesktop = "osc777"\ntoast = false\n')
    storage = SqliteStorage(store_path)
    storage.record(working("a", title="Still works"))
    argv = (sys.executable, "-c", DASHBOARD, str(store_path), str(settings))
    with Terminal(argv, {**os.environ, "TMUX": "/tmp/tmux-0/default,1,0"}) as terminal:
        terminal.wait_for(b"quit", timeout=100)
        clock = Clock()
        clock.now = now_ms() + 1
        storage.record(ask("b", clock, "make; \x1b\\\x07 test"))
        terminal.wait_for(
            b"\a\x1bPtmux;\x1b\x1b]777;notify;waiting;Work of b: permission: Bash make, test\x07\x1b\\",
            timeout=100,
        )
    storage.close()


async def test_of_toasts_that_are_over_nothing_stays(run: Run) -> None:
    async with run() as pilot:
        for _ in range(3):
            pilot.app.notify("one that is over before its screen is seen again")
            await pilot.pause()
            await press(pilot, "2")
            pilot.app.clear_notifications()
            await press(pilot, "1")
        await until(pilot, lambda: not pilot.app.screen.query("ToastHolder"))
