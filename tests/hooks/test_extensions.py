"""The plugins of Pi and Amp, run as those clients run them, leave calls that their decoders understand."""

from __future__ import annotations

import json
import re
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from mi6_tui.frameworks import framework
from mi6_tui.frameworks.hooks import HookCall
from tests.frameworks.hook_calling import AT, briefly
from tests.hooks.places import enable, place_in, settings_file

NODE = shutil.which("node") or shutil.which("bun")
needs_javascript = pytest.mark.skipif(NODE is None, reason="needs something that runs JavaScript")
SAID = {"role": "assistant", "content": [{"type": "text", "text": "Done."}], "stopReason": "stop"}
CASES: dict[str, tuple[list[tuple[str, dict[str, Any]]], list[str]]] = {
    "pi": (
        [
            ("session_start", {"reason": "startup"}),
            ("before_agent_start", {"prompt": "Hi"}),
            ("message_update", {}),
            (
                "tool_execution_start",
                {"toolName": "bash", "toolCallId": "c1", "args": {"command": "ls\n" * 9000}},
            ),
            ("tool_execution_end", {"toolName": "bash", "toolCallId": "c1", "isError": True}),
            ("ui_prompt_start", {"title": "Sure?"}),
            ("ui_prompt_end", {}),
            ("agent_end", {"messages": [{"role": "user"}, SAID]}),
            ("agent_end", {"messages": [SAID | {"stopReason": "aborted"}]}),
            ("agent_end", {}),
            ("session_shutdown", {"reason": "quit"}),
        ],
        [
            "SessionStart startup",
            "UserPromptSubmit",
            "PreToolUse bash",
            "PostToolUse bash error",
            "Elicitation",
            "Stop",
            "Stop",
            "Interrupt",
            "Stop",
            "SessionEnd quit",
        ],
    ),
    "amp": (
        [
            ("session.start", {}),
            ("agent.start", {"message": "Hi"}),
            ("tool.call", {"tool": "Bash"}),
            ("tool.result", {"tool": "Bash", "toolUseID": "c1", "status": "done", "input": {"cmd": "ls"}}),
            ("agent.end", {"status": "done", "messages": [SAID]}),
            ("agent.end", {"status": "interrupted"}),
        ],
        ["SessionStart", "UserPromptSubmit", "PostToolUse Bash ok", "Stop", "Interrupt"],
    ),
}
DRIVER = """
import start from PLUGIN
const heard = {}
start({ on: (name, handler) => { heard[name] = handler } })
const session = { getSessionId: () => "S-1", getSessionFile: () => "/p/s.jsonl" }
const answers = []
for (const [name, event] of EVENTS) {
  const ctx = { sessionManager: session, cwd: "/p", isIdle: () => true }
  answers.push(heard[name]?.({ ...event, thread: { id: "S-1" } }, ctx))
  await new Promise((done) => setTimeout(done, 2))
}
for (const handler of Object.values(heard)) handler({}, {})
console.log(JSON.stringify(answers.filter((answer) => answer !== undefined)))
"""


def drive(tmp_path: Path, plugin: Path, events: list[Any]) -> subprocess.CompletedProcess[str]:
    assert NODE
    module, driver = tmp_path / "plugin.mjs", tmp_path / "driver.mjs"
    shutil.copy(plugin, module)
    driver.write_text(DRIVER.replace("PLUGIN", json.dumps(str(module))).replace("EVENTS", json.dumps(events)))
    env = {"TMUX_PANE": "%3", "TERM_PROGRAM": "a\tb\nc", "SECRET": "hidden"}
    return subprocess.run((NODE, driver), env=env, capture_output=True, text=True, timeout=60, check=False)


@needs_javascript
@pytest.mark.parametrize("name", CASES)
def test_calls_are_left_and_understood(tmp_path: Path, name: str) -> None:
    events, said = CASES[name]
    place = place_in(tmp_path)
    enable(place, name)
    done = drive(tmp_path, settings_file(place, name), events)
    assert (done.returncode, done.stderr) == (0, "")
    # Amp wants an object when a turn begins; nobody is told to do anything.
    assert json.loads(done.stdout) == ([{}] if name == "amp" else [])
    files = sorted(place.paths.spool.iterdir())  # their names tell the time, finer than the file system
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    found = []
    for path in files:
        payload, trailer, rest = path.read_bytes().split(b"\n")
        kind, *fields = trailer.decode().split("\t")
        told = dict(field.split("=", 1) for field in fields)
        assert (rest, kind, told["framework"]) == (b"", "mi6-hook 1", name)
        assert told.keys() == {"framework", "event", "ppid", "TMUX_PANE", "TERM_PROGRAM"}
        assert (told["TMUX_PANE"], told["TERM_PROGRAM"], told["ppid"].isdigit()) == ("%3", "abc", True)
        assert len(payload) < 9000
        call = HookCall(framework=name, name=path.name, event=told["event"], payload=payload, at=AT)
        found += framework(name).hooks().decode(call, "box")
    assert briefly(found) == said
    assert {event.session_id for event in found} == {"S-1"}


@needs_javascript
@pytest.mark.parametrize("name", CASES)
def test_without_a_spool_the_client_goes_on(tmp_path: Path, name: str) -> None:
    place = place_in(tmp_path)
    enable(place, name)
    place.paths.spool.rmdir()
    done = drive(tmp_path, settings_file(place, name), CASES[name][0])
    assert (done.returncode, done.stderr) == (0, "")
    assert not place.paths.spool.exists()


@pytest.mark.parametrize("name", CASES)
def test_a_plugin_knows_its_spool_and_its_events(tmp_path: Path, name: str) -> None:
    place = place_in(tmp_path)
    (change,) = place.changes(name, "user")
    assert change.content is not None
    assert change.content.startswith(f"// mi6={name}: ")
    assert f"const spool = {json.dumps(str(place.paths.spool))}" in change.content
    assert "NAME" not in change.content and "SPOOL" not in change.content
    own = change.content.partition("const heard = {")[2].partition("\n}\n")[0]
    subscribed = set(re.findall(r'^  "?([\w.]+)"?: \(', own, re.MULTILINE))
    assert subscribed == set(framework(name).hooks().events)
