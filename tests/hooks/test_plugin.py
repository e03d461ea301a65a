"""opencode's plugin leaves in the spool what the shell lines of the others leave there."""

from __future__ import annotations

import json
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.hooks.places import enable, place_in, settings_file

NODE = shutil.which("node") or shutil.which("bun")
EVENTS: list[dict[str, Any]] = [
    {"type": "session.status", "properties": {"sessionID": "s", "status": {"type": "busy"}}},
    {"type": "session.status", "properties": {"sessionID": "s", "status": {"type": "busy"}}},
    {"type": "message.updated", "properties": {}},
    {"type": "permission.asked", "properties": {"sessionID": "s", "permission": "bash\n\tünï"}},
    {"type": "session.status"},
    {"type": "session.status", "properties": {"sessionID": "s", "status": {"type": "retry", "attempt": 1}}},
    {"type": "session.status", "properties": {"sessionID": "s", "status": {"type": "retry", "attempt": 2}}},
    {"type": "session.idle", "properties": {"sessionID": "s"}},
    {
        "type": "session.created",
        "properties": {"sessionID": "child", "info": {"id": "child", "parentID": "s"}},
    },
    {
        "type": "session.created",
        "properties": {"sessionID": "grand", "info": {"id": "grand", "parentID": "child"}},
    },
    {"type": "permission.asked", "properties": {"sessionID": "grand"}},
]
# Of what a subagent does the plugin alone knows which session a person started.
HEARD = [EVENTS[0], EVENTS[3], EVENTS[5], EVENTS[6], *({**event, "root": "s"} for event in EVENTS[8:])]
DRIVER = """
import { Mi6Tui } from PLUGIN
const plugin = await Mi6Tui({})
for (const event of EVENTS) await plugin.event({ event })
await plugin.event({})
"""


def drive(tmp_path: Path, plugin: Path) -> subprocess.CompletedProcess[str]:
    assert NODE
    module = tmp_path / "mi6-tui.mjs"
    shutil.copy(plugin, module)
    driver = tmp_path / "driver.mjs"
    driver.write_text(DRIVER.replace("PLUGIN", json.dumps(str(module))).replace("EVENTS", json.dumps(EVENTS)))
    env = {"TMUX_PANE": "%3", "TERM_PROGRAM": "a\tb\nc", "SECRET": "hidden"}
    return subprocess.run((NODE, driver), env=env, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.skipif(NODE is None, reason="needs something that runs JavaScript")
def test_news_are_left_and_nothing_else(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    enable(place, "opencode")
    done = drive(tmp_path, settings_file(place, "opencode"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    files = list(place.paths.spool.iterdir())
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    left = []
    for path in files:
        payload, trailer, rest = path.read_bytes().split(b"\n")
        assert rest == b""
        kind, *fields = trailer.decode().split("\t")
        told = dict(field.split("=", 1) for field in fields)
        left.append(json.loads(payload))
        assert kind == "mi6-hook 1"
        assert told.keys() == {"framework", "event", "ppid", "TMUX_PANE", "TERM_PROGRAM"}
        assert (told["framework"], told["event"]) == ("opencode", left[-1]["type"])
        assert (told["TMUX_PANE"], told["TERM_PROGRAM"], told["ppid"].isdigit()) == ("%3", "abc", True)
    assert sorted(map(json.dumps, left)) == sorted(map(json.dumps, HEARD))


@pytest.mark.skipif(NODE is None, reason="needs something that runs JavaScript")
def test_without_a_spool_the_client_goes_on(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    enable(place, "opencode")
    place.paths.spool.rmdir()
    done = drive(tmp_path, settings_file(place, "opencode"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not place.paths.spool.exists()


def test_the_plugin_knows_its_spool_and_its_events(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    (change,) = place.changes("opencode", "user")
    assert change.content is not None
    assert f"const spool = {json.dumps(str(place.paths.spool))}" in change.content
    assert '"permission.asked"' in change.content
    assert "EVENTS" not in change.content and "SPOOL" not in change.content
