"""Whatever the lines hold, in whatever order and files: both counts say the same."""

from __future__ import annotations

import json
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mi6_tui.frameworks.base import Framework
from mi6_tui.verify import Comparison
from tests.verify.homes import write_lines
from tests.verify.test_codex import meta, record, total, usage
from tests.verify.test_recorded import compared

_SESSIONS = tuple(f"{digit * 8}-1111-4111-8111-111111111111" for digit in "12")
_number = st.sampled_from([0, 1, 7, 900, None, -1, 2.5, "3", True, 10**12])


@st.composite
def _claude_line(draw: st.DrawFn) -> str:
    numbers = {
        name: draw(_number)
        for name in (
            "input_tokens",
            "output_tokens",
            "cache_read_input_tokens",
            "cache_creation_input_tokens",
        )
        if draw(st.integers(0, 9))
    }
    record: dict[str, Any] = {
        "type": draw(st.sampled_from(["assistant"] * 9 + ["progress"])),
        "uuid": f"u{draw(st.integers(0, 20))}",
        "sessionId": draw(st.sampled_from(_SESSIONS)),
        "timestamp": f"2026-11-20T10:00:{draw(st.integers(0, 59)):02}.000Z",
        "isSidechain": draw(st.sampled_from([False, False, False, True, None, "x"])),
        "requestId": draw(st.sampled_from(["r1", "r2", None, 5])),
        "message": {
            "id": draw(st.sampled_from(["m1", "m2", "m3", None])),
            "model": draw(st.sampled_from(["claude-opus-5-5", "<synthetic>", None])),
            "stop_reason": "end_turn",
            "usage": numbers,
        },
    }
    if draw(st.booleans()):
        record["apiBlockIndex"] = draw(st.integers(0, 3))
    if draw(st.integers(0, 3)) == 0:
        record["requestSessionId"] = draw(st.sampled_from(_SESSIONS))
    return json.dumps(record)


_damage = st.sampled_from(["", "{", "[1]", "null", '"text"', '{"type": "assistant", "message": 5}'])


def _outcome(client: str, files: dict[str, list[Any]]) -> Comparison:
    framework: Framework = import_module(f"mi6_tui.frameworks.{client}").FRAMEWORK
    with tempfile.TemporaryDirectory() as folder:
        for name, lines in files.items():
            write_lines(Path(folder) / "home" / name, *lines)
        return compared(framework, Path(folder) / "home", Path(folder) / "mi6.db")


@settings(max_examples=20)
@given(st.lists(st.lists(st.one_of(_claude_line(), _damage), max_size=12), min_size=3, max_size=3))
def test_claude(files: list[list[str]]) -> None:
    projects = ".claude/projects/-work"
    names = (f"{_SESSIONS[0]}.jsonl", f"{_SESSIONS[1]}.jsonl", f"{_SESSIONS[0]}/subagents/agent-a1.jsonl")
    found = _outcome(
        "claude", {f"{projects}/{name}": lines for name, lines in zip(names, files, strict=True)}
    )
    assert found.differences == []


_small = st.integers(0, 5)
_usage = st.builds(lambda sent, read, said: usage(sent + read, read, said), _small, _small, _small)
_total = st.builds(lambda numbers, last, second: total(numbers, last, second=second), _usage, _usage, _small)
_record = st.sampled_from([record("r1", usage(9, 4, 2)), record("r2", usage(5, 0, 1))])


@settings(max_examples=20)
@given(
    st.sampled_from(["0.100.0", "0.160.0"]),
    st.sampled_from([{}, {"forked_from_id": "x"}, {"parent_thread_id": "x", "history_mode": "paginated"}]),
    st.lists(st.one_of(_total, _total, _record, _damage), max_size=12),
)
def test_codex(version: str, origin: dict[str, Any], lines: list[Any]) -> None:
    begin = meta(version=version, **origin)
    name = f".codex/sessions/2026/11/20/rollout-2026-11-20T10-00-00-{begin['payload']['id']}.jsonl"
    assert _outcome("codex", {name: [begin, *lines]}).differences == []
