"""What is read over ssh is what a scan there gives; nothing is changed there, and nothing left."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import psutil
import pytest

from mi6_tui.model.machine import Way
from mi6_tui.storage.sqlite import SqliteStorage
from tests.ingest.conftest import Clock
from tests.ingest.remote.conftest import NewRemotes
from tests.ingest.remote.machine import Far, Ssh
from tests.ingest.remote.whole import PROJECT, held, lines, prompts, scanned_there
from tests.recorded import furnish

_PATIENCE = 60.0
"""Seconds; only a failing test waits so long."""


def shell(far: Far, name: str) -> None:
    """Make `name` the shell there."""
    program = shutil.which(name)
    assert program is not None, f"the tests need {name}; install it first"
    (far.bin / "sh").symlink_to(program)


def busybox(far: Far) -> None:
    """Make all that runs there busybox's, which knows its own programs before any in the PATH."""
    shell(far, "busybox")
    far.name = os.uname().nodename


def without_stat(far: Far) -> None:
    """As where POSIX is all there is."""
    far.program("stat", "exit 1")


_KINDS = {
    "dash": lambda far: shell(far, "dash"),
    "bash": lambda far: shell(far, "bash"),
    "busybox": busybox,
    "posix": without_stat,
}


@pytest.mark.parametrize("kind", _KINDS)
def test_the_rows_are_those_of_a_scan_there(
    kind: str, far: Far, remotes: NewRemotes, store: SqliteStorage, clock: Clock, tmp_path: Path
) -> None:
    _KINDS[kind](far)
    furnish(far.home)
    if kind != "dash":  # once with everything: the others differ in how files are found and cut
        for client in (".claude", ".codex", ".copilot"):
            shutil.rmtree(far.home / client)
    machines = remotes("far")
    report = machines.read_once()
    assert report.problems == ()
    assert machines.unread == {"far": ("opencode",)}
    expected = scanned_there(far, clock, tmp_path / "there.db")
    assert held(store, "ssh://far") == expected
    assert {session.machine_id for session in expected.sessions} == {far.name}
    # And that is all there is to read.
    again = remotes("far").read_once()
    assert (again.files, again.bytes, again.files_total) == (0, 0, report.files_total)


