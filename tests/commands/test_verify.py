"""`verify`: two counts of the same files agree, and what is planted is found."""

from __future__ import annotations

import json
from pathlib import Path

import apsw
import pytest

from tests.commands.conftest import Cli
from tests.commands.transcripts import write_session
from tests.verify.homes import unpack

_FORK = "ca9d481b-b54b-4b3e-bfc3-e660fa0a5dbe"
_PARENT = "8305ea3f-be22-428a-ae5f-19ab502d3133"


def _sql(cli: Cli, statement: str) -> None:
    connection = apsw.Connection(str(cli.store))
    connection.execute(statement)
    connection.close()


def test_the_recorded_home_has_no_difference(cli: Cli) -> None:
    unpack("claude", cli.home)
    found = cli.json("verify")
    assert found["differences"] == []
    assert found["unchecked"] == {}
    assert found["checked"] > 40
    assert found["store"] == found["files"]
    assert found["store"]["api_request_count"] > 100


def test_two_requests_in_words(cli: Cli) -> None:
    write_session(cli.home, "s1")
    assert cli.ok("verify").splitlines() == [
        "1 session in 1 transcript: no difference",
        "",
        "TOTAL               STORE  FILES",
        "api_request_count       2      2",
        "tokens_input           20     20",
        "tokens_output          10     10",
        "tokens_cache_read     200    200",
        "tokens_cache_write      0      0",
    ]


@pytest.mark.parametrize(
    ("statement", "difference"),
    [
        (
            "UPDATE sessions SET tokens_output = 11 WHERE session_id = 's1'",
            {"where": "sessions", "field": "tokens_output", "store": 11, "files": 10},
        ),
        (
            "UPDATE events SET tokens_input = 9 WHERE session_id = 's1' AND key LIKE '%msg_s1_0%'",
            {"where": "events", "field": "tokens_input", "store": 19, "files": 20},
        ),
        (
            "UPDATE usage SET tokens_cache_read = 100 WHERE session_id = 's1'",
            {"where": "usage", "field": "tokens_cache_read", "store": 100, "files": 200},
        ),
    ],
)
def test_a_number_changed_in_the_store_is_found(
    cli: Cli, statement: str, difference: dict[str, object]
) -> None:
    write_session(cli.home, "s1")
    write_session(cli.home, "s2")
    cli.ok("scan")
    _sql(cli, statement)
    done = cli.run("verify", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["differences"] == [{"session_id": "s1", **difference}]
    words = cli.run("verify", "s1")
    assert words.returncode == 1
    assert "1 session in 2 transcripts: 1 difference" in words.stdout
    assert str(difference["field"]) in words.stdout.splitlines()[-1]
    assert cli.run("verify", "s2").returncode == 0


def test_a_transcript_edited_behind_the_scanner_is_found(cli: Cli) -> None:
    path = write_session(cli.home, "s1")
    cli.ok("scan")
    path.write_text(path.read_text().replace('"output_tokens": 5', '"output_tokens": 4'))
    done = cli.run("verify", "--no-scan", "--json")
    assert done.returncode == 1
    (difference,) = json.loads(done.stdout)["differences"]
    assert (difference["field"], difference["store"], difference["files"]) == ("tokens_output", 10, 8)


def test_a_transcript_that_was_never_scanned_is_found(cli: Cli) -> None:
    write_session(cli.home, "s1")
    cli.ok("scan")
    write_session(cli.home, "s2")
    done = cli.run("verify", "--no-scan", "--json")
    assert done.returncode == 1
    assert {found["session_id"] for found in json.loads(done.stdout)["differences"]} == {"s2"}


def test_what_was_written_since_the_scan_is_no_difference(cli: Cli) -> None:
    path = write_session(cli.home, "s1", requests=2)
    whole = path.read_text()
    lines = whole.splitlines(keepends=True)
    path.write_text("".join(lines[:4]))
    cli.ok("scan")
    path.write_text(whole)
    assert cli.json("verify", "--no-scan")["files"]["api_request_count"] == 1
    assert cli.json("verify")["files"]["api_request_count"] == 2


def test_deleted_events_are_no_difference(cli: Cli) -> None:
    write_session(cli.home, "s1")
    cli.ok("scan")
    cli.ok("gc", "--older-than", "0s")
    assert cli.json("verify")["differences"] == []


def test_a_session_whose_transcript_is_gone_is_not_checked(cli: Cli) -> None:
    gone = write_session(cli.home, "s1")
    write_session(cli.home, "s2")
    cli.ok("scan")
    gone.unlink()
    done = cli.run("verify", "--json")
    assert done.returncode == 0
    found = json.loads(done.stdout)
    assert (found["checked"], list(found["unchecked"])) == (1, ["s1"])
    assert "s1 is not checked" in cli.run("verify").stderr
    assert cli.fails(3, "verify", "s1").startswith("there is nothing to check: a transcript")


def test_copies_of_a_transcript_that_is_gone_are_no_difference(cli: Cli) -> None:
    """Whether the store counted them when the original was still there, or only ever saw the fork."""
    files = {path.stem: path for path in unpack("claude", cli.home)}
    for name, path in files.items():
        if name not in (_FORK, _PARENT):
            path.unlink()
    assert cli.json("verify")["checked"] == 2
    files[_PARENT].unlink()
    found = cli.run("verify", "--json")
    assert found.returncode == 0
    assert list(json.loads(found.stdout)["unchecked"]) == [_PARENT]
    assert cli.run("verify", "--db", str(cli.home / "new.db")).returncode == 0


def test_nothing_to_check(cli: Cli) -> None:
    assert cli.fails(3, "verify").startswith("there is nothing to check")
    assert cli.fails(3, "verify", "nobody").startswith("there is no session")


def test_an_unreadable_transcript_is_told(cli: Cli, tmp_path: Path) -> None:
    write_session(cli.home, "s1")
    broken = tmp_path / ".claude" / "projects" / "-work-greet" / "gone.jsonl"
    broken.symlink_to(tmp_path / "nowhere")
    assert cli.json("verify")["checked"] == 1
