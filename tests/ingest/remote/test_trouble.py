"""Machines that cannot be reached, that hang, and that say what they should not."""

from __future__ import annotations

import threading
import time
from contextlib import nullcontext
from pathlib import Path

import psutil
import pytest

from mi6_tui.ingest.problem import Problem
from mi6_tui.ingest.progress import ScanReport
from mi6_tui.ingest.remote.loop import Attended
from mi6_tui.ingest.remote.remotes import EVERY, SLOWEST, Remotes
from mi6_tui.ingest.scanner import Scanner
from mi6_tui.stop import Stop
from mi6_tui.storage.sqlite import SqliteStorage
from tests.ingest.conftest import Clock, NewScanner
from tests.ingest.remote.conftest import NewRemotes
from tests.ingest.remote.machine import Far, Ssh
from tests.ingest.remote.whole import PROJECT, lines, prompts

_SOON = 0.3
"""Seconds that a machine is waited for which never answers."""


def reasons(remotes: Remotes) -> list[str]:
    """Why nothing was read, as far as it is to be told."""
    return [problem.reason for problem in remotes.read_once().problems]


def test_a_closed_port(ssh: Ssh, remotes: NewRemotes) -> None:
    ssh.host("nobody", "ProxyCommand none\n  HostName 127.0.0.1\n  Port 1")
    (reason,) = reasons(remotes("nobody"))
    assert reason == "ssh: connect to host 127.0.0.1 port 1: Connection refused"


def test_another_host_key_than_the_known_one(ssh: Ssh, remotes: NewRemotes, store: SqliteStorage) -> None:
    far = ssh.machine("far", key="other")
    far.write(f"{PROJECT}/a.jsonl", lines("a", 1))
    assert reasons(remotes("far")) == ["Host key verification failed"]
    assert prompts(store) == []


def test_a_user_who_may_not(ssh: Ssh, remotes: NewRemotes) -> None:
    ssh.machine("far", user_key="stranger")
    (reason,) = reasons(remotes("far"))
    assert reason.endswith("Permission denied (publickey)")


def test_no_ssh_here(remotes: NewRemotes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert reasons(remotes("far")) == ["there is no program `ssh` here: install OpenSSH's client"]


def test_a_login_that_talks(far: Far, remotes: NewRemotes, store: SqliteStorage) -> None:
    far.write(f"{PROJECT}/a.jsonl", lines("a", 1))
    far.program("sh", 'printf "Welcome to far!\\nstat"; exec /bin/sh "$@"')
    assert reasons(remotes("far")) == []
    assert prompts(store) == ["prompt 1"]


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        (
            'echo "This account is currently not available."; exit 1',
            "This account is currently not available",
        ),
        ("exit 1", "the connection ended"),
        ("echo \"$(printf '\\033[31mno\\033]0;title\\007 entry')\" >&2; exit 1", "no entry"),
        ("exec yes", "it sends more than it was asked for"),
    ],
)
def test_a_shell_that_is_none(what: str, reason: str, far: Far, remotes: NewRemotes) -> None:
    far.program("sh", what)
    assert reasons(remotes("far")) == [reason]


@pytest.mark.parametrize("program", ["sh", "uname", "date"])
def test_a_machine_that_never_answers_is_given_up(program: str, far: Far, remotes: NewRemotes) -> None:
    far.hang(program)
    assert reasons(remotes("far", patience=_SOON)) == ["no answer within 0.3 s"]


