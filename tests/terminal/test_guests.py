"""The demo and the editor have the terminal while they run, and the dashboard goes on behind them."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from contextlib import closing

import psutil
import pytest
import watchfiles

from mi6_tui.model import SessionQuery
from mi6_tui.storage.sqlite import SqliteStorage
from tests.commands.transcripts import write_session
from tests.terminal.terminal import DEADLINE, RESTORED, Terminal

SIGNALS = [signal.SIGTERM, signal.SIGHUP, signal.SIGINT]


def editor(terminal: Terminal, *lines: str) -> str:
    """An editor that does what the lines of a shell script say."""
    path = terminal.folder / "edit"
    path.write_text("\n".join(("#!/bin/sh", *lines, "")))
    path.chmod(0o700)
    return str(path)


def open_editor(terminal: Terminal, named: str) -> None:
    terminal.start(width=80, height=24, env={"EDITOR": named})
    terminal.see("No sessions yet")
    terminal.press(",")
    terminal.see_head("settings")
    terminal.press("e")


@pytest.fixture
def demo(terminal: Terminal) -> Iterator[psutil.Process]:
    """The demo's process, started from the dashboard."""
    scratch = terminal.folder / "scratch"
    scratch.mkdir()
    terminal.start(width=80, height=24, env={"TMPDIR": str(scratch)})
    terminal.see("No sessions yet")
    terminal.press("D")
    terminal.see_head("need you")
    (process,) = psutil.Process(terminal.pid).children()
    yield process
    if process.is_running():
        process.kill()


def check_told(terminal: Terminal, what: str) -> None:
    """It is among the messages."""
    terminal.see("the editor|the demo")
    terminal.resize(160, 24)
    terminal.press("M")
    terminal.see_head("messages")
    terminal.see(re.escape(what))


def is_gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_ends_the_dashboard_and_its_demo(
    terminal: Terminal, demo: psutil.Process, number: signal.Signals
) -> None:
    os.kill(terminal.pid, number)
    assert terminal.finish() == 128 + number
    assert is_gone(demo)
    assert list((terminal.folder / "scratch").iterdir()) == []
    terminal.check_restored()
    terminal.check_quiet()


@pytest.mark.parametrize("number", SIGNALS[:2])
@pytest.mark.parametrize("heeds", [True, False])
def test_a_signal_ends_the_editor_and_whom_it_started(
    terminal: Terminal, number: signal.Signals, heeds: bool
) -> None:
    open_editor(terminal, editor(terminal, "" if heeds else "trap '' TERM HUP", "echo editing", "sleep 1000"))
    terminal.see("editing")
    terminal.until(lambda _: len(children(terminal)) == 2, "what it started")
    family = children(terminal)
    os.kill(terminal.pid, number)
    assert terminal.finish() == 128 + number
    assert all(map(is_gone, family))
    terminal.check_restored()
    terminal.check_quiet()


def children(terminal: Terminal) -> list[psutil.Process]:
    return psutil.Process(terminal.pid).children(recursive=True)


def test_an_interrupt_is_meant_for_the_editor(terminal: Terminal) -> None:
    open_editor(
        terminal, editor(terminal, "trap 'exit 5' INT", "echo editing", "while :; do sleep 0.1; done")
    )
    terminal.see("editing")
    terminal.press("C-c")
    check_told(terminal, "/edit ended with 5; VISUAL or EDITOR names another")
    terminal.press("Escape", "q")
    assert terminal.finish() == 0
    terminal.check_restored()


def test_the_dashboard_goes_on_behind_the_demo(terminal: Terminal, demo: psutil.Process) -> None:
    write_session(terminal.home, "a1", prompt="Port the parser")
    state = terminal.home / "state"
    for _ in watchfiles.watch(state, rust_timeout=200, yield_on_timeout=True):
        with closing(SqliteStorage(state / "mi6.db", read_only=True)) as storage:
            if storage.list_sessions(SessionQuery()):
                break
    terminal.press("q")
    terminal.see("Nothing is running")
    assert is_gone(demo)
    terminal.press("q")
    assert terminal.finish() == 0
    terminal.check_restored()
    terminal.check_quiet()


@pytest.mark.parametrize(
    ("number", "told"), [(signal.SIGKILL, "was ended by SIGKILL"), (signal.SIGTERM, "ended with 143")]
)
def test_a_demo_that_does_not_end_well_is_told(
    terminal: Terminal, demo: psutil.Process, number: signal.Signals, told: str
) -> None:
    demo.send_signal(number)
    check_told(terminal, f"the demo {told}; `mi6-tui demo` in a shell tells why")
    terminal.press("Escape", "q")
    assert terminal.finish() == 0
    terminal.check_restored()


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ("/nowhere/edit -w", "the editor /nowhere/edit cannot be started: No such file or directory; VISUAL"),
        ("false", "the editor false ended with 1; VISUAL or EDITOR names another"),
        ("vi '", "the editor vi ' cannot be started: No closing quotation; VISUAL or EDITOR"),
    ],
)
def test_an_editor_that_does_not_work_is_told(terminal: Terminal, named: str, told: str) -> None:
    open_editor(terminal, named)
    check_told(terminal, told)
    terminal.press("Escape", "q")
    assert terminal.finish() == 0
    terminal.check_restored()


def test_what_the_editor_writes_comes_into_force(terminal: Terminal) -> None:
    open_editor(terminal, editor(terminal, 'for file; do :; done; echo "dashboard.ascii = true" > "$file"'))
    terminal.see("dashboard.ascii +yes +line 1")
    terminal.press("Escape", "q")
    assert terminal.finish() == 0
    terminal.check_restored()
    terminal.check_quiet()


def test_what_is_typed_and_not_read_does_not_come_to_the_dashboard(terminal: Terminal) -> None:
    go = terminal.folder / "go"
    os.mkfifo(go)
    open_editor(terminal, editor(terminal, "echo editing", f"read word < {go}"))
    terminal.see("editing")
    terminal.press(*"qqq")
    terminal.see("qqq")  # it has the terminal as a shell gives it
    assert terminal.state != RESTORED, "the shell's screen is not the editor's"
    go.write_text("on\n")
    terminal.see_head("settings")
    terminal.press("M")
    terminal.see_head("messages")
    terminal.press("Escape", "Escape", "q")
    assert terminal.finish() == 0
    assert "qqq" not in "\n".join(terminal.lines)
    terminal.check_restored()
    terminal.check_quiet()


def test_a_demo_is_suspended_with_the_dashboard_behind_it(terminal: Terminal, demo: psutil.Process) -> None:
    dashboard = psutil.Process(terminal.pid)
    terminal.press("C-z")
    wait_for(dashboard, psutil.STATUS_STOPPED)
    wait_for(demo, psutil.STATUS_STOPPED)
    terminal.lose("need you")  # what is seen afterwards is painted anew
    os.killpg(os.getpgid(dashboard.pid), signal.SIGCONT)  # as `fg` does
    terminal.see_head("need you")
    terminal.press("q")
    terminal.see("No sessions yet")
    terminal.press("q")
    assert terminal.finish() == 0
    terminal.check_restored()


def wait_for(process: psutil.Process, status: str) -> None:
    for _ in range(int(DEADLINE * 10)):
        if process.status() == status:
            return
        with pytest.raises(psutil.TimeoutExpired):
            process.wait(0.1)
    pytest.fail(f"{process} is not {status}")
