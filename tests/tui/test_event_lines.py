"""Events as lines: a tool with its result, requests on demand, days, hostile text."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone

import pytest

from mi6_tui.model import Event, EventType, Source
from mi6_tui.tui.event_lines import event_lines
from tests.tui.conftest import NOW
from tests.tui.makers import event


def test_a_tool_and_its_result_share_a_line() -> None:
    call = event(EventType.PRE_TOOL_USE, ago=3, tool_name="Bash", tool_use_id="t1", preview="make", id=1)
    result = event(
        EventType.POST_TOOL_USE, ago=1, tool_name="Bash", tool_use_id="t1", outcome="error", duration_ms=2000
    )
    (line,) = event_lines([call, result], UTC, now=NOW, requests=False)
    assert (line.time, line.word, line.text, line.measure, line.measure_ink) == (
        "14:02:08", "tool", "Bash  make", "2.0s error", "trouble",
    )  # fmt: skip
    (running,) = event_lines([call], UTC, now=NOW, requests=False)
    assert (running.measure, running.measure_ink) == ("…", "working")
    assert running.key == line.key


def test_a_result_whose_call_is_not_known_stands_alone() -> None:
    result = event(EventType.POST_TOOL_USE, tool_name="Read", tool_use_id="t1", outcome="ok")
    (line,) = event_lines([result], UTC, now=NOW, requests=False)
    assert (line.word, line.text, line.measure) == ("tool", "Read", "ok")


def test_a_subagent_is_not_measured_by_the_call_that_launched_it() -> None:
    start = event(EventType.SUBAGENT_START, tool_use_id="t1", subagent_type="Explore", preview="Count")
    result = event(EventType.POST_TOOL_USE, tool_use_id="t1", outcome="background")
    lines = event_lines([start, result], UTC, now=NOW, requests=False)
    assert (lines[0].text, lines[0].measure) == ("Explore  Count", "")


def test_requests_are_shown_on_demand_and_say_what_they_miss() -> None:
    request = event(
        EventType.API_REQUEST, model="claude-opus-5-5", tokens_input=6, tokens_cache_read=15_300,
        tokens_cache_write=0, tokens_output=None, tokens_incomplete=True,
    )  # fmt: skip
    assert event_lines([request], UTC, now=NOW, requests=False) == []
    (line,) = event_lines([request], UTC, now=NOW, requests=True)
    assert line.text == "opus-5.5  in 6  read 15.3k  write 0  out -"
    assert line.measure == "incomplete"


def test_a_day_before_today_has_its_own_line() -> None:
    events = [
        event(EventType.STOP, ago=2 * 86_400),
        event(EventType.STOP, ago=2 * 86_400 - 1),
        event(EventType.STOP, ago=1),
    ]
    assert [line.text for line in event_lines(events, UTC, now=NOW, requests=False)] == [
        "Sat 21 Nov 2026", "", "", "Mon 23 Nov 2026", "",
    ]  # fmt: skip
    assert len(event_lines(events[2:], UTC, now=NOW, requests=False)) == 1


def test_time_is_local() -> None:
    zone = timezone(timedelta(hours=5, minutes=45))
    (line,) = event_lines([event(EventType.STOP)], zone, now=NOW, requests=False)
    assert line.time == "19:47:11"


def test_a_subagents_own_records_are_set_apart() -> None:
    (line,) = event_lines(
        [event(EventType.ASSISTANT_MESSAGE, is_sidechain=True, preview="found it")],
        UTC,
        now=NOW,
        requests=False,
    )
    assert (line.glyph, line.ink, line.text) == ("↳", "quiet", "found it")


def test_hostile_text_and_unknown_kinds_are_made_safe() -> None:
    hostile = event("\x1b[2J[/x]", preview="a\x1b]0;x\x07\nb [/bold] \u202e" + "x" * 5000, tool_name="[red]")
    (line,) = event_lines([hostile], UTC, now=NOW, requests=False)
    assert line.word == "[/x]"
    assert line.text.startswith("[red]  a b [/bold]")
    assert "\x1b" not in line.text
    assert "\n" not in line.text
    assert len(line.text) < 700


def test_what_a_hook_repeats_of_a_transcript_is_shown_once() -> None:
    kinds = (EventType.USER_PROMPT_SUBMIT, EventType.PRE_TOOL_USE, EventType.POST_TOOL_USE)
    told = [event(kind, ago=9, preview="theirs", tool_use_id="t1") for kind in kinds]
    hooked = [event(kind, ago=9, preview="ours", tool_use_id="t1", source=Source.HOOK) for kind in kinds]
    only_hooks = [
        event(kind, ago=1, source=Source.HOOK) for kind in (EventType.PERMISSION_REQUEST, EventType.STOP)
    ]
    both = [*hooked, *told, *only_hooks]
    lines = event_lines(both, UTC, now=NOW, requests=False, transcribed=True)
    assert [(line.word, line.text) for line in lines] == [
        ("you", "theirs"), ("tool", "theirs"), ("permission", ""), ("turn ended", ""),
    ]  # fmt: skip
    lines = event_lines([*hooked, *only_hooks], UTC, now=NOW, requests=False, transcribed=False)
    assert [(line.word, line.text) for line in lines] == [
        ("you", "ours"), ("tool", "ours"), ("permission", ""), ("turn ended", ""),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", [EventType.STOP, EventType.API_ERROR, EventType.SUBAGENT_STOP])
def test_a_moment_that_a_hook_tells_too_is_one_line(kind: str) -> None:
    told = event(kind, ago=60, preview="theirs", key="t")
    soon = event(kind, ago=58, preview="ours", key="h", source=Source.HOOK)
    later = event(kind, ago=20, preview="ours alone", key="l", source=Source.HOOK)
    other = event(kind, "s2", ago=59, preview="another's", key="o", source=Source.HOOK)
    lines = event_lines([told, other, soon, later], UTC, now=NOW, requests=False, transcribed=True)
    assert [line.text for line in lines] == ["theirs", "another's", "ours alone"]


def test_what_only_hooks_tell_is_never_an_echo() -> None:
    events = [
        event(EventType.PERMISSION_REQUEST, ago=9, key="t"),
        event(EventType.PERMISSION_REQUEST, ago=9, key="h", source=Source.HOOK),
    ]
    assert len(event_lines(events, UTC, now=NOW, requests=False, transcribed=True)) == 2


def _notice(outcome: str, ago: int, session_id: str = "s1") -> Event:
    return event(
        EventType.NOTIFICATION, session_id, ago, key=f"n{ago}", outcome=outcome, preview="Claude needs you",
        source=Source.HOOK,
    )  # fmt: skip


def test_a_notice_beside_the_question_that_it_is_about_is_no_line_of_its_own() -> None:
    asked = event(EventType.PERMISSION_REQUEST, ago=60, tool_name="Bash", preview="make", source=Source.HOOK)
    events = [asked, _notice("permission_prompt", 54), _notice("permission_prompt", 53, "other")]
    lines = event_lines(events, UTC, now=NOW, requests=False)
    assert [(line.word, line.text) for line in lines] == [
        ("permission", "Bash  make"),
        ("notice", "Claude needs you"),
    ], "nobody else tells what the other session asks"
    late = [asked, _notice("permission_prompt", 20)]
    assert [line.word for line in event_lines(late, UTC, now=NOW, requests=False)] == ["permission", "notice"]
    form = event(EventType.ELICITATION, ago=60, preview="Which port?", source=Source.HOOK)
    lines = event_lines([form, _notice("elicitation_dialog", 60)], UTC, now=NOW, requests=False)
    assert [(line.word, line.text) for line in lines] == [("question", "Which port?")]


def test_a_notice_that_nobody_types_is_told_only_where_no_turn_ended() -> None:
    ended = event(EventType.STOP, ago=90, key="stop")
    again = event(EventType.USER_PROMPT_SUBMIT, ago=20, key="again", preview="go on")
    idle, alone, other = _notice("idle_prompt", 30), _notice("idle_prompt", 5), _notice("auth_success", 4)
    lines = event_lines([ended, idle, again, alone, other], UTC, now=NOW, requests=False)
    assert [line.word for line in lines] == ["turn ended", "you", "notice", "notice"]
