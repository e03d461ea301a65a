"""What is read back of transcripts: never a file here for one of another machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from mi6_tui.model import Event, EventType
from mi6_tui.paths import machine_id
from mi6_tui.tui.session.reading import is_far, read_here
from tests.tui.makers import event, session


@pytest.fixture
def transcript(tmp_path: Path) -> Path:
    path = tmp_path / "one.jsonl"
    path.write_text('{"type":"user","uuid":"u","message":{"role":"user","content":"all of it"}}\n')
    return path


def told(path: str, machine: str, preview: str = "kept") -> Event:
    return event(
        EventType.USER_PROMPT_SUBMIT,
        machine_id=machine,
        transcript_path=path,
        byte_offset=0,
        byte_length=75,
        preview=preview,
    )


def test_each_is_read_where_it_is(transcript: Path) -> None:
    there = f"ssh://me@ci{transcript}"
    events = [told(there, "ci", "far"), told(str(transcript), machine_id()), told(there, "ci", "far, too")]
    for in_database in (False, True):
        found = read_here(events, in_database=in_database)
        assert [passage.text for passage in found] == ["far", "all of it", "far, too"]
        assert [bool(passage.problem) for passage in found] == [True, False, True]


def test_in_a_database_a_path_is_that_of_its_machine(transcript: Path) -> None:
    events = [told(str(transcript), "other")]
    assert [passage.text for passage in read_here(events, in_database=True)] == ["kept"]
    # A file's store was filled here, though this machine may have had another name then.
    assert [passage.text for passage in read_here(events, in_database=False)] == ["all of it"]


def test_a_session_without_a_transcript_is_where_its_machine_is() -> None:
    assert is_far(session(machine_id="other"), in_database=True)
    assert not is_far(session(machine_id="other"), in_database=False)
    assert not is_far(session(machine_id=machine_id()), in_database=True)
