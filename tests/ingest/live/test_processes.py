"""Real processes: which they are, whether they live, what they are called."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

import psutil
import pytest

from mi6_tui.clock import now_ms
from mi6_tui.ingest.live.portable import PsutilProcesses
from mi6_tui.ingest.live.proc import LinuxProcesses
from mi6_tui.ingest.live.processes import Process, Processes, called, system_processes
from mi6_tui.ingest.live.terminals import VARIABLES, terminal_of
from tests.ingest.live.living import AGENT, Living, background, domain, order, ticks

LINUX = sys.platform == "linux"
BOTH = [pytest.param(LinuxProcesses, marks=pytest.mark.skipif(not LINUX, reason="Linux")), PsutilProcesses]


@pytest.fixture(params=BOTH)
def processes(request: pytest.FixtureRequest) -> Processes:
    found: Processes = request.param()
    return found


def found(processes: Processes, pid: int) -> Process:
    process = processes.find(pid)
    assert process is not None
    return process


def test_a_process_is_found_by_its_pid(processes: Processes, living: Living, tmp_path: Path) -> None:
    before = now_ms()
    child = living.agent("resume", "S-1", cwd=tmp_path)
    process = found(processes, child.pid)
    assert process.pid == child.pid
    assert process.parent == os.getpid()
    assert process.owner == os.getuid()
    assert process.command == (AGENT, "-s", "resume", "S-1")
    assert before - 2_000 <= process.started_at <= now_ms() + 2_000
    assert processes.cwd(child.pid) == str(tmp_path.resolve())
    assert processes.alive(child.pid, process.identity) is True


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_killed_process_is_gone(processes: Processes, living: Living, how: signal.Signals) -> None:
    child = living.agent()
    identity = found(processes, child.pid).identity
    child.send_signal(how)
    child.wait()
    assert processes.find(child.pid) is None
    assert processes.alive(child.pid, identity) is False
    assert processes.cwd(child.pid) is None
    assert processes.children(child.pid) == []
    assert processes.environment(child.pid, VARIABLES) == {}


def test_a_zombie_is_gone(processes: Processes, living: Living) -> None:
    child = living.agent()
    identity = found(processes, child.pid).identity
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert psutil.Process(child.pid).status() == psutil.STATUS_ZOMBIE
    assert processes.find(child.pid) is None
    assert processes.alive(child.pid, identity) is False


def test_a_pid_that_is_used_again_is_another_process(processes: Processes, living: Living) -> None:
    first, second = living.agent(), living.agent()
    one, two = found(processes, first.pid), found(processes, second.pid)
    # As if the second had come by the first one's pid, a moment or a boot later.
    assert processes.alive(second.pid, one.identity) is (one.identity == two.identity)
    assert processes.alive(second.pid, f"{two.identity}1") is False
    assert processes.alive(second.pid, f"earlier {two.identity}") is False
    assert processes.alive(second.pid, "") is False


def test_a_name_may_hold_anything(processes: Processes, living: Living, tmp_path: Path) -> None:
    program = tmp_path / "a) R 1 (b"
    program.symlink_to("/bin/sh")
    child = living.start("x", "-s", program=str(program))
    process = found(processes, child.pid)
    assert process.name == "a) R 1 (b"
    assert process.parent == os.getpid()
    assert processes.alive(child.pid, process.identity) is True


def test_processes_are_found_by_name_whatever_runs_them(
    processes: Processes, living: Living, tmp_path: Path
) -> None:
    script = tmp_path / f"{AGENT}.js"
    script.write_text("echo; read one; read two\n")
    link = tmp_path / AGENT
    link.symlink_to(sys.executable)
    started = [
        living.agent(),
        living.start("/usr/bin/node", str(script)),
        living.start(str(link), "-c", "print(); input(); input()", program=str(link)),
    ]
    others = [living.start("tail", "-s", AGENT), living.start("sh", "-s", "x", AGENT)]
    for process in (*started[1:], *others[1:]):
        order(process, "echo")
    expected = {process.pid for process in started}
    names = frozenset({AGENT, "nobody"})
    assert {process.pid for process in processes.named(names)} == expected
    assert processes.named(frozenset({f"{AGENT}-none"})) == []


def process_of(*command: str, name: str = "MainThread") -> Process:
    return Process(pid=2, identity="", started_at=0, name=name, parent=1, owner=0, command=command)


@pytest.mark.parametrize(
    ("command", "is_one"),
    [
        (("/opt/copilot-linux-x64/copilot", "-p", "hello"), True),
        (("/usr/bin/node", "--max-old-space-size=12052", "/opt/bundle/copilot.js", "-p"), True),
        (("node", "/usr/lib/node_modules/@github/copilot/index.js"), True),
        (("node", "/usr/lib/node_modules/copilot/index.js"), True),
        (("python3.11", "/home/me/bin/copilot"), True),
        (("-copilot",), True),
        (("node", "/home/copilot/server.js"), False),
        (("node", "/usr/lib/node_modules/other/node_modules/dep/copilot/index.js"), False),
        (("vim", "copilot"), False),
        (("bash", "-c", "copilot -p hello"), False),
        (("node",), False),
        ((), False),
    ],
)
def test_what_a_client_is_called(command: tuple[str, ...], is_one: bool) -> None:
    assert called(process_of(*command), frozenset({"copilot"})) is is_one
    assert called(process_of(*command, name="copilot"), frozenset({"copilot"}))


def test_children_are_those_of_every_thread(processes: Processes, living: Living) -> None:
    child = living.agent()
    first, second = (background(child) for _ in range(2))
    assert {process.pid for process in processes.children(child.pid)} == {first, second}
    assert {process.name for process in processes.children(child.pid)} == {"sh"}
    started: list[int] = []
    done = threading.Event()

    def start() -> None:
        started.append(living.agent().pid)
        done.wait()

    thread = threading.Thread(target=start)
    thread.start()
    try:
        while not started:
            thread.join(0.01)
        assert started[0] in {process.pid for process in processes.children(os.getpid())}
    finally:
        done.set()
        thread.join()


def test_only_the_named_variables_are_kept(processes: Processes, living: Living) -> None:
    child = living.agent(env={"TMUX_PANE": "%7", "TERM_PROGRAM": "a=b", "SECRET_TOKEN": "x"})
    assert processes.environment(child.pid, VARIABLES) == {"TMUX_PANE": "%7", "TERM_PROGRAM": "a=b"}


def test_a_process_of_nobody_or_of_no_number(processes: Processes) -> None:
    assert processes.find(2**31 - 1) is None
    assert processes.alive(2**31 - 1, "x") is False
    assert processes.find(1) is not None


def test_the_system_started_before_us(processes: Processes) -> None:
    assert 0 < processes.booted_at() <= found(processes, os.getpid()).started_at + 1_000


@pytest.mark.skipif(not LINUX, reason="Linux")
class TestLinux:
    def test_it_is_what_the_program_uses(self) -> None:
        assert isinstance(system_processes(), LinuxProcesses)

    def test_the_identity_is_the_start_since_boot(self) -> None:
        processes = LinuxProcesses()
        own = found(processes, os.getpid())
        assert own.identity == processes.identity(ticks(os.getpid()))
        assert own.identity != processes.identity(ticks(os.getpid()) + 1)

    def test_a_process_of_another_namespace_cannot_be_judged(self) -> None:
        processes = LinuxProcesses()
        boot, _, start = found(processes, os.getpid()).identity.split(" ")
        assert processes.alive(os.getpid(), f"{boot} pid:[1] {start}") is None
        assert processes.alive(2**31 - 1, f"{boot} pid:[1] {start}") is None

    def test_a_process_of_an_earlier_boot_is_gone(self) -> None:
        processes = LinuxProcesses()
        _, namespace, start = found(processes, os.getpid()).identity.split(" ")
        assert processes.alive(os.getpid(), f"earlier {namespace} {start}") is False

    def test_where_a_pid_counts(self) -> None:
        here = LinuxProcesses().here
        own = domain()
        system, machine, namespace = own.split(":", 2)
        assert here(own)
        assert here(None)
        assert here(f"{system}::{namespace}")
        assert not here(f"{system}:{machine}:pid:[1]")
        assert not here(f"darwin:{machine}:{namespace}")
        assert not here("")
        assert here(f"{system}:{'f' * 32}:{namespace}") is (not machine)

    def test_both_ways_see_the_same(self) -> None:
        one, other = found(LinuxProcesses(), os.getpid()), found(PsutilProcesses(), os.getpid())
        assert (one.pid, one.parent, one.owner) == (other.pid, other.parent, other.owner)
        assert one.command == other.command
        assert abs(one.started_at - other.started_at) <= 1_100  # the library counts the boot in whole seconds


class TestPortable:
    def test_every_domain_but_linuxs_counts(self) -> None:
        here = PsutilProcesses().here
        assert here(None)
        assert here("darwin:x")
        assert not here("linux:x:pid:[1]")

    def test_a_start_in_ticks_is_nothing(self) -> None:
        assert PsutilProcesses().identity(7) is None


TMUX = {"TMUX": "/tmp/tmux-1000/default,1234,0", "TMUX_PANE": "%5"}


@pytest.mark.parametrize(
    ("environment", "text"),
    [
        (TMUX, "tmux /tmp/tmux-1000/default %5"),
        (TMUX | {"KITTY_WINDOW_ID": "3", "TERM_PROGRAM": "tmux"}, "tmux /tmp/tmux-1000/default %5"),
        ({"ZELLIJ_SESSION_NAME": "work", "ZELLIJ_PANE_ID": "2"}, "zellij work 2"),
        ({"STY": "1234.pts-0.box"}, "screen 1234.pts-0.box"),
        ({"KITTY_WINDOW_ID": "3", "TERM_PROGRAM": "x"}, "kitty 3"),
        ({"WEZTERM_PANE": "0", "TERM_PROGRAM": "WezTerm"}, "wezterm 0"),
        ({"TERM_PROGRAM": "vscode"}, "vscode"),
        ({"TERM_PROGRAM": "\x1b]0;x\x07evil\n"}, "evil"),
        (TMUX | {"TMUX_PANE": "%5;kill-server"}, None),
        ({"TMUX": "default", "TMUX_PANE": "%5"}, None),
        ({"TMUX": "/tmp/\x1b[2J,1,0", "TMUX_PANE": "%5"}, None),
        ({"STY": "1 -X quit"}, None),
        ({"KITTY_WINDOW_ID": "id:3"}, None),
        ({"ZELLIJ_SESSION_NAME": "work"}, None),
        ({"TERM_PROGRAM": ""}, None),
        ({}, None),
    ],
)
def test_where_a_process_can_be_seen(environment: dict[str, str], text: str | None) -> None:
    assert terminal_of(environment) == text
