"""Another thing stands where a file of our own should: it is told, never waited for, filled or written to."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.commands.conftest import Cli
from tests.commands.transcripts import write_session
from tests.hostile.test_places import THINGS

_PRECIOUS: Final = b"precious\n"
_ENDLESS: Final = ("link to zeros", "link to chance", "holes")
_LITTLE_MEMORY: Final = (
    *(sys.executable, "-c"),
    "import os, resource, sys; resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30));"
    "os.execv(sys.argv[1], sys.argv[1:])",
)
"""What it has no room for ends it, before the machine ends."""

Put = Callable[[Path, Path], object]
_PUT: Final[dict[str, Put]] = {
    "a pipe": lambda path, _: os.mkfifo(path),
    "a link": lambda path, precious: path.symlink_to(precious),
    "a link to nothing": lambda path, precious: path.symlink_to(precious.with_name("nothing")),
    "a second name": lambda path, precious: path.hardlink_to(precious),
    "zeros": lambda path, _: path.symlink_to("/dev/zero"),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """The program over a store with one session."""
    cli = Cli(tmp_path_factory.mktemp("home"))
    write_session(cli.home, "a1")
    assert cli.json("scan")["sessions"] == 1
    return cli


@pytest.fixture
def cli(home: Cli) -> Iterator[Cli]:
    """The same, whose files are its own again afterwards."""
    before = set(home.store.parent.iterdir())
    yield home
    for path in set(home.store.parent.iterdir()) - before:
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()


def doctor(cli: Cli) -> dict[str, dict[str, Any]]:
    """What it says, by what it looked at; each time the first."""
    checks = json.loads(cli.run("doctor", "--json").stdout)["checks"]
    return {check["name"]: check for check in reversed(checks)}


@pytest.mark.parametrize("thing", THINGS)
def test_settings(cli: Cli, thing: str) -> None:
    THINGS[thing](cli.store.parent / "settings.toml")
    prefix = _LITTLE_MEMORY if thing in _ENDLESS else ()
    scanned, listed = (cli.run(*words, prefix=prefix) for words in (("scan",), ("remote", "list")))
    assert (scanned.returncode, scanned.stdout.split(",")[0]) == (0, "0 of 1 files"), scanned.stderr
    assert listed.returncode in (0, 1)
    for done in (scanned, listed):
        assert all(line.startswith("mi6-tui: ") for line in done.stderr.splitlines())
        assert "Traceback" not in done.stderr
    if thing in ("pipe", "holes", "link to zeros"):
        told = {"pipe": "it is a pipe", "holes": "it is larger than any settings"}.get(thing, "no plain file")
        assert f"{told}; no other machine is read" in scanned.stderr
        assert listed.returncode == 1 and told in listed.stderr


@pytest.mark.parametrize("put", _PUT)
def test_the_lock(cli: Cli, tmp_path: Path, put: str) -> None:
    precious = tmp_path / "precious"
    precious.write_bytes(_PRECIOUS)
    lock = cli.store.with_name("mi6.db.lock")
    lock.unlink(missing_ok=True)
    _PUT[put](lock, precious)
    line = cli.fails(1, "scan")
    assert line.startswith(f"cannot lock {lock}: it ") and line.endswith("; remove it, and it is made anew")
    writer = doctor(cli)["writer"]
    assert writer["level"] == "failed" and str(lock) in writer["told"]
    lock.unlink()
    assert cli.run("scan").returncode == 0
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"precious": _PRECIOUS}


@pytest.mark.parametrize("put", ["a pipe", "a link"])
@pytest.mark.parametrize("suffix", ["-journal", "-wal", "-shm"])
def test_what_sqlite_keeps_beside_the_store(cli: Cli, tmp_path: Path, suffix: str, put: str) -> None:
    precious = tmp_path / "precious"
    precious.write_bytes(_PRECIOUS)
    beside = cli.store.with_name(f"mi6.db{suffix}")
    _PUT[put](beside, precious)
    for words in (("scan",), ("doctor", "--rebuild")):
        assert cli.fails(1, *words).startswith(f"{beside} cannot be used: it is a ")
    store = doctor(cli)["store"]
    assert store["level"] == "failed" and str(beside) in store["told"]
    assert precious.read_bytes() == _PRECIOUS


@pytest.mark.parametrize("put", ["a pipe", "a link", "zeros"])
def test_what_the_ports_told(cli: Cli, tmp_path: Path, put: str) -> None:
    precious = tmp_path / "precious"
    precious.write_bytes(_PRECIOUS)
    _PUT[put](cli.store.with_name("mi6.db.ports"), precious)
    assert cli.json("status")["ports"] is None
    assert doctor(cli)["store"]["level"] == "ok"


@pytest.mark.parametrize("target", ["mi6.db", "gone.db"])
def test_a_store_that_is_a_link_to_nothing(tmp_path: Path, target: str) -> None:
    cli = Cli(tmp_path)
    cli.store.parent.mkdir()
    cli.store.symlink_to(target)
    told = f"{cli.store} is a symbolic link to {target}, where nothing stands"
    for words in (("scan",), ("status",), ("sessions",)):
        assert cli.fails(1, *words).startswith(told)
    store = doctor(cli)["store"]
    assert store["level"] == "failed" and store["told"].startswith(told)
    assert [path.name for path in cli.store.parent.iterdir() if "gone" in path.name] == []
