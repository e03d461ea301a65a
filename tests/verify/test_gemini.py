"""The second count of Gemini CLI's files, by what a reader of the lines can add up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mi6_tui.verify import File, Numbers, recount
from tests.verify.homes import write_lines

_HEADER = {"sessionId": "G1", "startTime": "2026-11-20T10:00:00.000Z", "kind": "main"}


def _reply(name: str, sent: int, said: int, cached: int, **more: int) -> dict[str, Any]:
    tokens = {"input": sent, "output": said, "cached": cached} | more
    return {
        "id": name,
        "timestamp": "2026-11-20T10:00:01.000Z",
        "type": "gemini",
        "model": "gemini-3",
        "tokens": tokens,
    }


def _count(*paths: Path) -> dict[str, Numbers]:
    files = [File(str(path)) for path in paths]
    return {session: counted.own for session, counted in recount("gemini", files).items()}


def test_the_last_telling_of_a_message_holds(tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "chats" / "session-1.jsonl",
        _HEADER,
        _reply("m1", 100, 1, 40),
        _reply("m1", 100, 5, 40, thoughts=3, tool=2),
        {"$rewindTo": "m1"},
        {"id": "u1", "type": "user", "timestamp": "2026-11-20T10:00:02.000Z", "content": "hi"},
    )
    assert _count(path) == {"G1": Numbers(1, 62, 8, 40, 0)}


def test_a_history_told_again_counts_no_message_twice(tmp_path: Path) -> None:
    told = {"id": "m2", "type": "gemini", "timestamp": "2026-11-20T10:00:01.000Z", "content": "no numbers"}
    patch = {"$set": {"messages": [_reply("m1", 100, 5, 0), _reply("lost", 7, 1, 0), told]}}
    path = write_lines(tmp_path / "chats" / "session-1.jsonl", _HEADER, _reply("m1", 100, 5, 0), patch)
    assert _count(path) == {"G1": Numbers(2, 107, 6, 0, 0)}


def test_an_older_document_and_the_lines_that_follow_it(tmp_path: Path) -> None:
    document = tmp_path / "chats" / "session-1.json"
    document.parent.mkdir()
    document.write_text(json.dumps(_HEADER | {"messages": [_reply("m1", 100, 9, 0), _reply("m2", 1, 1, 0)]}))
    lines = write_lines(tmp_path / "chats" / "session-1.jsonl", _HEADER, _reply("m1", 100, 5, 0))
    for files in ((document, lines), (lines, document)):
        assert _count(*files) == {"G1": Numbers(2, 101, 6, 0, 0)}


def test_a_subagents_file_belongs_to_the_session_of_its_folder(tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "chats" / "G1" / "sub.jsonl", _HEADER | {"sessionId": "sub"}, _reply("m", 5, 1, 0)
    )
    assert set(_count(path)) == {"G1"}


def test_numbers_that_contradict_each_other(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "chats" / "s.jsonl", _HEADER, _reply("m", 10, 4, 30))
    assert _count(path) == {"G1": Numbers(1, 0, 4, 30, 0)}
