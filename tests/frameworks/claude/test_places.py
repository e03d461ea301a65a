"""Where the client keeps its files."""

from __future__ import annotations

from pathlib import Path

import pytest

from mi6_tui.errors import UsageError
from mi6_tui.frameworks import framework, names

_HOME = Path("/home/dev")


def _roots(config: str | None = None) -> list[str]:
    env = {} if config is None else {"CLAUDE_CONFIG_DIR": config}
    return [str(path) for path in framework("claude").roots(env, _HOME)]


def test_roots() -> None:
    usual = ["/home/dev/.claude/projects", "/home/dev/.config/claude/projects"]
    assert _roots() == _roots("") == _roots(" , ") == usual
    assert _roots("/a") == ["/a/projects"]
    assert _roots("/a, ~/b,~,") == ["/a/projects", "/home/dev/b/projects", "/home/dev/projects"]


@pytest.mark.parametrize(
    ("path", "accepted"),
    [
        ("slug/s.jsonl", True),
        ("slug/agent-a1.jsonl", True),
        ("slug/s/subagents/agent-a1.jsonl", True),
        ("slug/s/subagents/workflows/wf_1/agent-a1.jsonl", True),
        ("s.jsonl", False),
        ("slug/s.json", False),
        ("slug/s.jsonl.gz", False),
        ("slug/s/x.jsonl", False),
        ("slug/s/tool-results/x.jsonl", False),
        ("slug/s/subagents/workflows/x.jsonl", False),
        ("slug/s/subagents/workflows/wf_1/journal.jsonl", False),
        ("slug/s/subagents/workflows/wf_1/deep/a.jsonl", False),
        ("slug/s/subagents/other/wf_1/a.jsonl", False),
        ("slug/s.orphaned.jsonl", False),
        ("slug/s.superseded-1.jsonl", False),
    ],
)
def test_transcripts_and_the_way_to_them(path: str, accepted: bool) -> None:
    parts = tuple(path.split("/"))
    claude = framework("claude")
    assert claude.kind(parts) == ("lines" if accepted else None)
    if accepted:
        assert all(claude.descends(parts[:depth]) for depth in range(len(parts)))


@pytest.mark.parametrize(
    "path", ["slug/s/tool-results", "slug/s/subagents/other", "a/b/subagents/workflows/w/x"]
)
def test_folders_without_transcripts_are_not_entered(path: str) -> None:
    assert not framework("claude").descends(tuple(path.split("/")))


def test_the_table_of_clients() -> None:
    assert "claude" in names()
    assert framework("claude").name == "claude"
    with pytest.raises(UsageError, match="known: claude"):
        framework("clod")
