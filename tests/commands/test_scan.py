"""`scan`: counts that were counted by hand."""

from __future__ import annotations

import json
import subprocess
from typing import IO, cast

from tests.commands.conftest import PROGRAM, Cli
from tests.commands.transcripts import prompt_line, write_session


def test_a_scan_reports_what_it_read(cli: Cli) -> None:
    paths = [write_session(cli.home, "a1"), write_session(cli.home, "b2", requests=1)]
    report = cli.json("scan")
    assert report["files"] == 2
    assert report["bytes"] == sum(path.stat().st_size for path in paths)
    assert report["lines"] == 6 + 3
    assert report["requests"] == 3
    assert report["sessions"] == 2
    assert (report["malformed"], report["skipped"], report["problems"]) == (0, 0, [])


def test_a_second_scan_finds_nothing_new_and_a_full_one_changes_nothing(cli: Cli) -> None:
    write_session(cli.home, "a1")
    cli.json("scan")
    before = cli.json("session", "a1")
    again = cli.json("scan")
    assert (again["files"], again["lines"], again["events"], again["requests"]) == (0, 0, 0, 0)
    full = cli.json("scan", "--full")
    assert (full["files"], full["lines"], full["events"], full["requests"]) == (1, 6, 0, 0)
    assert cli.json("session", "a1") == before


def test_only_the_named_files_are_read(cli: Cli) -> None:
    one, two = write_session(cli.home, "a1"), write_session(cli.home, "b2")
    assert cli.json("scan", str(one))["files"] == 1
    assert [session["session_id"] for session in cli.json("sessions", "--no-scan")] == ["a1"]
    assert cli.json("scan", str(two.parent))["files"] == 1


def test_lines_that_are_no_records_are_counted(cli: Cli) -> None:
    path = write_session(cli.home, "a1")
    with path.open("a") as file:
        file.write("no json\n")
    assert cli.json("scan")["malformed"] == 1
    assert "1 lines malformed" in cli.ok("scan", "--full")


def test_a_path_that_is_not_there_is_a_failure(cli: Cli) -> None:
    done = cli.run("scan", str(cli.home / "gone.jsonl"))
    assert done.returncode == 1
    assert done.stderr == f"mi6-tui: cannot read {cli.home}/gone.jsonl: No such file or directory\n"


def test_an_unknown_framework_is_bad_usage(cli: Cli) -> None:
    line = cli.fails(2, "scan", "--framework", "cladue")
    assert line.startswith("no framework is called 'cladue'; known: claude")


def test_follow_and_full_exclude_each_other(cli: Cli) -> None:
    assert "--full reads everything once" in cli.fails(2, "scan", "--follow", "--full")


def test_a_follower_streams_each_recorded_event_once(cli: Cli) -> None:
    path = write_session(cli.home, "a1")
    with subprocess.Popen(
        (*PROGRAM, "scan", "--follow", "--json"),
        env=cli.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as follower:
        output = cast(IO[bytes], follower.stdout)
        first: list[dict[str, object]] = []
        while sum(event["event_type"] == "ApiRequest" for event in first) < 2:
            first.append(json.loads(output.readline()))
        with path.open("a") as file:
            file.write(json.dumps(prompt_line("a1", 40, "And now goodbye")) + "\n")
        while "And now goodbye" not in json.dumps(event := json.loads(output.readline())):
            first.append(event)
        follower.send_signal(2)
        rest, narration = follower.communicate(timeout=60)
    assert follower.returncode == 130
    assert narration == b""
    ids = [event["id"] for event in (*first, event)]
    assert ids == sorted(set(ids))
    assert rest == b""
