"""Where the client keeps its files."""

from __future__ import annotations

from pathlib import Path

import pytest

from mi6_tui.frameworks.pi import FRAMEWORK
from tests.frameworks.pi.support import DATA
from tests.frameworks.pieces import sample_files

_HOME = Path("/home/dev")
_FILE = "2026-11-26T18-10-38-478Z_01a2190d-670e-728a-9edd-7ca944389be3.jsonl"


def test_roots() -> None:
    assert FRAMEWORK.roots({}, _HOME) == [Path("/home/dev/.pi/agent/sessions")]
    assert FRAMEWORK.roots({"PI_CODING_AGENT_DIR": "/a"}, _HOME) == [Path("/a/sessions")]
    assert FRAMEWORK.roots({"PI_CODING_AGENT_DIR": "~/a"}, _HOME) == [Path("/home/dev/a/sessions")]
    named = {"PI_CODING_AGENT_SESSION_DIR": "/s"}
    assert FRAMEWORK.roots(named, _HOME) == [Path("/s"), Path("/home/dev/.pi/agent/sessions")]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (f"--home-dev--/{_FILE}", "lines"),
        (_FILE, "lines"),
        (f"{_FILE}.bak", None),
        ("--home-dev--/notes.jsonl", None),
        (f"--home-dev--/deep/{_FILE}", None),
    ],
)
def test_transcripts_and_the_way_to_them(path: str, kind: str | None) -> None:
    parts = tuple(path.split("/"))
    assert FRAMEWORK.kind(parts) == kind
    if kind:
        assert all(FRAMEWORK.descends(parts[:depth]) for depth in range(len(parts)))


def test_its_own_files_are_recognised() -> None:
    for data in sample_files(DATA).values():
        assert FRAMEWORK.recognises(data[:4096])
    assert not FRAMEWORK.recognises(b'{"type":"session.start","parentId":null}')
