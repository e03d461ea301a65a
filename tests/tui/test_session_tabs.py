"""The tabs of a session over what five clients recorded, over much, and over what is hostile."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mi6_tui import frameworks
from mi6_tui.model import Batch, Claim, Event, EventQuery, EventType, Source, ToolUse
from mi6_tui.paths import machine_id
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.session import usage
from mi6_tui.tui.session.activity import ActivityTab
from mi6_tui.tui.session.conversation import ConversationTab
from mi6_tui.tui.session.tools import ToolList, ToolRow, head
from mi6_tui.tui.session.usage import UsageTab
from tests.ingest.git.program import Git
from tests.recorded import furnish, read_all
from tests.tui.conftest import NOW, Clock, Start, screen_text
from tests.tui.makers import MACHINE, event, working
from tests.tui.sessions import body, busiest, claude_line, open_tab, opened, press, settle, tab_of

KEY = (MACHINE, "s1")
TABS = ["activity", "conversation", "tools", "usage", "files", "why"]


def many(writer: SqliteStorage, count: int, **values: Any) -> None:
    """So many notifications, a second apart, the last just now."""
    for start in range(0, count, 5_000):
        batch = tuple(
            event(EventType.NOTIFICATION, key=f"n{n}", preview=f"number {n}", ago=count - n, **values)
            for n in range(start, min(count, start + 5_000))
        )
        writer.record(Batch(events=batch))


# Recordings of real clients.


@pytest.fixture
def recorded(storage: SqliteStorage, tmp_path: Path) -> Path:
    home = tmp_path / "home"
    furnish(home)
    read_all(storage, home, NOW)
    return home


@pytest.mark.parametrize("framework", frameworks.names())
async def test_every_tab_of_a_recorded_session(
    start: Start, storage: SqliteStorage, recorded: Path, framework: str
) -> None:
    row = busiest(storage, framework)
    async with start(120, 40) as pilot:
        screen = await opened(pilot, row.key)
        for name in TABS:
            screen.open_tab(name)
            await settle(pilot)
            assert body(pilot), name
            assert not any("…  reading" in line for line in body(pilot))
            await press(pilot, "g", "enter", "G", "space", "pagedown", "pageup")
            if open_tab(screen) != name:
                screen.open_tab(name)
        tools = sum(use.calls for use in storage.tools(*row.key))
        assert tools == row.tool_call_count


async def test_a_conversation_is_told_in_full(start: Start, storage: SqliteStorage, recorded: Path) -> None:
    row = busiest(storage, "claude")
    async with start(120, 40) as pilot:
        screen = await opened(pilot, row.key, "conversation")
        tab = tab_of(screen)
        assert isinstance(tab, ConversationTab)
        await press(pilot, "g")
        assert any(line.endswith("Ask me which colour I like.") for line in body(pilot)), body(pilot)
        calls = [block for block in tab.view.stack.blocks if block.is_call]
        assert len(calls) == row.tool_call_count
        tab.view.look_at(calls[-1].key)
        await press(pilot, "enter")
        assert any("file_path: /home/dev/project/README.md" in line for line in body(pilot))
        assert (tab.copied() or "").startswith("file_path: /home/dev/project/README.md\n\n")
        await press(pilot, "space")
        assert not any("file_path:" in line for line in body(pilot))


async def test_the_ledger_counts_repeats_and_jumps(
    start: Start, storage: SqliteStorage, recorded: Path
) -> None:
    row = busiest(storage, "claude")
    async with start(120, 40) as pilot:
        screen = await opened(pilot, row.key, "usage")
        text = "\n".join(body(pilot))
        assert f" {row.api_request_count} requests " in text
        assert " 3x " in text
        rows = [line for line in body(pilot) if " @ " in line]
        assert len(rows) == row.api_request_count
        await press(pilot, "g", "enter")
        assert open_tab(screen) == "activity"
        stream = tab_of(screen)
        assert isinstance(stream, ActivityTab) and stream.stream.marked
        await press(pilot, "enter")
        assert open_tab(screen) == "conversation"


async def test_the_slowest_call_is_one_key_away(start: Start, storage: SqliteStorage, recorded: Path) -> None:
    row = busiest(storage, "claude")
    async with start(120, 40) as pilot:
        screen = await opened(pilot, row.key, "tools")
        slowest = storage.tools(*row.key)[0].slowest
        assert slowest is not None
        await press(pilot, "g", "enter")
        tab = tab_of(screen)
        assert isinstance(tab, ActivityTab)
        assert tab.stream.marked == str(slowest[1])


# Activity.


async def test_activity_is_live_held_and_filtered(start: Start, writer: SqliteStorage) -> None:
    writer.record(working("s1", ago=60))
    writer.record(
        Batch(
            events=(
                event(
                    EventType.PRE_TOOL_USE, ago=9, key="c", tool_use_id="t", tool_name="Bash", preview="make"
                ),
                event(
                    EventType.POST_TOOL_USE,
                    ago=8,
                    key="r",
                    tool_use_id="t",
                    tool_name="Bash",
                    outcome="error",
                ),
                event(EventType.ASSISTANT_MESSAGE, ago=7, key="a", preview="it failed"),
                event(EventType.API_ERROR, ago=6, key="e", outcome="overloaded", preview="try later"),
                event(EventType.API_REQUEST, ago=5, key="q", model="m", tokens_input=7),
            )
        )
    )
    async with start() as pilot:
        await opened(pilot, KEY)
        assert body(pilot)[0].split()[1:3] == ["›", "you"]
        words = {
            "prompts": ["you"], "replies": ["assistant"], "tools": ["tool"], "errors": ["tool", "▲"],
            "requests": ["request"], "all": ["you", "tool", "assistant", "▲", "request"],
        }  # fmt: skip
        for name, expected in words.items():
            await press(pilot, "F")
            assert (f"only {name}" in screen_text(pilot)[2]) == (name != "all")
            seen = [line.replace("›", " ").split()[1] for line in body(pilot)]
            assert seen == expected, name
        await press(pilot, "space")
        writer.record(Batch(events=(event(EventType.STOP, ago=1, key="s"),)))
        await settle(pilot)
        assert not any("turn ended" in line for line in body(pilot))
        assert "held · 1 new" in screen_text(pilot)[2]
        await press(pilot, "space")
        assert any("turn ended" in line for line in body(pilot))
        await press(pilot, "F", "escape")
        assert "only" not in screen_text(pilot)[2]


async def test_a_hundred_thousand_events(start: Start, writer: SqliteStorage) -> None:
    many(writer, 100_000)
    async with start() as pilot:
        screen = await opened(pilot, KEY)
        tab = tab_of(screen)
        assert isinstance(tab, ActivityTab)
        assert body(pilot)[-1].endswith("number 99999")
        assert len(tab.stream.lines) < 600
        for _ in range(5):
            tab.stream.move_to_end(last=False)
            await settle(pilot)
        assert 2_000 < len(tab.stream.lines) <= 4_100
        assert tab.stream.first_line > 0
        await press(pilot, "g")
        assert body(pilot)[1].endswith("number 0")
        await press(pilot, "G")
        assert body(pilot)[-1].endswith("number 99999")
        writer.record(Batch(events=(event(EventType.NOTIFICATION, key="last", preview="one more"),)))
        await settle(pilot)
        assert body(pilot)[-1].endswith("one more")


async def test_it_opens_at_an_event(start: Start, writer: SqliteStorage) -> None:
    many(writer, 3_000)
    (found,) = [one for one in writer.query(EventQuery()) if one.preview == "number 1234"]
    async with start() as pilot:
        await opened(pilot, KEY, at=found.id)
        assert any(line.endswith("number 1234") for line in body(pilot))
        assert "earlier" in screen_text(pilot)[2]


# Usage, files, why.


async def test_repeats_of_much_are_counted_on_demand(
    start: Start, storage: SqliteStorage, recorded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usage, "READ_UNASKED", 10)
    row = busiest(storage, "claude")
    async with start(120, 40) as pilot:
        screen = await opened(pilot, row.key, "usage")
        assert "u counts repeats" in screen_text(pilot)[2]
        assert isinstance(tab_of(screen), UsageTab)
        assert not any(" 3x " in line for line in body(pilot))
        await press(pilot, "u")
        assert any(" 3x " in line for line in body(pilot))


async def test_a_long_ledger_pages_and_follows(start: Start, writer: SqliteStorage) -> None:
    requests = tuple(
        event(
            EventType.API_REQUEST, key=f"q{n}", ago=2_000 - n, model=f"model-{n % 3}", tokens_input=n,
            tokens_output=1, tokens_cache_read=0, tokens_cache_write=0, cost_usd=0.5, outcome="stop",
        )
        for n in range(1_500)
    )  # fmt: skip
    writer.record(Batch(events=requests))
    async with start(120, 40) as pilot:
        screen = await opened(pilot, KEY, "usage")
        tab = tab_of(screen)
        assert isinstance(tab, UsageTab)
        assert "500 of 1,500 requests" in screen_text(pilot)[2]
        assert " 1,500 requests " in body(pilot)[0] and "$750.00 recorded" in body(pilot)[0]
        assert sum("model-" in line and "$250.00" in line for line in body(pilot)) == 3
        await press(pilot, "g")
        await press(pilot, "g")
        assert tab.list.rows[0].event.tokens_input == 0
        await press(pilot, "G", "G")
        assert tab.list.rows[-1].event.tokens_input == 1_499


async def test_files_and_git(start: Start, writer: SqliteStorage, tmp_path: Path) -> None:
    git = Git(tmp_path / "githome")
    repo = git.repo(tmp_path / "r")
    (repo / "a").write_text("1\nzwei\n3\n4\n")
    edits = [
        event(
            EventType.PRE_TOOL_USE, key=f"e{n}", ago=9 - n, tool_name=tool, preview=path, cwd=str(repo),
            tool_use_id=f"{n}",
        )
        for n, (tool, path) in enumerate(
            [("Edit", f"{repo}/a"), ("Write", f"{repo}/a"), ("Read", "/etc/passwd"), ("Edit", "/elsewhere/b")]
        )
    ]  # fmt: skip
    writer.record(Batch(events=tuple(edits)))
    async with start(120, 40) as pilot:
        await opened(pilot, KEY, "files")
        text = "\n".join(body(pilot))
        assert str(repo) in text
        assert "Not committed  1 file, +2 -1" in text
        assert "Written by its tools  2 files" in text
        assert any(line.split()[:2] == ["2x", "a"] for line in body(pilot))
        assert any(line.split()[:2] == ["1x", "/elsewhere/b"] for line in body(pilot))
        assert "passwd" not in text
        (repo / "new").write_text("x")
        await settle(pilot)
        assert "new" not in "\n".join(body(pilot))
        await press(pilot, "u")
        assert any(line.split() == ["new", "new"] for line in body(pilot))


async def test_why_looks_at_the_process(start: Start, writer: SqliteStorage, clock: Clock) -> None:
    from mi6_tui.ingest.live.processes import system_processes

    own = system_processes().find(os.getpid())
    assert own is not None
    here = machine_id()
    prompt = event(EventType.USER_PROMPT_SUBMIT, key="p", machine_id=here, pid=os.getpid(), preview="go")
    claim = Claim(
        machine_id=here, session_id="s1", witness="process", kind="alive", at=NOW, pid=os.getpid(),
        process=own.identity,
    )  # fmt: skip
    writer.record(Batch(events=(prompt,), claims=(claim,)))
    async with start(120, 40) as pilot:
        screen = await opened(pilot, (here, "s1"), "why")
        lines = body(pilot)
        assert any(line.split()[:2] == ["Pid", str(os.getpid())] for line in lines)
        assert any(re.match(r" Memory +[\d.]+ [MG]B", line) for line in lines)
        clock.now += 5_000
        screen.tick(clock.now)
        await settle(pilot)
        assert any("% of a core" in line for line in body(pilot))
        writer.record(Batch(claims=(msgspec.structs.replace(claim, kind="gone", at=NOW + 1),)))
        await settle(pilot)
        screen.tick(clock.now)
        await settle(pilot)
        assert any(f"pid {os.getpid()} is gone" in line for line in body(pilot))


# Hostile text through every tab.


HOSTILE = "\x1b[2J\x1b]0;x\x07[bold red]x[/] \u202eevil \u200d👩\u200d💻 修复 \x00\x9b31m " + "]" * 50


async def test_hostile_text_walks_through_every_tab(
    start: Start, writer: SqliteStorage, tmp_path: Path
) -> None:
    path = tmp_path / "home/.claude/projects/-src/22222222-2222-4333-8444-555555555555.jsonl"
    path.parent.mkdir(parents=True)
    line = claude_line("s1", "u1", 60, HOSTILE * 20 + "y" * 1_000_000)
    path.write_bytes(line + b"\n")
    pointer: dict[str, Any] = {
        "transcript_path": str(path),
        "byte_offset": 0,
        "byte_length": len(line),
        "uuid": "u1",
    }
    told: Sequence[Event] = (
        event(EventType.USER_PROMPT_SUBMIT, key="1", ago=9, preview=HOSTILE, cwd=HOSTILE, git_branch=HOSTILE),
        event(EventType.ASSISTANT_MESSAGE, key="2", ago=8, preview=(HOSTILE * 40)[:2048], **pointer),
        event(EventType.PRE_TOOL_USE, key="3", ago=7, tool_use_id="t", tool_name="Edit", preview=HOSTILE),
        event(EventType.POST_TOOL_USE, key="4", ago=6, tool_use_id="t", tool_name=HOSTILE, outcome=HOSTILE),
        event(EventType.API_REQUEST, key="5", ago=5, model=HOSTILE, tokens_input=2**60, tokens_output=2**60),
        event(HOSTILE, key="6", ago=4, preview=HOSTILE, source=Source.HOOK),
        event(EventType.NOTIFICATION, key="7", ago=3, preview="z" * 2048),
    )
    writer.record(Batch(events=tuple(told)))
    for width, height in ((120, 40), (30, 12)):
        async with start(width, height) as pilot:
            screen = await opened(pilot, KEY)
            for name in TABS:
                screen.open_tab(name)
                await settle(pilot)
                await press(pilot, "g", "enter", "G", "pageup", "y")
                while pilot.app.screen is not screen:
                    await press(pilot, "escape")
                if open_tab(screen) != name:
                    continue
                for words in screen_text(pilot):
                    assert not {"\x1b", "\x9b", "\x00", "\u202e", "\u200d"} & set(words), name
            await press(pilot, "escape", "escape", "escape", "escape")


@pytest.mark.parametrize("width", [70, 71, 79, 80, 89, 90, 99, 100, 119, 200])
def test_titles_of_tools_stand_over_their_columns_and_none_is_cut(width: int) -> None:
    use = ToolUse(
        tool_name="Bash",
        calls=7,
        failed=0,
        denied=0,
        interrupted=0,
        unanswered=0,
        timed=7,
        total_ms=70_000,
        measured=7,
        slowest_ms=9_000,
        slowest=None,
        slowest_preview=None,
    )
    titles = "".join(words for words, _ in head(width))
    row = " " + "".join(words for words, _ in ToolList().draw(ToolRow(use, 0.5), width))
    assert len(titles.rstrip()) <= width + 1
    for title, figure in (("calls", "7"), ("time", "1m10"), ("average", "10.0s"), ("slowest", "9.0s")):
        end = titles.index(title) + len(title)
        assert row[:end].endswith(figure), (row, titles)
    last = titles[titles.index("slowest") + len("slowest") :].strip().removeprefix("share").strip()
    assert last in ("", "call", "that one", "the slowest call")
