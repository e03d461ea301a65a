"""Bytes that are not as they should be: traps of reading, one test each."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mi6_tui.model import EventType
from tests.frameworks.claude.support import (
    SESSION,
    assistant,
    call,
    of_type,
    read,
    result,
    text,
    tokens,
    user,
)


def _raw(record: dict[str, Any]) -> bytes:
    return json.dumps(record).encode()


def test_a_torn_line_in_the_middle_is_counted_and_the_rest_read() -> None:
    line = _raw(assistant(text("a")))
    decoded = read(user("hello"), line[:150], line)
    assert decoded.malformed == 1
    assert [e.event_type for e in decoded.events] == [
        EventType.USER_PROMPT_SUBMIT,
        EventType.API_REQUEST,
        EventType.ASSISTANT_MESSAGE,
    ]


def test_a_very_long_line_is_read_and_its_text_cut() -> None:
    (event,) = read(user("x" * 3_000_000)).events
    assert event.text == "x" * 2048
    assert event.byte_length is not None and event.byte_length > 3_000_000


def test_separators_inside_a_text_do_not_end_a_line() -> None:
    words = "a\u2028b\u2029c\u0085d\fe"
    line = json.dumps(user(words), ensure_ascii=False).encode()
    (event,) = read(line).events
    assert event.text == "a\u2028b\u2029cde"


@pytest.mark.parametrize("bad", [b"\xff\xfe", b"\\ud83d", b"\\udc00", b"\xed\xa0\x80"])
@pytest.mark.parametrize("field", ["text", "model", "cwd", "stop_reason", "command"])
def test_bad_utf8_and_lone_surrogates_are_replaced(bad: bytes, field: str) -> None:
    line = assistant(text("TEXT"), call("t1", "Bash", command="COMMAND"), model="MODEL", stop="STOP_REASON")
    raw = _raw({**line, "cwd": "CWD"}).replace(field.upper().encode(), b"a" + bad + b"z")
    decoded = read(raw)
    assert decoded.malformed == 0
    request, message, tool = decoded.events
    seen = {
        "text": message.text,
        "model": request.model,
        "cwd": request.cwd,
        "stop_reason": request.outcome,
        "command": tool.text,
    }[field]
    assert seen is not None
    assert seen.strip("a\ufffdz") == "" and "\ufffd" in seen
    assert request.tokens_output == 120


def test_bad_utf8_beside_a_wrong_type_keeps_the_line() -> None:
    raw = _raw(user("hello", cwd=5, odd={"K": 1})).replace(b'"odd"', b'"o\xff"')
    decoded = read(raw)
    assert (decoded.malformed, [(e.text, e.cwd) for e in decoded.events]) == (0, [("hello", None)])


def test_space_before_a_text_does_not_hide_it() -> None:
    (event,) = read(user(" " * 10_000 + "hello")).events
    assert event.text == "hello"


@pytest.mark.parametrize("depth", [50, 200, 400, 600, 900, 980, 1000, 1100, 3000])
@pytest.mark.parametrize("hole", ["content", "input", "toolUseResult", "error", "usage"])
def test_nesting_of_any_depth_is_survived(depth: int, hole: str) -> None:
    deep = b"[" * depth + b'"\\ud83d"' + b"]" * depth
    line = assistant(call("t1", "mcp__x", words="INPUT"), text("a"), usage="USAGE", error="ERROR")
    raws = [_raw(line), _raw(result("t1", "CONTENT", toolUseResult="TOOLUSERESULT"))]
    read(*(raw.replace(b'"' + hole.upper().encode() + b'"', deep) for raw in raws))


def test_pairs_of_surrogates_are_kept() -> None:
    (event,) = read(_raw(user("X")).replace(b"X", b"\\ud83d\\ude00")).events
    assert event.text == "\U0001f600"


@pytest.mark.parametrize("nul", [b"\\u0000", b"\0"])
def test_nul_is_taken_out_everywhere(nul: bytes) -> None:
    raw = _raw(user("a@b", cwd="/a@b", sessionId="s@1", uuid="u@1")).replace(b"@", nul)
    (event,) = read(raw).events
    assert (event.text, event.cwd, event.session_id, event.uuid) == ("ab", "/ab", "s1", "u1")


def test_terminal_sequences_and_control_characters_are_taken_out() -> None:
    (event,) = read(user("\x1b[31mred\x1b[0m \x1b]0;title\x07x\x9by\x08\tz\r\nend\n\n\n\n.")).events
    assert event.text == "red xy\tz\nend\n\n."


def test_byte_order_mark_windows_line_ends_and_blank_lines_are_accepted() -> None:
    decoded = read(b"\xef\xbb\xbf" + _raw(user("one")) + b"\r", b"", b"  \r", _raw(user("two")) + b"\r")
    assert (decoded.malformed, [e.text for e in decoded.events]) == (0, ["one", "two"])


@pytest.mark.parametrize(
    "line", [b"[1]", b'"text"', b"3", b"null", b"true", b"{", b"}", b"{]", b"\xff", b"{}x"]
)
def test_what_is_no_object_is_malformed(line: bytes) -> None:
    decoded = read(line)
    assert (decoded.malformed, decoded.events, decoded.facts) == (1, [], [])


def test_the_last_of_equal_keys_holds() -> None:
    raw = _raw(user("one")).replace(b'"cwd"', b'"cwd": "/first", "cwd"')
    assert read(raw).events[0].cwd == "/home/dev/project"


def test_numbers_that_no_json_has_do_not_hide_the_line() -> None:
    raw = _raw(assistant(text("a"), usage=tokens(777)))
    decoded = read(raw.replace(b"777", b"NaN"), raw.replace(b"777", b"9" * 40), raw.replace(b"777", b"1e999"))
    requests = of_type(decoded.events, EventType.API_REQUEST)
    assert [(r.tokens_input, r.tokens_output, r.tokens_incomplete) for r in requests] == [(4, None, True)] * 3


def test_deep_nesting_is_malformed_not_fatal() -> None:
    deep = b'{"type":"user","message":' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    decoded = read(deep, user("still here"))
    assert (decoded.malformed, len(decoded.events)) == (1, 1)


@pytest.mark.parametrize("bad", [-1, 1.5, 12.0, "12", True, False, None, [], {}, 10**12 + 1, 2**63, 2**70])
@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("input_tokens", "tokens_input"),
        ("output_tokens", "tokens_output"),
        ("cache_read_input_tokens", "tokens_cache_read"),
    ],
)
def test_a_number_that_is_no_count_is_unknown(field: str, name: str, bad: Any) -> None:
    (request, _) = read(assistant(text("a"), usage=tokens(**{field: bad}))).events
    assert getattr(request, name) is None
    assert request.tokens_incomplete
    others = {"tokens_input": 4, "tokens_output": 120, "tokens_cache_read": 18000} | {name: None}
    assert {key: getattr(request, key) for key in others} == others


def test_a_missing_number_is_unknown_too() -> None:
    usage = tokens()
    del usage["cache_read_input_tokens"]
    (request, _) = read(assistant(text("a"), usage=usage)).events
    assert (request.tokens_cache_read, request.tokens_incomplete) == (None, True)


@pytest.mark.parametrize("usage", ["none", [], 3, {}])
def test_usage_of_a_wrong_shape_is_unknown(usage: Any) -> None:
    (request, message) = read(assistant(text("a"), usage=usage)).events
    assert request.prompt_tokens is None and request.tokens_incomplete
    assert message.text == "a"


@pytest.mark.parametrize(
    ("field", "bad"),
    [
        ("cwd", 3),
        ("gitBranch", ["main"]),
        ("version", {}),
        ("agentId", False),
        ("isMeta", "no"),
        ("isSidechain", 0),
        ("origin", "human"),
        ("origin", {"kind": 7}),
        ("permissionMode", 1),
        ("timestamp", "2026-99-99T00:00:00Z"),
        ("timestamp", 1795414111),
        ("toolUseResult", 9),
    ],
)
def test_a_field_of_a_wrong_type_is_left_out_alone(field: str, bad: Any) -> None:
    decoded = read(user("before"), user("hello", **{field: bad}))
    assert decoded.malformed == 0
    assert [e.text for e in decoded.events] == ["before", "hello"]


def test_one_bad_block_does_not_hide_the_others() -> None:
    odd = {"type": "text", "text": 5}
    decoded = read(assistant(odd, text("b"), {"type": "tool_use", "id": 5, "name": "Read", "input": "x"}))
    _, message, tool = decoded.events
    assert message.text == "b"
    assert (tool.tool_name, tool.tool_use_id, tool.preview) == ("Read", None, None)
    assert tool.key is not None and tool.key.endswith(".2:pre")


@pytest.mark.parametrize("content", ["word", [], None, 5, {"type": "text"}, [5, None, "x", []]])
def test_content_of_any_shape_is_survived(content: Any) -> None:
    decoded = read(user(content), result("t1", content), {**user("end"), "message": content})
    assert decoded.malformed == 0
    assert len(of_type(decoded.events, EventType.POST_TOOL_USE)) == 1


@pytest.mark.parametrize("shape", [{}, [], "text", 4, None, {"status": 5, "durationMs": -1, "stdout": {}}])
def test_a_tools_structured_result_may_be_anything(shape: Any) -> None:
    decoded = read(assistant(call("t1", "Bash", command="ls")), result("t1", "out", toolUseResult=shape))
    (post,) = of_type(decoded.events, EventType.POST_TOOL_USE)
    assert (post.outcome, post.duration_ms, post.preview, post.tool_name) == ("ok", None, "out", "Bash")


def test_unknown_kinds_are_counted_and_known_ones_not() -> None:
    decoded = read(
        user("hello"),
        {"type": "hologram", "sessionId": SESSION},
        {"type": "hologram"},
        {"type": "system", "subtype": "reboot"},
        {"type": "attachment", "attachment": {"type": "smell"}},
        {"type": "attachment", "attachment": {"type": "hook_success"}},
        {"type": "attachment", "attachment": 5},
        {"type": "api-request-blob"},
        {"type": "system", "subtype": "task_progress"},
        {"sessionId": SESSION},
        {"type": 5},
    )
    assert decoded.unknown == {
        "hologram": 2,
        "system:reboot": 1,
        "attachment:smell": 1,
        "attachment:(no type)": 1,
        "(no type)": 2,
    }
