"""The disk gives errors (EIO): at one call, at all from then on, at one place. Nothing stored is lost."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import apsw
import pytest

from mi6_tui.frameworks import framework
from mi6_tui.ingest.scanner import Scanner
from mi6_tui.model import Event, EventQuery
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.app import Mi6App
from tests.commands.conftest import Cli
from tests.commands.transcripts import write_session
from tests.faults.failing import READS, SYNCS, WRITES, broken, can_trace, failing, failures
from tests.faults.world import MACHINE, NOW, World, pages, sessions_of
from tests.ingest.test_follow import QUICK
from tests.tui.conftest import screen_text, until

OLD, NEW, REQUESTS, HOOKS = 4, 4, 12, 30
"""Sessions in the store and not yet in it, requests of each, and hook calls that stand in the log alone."""
EACH: Final = os.environ.get("FAULTS_EACH")
"""Try every call: some minutes."""


@pytest.fixture(scope="module")
def failing_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home and a store, with the log of a program that was killed, and transcripts that are new to it."""
    folder = tmp_path_factory.mktemp("failing")
    home, state = folder / "home", folder / "open"
    for number in range(OLD):
        write_session(home, f"old{number}", requests=REQUESTS)
    with closing(SqliteStorage(state / "mi6.db", clock=lambda: NOW)) as storage:
        scan(home, storage)
    with closing(SqliteStorage(state / "mi6.db", clock=lambda: NOW)) as storage:
        for number in range(HOOKS):
            storage.insert(hook(number))
        shutil.copytree(state, home / "state")
    for number in range(NEW):
        write_session(home, f"new{number}", requests=REQUESTS)
    return home


@pytest.fixture
def cli(failing_home: Path, tmp_path: Path) -> Cli:
    program = Cli(failing_home)
    program.store = tmp_path / "state" / "mi6.db"
    program.env |= {"MI6_TUI_HOME": str(program.store.parent)}
    shutil.copytree(failing_home / "state", program.store.parent)
    return program


def hook(number: int) -> Event:
    return Event(
        machine_id=MACHINE,
        session_id="hooked",
        timestamp=NOW + number,
        event_type="Stop",
        source="hook",
        key=f"hook:{number}",
    )


def scan(home: Path, storage: SqliteStorage) -> None:
    clients = [framework("claude")]
    Scanner(storage, clients, MACHINE, env={}, home=home, watch=False, clock=lambda: NOW).scan_once()


def check_goes_on(cli: Cli) -> None:
    """With a disk that works again the next scan has all of it, and what stood there before is there."""
    with closing(SqliteStorage(cli.store, clock=lambda: NOW)) as storage:
        scan(cli.home, storage)
        found = sessions_of(storage)
        hooked = storage.query(EventQuery().with_session("hooked"))
    assert {event.key for event in hooked} == {f"hook:{number}" for number in range(HOOKS)}
    read = {name: one.api_request_count for name, one in found.items() if name != "hooked"}
    assert read == {
        f"{age}{n}": REQUESTS for age, count in (("old", OLD), ("new", NEW)) for n in range(count)
    }
    connection = apsw.Connection(str(cli.store), flags=apsw.SQLITE_OPEN_READONLY)
    assert connection.execute("PRAGMA integrity_check").get == "ok"
    connection.close()


def judged(text: str) -> dict[str, dict[str, Any]]:
    return {check["name"]: check for check in json.loads(text)["checks"]}


SCANS = (
    [(call, end, str(n)) for call in (READS, WRITES, SYNCS) for end in ("", "-wal") for n in range(1, 400)]
    if EACH
    else [
        *((READS, "", when) for when in ("1", "2", "9", "30", "1+", "9+")),
        *((READS, "-wal", when) for when in ("1", "9", "3+")),
        *((WRITES, "", when) for when in ("1", "1+")),
        *((WRITES, "-wal", when) for when in ("1", "2", "20", "1+", "20+")),
        *((SYNCS, "", "1+"), (SYNCS, "-wal", "1"), (SYNCS, "-wal", "1+")),
    ]
)
READING = ["sessions", "stats", "search hello", "next", "events"]

