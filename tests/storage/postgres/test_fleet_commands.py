"""`fleet`, `status`, `doctor`, `gc` and the dashboard over a shared database, for each of its users."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import closing
from datetime import UTC
from pathlib import Path

import msgspec
import pytest

from mi6_tui.cli import main, parser
from mi6_tui.commands import serve
from mi6_tui.commands.schema import TYPES
from mi6_tui.storage.postgres import PostgresStorage
from mi6_tui.tui.app import Mi6App
from tests.storage.postgres.fleets import Fleet
from tests.storage.postgres.server import PostgresServer
from tests.tui.conftest import look, press, screen_text

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MI6_TUI_HOME", str(tmp_path / "state"))


READING = (
    ("sessions", "--json"),
    ("session", "t", "--json"),
    ("events", "--session", "s", "--json"),
    ("search", "pear", "--json"),
    ("stats", "--by", "day", "--json"),
    ("explain", "t", "--json"),
    ("gc", "--dry-run"),
    ("fleet", "machines", "--json"),
)


@pytest.mark.parametrize("argv", READING, ids=" ".join)
def test_who_looks_sees_what_the_owner_sees(fleet: Fleet, argv: tuple[str, ...], capsys: Capture) -> None:
    told = []
    for url in (fleet.owner, fleet.viewer):
        told.append((main(["--db", url, *argv]), capsys.readouterr().out))
    (owners, said), (viewers, told_viewer) = told
    assert owners == viewers == 0
    assert said
    assert told_viewer == said


@pytest.mark.parametrize("argv", [("gc",), ("forget", "t", "--yes"), ("fleet", "collect")], ids=" ".join)
def test_who_looks_changes_nothing(fleet: Fleet, argv: tuple[str, ...], capsys: Capture) -> None:
    assert main(["--db", fleet.viewer, *argv]) == 4
    said = capsys.readouterr().err
    assert said.endswith(" is read-only: this user may only look\n")
    assert said.count("\n") == 1


@pytest.mark.parametrize("argv", [("sessions",), ("fleet", "machines"), ("gc",)], ids=" ".join)
def test_who_sends_is_told_so_in_one_line(fleet: Fleet, argv: tuple[str, ...], capsys: Capture) -> None:
    assert main(["--db", fleet.pusher, *argv]) == 1
    said = capsys.readouterr().err
    assert "this user may only send events there, not look at them" in said
    assert said.count("\n") == 1


def status_of(url: str, capsys: Capture) -> dict[str, object]:
    assert main(["--db", url, "status", "--json"]) == 0
    said = capsys.readouterr().out
    msgspec.json.decode(said, type=TYPES["status"])
    found: dict[str, object] = json.loads(said)["database"]
    return found


def test_status_tells_each_what_it_may_know(server: PostgresServer, fleet: Fleet, capsys: Capture) -> None:
    owner, pusher, viewer = (status_of(url, capsys) for url in fleet)
    ((version, size),) = server.run(
        "SELECT current_setting('server_version'), pg_database_size('fleet')", "fleet"
    )
    for found in (owner, pusher, viewer):
        assert found["version"] == version.split()[0]
        assert abs(int(str(found["bytes"])) - size) < 1 << 20
    assert (owner["sessions"], owner["events"], owner["machines"]) == (2, 2, 1)
    assert (owner["rights"], owner["read_only"]) == ("all", None)
    assert (viewer["sessions"], viewer["events"], viewer["machines"]) == (2, 2, 1)
    assert viewer["rights"] == "look"
    assert str(viewer["read_only"]).endswith("this user may only look")
    assert (pusher["rights"], pusher["sessions"], pusher["schema"]) == ("send", None, None)
    main(["--db", fleet.viewer, "status"])
    said = capsys.readouterr().out
    assert "writable  no: this user may only look\n" in said
    assert "user      Zuschauerin ß, may only look\n" in said


def test_status_makes_no_store(server: PostgresServer, capsys: Capture) -> None:
    url = server.make("bare")
    assert status_of(url, capsys)["rights"] == "no store"
    assert main(["--db", url, "doctor"]) == 0
    assert "warning  rights: there is no store in that database" in capsys.readouterr().out
    assert server.run("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", "bare") == [(0,)]
    server.run("DROP DATABASE bare")


def checks_of(url: str, capsys: Capture, code: int = 0) -> dict[str, tuple[str, str]]:
    assert main(["--db", url, "doctor", "--json"]) == code
    said = capsys.readouterr().out
    msgspec.json.decode(said, type=TYPES["doctor"])
    found = json.loads(said)
    assert found["facts"] is None
    return {check["name"]: (check["level"], check["told"]) for check in found["checks"]}


def test_doctor_finds_what_is_odd(server: PostgresServer, fleet: Fleet, capsys: Capture) -> None:
    found = checks_of(fleet.viewer, capsys)
    assert found["machine desk"] == ("warning", "its clock is 7 s behind the server's")
    assert {level for level, _ in found.values()} == {"ok", "warning"}
    server.run('REVOKE SELECT ON usage FROM "Zuschauerin ß"', "fleet")
    assert checks_of(fleet.viewer, capsys, 1)["rights"] == ("failed", "user Zuschauerin ß may not read usage")
    server.run('GRANT SELECT ON usage TO "Zuschauerin ß"', "fleet")
    assert checks_of(fleet.pusher, capsys)["rights"][0] == "ok"


def test_doctor_finds_two_machines_of_one_name(server: PostgresServer, fleet: Fleet, capsys: Capture) -> None:
    # A parcel's number tells, above 20 bits, when it was sent.
    server.run(
        "INSERT INTO forwarded SELECT origin, machine_id, "
        "(extract(epoch FROM now() - hours * interval '1 hour') * 1000)::bigint << 20 "
        "FROM (VALUES ('o1', 'desk', 1), ('o2', 'desk', 23), ('o3', 'build', 1), ('o4', 'build', 25), "
        "('o5', 'lap', 0)) AS sent(origin, machine_id, hours)",
        "fleet",
    )
    told = "two stores have sent under this name within a day"
    found = main(["--db", fleet.owner, "doctor", "--json"]), json.loads(capsys.readouterr().out)
    assert [check["name"] for check in found[1]["checks"] if check["told"] == told] == ["machine desk"]
    (advice,) = (check["advice"] for check in found[1]["checks"] if check["told"] == told)
    assert "rename one host" in advice
    assert "made anew" in advice
    assert told not in {said for _, said in checks_of(fleet.viewer, capsys).values()}
    server.run("DELETE FROM forwarded", "fleet")


def test_doctor_finds_rows_that_nobody_cleared_away(server: PostgresServer, capsys: Capture) -> None:
    url = server.make("dead")
    PostgresStorage(url).close()
    server.run(
        "INSERT INTO tombstones SELECT sha256(n::text::bytea) FROM generate_series(1, 12000) AS n; "
        "DELETE FROM tombstones; SELECT pg_stat_force_next_flush()",
        "dead",
    )
    level, told = checks_of(url, capsys)["table tombstones"]
    assert (level, told) == ("warning", "12000 dead rows beside 0, vacuumed never")
    server.run("VACUUM tombstones", "dead")
    assert "table tombstones" not in checks_of(url, capsys)
    server.run("DROP DATABASE dead")


def test_machines_are_listed(fleet: Fleet, capsys: Capture) -> None:
    assert main(["--db", fleet.owner, "fleet", "machines", "--json"]) == 0
    (found,) = msgspec.json.decode(capsys.readouterr().out, type=TYPES["fleet"])
    assert (found.machine_id, found.way, found.skew_ms) == ("desk", "push", -7500)
    main(["--db", fleet.owner, "fleet", "machines"])
    heading, row = capsys.readouterr().out.splitlines()
    assert heading.split() == ["MACHINE", "SEEN", "CLOCK", "WAY", "ADDRESS", "PROBLEM"]
    assert [*row.split()[:1], *row.split()[2:]] == ["desk", "ago", "7s", "behind", "push", "-"]


def test_options_stay_with_what_they_are_for(capsys: Capture) -> None:
    assert main(["fleet", "machines", "--follow"]) == 2
    assert "--follow goes with `fleet collect`" in capsys.readouterr().err
    assert main(["fleet", "collect"]) == 2
    assert "machines send into a database" in capsys.readouterr().err
    assert main(["fleet", "roles", "--pusher", "a$b"]) == 2
    assert main(["fleet", "roles", "--pusher", 'a"b']) == 0
    assert 'TO "a""b";' in capsys.readouterr().out


async def test_the_dashboard_of_who_may_only_look(fleet: Fleet) -> None:
    with closing(PostgresStorage(fleet.viewer)) as storage:
        app = Mi6App(storage, zone=UTC, live=False)
        async with app.run_test(size=(120, 35)) as pilot:
            await look(pilot)
            shown = "\n".join(screen_text(pilot))
            assert "find the pear" in shown
            (told,) = app.messages
            assert "this user may only look" in told.body
            for key in "2345":
                await press(pilot, key)
                assert "permission denied" not in "\n".join(screen_text(pilot))
            await press(pilot, "1", "enter")
            assert "permission denied" not in "\n".join(screen_text(pilot))


def test_doctor_looks_into_the_inbox(server: PostgresServer, fleet: Fleet, capsys: Capture) -> None:
    assert checks_of(fleet.owner, capsys)["inbox"] == ("ok", "parcels waiting: 0")
    assert "inbox" not in checks_of(fleet.viewer, capsys)
    server.run(
        "INSERT INTO inbox(machine_id, sent_at, received_at, payload) SELECT 'm', at, at, '' "
        "FROM (SELECT (1000 * extract(epoch FROM now() - interval '31 min'))::bigint) AS sent(at)",
        "fleet",
    )
    level, told = checks_of(fleet.owner, capsys, 1)["inbox"]
    assert level == "failed"
    assert told.startswith("1 parcels wait, the first for 3")
    assert main(["--db", fleet.owner, "fleet", "collect"]) == 0
    assert capsys.readouterr().out == "1 rows taken in\n"
    level, told = checks_of(fleet.owner, capsys)["inbox"]
    assert level == "warning"
    assert told.startswith("put aside, for they could not be merged: 1, the last: ")
    server.run("DELETE FROM inbox_refused; DELETE FROM machines WHERE machine_id = 'm'", "fleet")


def test_collecting_goes_on_until_it_is_interrupted(server: PostgresServer, fleet: Fleet) -> None:
    command = (sys.executable, "-m", "mi6_tui", "--db", fleet.owner, "fleet", "collect", "--follow")
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        for _ in range(2):
            server.run(
                "INSERT INTO inbox(machine_id, sent_at, payload) SELECT 'm', "
                "(1000 * extract(epoch FROM now()))::bigint, ''",
                "fleet",
            )
            while server.run("SELECT count(*) FROM inbox", "fleet") != [(0,)]:
                assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.communicate()[1] == ""
    assert process.returncode == 130
    assert server.run("SELECT count(*) FROM inbox_refused", "fleet") == [(2,)]
    server.run("DELETE FROM inbox_refused; DELETE FROM machines WHERE machine_id = 'm'", "fleet")


SECRET = "sesame-2"


@pytest.mark.parametrize("argv", [("{}",), ("sessions", "{}"), ("fleet", "{}"), ("gc", "--older-than", "{}")])
def test_a_url_in_the_wrong_place_tells_no_password(argv: tuple[str, ...], capsys: Capture) -> None:
    url = f"postgresql://mi6:{SECRET}@db.example.test/mi6"
    assert main([word.format(url) for word in argv]) == 2
    said = capsys.readouterr().err
    assert SECRET not in said
    assert "db.example.test" in said


def test_a_password_in_a_command_is_remarked_on(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"postgresql://mi6:{SECRET}@127.0.0.1:1/mi6"
    main(["--db", url, "sessions"])
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("mi6-tui: every user of this machine can see a password in a command")
    assert "127.0.0.1:1/mi6 cannot be reached" in second
    monkeypatch.setenv("MI6_TUI_DB", url)
    main(["sessions"])
    (only,) = capsys.readouterr().err.splitlines()
    assert SECRET not in first + second + only


def test_a_dashboard_in_a_browser_has_no_url_in_its_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"postgresql://mi6:{SECRET}@db.example.test/mi6"
    monkeypatch.setenv("MI6_TUI_DB", "")
    assert SECRET not in " ".join(serve._command(parser().parse_args(["--db", url, "serve"])))
    assert os.environ["MI6_TUI_DB"] == url
