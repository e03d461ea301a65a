"""Where the client keeps its files."""

from __future__ import annotations

from pathlib import Path

import pytest

from mi6_tui.frameworks.codex import FRAMEWORK
from tests.frameworks.codex.support import THREAD, read, record, sample_files

_NAME = f"rollout-2026-09-01T12-00-00-{THREAD}"


def _roots(home: str | None = None) -> list[str]:
    env = {} if home is None else {"CODEX_HOME": home}
    return [str(path) for path in FRAMEWORK.roots(env, Path("/home/dev"))]


def test_roots() -> None:
    assert _roots() == _roots("") == ["/home/dev/.codex/sessions", "/home/dev/.codex/archived_sessions"]
    assert _roots("/a") == ["/a/sessions", "/a/archived_sessions"]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (f"2026/09/01/{_NAME}.jsonl", "lines"),
        (f"{_NAME}.jsonl", "lines"),
        (f"2026/09/01/{_NAME}.jsonl.zst", "compressed"),
        (f"2026/09/01/{_NAME}.jsonl.zst.tmp", None),
        (f"2026/09/01/{_NAME}.json", None),
        ("2026/09/01/notes.jsonl", None),
        (f"2026/09/01/02/{_NAME}.jsonl", None),
        (f"2026/backup/{_NAME}.jsonl", None),
        ("", None),
    ],
)
def test_kinds(path: str, kind: str | None) -> None:
    assert FRAMEWORK.kind(tuple(path.split("/")) if path else ()) == kind


def test_folders() -> None:
    assert FRAMEWORK.descends(("2026",))
    assert FRAMEWORK.descends(("2026", "09", "01"))
    assert not FRAMEWORK.descends(("2026", "09", "01", "02"))
    assert not FRAMEWORK.descends(("cache",))


def test_every_recorded_rollout_is_found_and_recognised() -> None:
    for path, lines in sample_files().items():
        parts = Path(path).relative_to("/home/.codex/sessions").parts
        assert FRAMEWORK.kind(parts) == "lines"
        assert FRAMEWORK.recognises(lines[0][1][:4096])
    assert not FRAMEWORK.recognises(b'{"type":"user","sessionId":"s"}')
    assert not FRAMEWORK.recognises(b"")


@pytest.mark.parametrize(
    ("path", "session"),
    [
        (f"/x/{_NAME}.jsonl", THREAD),
        (f"/x/{_NAME}.jsonl.zst", THREAD),
        ("/x/rollout-odd.jsonl", "rollout-odd"),
        ("/x/.jsonl", "unknown"),
    ],
)
def test_a_file_without_a_session_meta_is_the_thread_it_is_named_after(path: str, session: str) -> None:
    prompt = record("event_msg", 1, {"type": "user_message", "message": "Hello"})
    assert [event.session_id for event in read(prompt, path=path).events] == [session]
