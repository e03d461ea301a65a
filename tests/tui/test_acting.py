"""What keys do to sessions in the world outside: real processes, a real tmux, a real terminal."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC
from pathlib import Path

import pytest
from textual.pilot import Pilot

from mi6_tui.actions.kill import Ending
from mi6_tui.ingest.live.processes import system_processes
from mi6_tui.model import Batch, Claim, EventType, SessionFact, Source
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.acting import READ_ONLY
from mi6_tui.tui.app import Mi6App
from mi6_tui.tui.screens.confirm import ConfirmScreen
from mi6_tui.tui.screens.copy import CopyScreen, copies
from mi6_tui.tui.screens.kill import KillScreen
from tests.actions.recorded import Recorded
from tests.actions.tmux import Tmux
from tests.ingest.live.living import Living, order
from tests.tui.conftest import Clock, app_of, look, press, screen_text, until
from tests.tui.makers import event, session

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


# The question.


async def answer(keys: tuple[str, ...], opened: Open) -> bool | None:
    answers: list[bool | None] = []
    async with opened() as pilot:
        pilot.app.push_screen(ConfirmScreen("Really?", yes="do it", no="leave it"), answers.append)
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
    return answers[0] if answers else None


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (("enter",), False),
        (("escape",), False),
        (("n",), False),
        (("y",), True),
        (("right", "enter"), True),
        (("tab", "left", "enter"), False),
        (("x",), None),
    ],
)
async def test_a_question_is_answered_with_no_until_somebody_says_yes(
    keys: tuple[str, ...], expected: bool | None, opened: Open
) -> None:
    assert await answer(keys, opened) == expected


@pytest.mark.parametrize(("target", "expected"), [("#yes", True), ("#no", False)])
async def test_the_answers_can_be_clicked(opened: Open, target: str, expected: bool) -> None:
    answers: list[bool | None] = []
    async with opened() as pilot:
        pilot.app.push_screen(ConfirmScreen("Really?"), answers.append)
        await pilot.pause()
        await pilot.click("#question")
        await pilot.click(target)
        await pilot.pause()
    assert answers == [expected]


async def test_foreign_text_in_a_question_is_no_markup(opened: Open) -> None:
    async with opened() as pilot:
        pilot.app.push_screen(ConfirmScreen("[red]a[/] [b", [[("[/x] \\[", "$quiet")]]))
        await pilot.pause()
        assert "[red]a[/] [b" in shown(pilot)
        assert "[/x] \\[" in shown(pilot)


# Ending.


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


# Focus, terminals, pages.


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
async def test_read_only_does_none_of_it(
    writer: SqliteStorage, opened: Open, living: Living, key: str
) -> None:
    agent = living.agent()
    writer.record(running("one", agent.pid, cwd="/"))
    async with opened(read_only=True) as pilot:
        assert not app_of(pilot).actions.enabled
        await press(pilot, key)
        assert told(pilot) == [READ_ONLY]
        assert len(pilot.app.screen_stack) == 1
    assert agent.poll() is None


@pytest.mark.parametrize("key", ["f", "T", "R", "o", "y", "x", "K"])
async def test_without_a_session_nothing_happens(opened: Open, key: str) -> None:
    async with opened() as pilot:
        await press(pilot, key)
        assert (told(pilot), len(pilot.app.screen_stack)) == ([], 1)


# Copying.


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