def state(folder: Path) -> dict[str, tuple[int, ...]]:
    """Everything that changes when somebody writes there; folders show what came and went."""
    found: dict[str, tuple[int, ...]] = {}
    for path in (folder, *folder.rglob("*")):
        status = path.lstat()
        found[str(path)] = (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    return found


def test_nothing_is_written_there_and_no_process_stays(ssh: Ssh, remotes: NewRemotes) -> None:
    far = ssh.machine("far", env={"TMPDIR": str(ssh.folder / "far" / "home")})
    furnish(far.home)
    before = state(far.home)
    machines = remotes("far")
    assert machines.read_once().files > 0
    there = far.processes()
    assert there, "the connection stands"
    machines.close()
    psutil.wait_procs(there, timeout=_PATIENCE)
    assert far.processes() == []
    assert state(far.home) == before


def test_a_killed_reader_leaves_no_process_there(far: Far, remotes: NewRemotes) -> None:
    machines = remotes("far")
    machines.read_once()
    there = far.processes()
    for process in psutil.Process().children():
        if process.name() == "ssh":
            process.kill()
    gone, alive = psutil.wait_procs(there, timeout=_PATIENCE)
    assert gone
    assert alive == []


def test_the_clients_own_variables_are_respected(ssh: Ssh, remotes: NewRemotes, store: SqliteStorage) -> None:
    elsewhere = ssh.folder / "far" / "else where"
    far = ssh.machine("far", env={"CLAUDE_CONFIG_DIR": str(elsewhere)})
    far.write(f"{PROJECT}/a.jsonl", lines("a", 1))
    far.write("../else where/projects/-p/b.jsonl", lines("b", 2))
    assert remotes("far").read_once().problems == ()
    assert prompts(store) == ["prompt 2"]


def test_a_root_that_is_a_link_is_read_and_links_below_it_are_not(
    far: Far, remotes: NewRemotes, store: SqliteStorage
) -> None:
    real = far.write("../real/-p/a.jsonl", lines("a", 1))
    other = far.write("../secret/b.jsonl", lines("b", 2))
    (far.home / ".claude").mkdir()
    (far.home / ".claude" / "projects").symlink_to(real.parents[1])
    (real.parent / "b.jsonl").symlink_to(other)
    (real.parents[1] / "-q").symlink_to(other.parent)
    assert remotes("far").read_once().problems == ()
    assert prompts(store) == ["prompt 1"]
    assert [path for path, _ in store.query_transcript_positions()] == [f"ssh://far{real.resolve()}"]


def test_a_file_that_became_a_link_or_a_pipe_is_not_read(
    far: Far, remotes: NewRemotes, store: SqliteStorage
) -> None:
    """It was listed as a file: the program there that lists is slower than who changes it."""
    secret = far.write("secret", lines("b", 2))
    path = far.write(f"{PROJECT}/a.jsonl", lines("a", 1))
    pipe = far.write(f"{PROJECT}/c.jsonl", lines("c", 3))
    stat = shutil.which("stat")
    change = f'ln -sf "{secret}" "{path}"; rm "{pipe}"; mkfifo "{pipe}"'
    far.program("stat", f'{stat} "$@"; case "$*" in *a.jsonl*) [ -h "{path}" ] || {{ {change}; }};; esac')
    assert remotes("far").read_once().problems == ()
    assert prompts(store) == []


_NAMES = (
    "plain",
    "with space",
    " begins with one",
    "ends with newline\n",
    "new\nline",
    "a\n 12 -rw-r--r-- 1 0 0 5 Jan  1 00:00 ",
    "quote'quote\"quote",
    "$(touch gone)`touch gone`",
    "back\\slash\\n\\0101",
    "-dash",
    "*?[a]",
    "ümlaut-日本",
    "\x1b[31mred",
    "\x01\x7f",
    "%s%b",
    ":@TOKEN@",
)


@pytest.mark.parametrize("kind", _KINDS)
def test_any_name_is_read_as_it_is(
    kind: str, far: Far, remotes: NewRemotes, store: SqliteStorage, clock: Clock, tmp_path: Path
) -> None:
    _KINDS[kind](far)
    for number, name in enumerate(_NAMES):
        far.write(f".claude/projects/{name}/{name}.jsonl", lines(f"s{number}", number))
    assert remotes("far").read_once().problems == ()
    assert held(store, "ssh://far") == scanned_there(far, clock, tmp_path / "there.db")
    assert len(prompts(store)) == len(_NAMES)


def test_a_name_that_is_no_text_is_a_problem_of_that_file_alone(
    far: Far, remotes: NewRemotes, store: SqliteStorage
) -> None:
    far.write(f"{PROJECT}/a.jsonl", lines("a", 1))
    bad = os.fsencode(far.home / PROJECT) + b"/\xff\xfe.jsonl"
    with open(bad, "wb") as file:
        file.write(lines("b", 2))
    problems = remotes("far").read_once().problems
    assert [problem.reason for problem in problems] == ["its name is not valid UTF-8"]
    assert prompts(store) == ["prompt 1"]


def test_the_store_knows_when_it_was_seen_and_where(
    far: Far, remotes: NewRemotes, store: SqliteStorage, clock: Clock
) -> None:
    remotes("far").read_once()
    (machine,) = store.machines()
    assert (machine.machine_id, machine.way, machine.address) == ("far", Way.REMOTE, "far")
    assert (machine.seen_at, machine.problem) == (clock.ms, None)
    # It is the same clock, told in whole seconds.
    assert machine.skew_ms is not None
    assert abs(machine.skew_ms) < 1000 * _PATIENCE


def test_the_clock_there_is_the_one_that_its_times_are_held_against(
    far: Far, remotes: NewRemotes, store: SqliteStorage
) -> None:
    """A file of this moment may change again without its time moving, also where clocks are wrong."""
    path = far.write(f"{PROJECT}/a.jsonl", lines("a", 1))
    behind = int(time.time()) - 1000
    os.utime(path, (behind - 1, behind - 1))
    far.program("date", f'TZ=UTC0 exec {shutil.which("date")} -d @{behind} "$@"')
    remotes("far").read_once()
    (machine,) = store.machines()
    assert machine.skew_ms is not None
    assert -1000_000 - 1000 * _PATIENCE < machine.skew_ms < 1000 * _PATIENCE - 1000_000
    place = f"ssh://far{path}"
    position = store.get_transcript_position(place)
    assert position is not None
    assert position.mtime_ns is None
