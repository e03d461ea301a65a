"""Sessions and events as JSON objects and as lines."""

from __future__ import annotations

import pytest

from mi6_tui.errors import UsageError
from mi6_tui.model import Event, EventType, Session
from mi6_tui.report import event_lines, session_fields

NOW = 1_700_000_000_000

SESSION = Session(
    machine_id="m",
    session_id="0123456789abcdef",
    first_started_at=NOW - 600_000,
    last_started_at=NOW - 600_000,
    last_activity=NOW - 60_000,
    cwd="/work/greet",
    model="claude-opus-5-5-20261015",
    tokens_input=1_000,
    tokens_output=500,
    context=50_000,
    context_window=200_000,
    incomplete_requests=1,
    status="wait",
    status_shown="waiting",
    status_detail="permission",
    status_since=NOW - 90_000,
)


def test_a_session_object_has_every_field_and_null_for_unknown() -> None:
    shown = session_fields.as_object(SESSION)
    assert set(shown) == {
        *Session.__struct_fields__,
        "total_tokens",
        "duration_ms",
        "is_active",
        "name",
        "project",
        "cost_incomplete",
    }
    assert shown["cost_usd"] is None
    assert shown["tokens_cache_read"] == 0
    assert shown["total_tokens"] == 1_500
    assert shown["duration_ms"] == 540_000
    assert shown["project"] == "greet"


def test_the_row_of_a_session() -> None:
    row = session_fields.cells(SESSION, session_fields.TABLE, NOW, short=True)
    assert [cell.text for cell in row] == [
        "waiting: permission",
        "1m",
        "01234567",
        "0123456789abcdef",
        "greet",
        "25%",
        "≥1.5k",
        "-",
        "opus-5-5",
        "-",
        "1m",
    ]


def test_ids_are_cut_only_where_a_person_reads_them() -> None:
    (cell,) = session_fields.cells(SESSION, ("session_id",), NOW, short=False)
    assert cell.text == "0123456789abcdef"


def test_plain_fields_are_shown_in_full() -> None:
    names = ("is_active", "last_activity", "cost_usd", "tokens_input", "pid")
    assert [session_fields.plain(SESSION, name) for name in names] == [
        "yes",
        "2023-11-14 22:12:20",
        "-",
        "1000",
        "-",
    ]


def test_chosen_fields_keep_their_order() -> None:
    assert session_fields.chosen("name, cwd,", session_fields.TABLE) == ("name", "cwd")
    assert session_fields.chosen(None, ("cwd",)) == ("cwd",)


@pytest.mark.parametrize(
    ("text", "hint"), [("staus", "did you mean status?"), ("", "for example"), ("zzz", "shows all")]
)
def test_an_unknown_field_is_refused_with_a_hint(text: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        session_fields.chosen(text, session_fields.TABLE)
    assert hint in str(caught.value)


def test_an_event_object_has_every_stored_field() -> None:
    event = Event(machine_id="m", timestamp=NOW, event_type=EventType.STOP, session_id="s", order=(1, 2))
    shown = event_lines.as_object(event)
    assert set(shown) == set(Event.__struct_fields__) - {"order", "process_start_time"}
    assert shown["tokens_input"] is None


def test_the_line_of_a_tool_call_fits_the_terminal() -> None:
    event = Event(
        machine_id="m",
        timestamp=NOW,
        event_type=EventType.PRE_TOOL_USE,
        session_id="0123456789abcdef",
        tool_name="Bash",
        payload='{"command":"make\\ntest"}',
    )
    assert event_lines.line(event, 60) == "2023-11-14 22:13:20  01234567  PreToolUse         Bash make…"
    assert (
        event_lines.line(event, None)
        == "2023-11-14 22:13:20  0123456789abcdef  PreToolUse         Bash make test"
    )


def test_the_line_of_a_request_says_what_is_unknown() -> None:
    event = Event(
        machine_id="m",
        timestamp=NOW,
        event_type=EventType.API_REQUEST,
        session_id="s",
        model="claude-opus-5-5",
        tokens_input=10,
        tokens_cache_read=20_000,
        tokens_incomplete=True,
    )
    assert event_lines.line(event, None).endswith("claude-opus-5-5 in ≥20k out -")
