"""The page of the system: what it looks at, when, and that it says it in cells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from textual.pilot import Pilot

from mi6_tui import frameworks
from mi6_tui.doctor.facts import (
    Client,
    Content,
    Facts,
    Log,
    Root,
    Settings,
    Spool,
    StoreFile,
    Unpriced,
    Writer,
)
from mi6_tui.doctor.gather import gather
from mi6_tui.doctor.own import Own, OwnCost
from mi6_tui.hooks.state import HookState
from mi6_tui.ingest.follow import ScannerState
from mi6_tui.ingest.lock import WriterLock
from mi6_tui.model import Batch, EventType, FilePosition, ReadBelow
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.screens import system
from mi6_tui.tui.screens.system import SystemScreen
from mi6_tui.tui.system_lines import size, system_lines
from mi6_tui.tui.worker import ScanNews, ScanView
from tests.tui.conftest import NOW, Start, app_of, look, press, screen_text, until
from tests.tui.makers import event, working

HOSTILE = "[/x] [b]y[/] \x1b[31mz\x07 \u202eRTL \U0001f468\u200d\U0001f469 漢"
OWN = Own(
    pid=7,
    age=90.0,
    cpu=0.0123,
    cpu_now=0.004,
    memory=61_200_000,
    threads=6,
    wakeups=3.21,
    read=1_500,
    read_rate=0.0,
)


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own with one client in it, and no programs."""
    home = tmp_path / "home"
    (home / ".claude" / "projects").mkdir(parents=True)
    for name in ("CLAUDE_CONFIG_DIR", "CODEX_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "MI6_TUI_DB"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("MI6_TUI_HOME", str(tmp_path))
    return home


async def page(pilot: Pilot[None]) -> SystemScreen:
    await press(pilot, "5")
    screen = pilot.app.screen
    assert isinstance(screen, SystemScreen)
    await settle(pilot)
    return screen


async def settle(pilot: Pilot[None]) -> None:
    await pilot.app.workers.wait_for_complete()
    screen = pilot.app.screen
    await until(pilot, lambda: not (isinstance(screen, SystemScreen) and screen._busy))
    await pilot.pause()


def line(pilot: Pilot[None], words: str) -> str:
    """The one line that begins with these words."""
    (found,) = (text for text in map(_plain, screen_text(pilot)) if text.startswith(words))
    return found


def _plain(text: str) -> str:
    return " ".join(text.split())


async def test_an_empty_store_on_a_quiet_machine(start: Start, store_path: Path) -> None:
    async with start(200, 50) as pilot:
        await page(pilot)
        assert line(pilot, "lag") == "lag no event was recorded yet"
        assert line(pilot, "writer").startswith("writer nobody")
        assert line(pilot, "rows") == "rows 0 sessions (0 not ended), 0 events, 0 requests"
        assert line(pilot, "✓ store") == f"✓ store {store_path} can be read and written"
        assert line(pilot, "◆ hooks claude").startswith("◆ hooks claude not enabled")
        assert line(pilot, "claude").split()[1:6] == ["not", "enabled", "-", "absent", "0"]
        assert line(pilot, "codex").split()[1:3] == ["not", "here"]
        await press(pilot, "j", "G", "g", "pagedown", "ctrl+u", "k")
        await press(pilot, "escape")


async def test_what_was_recorded_and_read_is_told(start: Start, writer: SqliteStorage, machine: Path) -> None:
    path = str(machine / ".claude" / "projects" / "a.jsonl")
    late = event(EventType.USER_PROMPT_SUBMIT, "a", 3, key="p", preview="go", transcript_path=path)
    writer.record(
        Batch(events=(late,), positions=(FilePosition(file_path=path, byte_offset=9, malformed=2),))
    )
    async with start(120, 60) as pilot:
        await page(pilot)
        # The event is 3 s old, and the store's clock said NOW when it was recorded.
        assert line(pilot, "lag") == "lag newest event 14:02:08, 3s ago, recorded 3.0s later"
        assert line(pilot, "◆ records").startswith("◆ records 2 lines without a record")
        assert line(pilot, "claude").split()[4:8] == ["absent", "1", "0s", "ago"]


async def test_broken_settings_are_red_until_they_are_mended(start: Start, tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text("[notifications]\nbel = true\n")
    async with start(160, 60) as pilot:
        screen = await page(pilot)
        assert line(pilot, "✗ settings").startswith(
            f"✗ settings {settings}:2: notifications.bel: unknown key"
        )
        assert "1 failed" in line(pilot, "Doctor")
        settings.write_text("")
        for _ in range(system.EVERY):
            screen.tick(NOW)
        await settle(pilot)
        assert line(pilot, "✓ settings") == f"✓ settings {settings} is right"


async def test_who_writes(start: Start, store_path: Path) -> None:
    lock = WriterLock(store_path.with_name(store_path.name + ".lock"))
    assert lock.try_acquire()
    try:
        async with start(120, 50) as pilot:
            await page(pilot)
            view = ScanView(state=ScannerState(role="writer", watching=True), problems=("/x: bad",))
            pilot.app.post_message(ScanNews(view))
            await press(pilot, "1")
            await page(pilot)
            assert line(pilot, "writer") == "writer this process, told of changes by the system"
            assert line(pilot, "◆ reading").startswith("◆ reading /x: bad")
    finally:
        lock.release()


async def test_it_looks_now_and_then_and_only_while_it_is_seen(
    start: Start, writer: SqliteStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[int] = []

    def counted(*args: Any, **options: Any) -> Facts:
        looks.append(len(options["clients"]))
        return gather(*args, **options)

    monkeypatch.setattr(system, "gather", counted)
    async with start(120, 50) as pilot:
        screen = await page(pilot)
        looks.clear()
        for _ in range(2 * system.EVERY):
            screen.tick(NOW)
            await settle(pilot)
        # The clients were looked at just before.
        assert looks == [len(frameworks.names())] * 2
        await press(pilot, "1")
        looks.clear()
        for _ in range(system.EVERY):
            screen._tick()
        writer.record(working("a"))
        await look(pilot)
        await settle(pilot)
        assert looks == []
        assert "system" not in app_of(pilot).feed._questions


def test_the_cost_is_that_of_this_process() -> None:
    times = iter((10.0, 14.0))
    cost = OwnCost(lambda: next(times))
    first = cost.look()
    assert (first.cpu_now, first.wakeups, first.read_rate) == (None, None, None)
    Path(__file__).read_bytes()
    second = cost.look()
    assert second.memory > 1 << 20 and second.threads >= 1
    assert second.cpu_now is not None and 0 <= second.cpu_now < 100
    assert second.wakeups is not None and second.wakeups >= 0
    if first.read is not None and second.read is not None:
        read = second.read - first.read
        assert read >= Path(__file__).stat().st_size
        assert second.read_rate == read / 4


def facts(**changes: Any) -> Facts:
    """A machine with something of everything, and hostile names."""
    hooks = HookState(
        framework="claude", scope="user", file=HOSTILE, state="cannot tell", reason=HOSTILE, present=True
    )
    whole = Facts(
        now=NOW,
        store=StoreFile(path=f"/{HOSTILE}", bytes=4_500_000, log_bytes=1000, free_bytes=10**10),
        content=Content(
            sessions=12_345,
            active=3,
            newest=NOW - 2000,
            newest_recorded=NOW - 1500,
            requests=5,
            unpriced=(Unpriced(HOSTILE, 2),),
            heard={"claude": {"hook": NOW - 60_000, "registry": NOW - 3000}},
        ),
        writer=Writer(role="another process", pid=4711),
        clients=(
            Client(
                name="claude",
                present=True,
                hooks=(hooks,),
                registries=("/r",),
                roots=(Root(path=HOSTILE, exists=True, readable=True, read=ReadBelow(files=1234, last=NOW)),),
            ),
        ),
        spool=Spool(path=f"/{HOSTILE}", exists=True, writable=True, dropped=1),
        settings=Settings(path=HOSTILE, exists=True, problems=(HOSTILE * 30, HOSTILE)),
        log=Log(path=HOSTILE, last=(HOSTILE * 30,), since_yesterday=1),
        problems=(HOSTILE * 100,),
        versions={"mi6-tui": "1", "x": HOSTILE},
    )
    return msgspec.structs.replace(whole, **changes)


def told(whole: Facts, width: int = 120, scan: ScanView | None = None) -> list[str]:
    lines = system_lines(whole, OWN, scan or ScanView(), None, width)
    return [" ".join("".join(words for words, _ in pieces).split()) for pieces in lines]


def test_the_lines() -> None:
    lines = told(facts())
    assert lines[1:4] == [
        "cpu 0.4 % of a core now, 1.2 % since its start 1m30 ago",
        "memory 61.2 MB, 6 threads",
        "wake-ups 3.2 a second",
    ]
    assert lines[4] == "bytes read 1.5 kB, 0 B a second"
    assert lines[5].endswith("2s ago, recorded 500ms later")
    assert lines[6] == "writer process 4711; this one reads"
    assert any(text.startswith("claude cannot tell 1m00 ago 3s ago 1,234 0s ago") for text in lines)
    state = ScannerState(role="reader", reason="the file is read-only")
    assert told(facts(), scan=ScanView(state=state))[6] == "writer none here: the file is read-only"


@pytest.mark.parametrize("width", [1, 10, 20, 40, 80, 200])
def test_hostile_names_at_every_width(width: int) -> None:
    from rich.cells import cell_len

    for pieces in system_lines(facts(), OWN, ScanView(), None, width):
        line = "".join(words for words, _ in pieces)
        assert cell_len(line) <= width
        assert not {"\x1b", "\x07", "\u202e", "\u200d"} & set(line)


def test_sizes() -> None:
    assert [size(number) for number in (None, 0, 999, 1234, 5_600_000, 7 * 10**9)] == [
        "-", "0 B", "999 B", "1.2 kB", "5.60 MB", "7.00 GB",
    ]  # fmt: skip


@pytest.mark.parametrize("dimensions", [(10, 3), (40, 10), (80, 24)])
async def test_every_size(start: Start, dimensions: tuple[int, int]) -> None:
    async with start(*dimensions) as pilot:
        await page(pilot)
        for strip in pilot.app.screen._compositor.render_strips():
            assert strip.cell_length == dimensions[0]
