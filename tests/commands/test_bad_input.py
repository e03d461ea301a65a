"""Everything that can be wrong gives one line saying what and what to do, and a code; never a traceback."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, cast

import apsw
import pytest

from mi6_tui.storage.sqlite import SqliteStorage
from tests.commands.conftest import PROGRAM, Cli
from tests.commands.transcripts import write_session


def as_ordinary_user() -> Sequence[str]:
    """What to start a program with so that permissions bind it, even where root runs the tests."""
    if os.geteuid() != 0:
        return ()
    setpriv = shutil.which("setpriv")
    assert setpriv is not None, "root needs setpriv to run this test"
    return (setpriv, "--bounding-set=-dac_override,-dac_read_search")


def make_folder(store: Path) -> None:
    store.mkdir(parents=True)


def make_garbage(store: Path) -> None:
    store.parent.mkdir(parents=True)
    store.write_bytes(b"These are no pages. " * 500)


def make_damaged(store: Path) -> None:
    SqliteStorage(store).close()
    data = bytearray(store.read_bytes())
    data[100:] = b"\xff" * (len(data) - 100)
    store.write_bytes(data)


def make_newer(store: Path) -> None:
    SqliteStorage(store).close()
    connection = apsw.Connection(str(store))
    connection.execute("INSERT INTO mi6_tui_migrations(name, applied_at) VALUES ('m999_future', 0)")
    connection.close()


def make_foreign(store: Path) -> None:
    store.parent.mkdir(parents=True)
    connection = apsw.Connection(str(store))
    connection.execute("CREATE TABLE recipes(name TEXT)")
    connection.close()


@pytest.mark.parametrize(
    "command", [("sessions",), ("scan",), ("session", "x"), ("events",), ("gc",), ("status",)]
)
@pytest.mark.parametrize(
    ("make", "code", "says"),
    [
        (make_folder, 1, "is a folder"),
        (make_garbage, 1, "is not a SQLite database"),
        (make_damaged, 1, "is damaged"),
        (make_newer, 4, "was written by a newer mi6-tui"),
        (make_foreign, 1, "holds other data"),
    ],
)
def test_a_store_that_is_none(
    cli: Cli, make: Callable[[Path], None], code: int, says: str, command: tuple[str, ...]
) -> None:
    make(cli.store)
    line = cli.fails(code, *command)
    assert str(cli.store) in line
    assert says in line
    assert "; " in line, "it says what to do"


def test_a_store_that_may_not_be_written_is_still_shown(cli: Cli) -> None:
    write_session(cli.home, "a1")
    cli.ok("scan")
    write_session(cli.home, "b2")
    cli.store.chmod(0o400)
    shown = cli.run("sessions", "--columns", "session_id", prefix=as_ordinary_user())
    assert (shown.returncode, shown.stdout) == (0, "SESSION\na1\n")
    assert "read-only" in shown.stderr and shown.stderr.count("\n") == 1
    for command in (("scan",), ("scan", "--follow"), ("gc",)):
        refused = cli.run(*command, prefix=as_ordinary_user())
        assert refused.returncode == 4
        assert refused.stderr.startswith(f"mi6-tui: {cli.store} is read-only")
        assert refused.stderr.count("\n") == 1


def test_a_store_that_another_program_writes_is_read_and_not_waited_for(cli: Cli) -> None:
    write_session(cli.home, "a1")
    cli.ok("scan")
    write_session(cli.home, "b2")
    other = apsw.Connection(str(cli.store))
    other.execute("BEGIN IMMEDIATE")
    shown = cli.run("sessions", "--columns", "session_id")
    assert (shown.returncode, shown.stdout) == (0, "SESSION\na1\n")
    assert shown.stderr == f"mi6-tui: {cli.store} is locked by another program; showing what it holds\n"
    other.execute("ROLLBACK")
    other.close()


def test_a_second_scanner_leaves_the_work_to_the_first(cli: Cli) -> None:
    write_session(cli.home, "a1")
    with subprocess.Popen(
        (*PROGRAM, "scan", "--follow", "--json"),
        env=cli.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    ) as first:
        assert cast(IO[bytes], first.stdout).readline()
        second = cli.run("scan", "--json")
        assert second.returncode == 0
        assert '"blocked":true' in second.stdout
        assert second.stderr.startswith(f"mi6-tui: process {first.pid} writes the store")
        for own_work in (("--full",), (str(cli.home),)):
            line = cli.fails(1, "scan", *own_work)
            assert line == f"process {first.pid} writes the store; scan again when it has ended"
        assert cli.json("status")["writer"] == first.pid
        first.send_signal(signal.SIGINT)
        first.communicate(timeout=60)
    assert cli.json("status")["writer"] is None


def test_a_folder_that_may_not_be_read(cli: Cli) -> None:
    write_session(cli.home, "a1")
    closed = write_session(cli.home, "b2").parent.parent / "-work-closed"
    closed.mkdir(mode=0)
    done = cli.run("scan", "--json", prefix=as_ordinary_user())
    closed.chmod(0o700)
    assert done.returncode == 1
    assert done.stderr == f"mi6-tui: cannot read {closed}: Permission denied\n"
    assert '"files":2' in done.stdout


def test_a_store_whose_folder_cannot_be_made(cli: Cli) -> None:
    cli.store.parent.write_text("a file in the way")
    assert str(cli.store) in cli.fails(1, "sessions")


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("sesions",), "no command is called 'sesions'; did you mean sessions?"),
        (("frobnicate",), "no command is called 'frobnicate'; there are scan, "),
        (("sessions", "--bogus"), "unrecognized arguments: --bogus"),
        (("--bogus",), "unrecognized arguments: --bogus"),
        (("sessions", "--limit", "-1"), "'-1' is no whole number"),
        (("sessions", "--limit", "ten"), "'ten' is no whole number"),
        (("sessions", "--limit", "99999999999999999999"), "99999999999999999999 is too large"),
        (("search", ""), "there are no words to search for"),
        (("search", " ", ""), "there are no words to search for"),
        (("sessions", "--sort", "size"), "no field to sort by is called 'size'"),
        (("sessions", "--columns", "nam"), "did you mean name?"),
        (("session",), "the following arguments are required"),
        (("session", "a", "--fields", ""), "no field is named"),
        (("events", "--after-id", "1.5"), "'1.5' is no whole number"),
        (("gc", "--older-than", "ninety"), "write it like 90d, 12h or 30m"),
        (("gc", "--older-than", "90"), "write it like 90d, 12h or 30m"),
        (("--db",), "expected one argument"),
        (("session", os.fsdecode(b"\xff")), "the argument '\\udcff' is not valid UTF-8"),
    ],
)
def test_bad_usage(cli: Cli, args: tuple[str, ...], says: str) -> None:
    assert says in cli.fails(2, *args)
    assert not cli.store.exists()


def test_a_closed_pipe_is_no_error(cli: Cli) -> None:
    for number in range(40):
        write_session(cli.home, f"session-{number}")
    cli.ok("scan")
    with subprocess.Popen(
        (*PROGRAM, "events", "--json", "--limit", "100000", "--no-scan"),
        env=cli.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as writer:
        output = cast(IO[bytes], writer.stdout)
        assert output.readline()
        output.close()
        narration = cast(IO[bytes], writer.stderr).read()
        assert (writer.wait(timeout=60), narration) == (0, b"")


def test_a_closed_pipe_behind_a_question_is_not_the_fault_of_the_store(cli: Cli) -> None:
    write_session(cli.home, "a1")
    cli.ok("scan")
    many = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 100000) SELECT x FROM n"
    with subprocess.Popen(
        (*PROGRAM, "sql", many),
        env=cli.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as writer:
        output = cast(IO[bytes], writer.stdout)
        assert output.readline()
        output.close()
        narration = cast(IO[bytes], writer.stderr).read()
        assert (writer.wait(timeout=60), narration) == (0, b"")


def test_a_follower_ends_with_its_reader(cli: Cli) -> None:
    write_session(cli.home, "a1")
    with subprocess.Popen(
        (*PROGRAM, "events", "--follow"), env=cli.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
    ) as follower:
        output = cast(IO[bytes], follower.stdout)
        assert output.readline()
        output.close()
        assert follower.wait(timeout=60) == 0


def test_a_full_disk_behind_stdout(cli: Cli) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            (*PROGRAM, "demo", "--json"),
            env=cli.env,
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
        )
    assert done.returncode == 1
    assert done.stderr.startswith(b"mi6-tui: No space left on device")
    assert done.stderr.count(b"\n") == 1


def test_a_closed_stdout(cli: Cli) -> None:
    done = subprocess.run(
        ("sh", "-c", 'exec "$@" >&-', "sh", *PROGRAM, "demo", "--json"),
        env=cli.env,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("args", "code", "stdout"),
    [
        (("session", "nope"), 3, ""),
        (("sessions", "--columns", "name"), 0, "NAME\n"),
        (("sessions", "--bogus"), 2, ""),
    ],
)
@pytest.mark.parametrize("stderr", ["2>&-", "2>/dev/full"])
def test_nobody_to_tell_changes_neither_the_data_nor_the_code(
    cli: Cli, args: tuple[str, ...], code: int, stdout: str, stderr: str
) -> None:
    done = subprocess.run(
        ("sh", "-c", f'exec "$@" {stderr}', "sh", *PROGRAM, *args),
        env=cli.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (code, stdout)


def test_a_home_that_nobody_knows(cli: Cli) -> None:
    for env in ({"MI6_TUI_HOME": "~nobody-has-this-name/x"}, {"MI6_TUI_DB": "~nobody-has-this-name/x"}):
        done = cli.run("sessions", **env)
        assert done.returncode == 2
        assert done.stderr.startswith("mi6-tui: the home folder cannot be found; ")
        assert done.stderr.count("\n") == 1


def test_a_name_that_is_no_text_hides_nothing_else(cli: Cli) -> None:
    path = write_session(cli.home, "a1")
    bad = os.fsencode(path.parent) + b"/\xff.jsonl"
    Path(os.fsdecode(bad)).write_bytes(b"{}\n")
    done = cli.run("scan", "--json")
    assert done.returncode == 1
    assert done.stderr == f"mi6-tui: cannot read {path.parent}/\ufffd.jsonl: its name is not valid UTF-8\n"
    assert '"files":1' in done.stdout and '"requests":2' in done.stdout


def test_an_encoding_without_the_characters(cli: Cli) -> None:
    write_session(cli.home, "a1", prompt="修复 red")
    done = cli.run("sessions", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert "\\u4fee\\u590d red" in done.stdout


def test_a_fault_of_our_own_is_one_line_and_a_traceback_in_the_log(cli: Cli) -> None:
    script = "\n".join(
        (
            "import sys",
            "from mi6_tui import cli",
            "from mi6_tui.commands import sessions",
            "sessions.catch_up = None",
            "sys.exit(cli.main(['sessions']))",
        )
    )
    done = subprocess.run(
        (PROGRAM[0], "-c", script),
        env=cli.env,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("mi6-tui: TypeError: ")
    assert done.stderr.count("\n") == 1
    (log,) = (cli.home / "state" / "logs").iterdir()
    assert "Traceback" in log.read_text()
