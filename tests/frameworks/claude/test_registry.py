"""The entries of running sessions: recorded ones, and hostile ones."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from mi6_tui.frameworks import framework
from mi6_tui.frameworks.claude.registry import REGISTRY
from mi6_tui.frameworks.live import Live

RECORDED = Path(__file__).parents[2] / "data" / "live" / "registry.jsonl"
ENTRY: dict[str, Any] = {
    "pid": 42,
    "sessionId": "S-1",
    "procStart": "392241",
    "startedAt": 1_795_414_289_643,
    "status": "idle",
    "statusUpdatedAt": 1_795_414_289_757,
}


def read(tmp_path: Path, content: str | bytes, name: str = "42.json") -> Live | None:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return REGISTRY.read(path)


def told(tmp_path: Path, **fields: Any) -> Live | None:
    return read(tmp_path, json.dumps(ENTRY | fields))


def test_the_client_hands_it_out() -> None:
    assert framework("claude").registry() is REGISTRY


def test_folders_stand_beside_the_transcripts(tmp_path: Path) -> None:
    assert REGISTRY.folders({}, tmp_path) == [
        tmp_path / ".claude" / "sessions",
        tmp_path / ".config" / "claude" / "sessions",
    ]
    several = {"CLAUDE_CONFIG_DIR": "/one, ~/two"}
    assert REGISTRY.folders(several, tmp_path) == [Path("/one/sessions"), tmp_path / "two" / "sessions"]


def test_only_files_that_are_named_after_a_process_are_entries(tmp_path: Path) -> None:
    for name in ("42.json", "7.json", "42.0ff1ce.key", "42.0ff1ce.key.tmp.1", "0.json", "x.json", "42.json~"):
        (tmp_path / name).touch()
    assert {path.name for path in REGISTRY.entries(tmp_path)} == {"42.json", "7.json"}


def test_recorded_entries(tmp_path: Path) -> None:
    """By what the recorded scenario did: prompts, two dialogs granted and one declined, the end."""
    found = []
    for line in RECORDED.read_text().splitlines():
        row = json.loads(line)
        if row["file"] != "2346.json" or row["text"] is None:
            continue
        live = read(tmp_path, row["text"], row["file"])
        found.append((live.state, live.detail) if live else None)
        if live is not None:
            assert live.session_id.startswith("a375d7f7")
            assert (live.pid, live.ticks, live.cwd) == (2346, 392241, "/home/dev/project")
            assert live.entrypoint == "cli"
            assert live.domain == f"linux:{1:032d}:pid:[4026532253]"
    prompt = ("waiting", "permission prompt")
    answered = [("busy", ""), prompt, None]
    assert found == [
        (None, ""),
        ("idle", ""),
        *answered,
        ("busy", ""),
        ("idle", ""),
        *answered,
        ("idle", ""),
        *answered,
        ("busy", ""),
        ("idle", ""),
    ]


def test_what_an_entry_says(tmp_path: Path) -> None:
    live = told(
        tmp_path,
        status="waiting",
        waitingFor="approve \x1b[31mBash\x1b[0m\n(now)",
        pidDomain="linux:abc:pid:[1]",
        cwd="/home/dev",
        entrypoint="sdk-cli",
        tmux="work:@3.%12",
        name="project-5f",
        kind="bg",
    )
    assert live == Live(
        session_id="S-1",
        pid=42,
        ticks=392241,
        started_at=1_795_414_289_643,
        domain="linux:abc:pid:[1]",
        state="waiting",
        detail="approve Bash (now)",
        at=1_795_414_289_757,
        cwd="/home/dev",
        terminal="tmux default %12",
        entrypoint="sdk-cli",
    )


@pytest.mark.parametrize(
    ("word", "state", "detail"),
    [
        ("compacting", "busy", "compacting"),
        ("shell", "busy", "shell"),
        ("dreaming", None, ""),
        (None, None, ""),
        (["busy"], None, ""),
    ],
)
def test_words_of_other_versions(tmp_path: Path, word: Any, state: str | None, detail: str) -> None:
    live = told(tmp_path, status=word)
    assert live is not None
    assert (live.state, live.detail) == (state, detail)


def test_the_time_is_that_of_the_state_else_of_the_entry(tmp_path: Path) -> None:
    for fields, at in (
        ({"statusUpdatedAt": 30, "updatedAt": 20, "startedAt": 10}, 30),
        ({"statusUpdatedAt": None, "updatedAt": 20, "startedAt": 10}, 20),
        ({"statusUpdatedAt": -5, "updatedAt": "20", "startedAt": 10}, 10),
    ):
        live = told(tmp_path, **fields)
        assert live is not None
        assert live.at == at
    assert told(tmp_path, statusUpdatedAt=None, updatedAt=None, startedAt=None) is None


def test_a_start_in_words_is_no_number_of_ticks(tmp_path: Path) -> None:
    for start in ("Mon Nov 23 06:08:29 2026", "", "-1", "9" * 40, 392241, None):
        live = told(tmp_path, procStart=start)
        assert live is not None
        assert live.ticks is None


@pytest.mark.parametrize(
    "session",
    ["", "../../etc/passwd", "/etc/passwd", ".hidden", "a/b", "a\nb", "x" * 129, 7, None, ["S-1"]],
)
def test_a_session_is_never_a_path(tmp_path: Path, session: Any) -> None:
    assert told(tmp_path, sessionId=session) is None


@pytest.mark.parametrize("pid", [43, -42, 0, 42.5, "42", True, None, 2**70])
def test_the_process_is_that_of_the_files_name(tmp_path: Path, pid: Any) -> None:
    assert told(tmp_path, pid=pid) is None


@pytest.mark.parametrize("field", ["tmux", "cwd", "entrypoint", "waitingFor", "pidDomain"])
@pytest.mark.parametrize("value", [7, ["a"], {"a": 1}, None])
def test_a_field_of_another_type_is_left_out(tmp_path: Path, field: str, value: Any) -> None:
    live = told(tmp_path, **{field: value})
    assert live is not None
    assert (live.terminal, live.cwd, live.entrypoint, live.detail, live.domain) == (
        None,
        None,
        None,
        "",
        None,
    )


@pytest.mark.parametrize(
    "tmux", ["work:@3.%", "work:@3.%1;kill-server", "%5", "a.%5\n.%6", "." * 500 + ".%5"]
)
def test_a_strange_pane_is_none(tmp_path: Path, tmux: str) -> None:
    live = told(tmp_path, tmux=tmux)
    assert live is not None
    assert live.terminal is None


def test_half_a_file_says_nothing_wherever_it_is_cut(tmp_path: Path) -> None:
    whole = json.dumps(ENTRY)
    assert read(tmp_path, whole) is not None
    for end in range(len(whole)):
        assert read(tmp_path, whole[:end]) is None


@pytest.mark.parametrize(
    "content",
    [b"", b"\0" * 500, b"\xff\xfe", b"null", b"[]", b"7", b'"text"', b"[" * 10_000, b"{}" * 3],
)
def test_what_is_no_entry_says_nothing(tmp_path: Path, content: bytes) -> None:
    assert read(tmp_path, content) is None


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    assert told(tmp_path, name="x" * 60_000) is not None
    assert told(tmp_path, name="x" * 70_000) is None


def test_neither_a_link_nor_a_pipe_is_followed(tmp_path: Path) -> None:
    (tmp_path / "target").write_text(json.dumps(ENTRY))
    (tmp_path / "42.json").symlink_to(tmp_path / "target")
    with pytest.raises(OSError, match="symbolic links"):
        REGISTRY.read(tmp_path / "42.json")
    os.mkfifo(tmp_path / "43.json")
    assert REGISTRY.read(tmp_path / "43.json") is None
    with pytest.raises(FileNotFoundError):
        REGISTRY.read(tmp_path / "44.json")
