"""The full text behind stored events, read from real recordings of five clients."""

from __future__ import annotations

import json
import os
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
import zstandard

from mi6_tui import frameworks
from mi6_tui.frameworks.text import clean
from mi6_tui.ingest.reading_back import TEXT_LIMIT, Passage, read_back
from mi6_tui.model import Event, EventQuery, EventType, Source
from mi6_tui.storage.sqlite import SqliteStorage
from tests.recorded import RECORDED_AT, furnish, read_all

_WORDS = (EventType.USER_PROMPT_SUBMIT, EventType.ASSISTANT_MESSAGE)
_CALLS = (EventType.PRE_TOOL_USE, EventType.POST_TOOL_USE)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    furnish(home)
    return home


@pytest.fixture(scope="module")
def events(home: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Event]:
    """All that a store has of them."""
    path = tmp_path_factory.mktemp("store") / "mi6.db"
    with closing(SqliteStorage(path, clock=lambda: RECORDED_AT)) as storage:
        read_all(storage, home)
        return storage.query(EventQuery().order_by_id())


def test_every_prompt_and_reply_is_found_again(events: list[Event]) -> None:
    said = [event for event in events if event.event_type in _WORDS]
    assert {event.framework for event in said} == set(frameworks.names())
    for event, passage in zip(said, read_back(said), strict=True):
        assert passage.problem == "", event
        assert clean(passage.text) == event.text, event


def test_every_call_and_result_is_found_again(events: list[Event]) -> None:
    called = [event for event in events if event.event_type in _CALLS and event.source != Source.HOOK]
    clients = Counter(event.framework for event in called)
    assert set(clients) == set(frameworks.names())
    for event, passage in zip(called, read_back(called), strict=True):
        assert passage.problem == "", event
        told = "".join(passage.text.split())
        if event.event_type == EventType.POST_TOOL_USE:
            assert "".join((event.preview or "").split()) in told, event


def test_a_call_shows_all_of_its_input(events: list[Event]) -> None:
    edits = [
        event for event in events if event.tool_name == "Edit" and event.event_type == EventType.PRE_TOOL_USE
    ]
    (passage,) = read_back(edits[:1])
    names = [line.partition(":")[0] for line in passage.text.splitlines() if not line.startswith(" ")]
    assert {"file_path", "old_string", "new_string"} <= set(names)


SESSION = "11111111-2222-4333-8444-555555555555"


def claude_line(text: str, uuid: str = "u1") -> bytes:
    block = {"type": "text", "text": text}
    record = {"type": "assistant", "uuid": uuid, "sessionId": SESSION, "message": {"content": [block]}}
    return json.dumps(record).encode()


def reply(path: Path, offset: int, length: int, uuid: str = "u1", framework: str = "claude") -> Event:
    return Event(
        machine_id="devbox", session_id=SESSION, timestamp=1, event_type=EventType.ASSISTANT_MESSAGE,
        framework=framework, transcript_path=str(path), byte_offset=offset, byte_length=length, uuid=uuid,
        preview="what was kept",
    )  # fmt: skip


@pytest.fixture
def transcript(tmp_path: Path) -> Path:
    return tmp_path / ".claude" / "projects" / "-src" / f"{SESSION}.jsonl"


def test_only_the_lines_asked_for_are_read(transcript: Path) -> None:
    lines = [claude_line(f"reply {number} " + "x" * 50_000, f"u{number}") for number in range(2_000)]
    transcript.parent.mkdir(parents=True)
    transcript.write_bytes(b"\n".join(lines) + b"\n")
    places = [sum(len(line) + 1 for line in lines[:number]) for number in (0, 1_000, 1_999)]
    asked = [
        reply(transcript, place, len(lines[number]), f"u{number}")
        for place, number in zip(places, (0, 1_000, 1_999), strict=True)
    ]
    spent: list[int] = []

    def counting(descriptor: int, size: int, offset: int) -> bytes:
        data = os.pread(descriptor, size, offset)
        spent.append(len(data))
        return data

    passages = read_back(asked, counting)
    assert [passage.text[:10].strip() for passage in passages] == ["reply 0 xx", "reply 1000", "reply 1999"]
    assert sum(spent) <= sum(event.byte_length or 0 for event in asked) + len(asked)
    assert transcript.stat().st_size > 100_000_000


@pytest.mark.parametrize("damage", ["shorter", "moved", "another", "no json"])
def test_a_transcript_that_changed_says_so(transcript: Path, damage: str) -> None:
    line = claude_line("as it was")
    transcript.parent.mkdir(parents=True)
    content = {
        "shorter": line[:-5],
        "moved": b"{}" + line,
        "another": claude_line("as it was", "u2"),
        "no json": b"x" * len(line),
    }
    transcript.write_bytes(content[damage] + b"\n")
    offset = 2 if damage == "moved" else 0
    (passage,) = read_back([reply(transcript, offset, len(line))])
    assert passage == Passage("what was kept", "the transcript has changed there")


