"""Where the client keeps its files."""

from __future__ import annotations

from pathlib import Path

import pytest

from mi6_tui.frameworks.copilot import FRAMEWORK
from tests.frameworks.copilot.support import DATA
from tests.frameworks.pieces import sample_files

_HOME = Path("/home/dev")


def test_roots() -> None:
    assert FRAMEWORK.roots({}, _HOME) == [Path("/home/dev/.copilot/session-state")]
    assert FRAMEWORK.roots({"COPILOT_HOME": ""}, _HOME) == [Path("/home/dev/.copilot/session-state")]
    assert FRAMEWORK.roots({"COPILOT_HOME": "/a"}, _HOME) == [Path("/a/session-state")]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("s/events.jsonl", "lines"),
        ("events.jsonl", None),
        ("s/other.jsonl", None),
        ("s/events.jsonl.gz", None),
        ("s/files/events.jsonl", None),
    ],
)
def test_transcripts(path: str, kind: str | None) -> None:
    assert FRAMEWORK.kind(tuple(path.split("/"))) == kind


def test_only_the_folders_of_sessions_are_entered() -> None:
    assert FRAMEWORK.descends(())
    assert FRAMEWORK.descends(("s",))
    assert not FRAMEWORK.descends(("s", "rewind-file-snapshots"))


def test_its_own_files_are_recognised() -> None:
    for data in sample_files(DATA).values():
        assert FRAMEWORK.recognises(data[:4096])
    assert not FRAMEWORK.recognises(b'{"sessionId":"1","type":"user"}')
