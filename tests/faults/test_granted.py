"""What the machine does not grant: permissions, watches, descriptors, a home, temporary files."""

from __future__ import annotations

import ctypes
import json
import os
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from mi6_tui.doctor.machine import machine
from mi6_tui.storage.sqlite import SqliteStorage
from tests.commands.conftest import PROGRAM, Cli
from tests.commands.test_bad_input import as_ordinary_user
from tests.commands.transcripts import write_session
from tests.faults.disks import can_lay_over, unannounced
from tests.ingest.looking import uuids, write
from tests.ingest.test_follow import running


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    program = Cli(tmp_path)
    for name in ("a1", "b2"):
        write_session(tmp_path, name)
    program.ok("scan", "--json")
    return program


@contextmanager
def mode(path: Path, bits: int) -> Iterator[None]:
    before = path.stat().st_mode
    path.chmod(bits)
    try:
        yield
    finally:
        path.chmod(before)


def run(cli: Cli, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
    """As a user whom permissions bind."""
    done = cli.run(*args, prefix=as_ordinary_user(), **env)
    assert "Traceback" not in done.stderr + done.stdout
    return done


def checks(cli: Cli, **env: str) -> dict[str, dict[str, Any]]:
    done = run(cli, "doctor", "--json", **env)
    return {check["name"]: check for check in json.loads(done.stdout)["checks"]}


def requests(cli: Cli) -> int:
    return int(json.loads(run(cli, "stats", "--json", "--no-scan").stdout)["total"]["api_request_count"])


PLACES = {
    "a client's root": (".claude/projects", 0o000),
    "a project": (".claude/projects/-work-greet", 0o000),
    "a transcript": (".claude/projects/-work-greet/b2.jsonl", 0o000),
}


@pytest.mark.parametrize("name", PLACES)
def test_what_cannot_be_read_of_a_client_is_told_kept_and_read_later(cli: Cli, name: str) -> None:
    place, bits = PLACES[name]
    path = cli.home / place
    transcript = cli.home / ".claude/projects/-work-greet/b2.jsonl"
    longer = write_session(cli.home / "longer", "b2", requests=5)
    transcript.write_bytes(longer.read_bytes())
    with mode(path, bits):
        done = run(cli, "scan")
        assert done.returncode == 1
        assert f"cannot read {path}: Permission denied" in done.stderr
        assert requests(cli) == 4, "what was read before stays"
        assert run(cli, "sessions").returncode == 0
    assert run(cli, "scan").returncode == 0
    assert requests(cli) == 2 + 5


OURS = {
    "the store": ("mi6.db", 0o400, "store"),
    "its folder": ("", 0o500, "store"),
    "the spool": ("spool", 0o500, "spool"),
    "the settings": ("settings.toml", 0o000, "settings"),
    "the log": ("logs/mi6-tui.log", 0o400, "log"),
    "the lock": ("mi6.db.lock", 0o000, "writer"),
}


@pytest.mark.parametrize("name", OURS)
def test_what_cannot_be_used_of_our_own_is_told_and_nothing_else_suffers(cli: Cli, name: str) -> None:
    place, bits, check = OURS[name]
    state = cli.store.parent
    (state / "spool").mkdir(0o700)
    (state / "logs").mkdir(exist_ok=True)
    for file in ("settings.toml", "logs/mi6-tui.log"):
        (state / file).touch()
    with mode(state / place, bits):
        found = checks(cli)
        assert found[check]["level"] != "ok" and found[check]["advice"]
        done = run(cli, "sessions", "--json")
        assert done.returncode == 0
        assert {one["session_id"] for one in json.loads(done.stdout)} == {"a1", "b2"}
        run(cli, "scan")
    assert run(cli, "scan").returncode == 0
    assert requests(cli) == 4


def test_a_home_that_nobody_may_write(cli: Cli, tmp_path: Path) -> None:
    """Nothing of ours can be made, and that is said in one line."""
    with mode(tmp_path, 0o500):
        fresh = {"MI6_TUI_HOME": str(tmp_path / "fresh")}
        done = run(cli, "scan", **fresh)
        assert (done.returncode, done.stdout) == (1, "")
        assert "Permission denied" in done.stderr and len(done.stderr.splitlines()) == 1
        assert checks(cli, **fresh)["store"]["level"] == "failed"


def test_loose_modes_are_told(cli: Cli) -> None:
    state = cli.store.parent
    (state / "spool").mkdir(0o700)
    found = checks(cli)
    assert not {"store privacy", "spool privacy"} & set(found)
    with mode(state, 0o755), mode(cli.store, 0o644), mode(state / "spool", 0o755):
        found = checks(cli)
    assert found["store privacy"]["advice"].startswith("run `chmod 600 ")
    assert found["spool privacy"]["advice"].startswith("run `chmod 700 ")


if os.geteuid() == 0:

    def test_the_store_of_another_user_is_named(cli: Cli) -> None:
        os.chown(cli.store, 65_534, 65_534)
        assert "belongs to nobody" in checks(cli)["store owner"]["told"]


_WRITTEN = 0x2
"""What inotify calls a change of a file's content."""

HOARDER = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
while libc.inotify_init1(0) >= 0:
    pass
os.execvp(sys.argv[1], sys.argv[1:])
"""
"""Takes all inotify instances of the user, and becomes another program that holds them."""
ALONE: Final = (
    *("unshare", "--user", "--map-root-user", "sh", "-c"),
    'echo 0 > /proc/sys/user/max_inotify_instances && exec "$@"',
    "sh",
)
"""Has none for a program alone, and takes none from the tests beside."""


def test_no_watches_left_is_told_and_everything_is_found_all_the_same(cli: Cli) -> None:
    """The instances that one user may have are used up, as on a machine with many editors."""
    alone = subprocess.run((*ALONE, "true"), check=False, capture_output=True).returncode == 0
    hoard = ALONE if alone else (sys.executable, "-c", HOARDER)
    done = cli.run("doctor", "--json", prefix=hoard)
    found = {check["name"]: check for check in json.loads(done.stdout)["checks"]}
    assert found["watching"]["level"] == "warning"
    assert "fs.inotify" in found["watching"]["advice"]
    command = (*hoard, *PROGRAM, "scan", "--follow", "--json")
    with subprocess.Popen(
        command, env=cli.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as follower:
        assert follower.stderr is not None and follower.stdout is not None
        line = follower.stderr.readline()
        assert "announces no changes" in line
        write_session(cli.home, "c3", requests=1)
        assert json.loads(follower.stdout.readline())["session_id"] == "c3"
        follower.terminate()
        follower.communicate()


FEW: Final = (*ALONE[:-2], 'echo 2 > /proc/sys/user/max_inotify_watches && exec "$@"', "sh")
"""Has but two watches."""
GROWING = """
import sys
from pathlib import Path
from mi6_tui.ingest.notify.linux import Folders
folder = Path(sys.argv[1])
try:
    with Folders([str(folder)]) as announced:
        for changes in announced:
            (folder / str(len(list(folder.iterdir())))).mkdir()
except OSError as error:
    print(error)
    print(*sorted(path.name for path in folder.iterdir()))
"""

if subprocess.run((*FEW, "true"), check=False, capture_output=True).returncode == 0:

    def test_a_new_folder_that_cannot_be_watched_is_told(tmp_path: Path) -> None:
        command = (*FEW, sys.executable, "-c", GROWING, str(tmp_path))
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        assert done.stdout == "no further folder can be watched; see fs.inotify.max_user_watches\n0 1\n"


if can_lay_over():

    def test_what_is_not_announced_is_found_all_the_same(tmp_path: Path) -> None:
        """On a disk that another machine writes to: watched, for nothing, and read in time."""
        behind = tmp_path / "behind"
        path = write(behind / "numbers" / "s" / "a.num", [1])
        libc = ctypes.CDLL(None, use_errno=True)
        with unannounced(behind, tmp_path / "home"), closing(SqliteStorage(tmp_path / "mi6.db")) as storage:
            watch = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
            shown, written = (
                libc.inotify_add_watch(watch, bytes(folder), _WRITTEN)
                for folder in (tmp_path / "home" / "numbers" / "s", path.parent)
            )
            with running(storage, tmp_path / "home", watch=True) as told:
                told.events(1)
                write(path, [2])
                write(path.with_name("b.num"), [3])
                told.events(2)
            assert set(uuids(storage)) == {"1", "2", "3"}
            announced = os.read(watch, 65_536)
            os.close(watch)
        folders = set()
        while announced:
            folder, _, _, size = struct.unpack_from("iIII", announced)
            announced = announced[struct.calcsize("iIII") + size :]
            folders.add(folder)
        assert folders == {written} != {shown}


def test_without_watching_the_sweep_finds_everything(tmp_path: Path) -> None:
    """Where nothing is asked to be announced."""
    with closing(SqliteStorage(tmp_path / "mi6.db")) as storage:
        path = write(tmp_path / "home" / "numbers" / "s" / "a.num", [1])
        with running(storage, tmp_path / "home", watch=False) as told:
            told.events(1)
            write(path, [2])
            told.events(1)
        assert uuids(storage) == ["1", "2"]


def test_few_descriptors_are_enough_or_told(cli: Cli) -> None:
    """With so few that something cannot be opened, one line says so and nothing is lost."""
    for number in range(20):
        write_session(cli.home, f"more{number}", requests=1)
    for soft in (8, 10, 12, 14, 16, 20, 24, 32, 64):
        code = (
            f"import os, resource, sys; resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {soft}));"
            "os.execvp(sys.argv[1], sys.argv[1:])"
        )
        done = cli.run("scan", prefix=(sys.executable, "-c", code))
        assert "Traceback" not in done.stderr or "ImportError" in done.stderr, (soft, done.stderr)
    assert done.returncode == 0, "64 are enough"
    assert requests(cli) == 4 + 20
    low = (sys.executable, "-c", code)
    found = json.loads(cli.run("doctor", "--json", prefix=low).stdout)["checks"]
    assert "64 files" in next(check["told"] for check in found if check["name"] == "open files")


def test_a_store_that_another_process_locks_is_waited_for(tmp_path: Path) -> None:
    """Longer than the busy timeout, by a process of its own; nothing is lost, and it goes on by itself."""
    path = tmp_path / "mi6.db"
    code = (
        "import apsw, sys; c = apsw.Connection(sys.argv[1]); c.execute('BEGIN IMMEDIATE');"
        "print('held', flush=True); sys.stdin.read()"
    )
    with closing(SqliteStorage(path, busy_timeout=20)) as storage:
        file = write(tmp_path / "home" / "numbers" / "s" / "a.num", [1])
        with running(storage, tmp_path / "home") as told:
            told.events(1)
            with subprocess.Popen(
                (sys.executable, "-c", code, str(path)),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            ) as holder:
                assert holder.stdout is not None and holder.stdout.readline() == "held\n"
                write(file, [2])
                problem = told.problems.get(timeout=30)
                assert "is locked by another program" in problem.reason
                assert storage.count() == 1, "reading goes on"
                holder.communicate("")
            told.events(1)
        assert uuids(storage) == ["1", "2"]


@pytest.mark.parametrize("command", ["scan", "sessions", "doctor", "status", "stats"])
@pytest.mark.parametrize(
    "env",
    [
        {"LC_ALL": "C", "LANG": "C"},
        {"LC_ALL": "no_SUCH.thing"},
        {"TMPDIR": "/does/not/exist"},
        {"TZ": "No/Where"},
    ],
    ids=["C", "unknown locale", "no temporary folder", "unknown zone"],
)
def test_an_odd_environment_changes_nothing(cli: Cli, command: str, env: dict[str, str]) -> None:
    assert run(cli, command, **env).returncode == 0


def test_no_temporary_folder_anywhere_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`demo` and `replay` need one, the rest does not."""
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: [str(tmp_path / "missing")])
    assert "No usable temporary directory" in machine().temporary


def test_a_home_unset_and_unknown(cli: Cli) -> None:
    """Without HOME the system's own list of users is asked; a moved home of ours needs neither for that."""
    env = {name: value for name, value in cli.env.items() if name != "HOME"}
    done = subprocess.run(
        (*PROGRAM, "sessions", "--json", "--no-scan"), env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert len(json.loads(done.stdout)) == 2
