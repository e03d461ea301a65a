"""Where the client keeps its files."""

from __future__ import annotations

from pathlib import Path

import pytest

from mi6_tui.frameworks.gemini import FRAMEWORK
from tests.frameworks.gemini.support import DATA
from tests.frameworks.pieces import sample_files

_HOME = Path("/home/dev")


def test_roots() -> None:
    assert FRAMEWORK.roots({}, _HOME) == [Path("/home/dev/.gemini/tmp")]
    assert FRAMEWORK.roots({"GEMINI_CLI_HOME": " "}, _HOME) == [Path("/home/dev/.gemini/tmp")]
    assert FRAMEWORK.roots({"GEMINI_CLI_HOME": "/a"}, _HOME) == [Path("/a/.gemini/tmp")]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("project/chats/session-1.jsonl", "lines"),
        ("project/chats/session-1.json", "document"),
        ("project/chats/parent/child.jsonl", "lines"),
        ("project/chats/parent/child.json", None),
        ("project/chats/logs.jsonl", None),
        ("project/chats/session-1.jsonl.unreadable-17", None),
        ("project/logs.json", None),
        ("project/session-1.jsonl", None),
        ("project/tool-outputs/session-1.jsonl", None),
        ("project/chats/parent/deep/child.jsonl", None),
    ],
)
def test_transcripts_and_the_way_to_them(path: str, kind: str | None) -> None:
    parts = tuple(path.split("/"))
    assert FRAMEWORK.kind(parts) == kind
    if kind:
        assert all(FRAMEWORK.descends(parts[:depth]) for depth in range(len(parts)))


@pytest.mark.parametrize("path", ["project/tool-outputs", "project/chats/parent/deep"])
def test_folders_without_transcripts_are_not_entered(path: str) -> None:
    assert not FRAMEWORK.descends(tuple(path.split("/")))


def test_its_own_files_are_recognised() -> None:
    for data in sample_files(DATA).values():
        assert FRAMEWORK.recognises(data[:4096])
    assert not FRAMEWORK.recognises(b'{"sessionId":"1","type":"user"}')