def test_a_machine_that_hangs_keeps_nobody_waiting(
    ssh: Ssh, remotes: NewRemotes, store: SqliteStorage, new_scanner: NewScanner, root: Path, clock: Clock
) -> None:
    """Neither another machine nor what is written here, nor the end of the program."""
    slow, quick = ssh.machine("slow"), ssh.machine("quick")
    slow.hang("uname")
    quick.write(f"{PROJECT}/a.jsonl", lines("a", 1))
    (root / "s" / "1.num").write_text("1\n2\n")
    scanner: Scanner = new_scanner(sides=[remotes("slow", "quick")])
    report = scanner.sweep()
    assert report.events == 2
    until = time.monotonic() + 60
    while not prompts(store) and time.monotonic() < until:
        clock.forward(1)
        scanner.sweep()
        threading.Event().wait(0.02)
    assert prompts(store) == ["prompt 1"]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("date", "echo never"),
        ("date", "exit 1"),
        ("find", "yes //1 2 3 4 /a/./b.jsonl | head -c 1200000"),
        ("uname", "printf 'two words'"),
        ("uname", "printf '\\033[2Jfar'"),
        ("uname", "true"),
        ("uname", "exec head -c 100000 /dev/zero"),
    ],
)
def test_answers_that_are_none(
    question: str,
    answer: str,
    far: Far,
    remotes: NewRemotes,
    store: SqliteStorage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mi6_tui.ingest.remote.home.ANSWER_LIMIT", 1 << 20)
    far.write(f"{PROJECT}/a.jsonl", lines("a", 1))
    far.program(question, answer)
    (reason,) = reasons(remotes("far"))
    assert reason.isprintable()
    assert store.machines() == []
    assert prompts(store) == []


@pytest.mark.parametrize(
    "listed",
    [
        "//1 2 9223372036854775807 4 {path}",
        "//99999999999999999999 99999999999999999999 99999999999999999999 999999999999.999999999 {path}",
        "//1 2 -5 4 {path}",
        "//1 2 10 4 /etc/passwd.jsonl",
        "//1 2 10 4 {root}/./../../../../etc/x.jsonl",
        "//1 2 10 4 {root}/./-p/../a.jsonl",
        "nonsense\\n//\\n// // //1 2 3",
    ],
)
def test_a_listing_that_is_not_true(listed: str, far: Far, remotes: NewRemotes, store: SqliteStorage) -> None:
    path = far.write(f"{PROJECT}/a.jsonl", lines("a", 1))
    root = path.parents[1]
    text = listed.format(path=f"{root}/./-p/a.jsonl", root=root)
    far.program("find", f"printf '{text}\\n'")
    remotes("far").read_once()
    assert prompts(store) == []
    places = [place for place, _ in store.query_transcript_positions()]
    assert all(place.startswith(f"ssh://far{root}/") and ".." not in place for place in places)


def test_what_cannot_be_reached_is_asked_ever_less_often(
    ssh: Ssh, remotes: NewRemotes, clock: Clock, store: SqliteStorage
) -> None:
    far = ssh.machine("far")
    far.program("sh", f'echo x >>"{far.home}/asked"; echo no >&2; exit 1')
    machines = remotes("far", monotonic=clock.seconds)
    told: list[Problem] = []
    gaps = []
    last = 0.0
    for count in range(1, 8):
        while not (far.home / "asked").exists() or len((far.home / "asked").read_text().split()) < count:
            machines.look(clock.ms, told.append)
            if machines.every > 1:  # nothing is on its way
                clock.forward(0.5)
            else:
                threading.Event().wait(0.01)
        gaps.append(clock.seconds() - last)
        last = clock.seconds()
        while machines.every < 1:
            machines.look(clock.ms, told.append)
            threading.Event().wait(0.01)
    expected = [min(SLOWEST, EVERY * 2**number) for number in range(6)]
    for gap, usual in zip(gaps[1:], expected, strict=True):
        assert 0.75 * usual - 1 <= gap <= 1.25 * usual + 1
    # Told once; and it is back as soon as it answers.
    assert told == [Problem("far", "no")]
    (far.bin / "sh").unlink()
    far.write(f"{PROJECT}/a.jsonl", lines("a", 1))
    clock.forward(2 * SLOWEST)
    assert machines.read_once().problems == ()
    assert prompts(store) == ["prompt 1"]


def test_the_store_says_why_and_when_it_was_last_seen(
    far: Far, remotes: NewRemotes, store: SqliteStorage, clock: Clock
) -> None:
    remotes("far").read_once()
    seen = clock.ms
    clock.forward(100)
    far.program("sh", "echo gone fishing >&2; exit 1")
    remotes("far").read_once()
    (machine,) = store.machines()
    assert (machine.seen_at, machine.problem) == (seen, "gone fishing")
    (far.bin / "sh").unlink()
    remotes("far").read_once()
    (machine,) = store.machines()
    assert (machine.seen_at, machine.problem) == (clock.ms, None)


@pytest.mark.parametrize("falls", [False, True])
def test_a_scanner_that_stays_ends_its_connections(
    falls: bool, far: Far, remotes: NewRemotes, store: SqliteStorage, new_scanner: NewScanner
) -> None:
    far.write(f"{PROJECT}/a.jsonl", lines("a", 1))
    machines, stop = remotes("far"), Stop()
    scanner: Scanner = new_scanner(sides=[machines], monotonic=time.monotonic)
    connections: list[int] = []

    def recorded(report: ScanReport) -> None:
        if prompts(store):
            connections.append(sum(child.name() == "ssh" for child in psutil.Process().children()))
            stop.set()
            if falls:
                raise OSError("as it may be")

    patience = threading.Timer(60, stop.set)
    patience.start()
    with pytest.raises(OSError, match="as it may be") if falls else nullcontext():
        Attended(scanner, machines).run(stop, on_recorded=recorded)
    patience.cancel()
    assert connections == [1]
    assert [child for child in psutil.Process().children() if child.name() == "ssh"] == []
