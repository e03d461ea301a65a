"""The second count of Claude Code's transcripts, by what a reader of the lines can add up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mi6_tui.verify import NAMES, Counted, File, Numbers, recount
from tests.verify.homes import DATA, unpack, write_lines

_ONE = "11111111-1111-4111-8111-111111111111"
_UNSTREAMED = "0d288563-9119-4c8e-adc0-93c659902f4a"
"""Its stream broke; the bill has no id for the reply that was asked for again."""
_CUT_OFF = ("2fc76eff-97cf-4160-bb06-b465ab9e6073", "241b832a-2c9f-41ef-8dec-429bfa1eeb77")
_TWO = "22222222-2222-4222-8222-222222222222"


def _reply(message: str = "m1", request: str | None = "r1", **fields: Any) -> dict[str, Any]:
    usage = {
        "input_tokens": 10,
        "output_tokens": fields.pop("output", 5),
        "cache_read_input_tokens": 100,
        "cache_creation_input_tokens": 7,
    }
    usage |= fields.pop("usage", {})
    return {
        "type": "assistant",
        "uuid": f"u-{message}-{request}",
        "sessionId": fields.pop("session", _ONE),
        "timestamp": f"2026-11-20T10:00:{fields.pop('second', 1):02}.000Z",
        "isSidechain": False,
        "requestId": request,
        "message": {"id": message, "model": fields.pop("model", "claude-opus-5-5"), "usage": usage},
    } | fields


def _count(*paths: Path) -> dict[str, Counted]:
    return recount("claude", [File(str(path)) for path in paths])


def _own(*paths: Path) -> dict[str, Numbers]:
    return {session: counted.own for session, counted in _count(*paths).items()}


def test_the_recorded_home_adds_up_to_what_was_billed(tmp_path: Path) -> None:
    """Session by session, but for the requests that no file holds, and output that was cut off."""
    held = {
        json.loads(line)["message"]["id"]
        for path in unpack("claude", tmp_path)
        for line in path.read_text().splitlines()
        if '"type":"assistant"' in line
    }
    billed: dict[str, Numbers] = {}
    for line in (DATA / "claude" / "truth.jsonl").read_text().splitlines():
        request = json.loads(line)
        unstreamed = request["session"] == _UNSTREAMED and request["message_id"] is None
        if request["message_id"] in held or unstreamed:
            sums = billed.setdefault(request["session"], Numbers())
            sums.plus(Numbers(1, *(request["usage"][name] for name in NAMES[1:])))
    counted = _own(*tmp_path.rglob("*.jsonl"))
    assert sum(sums.api_request_count for sums in counted.values()) == 122
    for session, sums in billed.items():
        if session in _CUT_OFF:
            sums.tokens_output = counted[session].tokens_output
    assert counted == billed


def test_lines_of_one_reply_are_one_request_with_its_largest_output(tmp_path: Path) -> None:
    path = write_lines(tmp_path / f"{_ONE}.jsonl", _reply(output=1), _reply(output=9), _reply(output=4))
    assert _own(path) == {_ONE: Numbers(1, 10, 9, 100, 7)}


@pytest.mark.parametrize("order", [1, -1])
def test_a_forks_copies_belong_to_the_session_that_paid(tmp_path: Path, order: int) -> None:
    parent = write_lines(tmp_path / f"{_ONE}.jsonl", _reply("m1", "r1"), _reply("m2", "r2"))
    copies = (_reply(name, f"r{name[1]}", session=_TWO, requestSessionId=_ONE) for name in ("m1", "m2"))
    fork = write_lines(tmp_path / f"{_TWO}.jsonl", *copies, _reply("m3", "r3", session=_TWO))
    counted = _own(*[parent, fork][::order])
    assert counted == {_ONE: Numbers(2, 20, 10, 200, 14), _TWO: Numbers(1, 10, 5, 100, 7)}


def test_copies_without_their_original_are_kept_apart(tmp_path: Path) -> None:
    fork = write_lines(
        tmp_path / f"{_TWO}.jsonl",
        _reply(session=_TWO, forkedFrom={"sessionId": _ONE}),
        _reply("m3", "r3", session=_TWO),
    )
    assert _count(fork) == {_TWO: Counted(Numbers(1, 10, 5, 100, 7), Numbers(1, 10, 5, 100, 7))}


def test_of_two_originals_the_file_that_began_first_counts(tmp_path: Path) -> None:
    late = write_lines(tmp_path / "a.jsonl", _reply(session=_ONE, second=9))
    early = write_lines(tmp_path / "b.jsonl", _reply(session=_TWO, second=3))
    assert set(_own(late, early)) == set(_own(early, late)) == {_TWO}


def test_a_side_question_repeats_messages_under_other_request_ids(tmp_path: Path) -> None:
    main = write_lines(tmp_path / f"{_ONE}.jsonl", _reply("m1", "r1", output=5))
    side = write_lines(
        tmp_path / _ONE / "subagents" / "agent-a1.jsonl",
        _reply("m1", "r9", output=3, isSidechain=True),
        _reply("m2", "r2", isSidechain=True),
    )
    assert _own(side, main) == {_ONE: Numbers(2, 20, 10, 200, 14)}


def test_two_requests_of_one_message_without_a_side_are_two(tmp_path: Path) -> None:
    path = write_lines(tmp_path / f"{_ONE}.jsonl", _reply("m1", "r1"), _reply("m1", "r2"), _reply("m1", None))
    assert _own(path)[_ONE].api_request_count == 3


def test_a_subagents_file_belongs_to_the_session_of_its_folder(tmp_path: Path) -> None:
    line = _reply()
    del line["sessionId"], line["isSidechain"]
    path = write_lines(tmp_path / _ONE / "subagents" / "workflows" / "wf_1" / "agent-a1.jsonl", line)
    assert set(_own(path)) == {_ONE}


def test_what_is_no_request_does_not_count(tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / f"{_ONE}.jsonl",
        "{broken",
        "[]",
        "",
        "[" * 100_000,
        _reply(model="<synthetic>"),
        _reply(message="m2") | {"type": "progress"},
        {"type": "assistant", "message": "text"},
        {"type": "assistant", "message": {}},
    )
    with path.open("a") as file:
        file.write(json.dumps(_reply("m3", "r3")))  # no newline: still being written
    assert _own(path) == {}
    assert _own(write_lines(tmp_path / "b.jsonl", "\ufeff" + json.dumps(_reply()))) != {}


@pytest.mark.parametrize("number", [-1, 1.5, "7", None, True, 10**13, 2**70])
def test_a_number_that_is_no_count_says_nothing(tmp_path: Path, number: object) -> None:
    path = write_lines(tmp_path / f"{_ONE}.jsonl", _reply(usage={"input_tokens": number}))
    assert _own(path) == {_ONE: Numbers(1, 0, 5, 100, 7)}


@pytest.mark.parametrize(
    ("flat", "split", "written"),
    [
        (0, {"ephemeral_5m_input_tokens": 3, "ephemeral_1h_input_tokens": 4}, 7),
        (9, {"ephemeral_5m_input_tokens": 3, "ephemeral_1h_input_tokens": 4}, 9),
        (0, {"ephemeral_5m_input_tokens": None}, 0),
        (0, None, 0),
        (None, {"ephemeral_5m_input_tokens": 3}, 0),
    ],
)
def test_cache_writes(tmp_path: Path, flat: object, split: object, written: int) -> None:
    usage = {"cache_creation_input_tokens": flat, "cache_creation": split}
    path = write_lines(tmp_path / f"{_ONE}.jsonl", _reply(usage=usage))
    assert _own(path)[_ONE].tokens_cache_write == written


def test_reading_stops_where_it_is_told_to(tmp_path: Path) -> None:
    path = write_lines(tmp_path / f"{_ONE}.jsonl", _reply("m1", "r1"), _reply("m2", "r2"))
    first = len(path.read_bytes().splitlines(keepends=True)[0])
    assert recount("claude", [File(str(path), first)])[_ONE].own.api_request_count == 1
    assert recount("claude", [File(str(path), 0)]) == {}
