from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mi6_tui.errors import ModelError
from mi6_tui.model import Event, EventType, canonical_event_type
from mi6_tui.model.event import command_of, decode_object, prompt_of


def event(**fields: Any) -> Event:
    defaults: dict[str, Any] = {"machine_id": "m", "session_id": "s", "timestamp": 1, "event_type": "Stop"}
    return Event(**(defaults | fields))


@pytest.mark.parametrize(
    ("given_name", "stored"),
    [
        ("PreToolUse", "PreToolUse"),
        ("  pretooluse\n", "PreToolUse"),
        ("APIREQUEST", "ApiRequest"),
        ("SubagentStop", "SubagentStop"),
        ("Mine", "Mine"),
        (" mine ", "mine"),
        ("turncomplete", "turncomplete"),
        ("", ""),
    ],
)
def test_canonical_types(given_name: str, stored: str) -> None:
    assert canonical_event_type(given_name) == stored


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"session_id": ""}, "session_id"),
        ({"timestamp": 2**63}, "64 bits"),
        ({"timestamp": -(2**63) - 1}, "64 bits"),
        ({"pid": 0}, "process id"),
        ({"pid": 2**31}, "process id"),
        ({"tokens_input": -1}, "tokens_input -1 is not a count"),
        ({"tokens_output": 2**63}, "tokens_output"),
        ({"byte_offset": -1}, "byte_offset"),
        ({"duration_ms": -1}, "duration_ms"),
    ],
)
def test_what_cannot_be_is_refused(fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(ModelError, match=reason):
        event(**fields)
    with pytest.raises(ModelError, match=reason):
        event().with_(**fields)


def test_events_do_not_change() -> None:
    first = event(model="a")
    second = first.with_(model="b")
    assert (first.model, second.model, second.session_id) == ("a", "b", "s")
    with pytest.raises(AttributeError):
        first.model = "c"  # type: ignore[misc]


def test_unset_fields_are_left_out_of_json() -> None:
    assert msgspec.json.decode(msgspec.json.encode(event(tokens_input=0))) == {
        "machine_id": "m",
        "session_id": "s",
        "timestamp": 1,
        "event_type": "Stop",
        "tokens_input": 0,
    }


@pytest.mark.parametrize(("side", "main"), [(None, True), (False, True), (True, False)])
def test_main_chain(side: bool | None, main: bool) -> None:
    assert event(is_sidechain=side).on_main_chain == main


def test_requests() -> None:
    assert event(event_type=EventType.API_REQUEST).is_api_request
    assert not event(event_type=EventType.STOP, tokens_input=1).is_api_request


@pytest.mark.parametrize(
    ("parts", "tokens"),
    [((None, None, None), None), ((0, None, None), 0), ((1, 2, 4), 7), ((None, 2, None), 2)],
)
def test_prompt_tokens(parts: tuple[int | None, int | None, int | None], tokens: int | None) -> None:
    fresh, read, write = parts
    found = event(tokens_input=fresh, tokens_cache_read=read, tokens_cache_write=write, tokens_output=99)
    assert found.prompt_tokens == tokens


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, ""),
        ({"preview": "p", "payload": '{"prompt":"x"}'}, "p"),
        ({"preview": "", "payload": '{"prompt":"x"}'}, ""),
        ({"payload": '{"prompt":"x"}'}, "x"),
        ({"payload": '{"command":"ls"}'}, "ls"),
        ({"payload": '{"tool_input":{"command":"ls"}}'}, "ls"),
        ({"payload": '{"tool_input":"ls"}'}, ""),
    ],
)
def test_text(fields: dict[str, Any], text: str) -> None:
    assert event(**fields).text == text


@settings(max_examples=100, deadline=None)
@given(
    st.text(max_size=40)
    | st.sampled_from(["[" * 100_000, '{"a":' * 100_000, '{"prompt":"\\ud800"}', "nul", "7"])
)
def test_any_payload_is_survived(payload: str) -> None:
    assert isinstance(decode_object(payload), dict)
    prompt_of(payload)
    command_of(payload)