if can_trace():

    @pytest.mark.parametrize(("call", "end", "when"), SCANS)
    def test_a_scan(cli: Cli, tmp_path: Path, call: str, end: str, when: str) -> None:
        """It tells in one line, or does not need what failed."""
        log = tmp_path / "trace"
        file = cli.store.with_name(cli.store.name + end)
        done = cli.run("scan", prefix=failing(call, file, when, log))
        if EACH and not failures(log):
            pytest.skip("there are not so many calls")
        assert failures(log)
        if done.returncode:
            assert (done.returncode, done.stdout) == (1, "")
            (line,) = done.stderr.splitlines()
            assert line.startswith(f"mi6-tui: {cli.store} ")
            assert "disk" in line
        else:
            assert done.stderr == ""
        if when.endswith("+") and (call, end) in ((READS, ""), (WRITES, "-wal")):
            assert done.returncode == 1
        check_goes_on(cli)

    @pytest.mark.parametrize("command", READING)
    @pytest.mark.parametrize("end", ["", "-wal"])
    def test_what_only_reads(cli: Cli, tmp_path: Path, command: str, end: str) -> None:
        """Half an answer is none."""
        log = tmp_path / "trace"
        file = cli.store.with_name(cli.store.name + end)
        prefix = failing(READS, file, "2+", log)
        done = cli.run(*command.split(), "--no-scan", prefix=prefix)
        assert failures(log)
        assert (done.returncode, done.stdout) == (1, "")
        (line,) = done.stderr.splitlines()
        assert line.startswith(f"mi6-tui: {cli.store} ") and "disk" in line

    @pytest.mark.parametrize("end", ["", "-wal"])
    def test_doctor_tells_a_disk_that_fails_from_a_damaged_store(cli: Cli, tmp_path: Path, end: str) -> None:
        file = cli.store.with_name(cli.store.name + end)
        done = cli.run("doctor", "--json", prefix=failing(READS, file, "3+", tmp_path / "trace"))
        assert (done.returncode, done.stderr) == (1, "")
        found = judged(done.stdout)
        assert found["store disk"]["level"] == "failed"
        assert found["store disk"]["told"] == f"{file} cannot be read from byte 0 on: Input/output error"
        assert "store damage" not in found
        assert judged(cli.run("doctor", "--json").stdout)["store damage"]["level"] == "ok"

    def test_doctor_tells_of_an_error_that_came_once(cli: Cli, tmp_path: Path) -> None:
        """While the pages are looked at, which is the first that is done."""
        log = tmp_path / "trace"
        done = cli.run("doctor", "--json", prefix=failing(READS, cli.store, "20", log))
        assert failures(log) == 1
        assert done.returncode == 0, done.stdout
        assert judged(done.stdout)["store disk"]["level"] == "warning"


def test_a_place_that_cannot_be_read_is_left_out_of_a_rebuild(world: World) -> None:
    """As with a bad block: that page of the events is gone, and the transcripts tell them again."""
    page = pages(world.store)["events"][3]

    def bad(path: str, place: int) -> bool:
        return path == str(world.store) and place == (page - 1) * 4096

    with broken(READS, bad):
        done = world.rebuild()
    assert done.done and done.unreadable > 0
    clean = world.clean()
    with closing(world.open()) as storage:
        found = sessions_of(storage)
    assert set(clean) - {"secret"} <= set(found)
    assert all(
        found[name].api_request_count == clean[name].api_request_count for name in clean if name != "secret"
    )


@pytest.mark.parametrize("call", [READS, WRITES])
async def test_the_dashboard_says_so_and_goes_on(cli: Cli, call: str) -> None:
    fails = call == WRITES  # before the scanner has written all there is
    with closing(SqliteStorage(cli.store, clock=lambda: NOW)) as storage:

        def scanner() -> Scanner:
            return Scanner(
                storage,
                [framework("claude")],
                MACHINE,
                env={},
                home=cli.home,
                watch=False,
                intervals=QUICK,
                clock=lambda: NOW,
            )

        with broken(call, lambda path, _: fails and path.startswith(str(cli.store))):
            app = Mi6App(storage, make_scanner=scanner, clock=lambda: NOW)
            async with app.run_test(size=(160, 40)) as pilot:
                fails = True
                await until(pilot, lambda: any("disk" in line and "▲" in line for line in screen_text(pilot)))
                fails = False
                await until(
                    pilot, lambda: sum("Say hello" in line for line in screen_text(pilot)) == OLD + NEW
                )
                await until(pilot, lambda: not any("▲" in line for line in screen_text(pilot)))
    check_goes_on(cli)
