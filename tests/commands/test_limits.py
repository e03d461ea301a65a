"""A provider's limits, from a rollout to what the user sees."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

from tests.commands.conftest import Cli

THREAD = "019b0000-0000-7000-8000-000000000001"


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
    }
    reset = f"{datetime.fromtimestamp(at + 7200, UTC):%Y-%m-%d %H:%M:%S}"
    (line,) = (line for line in cli.ok("status").splitlines() if line.startswith("limit "))
    assert line.startswith(f"limit     codex 5 h: 30 % · resets {reset} · ")
    assert line.endswith(" min old")
