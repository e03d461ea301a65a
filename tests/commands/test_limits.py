"""A provider's limits, from a rollout to what the user sees."""

from __future__ import annotations

import json
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.commands.conftest import Cli
from tests.commands.transcripts import write_session

THREAD = "019b0000-0000-7000-8000-000000000001"


SESSION = "5f48c6ce-3268-45c1-8ba7-a280fb052672"


def leave_status(cli: Cli, **limits: object) -> Path:
    """What a status line of Claude Code leaves."""
    file = cli.home / "state" / "status" / f"claude.{SESSION}"
    file.parent.mkdir(parents=True, exist_ok=True)
    context = {"total_input_tokens": 50_000, "context_window_size": 200_000, "current_usage": {}}
    told = {"session_id": SESSION, "cost": {"total_cost_usd": 1.25}, "context_window": context}
    file.write_text(json.dumps(told | {"rate_limits": limits}))
    return file


def test_a_status_line_is_a_witness_and_no_more(cli: Cli) -> None:
    settings = cli.home / ".claude" / "settings.json"
    settings.parent.mkdir()
    settings.write_text('{"statusLine": {"type": "command", "command": "cat; exit 3"}}')
    cli.ok("enable", "claude", "--status-line")
    (state,) = [
        one for one in cli.json("status")["hooks"] if one["framework"] == "claude" and one["status_line"]
    ]
    assert (state["state"], state["file"]) == ("enabled", str(settings))
    write_session(cli.home, SESSION, requests=2)
    cli.ok("scan")
    before = cli.json("stats", "--by", "session"), cli.json("sessions")
    payload = leave_status(
        cli, five_hour={"used_percentage": 42, "resets_at": int(time.time()) + 3600}
    ).read_bytes()
    for file in (cli.home / "state" / "status").iterdir():
        file.unlink()
    # The very line that the client would run, which is not left before everything is done.
    line = json.loads(settings.read_text())["statusLine"]["command"]
    line = line.replace("cat; exit 3", "(cat; exit 3); code=$?; wait; exit $code")
    done = subprocess.run(["/bin/sh", "-c", line], input=payload, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (3, payload, b"")
    after = cli.json("stats", "--by", "session"), cli.json("sessions")
    (limit,) = after[0].pop("limits")
    assert (before[0].pop("limits"), limit["used_percent"], limit["source"]) == ([], 42.0, "status line")
    assert after == before
    assert list((cli.home / "state" / "status").iterdir()) == []
    stated = cli.json("explain", SESSION, "cost")["witnesses"]["stated"]
    assert [(one["cost_usd"], one["context_tokens"], one["context_window_size"]) for one in stated] == [
        (1.25, 50_000, 200_000)
    ]
    said = [
        text for text in cli.ok("explain", SESSION, "cost").splitlines() if text.startswith("status line")
    ]
    assert len(said) == 1 and said[0].endswith("in no sum: cost $1.2500, context 50,000 of 200,000 (25%)")
    assert cli.json("--share", "stats")["limits"] == []
    cli.ok("disable", "claude")
    assert settings.read_text() == '{"statusLine": {"type": "command", "command": "cat; exit 3"}}'


def test_what_a_status_line_cannot_be_asked_of(cli: Cli) -> None:
    (cli.home / ".claude").mkdir()
    assert cli.fails(2, "enable", "codex", "--status-line").startswith(
        "--status-line is for a client that has one"
    )
    assert cli.fails(2, "enable", "claude", "--status-line", "--project").startswith(
        "the status line is yours"
    )
    (row,) = cli.json("enable", "claude", "--status-line", "--print")
    assert "mi6_status=" in row["diff"] and not (cli.home / "state").exists()
    cli.ok("enable", "claude")
    assert "statusLine" not in (cli.home / ".claude" / "settings.json").read_text()


def test_status_tells_what_codex_was_told(cli: Cli) -> None:
    assert cli.json("status")["limits"] == []
    at = int(time.time()) - 120
    said = f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%S}.000Z"
    primary = {"used_percent": 30.0, "window_minutes": 300, "resets_at": at + 7200}
    rates = {"limit_id": "codex", "primary": primary, "secondary": None}
    payloads = [
        ("session_meta", {"id": THREAD, "cwd": "/w", "cli_version": "0.169.0", "source": "cli"}),
        ("event_msg", {"type": "token_count", "info": None, "rate_limits": rates}),
    ]
    folder = cli.home / ".codex" / "sessions" / "2026" / "11" / "23"
    folder.mkdir(parents=True)
    (folder / f"rollout-2026-11-23T12-00-00-{THREAD}.jsonl").write_text(
        "".join(
            json.dumps({"timestamp": said, "type": kind, "payload": told}) + "\n" for kind, told in payloads
        )
    )
    cli.json("scan")
    (limit,) = cli.json("status")["limits"]
    machine = limit.pop("machine_id")
    assert machine
    assert limit == {
        "framework": "codex",
        "name": "codex",
        "window_minutes": 300,
        "used_percent": 30.0,
        "resets_at": (at + 7200) * 1000,
        "at": at * 1000,
        "full_at_estimate": None,
        "source": "transcript",
    }
    assert cli.json("stats")["limits"] == [limit | {"machine_id": machine}]
    reset = f"{datetime.fromtimestamp(at + 7200, UTC):%Y-%m-%d %H:%M:%S}"
    (line,) = (line for line in cli.ok("status").splitlines() if line.startswith("limit "))
    assert line.startswith(f"limit     codex 5 h: 30 % · resets {reset} · ")
    assert line.endswith(" min old (transcript)")
