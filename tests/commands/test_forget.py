"""`forget`: what it deletes, what it asks, what it leaves, and that nothing comes back."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from tests.commands.conftest import PROGRAM, Cli
from tests.commands.test_terminal import on_terminal
from tests.commands.transcripts import prompt_line, write_session
from tests.recorded import furnish

UNHEARD = "tangerine"


@pytest.fixture
def used(cli: Cli) -> Cli:
    """A program that read a session about tangerines, and one that is not."""
    write_session(cli.home, "fruit-1111", prompt=f"Peel the {UNHEARD}")
    write_session(cli.home, "bread-2222")
    cli.ok("scan")
    return cli


def _sessions(cli: Cli, *options: str) -> list[str]:
    return [session["session_id"] for session in cli.json("sessions", *options)]


def _stored(cli: Cli) -> list[str]:
    """Our own files that hold the word."""
    files = [path for path in cli.store.parent.rglob("*") if path.is_file()]
    return [path.name for path in files if UNHEARD.encode() in path.read_bytes().lower()]


def test_a_forgotten_session_is_in_no_file_of_ours(used: Cli) -> None:
    assert _stored(used)
    told = used.json("forget", "fruit", "--yes")
    path = used.home / ".claude/projects/-work-greet/fruit-1111.jsonl"
    assert told == {
        "session_id": "fruit-1111",
        "name": "Peel the tangerine",
        "events": 8,
        "transcript_path": str(path),
        "copies": [],
        "done": True,
    }
    assert _stored(used) == []
    assert UNHEARD in path.read_text()
    assert _sessions(used) == ["bread-2222"]


def test_it_does_not_come_back_when_it_is_read_again(used: Cli) -> None:
    used.ok("forget", "fruit-1111", "--yes")
    path = used.home / ".claude/projects/-work-greet/fruit-1111.jsonl"
    with path.open("a") as file:
        file.write(json.dumps(prompt_line("fruit-1111", 40, f"More {UNHEARD}")) + "\n")
    used.ok("scan")
    used.ok("scan", "--full")
    assert _sessions(used, "--no-scan") == ["bread-2222"]
    assert _stored(used) == []


def test_transcripts_of_its_subagents_do_not_bring_it_back(cli: Cli) -> None:
    """Recorded ones, which have files of their own; each goes on after the session was forgotten."""
    furnish(cli.home)
    cli.ok("scan")
    before = {session["session_id"]: session for session in cli.json("sessions")}
    for framework in ("claude", "codex", "gemini"):
        forgotten = next(
            name for name, one in before.items() if one["framework"] == framework and one["subagent_count"]
        )
        del before[forgotten]
        cli.ok("forget", forgotten, "--yes")
    for path in (cli.home / ".codex").rglob("rollout-*.jsonl"):
        message = [line for line in path.read_text().splitlines() if '"type":"message"' in line][-1:]
        with path.open("a") as file:
            file.writelines(f"{line}\n" for line in message)
    cli.ok("scan")
    cli.ok("scan", "--full")
    assert {session["session_id"] for session in cli.json("sessions", "--no-scan")} == set(before)


def test_what_a_hook_tells_of_it_is_thrown_away(used: Cli) -> None:
    used.ok("forget", "fruit-1111", "--yes")
    payload = {"session_id": "fruit-1111", "hook_event_name": "UserPromptSubmit", "prompt": f"Eat {UNHEARD}"}
    subprocess.run(
        (*PROGRAM, "ingest", "event", "--framework", "claude"),
        env=used.env,
        input=json.dumps(payload).encode(),
        check=True,
    )
    assert _sessions(used) == ["bread-2222"]
    assert _stored(used) == []


def test_undo_and_a_full_scan_bring_the_same_row(used: Cli) -> None:
    before = used.json("session", "fruit-1111")
    used.ok("forget", "fruit-1111", "--yes")
    assert "scan --full" in used.ok("forget", "--undo", "fruit-1111")
    assert _sessions(used) == ["bread-2222"]
    used.ok("scan", "--full")
    after = used.json("session", "fruit-1111")
    assert after | {"revision": 0} == before | {"revision": 0}
    assert used.ok("verify", "fruit-1111")


def test_undo_of_what_was_not_forgotten(used: Cli) -> None:
    assert "was forgotten" in used.fails(3, "forget", "--undo", "bread-2222")


def test_a_dry_run_deletes_nothing(used: Cli) -> None:
    assert "8 events would be forgotten" in used.ok("forget", "fruit", "--dry-run")
    assert set(_sessions(used)) == {"fruit-1111", "bread-2222"}


def test_without_a_terminal_it_asks_for_yes(used: Cli) -> None:
    assert "--yes" in used.fails(4, "forget", "fruit-1111")
    assert len(_sessions(used)) == 2


def test_an_unknown_session(used: Cli) -> None:
    assert "there is no session" in used.fails(3, "forget", "nobody", "--yes")


def test_copies_of_the_store_are_named(used: Cli) -> None:
    copy = used.store.with_name("mi6.db.before-m009-1")
    copy.write_bytes(used.store.read_bytes())
    told = used.ok("forget", "fruit-1111", "--yes")
    assert f"an older copy of the store stays: {copy}" in told


@pytest.mark.parametrize(("answer", "left"), [("yes", 1), ("no", 2), ("", 2)])
def test_on_a_terminal_it_asks(used: Cli, answer: str, left: int) -> None:
    with on_terminal(used, "forget", "fruit-1111") as screen:
        screen.read_until(b"Type yes:")
        assert b"8 events of 'Peel the tangerine'" in screen.seen.replace(b"\r\n", b"")
        os.write(screen.master, f"{answer}\n".encode())
        assert screen.finish() == (0 if left == 1 else 4)
    assert len(_sessions(used)) == left
