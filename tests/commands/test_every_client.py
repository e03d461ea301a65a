"""From the files of each client to what people and programs are told."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path

from tests.commands.conftest import Cli

_DATA = Path(__file__).parents[1] / "data"
SESSIONS = {"qwen": 14, "cursor": 2, "pi": 13, "amp": 2}
REQUESTS = {"qwen": 51, "cursor": 0, "pi": 27, "amp": 6}


def test_scan_sessions_and_verify(cli: Cli) -> None:
    for client in SESSIONS:
        source = _DATA / client / "home"
        for packed in source.rglob("*.gz"):
            plain = cli.home / packed.relative_to(source).with_suffix("")
            plain.parent.mkdir(parents=True, exist_ok=True)
            plain.write_bytes(gzip.decompress(packed.read_bytes()))
    done = cli.run("scan", "--json")
    assert done.returncode == 0, done.stderr
    scanned = json.loads(done.stdout)
    assert (scanned["requests"], scanned["malformed"]) == (sum(REQUESTS.values()), 0)
    found = cli.json("sessions", "--no-scan")
    assert Counter(session["framework"] for session in found) == SESSIONS
    counted: Counter[str] = Counter()
    for session in found:
        counted[session["framework"]] += session["api_request_count"]
    assert counted == REQUESTS
    verified = cli.json("verify", "--no-scan")
    assert verified["differences"] == []
