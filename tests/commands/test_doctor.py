"""`doctor` on a machine where all is well, and where things are really broken."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.commands.conftest import Cli
from tests.commands.test_bad_input import as_ordinary_user
from tests.commands.transcripts import write_session

pytestmark = pytest.mark.usefixtures("alone")


@pytest.fixture
def alone(cli: Cli) -> None:
    """A machine on which no client's program is."""
    cli.env["PATH"] = "/usr/bin:/bin"


def levels(report: Any) -> dict[str, str]:
    return {check["name"]: check["level"] for check in report["checks"]}


def told(report: Any, name: str) -> dict[str, str]:
    (found,) = (check for check in report["checks"] if check["name"] == name)
    return dict(found)


def report(cli: Cli, code: int = 0, **env: str) -> Any:
    done = cli.run("doctor", "--json", prefix=as_ordinary_user(), **env)
    assert (done.returncode, done.stderr) == (code, "")
    return json.loads(done.stdout)


@contextmanager
def without(path: Path, mode: int) -> Iterator[None]:
    """`path` has only the rights of `mode` for a while."""
    before = path.stat().st_mode
    path.chmod(mode)
    try:
        yield
    finally:
        path.chmod(before)


def test_a_machine_that_nobody_has_used(cli: Cli) -> None:
    found = report(cli)
    assert levels(found) == {"store": "warning", "writer": "ok", "settings": "ok", "log": "ok"}
    assert told(found, "store")["advice"] == "run `mi6-tui scan`"
    assert (found["failed"], found["warnings"]) == (0, 1)
    assert not cli.store.exists() and not cli.store.parent.exists()


def test_all_is_well(cli: Cli) -> None:
    write_session(cli.home, "a1")
    cli.ok("enable", "claude")
    cli.ok("scan", "--json")
    found = report(cli)
    assert levels(found) == {
        "store": "ok",
        "store damage": "ok",
        "writer": "ok",
        "settings": "ok",
        "log": "ok",
        "spool": "ok",
        "hooks claude": "ok",
        "transcripts claude": "ok",
        "prices": "ok",
    }
    assert told(found, "transcripts claude")["told"].endswith("/.claude/projects can be read, 1 file read")
    lines = cli.ok("doctor").splitlines()
    assert lines[0] == f"ok       store: {cli.store} can be read and written"
    assert lines[-2].endswith(" 0 failed")


def test_broken_settings_fail_with_their_line(cli: Cli) -> None:
    cli.store.parent.mkdir()
    file = cli.store.parent / "settings.toml"
    file.write_text("[notifications]\nbel = true\n")
    check = told(report(cli, 1), "settings")
    assert check["level"] == "failed"
    assert check["told"].startswith(f"{file}:2: notifications.bel: unknown key")
    file.write_text('[[prices]]\nmodel = "m"\n')
    assert told(report(cli, 1), "settings")["level"] == "failed"
    file.write_text("[notifications]\nbell = true\n")
    assert told(report(cli), "settings")["level"] == "ok"


def test_a_store_that_is_none(cli: Cli) -> None:
    cli.store.parent.mkdir()
    cli.store.write_bytes(b"no database at all" * 100)
    check = told(report(cli, 1), "store")
    assert (check["level"], check["told"]) == (
        "failed",
        f"{cli.store} is not a SQLite database; name another with --db; if it was your store, "
        "`mi6-tui doctor --rebuild` makes a new one",
    )
    cli.store.unlink()
    cli.store.mkdir()
    assert told(report(cli, 1), "store")["level"] == "failed"


def test_a_foreign_writer_is_named(cli: Cli) -> None:
    cli.ok("scan", "--json")
    lock = cli.store.with_name("mi6.db.lock")
    code = (
        "import fcntl, os, sys; f = open(sys.argv[1], 'w'); fcntl.flock(f, fcntl.LOCK_EX);"
        "f.write(str(os.getpid())); f.flush(); print('held', flush=True); sys.stdin.read()"
    )
    held = subprocess.Popen(
        (sys.executable, "-c", code, str(lock)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert held.stdout is not None and held.stdout.readline() == "held\n"
        found = report(cli)
        assert told(found, "writer")["told"] == f"process {held.pid} writes the store, the others read"
        assert found["facts"]["writer"] == {
            "role": "another process",
            "pid": held.pid,
            "problem": "",
        }
    finally:
        held.communicate("")
    assert told(report(cli), "writer")["told"].startswith("nobody writes")
    with open(lock) as free:  # nothing of the look stays behind
        fcntl.flock(free, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_hook_calls_that_nobody_reads(cli: Cli) -> None:
    cli.ok("enable", "claude")
    spool = cli.store.parent / "spool"
    old = spool / "17"
    old.write_text("{}\nmi6-hook 1\tframework=claude\n")
    os.utime(old, (1, 1))
    (spool / ".dropped").write_text("4\n")
    (spool / ".quarantined").write_text("2\n")
    found = report(cli)
    assert told(found, "spool")["level"] == "warning"
    assert told(found, "spool")["told"] == "hook calls waiting: 1, for nobody writes the store"
    assert told(found, "spool losses")["told"].startswith("4 hook calls ")
    assert told(found, "spool strangers")["told"].startswith("2 files ")
    old.unlink()
    for rest in (".dropped", ".quarantined"):
        (spool / rest).unlink()
    spool.rmdir()
    check = told(report(cli, 1), "spool")
    assert (check["level"], check["advice"]) == ("failed", "run `mi6-tui enable` again")


def test_hooks_that_are_odd(cli: Cli) -> None:
    (cli.home / ".codex").mkdir()
    cli.ok("enable", "codex", "gemini")
    codex, gemini = cli.home / ".codex" / "hooks.json", cli.home / ".gemini" / "settings.json"
    codex.write_text(codex.read_text().replace("exec /bin/sh", "/bin/sh"))
    gemini.write_text(gemini.read_text() + "}")
    found = levels(report(cli, 1))
    assert found["hooks codex"] == "warning"
    assert found["hooks gemini"] == "failed"
    assert "hooks copilot" not in found


def test_places_without_permission(cli: Cli) -> None:
    path = write_session(cli.home, "a1")
    cli.ok("scan", "--json")
    projects = path.parent.parent
    with without(projects, 0o000):
        assert told(report(cli, 1), "transcripts claude")["told"] == f"{projects} cannot be read"
    with without(cli.store, 0o400):
        assert "cannot be written" in told(report(cli, 1), "store")["told"]
    with without(cli.store.parent, 0o500):
        assert "cannot be written" in told(report(cli, 1), "store")["told"]
    with without(cli.store, 0o644), without(cli.store.parent, 0o755):
        assert told(report(cli), "store privacy")["level"] == "warning"


def test_the_log_is_looked_into(cli: Cli) -> None:
    logs = cli.store.parent / "logs"
    logs.mkdir(parents=True)
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}"  # the program runs in UTC
    (logs / "mi6-tui.log").write_text(
        f"2020-01-01 00:00:00,000 ERROR 1 long ago\n{now},000 INFO 1 fine\n"
        f"{now},000 WARNING 1 odd \x1b[31m[/]\n{now},000 ERROR 1 bad\nTraceback ...\n"
    )
    found = report(cli)
    assert told(found, "log")["told"] == "2 warnings within the last 24 hours"
    assert [line[24:] for line in found["facts"]["log"]["last"]] == [
        "ERROR 1 long ago",
        "WARNING 1 odd \x1b[31m[/]",
        "ERROR 1 bad",
    ]
    assert "\x1b" not in cli.run("doctor").stdout
