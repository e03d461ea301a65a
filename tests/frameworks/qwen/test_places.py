"""Where the client keeps its files, and its registry of running sessions."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from mi6_tui.frameworks.qwen import FRAMEWORK
from mi6_tui.frameworks.qwen.registry import REGISTRY
from tests.frameworks.pieces import sample_files
from tests.frameworks.qwen.support import DATA

_HOME = Path("/home/dev")
_ENTRY: dict[str, Any] = {
    "schemaVersion": 1,
    "pid": 4711,
    "procStart": "b33aad7c-a7e2-459f-adfb-f97485bf1f0d:1380317",
    "pidNs": 4026531836,
    "sessionId": "63ce7478-6168-4f34-bc7f-48a1364e242a",
    "cwd": "/home/dev/project",
    "name": "project-7b",
    "startedAt": 1795716959884,
    "qwenVersion": "0.24.4",
    "kind": "tui",
    "ipcPath": "/tmp/qwen-socks/4711.sock",
    "ipcToken": "never read",
}


def test_roots() -> None:
    usual = Path("/home/dev/.qwen")
    assert FRAMEWORK.roots({}, _HOME) == [usual / "projects", usual / "tmp"]
    assert FRAMEWORK.roots({"QWEN_HOME": "/a"}, _HOME)[0] == Path("/a/projects")
    assert FRAMEWORK.roots({"QWEN_HOME": "/a", "QWEN_RUNTIME_DIR": "~/b"}, _HOME)[0] == Path(
        "/home/dev/b/projects"
    )


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("-home-dev/chats/abc.jsonl", "lines"),
        ("-home-dev/subagents/abc/agent-helper-1.jsonl", "lines"),
        ("-home-dev/subagents/abc/agent-helper-1.meta.json", None),
        ("-home-dev/subagents/abc/notes.jsonl", None),
        ("-home-dev/chats/abc.json", None),
        ("-home-dev/memory/MEMORY.md", None),
        ("-home-dev/abc.jsonl", None),
        ("-home-dev/chats/deep/abc.jsonl", None),
    ],
)
def test_transcripts_and_the_way_to_them(path: str, kind: str | None) -> None:
    parts = tuple(path.split("/"))
    assert FRAMEWORK.kind(parts) == kind
    if kind:
        assert all(FRAMEWORK.descends(parts[:depth]) for depth in range(len(parts)))


@pytest.mark.parametrize("path", ["-home-dev/memory", "-home-dev/chats/deep", "-home-dev/subagents/abc/deep"])
def test_folders_without_transcripts_are_not_entered(path: str) -> None:
    assert not FRAMEWORK.descends(tuple(path.split("/")))


def test_its_own_files_are_recognised() -> None:
    for data in sample_files(DATA).values():
        assert FRAMEWORK.recognises(data[:4096])
    assert not FRAMEWORK.recognises(b'{"sessionId":"1","type":"user","message":{"content":"x"}}')


def test_an_entry_of_the_registry(tmp_path: Path) -> None:
    path = tmp_path / "4711.json"
    path.write_text(json.dumps(_ENTRY))
    os.utime(path, ns=(0, 1_795_716_960_000_000_000))
    (tmp_path / "notes.json").write_text("{}")
    assert REGISTRY.folders({}, _HOME) == [Path("/home/dev/.qwen/sessions")]
    assert REGISTRY.entries(tmp_path) == [path]
    live = REGISTRY.read(path)
    assert live is not None
    assert (live.session_id, live.pid, live.ticks) == (_ENTRY["sessionId"], 4711, 1380317)
    assert (live.domain, live.started_at) == ("linux::pid:[4026531836]", 1795716959884)
    assert (live.state, live.at, live.cwd) == (None, 1_795_716_960_000, "/home/dev/project")


@pytest.mark.parametrize(
    "changes",
    [{"pid": 1}, {"sessionId": "../x"}, {"sessionId": 7}, {"pid": "4711"}, {"sessionId": ""}],
)
def test_an_entry_that_is_none(changes: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "4711.json"
    path.write_text(json.dumps(_ENTRY | changes))
    assert REGISTRY.read(path) is None
    path.write_text(json.dumps(_ENTRY)[:80])
    assert REGISTRY.read(path) is None
    path.write_text(" " * 70_000 + json.dumps(_ENTRY))
    assert REGISTRY.read(path) is None


@pytest.mark.parametrize("odd", [{"procStart": "x:y", "pidNs": "-", "startedAt": "soon", "cwd": "a\nb"}])
def test_odd_values_are_unknown(odd: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "4711.json"
    path.write_text(json.dumps(_ENTRY | odd))
    live = REGISTRY.read(path)
    assert live is not None
    assert (live.ticks, live.domain, live.started_at, live.cwd) == (None, None, None, None)