def test_one_that_is_gone_or_no_transcript_says_so(transcript: Path, tmp_path: Path) -> None:
    (gone,) = read_back([reply(transcript, 0, 10)])
    assert gone.text == "what was kept"
    assert "No such file" in gone.problem
    transcript.mkdir(parents=True)
    (folder,) = read_back([reply(transcript, 0, 10)])
    assert "regular file" in folder.problem
    (foreign,) = read_back([reply(transcript, 0, 10, framework="nobody")])
    assert foreign.problem == "no transcript holds it"
    (nowhere,) = read_back([reply(transcript, 0, 10).with_(transcript_path=None)])
    assert nowhere.problem == "no transcript holds it"
    no_database = tmp_path / "opencode.db"
    no_database.write_bytes(b"not a database at all, but long enough to be looked at as one")
    (broken,) = read_back([reply(no_database, 0, 10, framework="opencode")])
    assert "cannot be read" in broken.problem
    pipe = transcript.with_name("22222222-2222-4333-8444-555555555555.jsonl")
    os.mkfifo(pipe)
    (waiting,) = read_back([reply(pipe, 0, 10)])
    assert waiting.text == "what was kept"


def test_a_huge_text_is_told_up_to_a_limit(transcript: Path) -> None:
    line = claude_line("y" * (TEXT_LIMIT + 1_234))
    transcript.parent.mkdir(parents=True)
    transcript.write_bytes(line + b"\n")
    (passage,) = read_back([reply(transcript, 0, len(line))])
    assert passage == Passage("y" * TEXT_LIMIT, left_out=1_234)


def test_a_file_that_its_client_compressed_meanwhile(home: Path, events: list[Event], tmp_path: Path) -> None:
    said = [event for event in events if event.framework == "codex" and event.event_type in _WORDS]
    expected = read_back(said)
    moved = []
    for event in said:
        assert event.transcript_path is not None
        plain = Path(event.transcript_path)
        there = tmp_path / plain.relative_to(home)
        packed = Path(f"{there}.zst")
        if not packed.exists():
            packed.parent.mkdir(parents=True, exist_ok=True)
            packed.write_bytes(zstandard.ZstdCompressor().compress(plain.read_bytes()))
        moved.append(event.with_(transcript_path=str(there)))
    assert read_back(moved) == expected
    assert len({passage.text for passage in expected}) > 10
    Path(f"{moved[0].transcript_path}.zst").write_bytes(b"broken")
    assert read_back(moved[:1])[0].problem == "the transcript has changed there"


def test_a_document_holds_all_its_messages(tmp_path: Path) -> None:
    path = tmp_path / ".gemini" / "tmp" / "project" / "chats" / "session-2026-01-01T10-00-abc.json"
    path.parent.mkdir(parents=True)
    call = {
        "id": "c1",
        "name": "write_file",
        "args": {"file_path": "/a", "content": "one\ntwo"},
        "result": [],
    }
    messages = [
        {"id": "m1", "type": "user", "content": "hello"},
        {"id": "m2", "type": "gemini", "content": "hi there", "toolCalls": [call]},
    ]
    path.write_text(json.dumps({"sessionId": SESSION, "messages": messages}))
    size = path.stat().st_size
    said = reply(path, 0, size, "m2", "gemini")
    called = reply(path, 0, size, "m2", "gemini").with_(
        event_type=EventType.PRE_TOOL_USE, tool_use_id="c1", uuid=None
    )
    assert [passage.text for passage in read_back([said, called])] == [
        "hi there",
        "file_path: /a\ncontent:\n  one\n  two",
    ]


@pytest.mark.parametrize("name", frameworks.names())
@pytest.mark.parametrize(
    "line",
    [b"", b"[]", b"null", b"{", b"\xff\xfe", b'{"type":5,"message":7,"payload":[],"data":"x"}',
     b'{"type":"assistant","message":{"content":' + b"[" * 5_000 + b"]" * 5_000 + b"}}"],
)  # fmt: skip
def test_no_line_breaks_it(name: str, line: bytes) -> None:
    for kind in (*_WORDS, *_CALLS, EventType.STOP):
        event = reply(Path("/nowhere"), 0, 1).with_(event_type=kind, tool_use_id="t", uuid=None)
        assert frameworks.framework(name).in_full(line, event) in (None, "")
