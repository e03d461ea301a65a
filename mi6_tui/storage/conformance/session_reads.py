"""A close look at one session: stretches of its events, sums by tool, file and model, its context."""

from __future__ import annotations

from typing import Any, Final

import pytest

from mi6_tui.errors import ModelError
from mi6_tui.model import ContextPoint, Event, EventType, FileTouch, Source, TimelineQuery
from mi6_tui.storage.conformance.base import NOW, Clock, Group, make_event, request, session_of
from mi6_tui.storage.protocol import Storage

_QUERY: Final = TimelineQuery(machine_id="m", session_id="s")


def _told(events: list[Event]) -> list[str | None]:
    return [event.preview for event in events]


def _call(name: str, tool: str, at: int = 0, **fields: Any) -> Event:
    return _told_by_transcript(EventType.PRE_TOOL_USE, name, at, tool_name=tool, **fields)


def _result(name: str, at: int, outcome: str = "ok", **fields: Any) -> Event:
    return _told_by_transcript(EventType.POST_TOOL_USE, name, at, outcome=outcome, **fields)


def _told_by_transcript(kind: str, name: str, at: int, **fields: Any) -> Event:
    told: dict[str, Any] = {"source": Source.TRANSCRIPT, "tool_use_id": name, "timestamp": NOW + at}
    return make_event(event_type=kind, **(told | fields))


class SessionReadConformance(Group):
    """timeline, tools, files, context_curve and models."""

    @pytest.fixture
    def told(self, storage: Storage) -> Storage:
        """Five events named by their time, two of them at the same, and others' events between them."""
        for name, at in (("e", 4), ("a", 0), ("c", 2), ("b", 2), ("f", 5)):
            storage.insert(make_event(timestamp=NOW + at, preview=name))
            storage.insert(make_event(session_id="other", timestamp=NOW + at, preview="no"))
            storage.insert(make_event(machine_id="other", timestamp=NOW + at, preview="no"))
        return storage

    def test_a_timeline_is_the_latest_stretch_oldest_first(self, told: Storage) -> None:
        assert _told(told.timeline(_QUERY)) == ["a", "c", "b", "e", "f"]
        assert _told(told.timeline(_QUERY.with_(limit=2))) == ["e", "f"]
        assert told.timeline(_QUERY.with_(session_id="nobody")) == []

    def test_it_goes_on_from_any_moment_though_times_are_equal(self, told: Storage) -> None:
        everything = told.timeline(_QUERY)
        for place, event in enumerate(everything):
            moment = (event.timestamp, event.id or 0)
            before = told.timeline(_QUERY.with_(before=moment, limit=2))
            assert before == everything[max(0, place - 2) : place]
            assert told.timeline(_QUERY.with_(after=moment, limit=2)) == everything[place + 1 : place + 3]

    def test_what_was_recorded_since_comes_whatever_its_time(self, told: Storage) -> None:
        last = told.last_event_id()
        told.insert(make_event(timestamp=NOW + 1, preview="late"))
        assert _told(told.timeline(_QUERY.with_(stored_after=last))) == ["late"]
        assert told.timeline(_QUERY.with_(stored_after=told.last_event_id())) == []

    def test_it_may_be_of_some_types_and_of_failed_calls(self, storage: Storage) -> None:
        storage.insert(make_event(event_type=EventType.API_ERROR, preview="error"))
        storage.insert(_call("1", "Bash", 1, preview="call"))
        for number, outcome in enumerate(("ok", "error", "denied", "interrupted", "background")):
            storage.insert(_result(str(number), 2 + number, outcome, preview=outcome))
        of_type = _QUERY.with_(event_types=(EventType.API_ERROR,))
        assert _told(storage.timeline(of_type)) == ["error"]
        assert _told(storage.timeline(of_type.with_(failed_calls=True))) == [
            "error", "error", "denied", "interrupted",
        ]  # fmt: skip
        assert _told(storage.timeline(of_type.with_(failed_calls=True, limit=1))) == ["interrupted"]

    def test_what_hooks_repeat_can_be_left_out(self, storage: Storage) -> None:
        for kind in (EventType.PRE_TOOL_USE, EventType.POST_TOOL_USE, EventType.USER_PROMPT_SUBMIT):
            storage.insert(make_event(event_type=kind, preview="hook"))
            storage.insert(make_event(event_type=kind, source=Source.TRANSCRIPT, preview="transcript"))
        storage.insert(make_event(event_type=EventType.STOP, preview="only a hook"))
        once = storage.timeline(_QUERY.with_(without_repeats=True))
        assert _told(once) == ["transcript", "transcript", "transcript", "only a hook"]

    @pytest.mark.parametrize(
        ("sources", "counts"),
        [
            ((Source.HOOK,), Source.HOOK),
            ((Source.HOOK, Source.OTEL), Source.OTEL),
            ((Source.HOOK, Source.OTEL, Source.CODEX_SESSION), Source.CODEX_SESSION),
        ],
    )
    def test_only_one_witness_counts(self, storage: Storage, sources: tuple[str, ...], counts: str) -> None:
        for source in sources:
            storage.insert(request(source=source))
        told = storage.timeline(_QUERY.with_(counted=True))
        assert [event.source for event in told] == [counts]
        assert len(storage.context_curve("m", "s")) == 1
        assert session_of(storage).api_request_count == 1

    def test_a_timeline_asks_for_something(self) -> None:
        with pytest.raises(ModelError):
            TimelineQuery(machine_id="m", session_id="s", limit=0)
        with pytest.raises(ModelError):
            TimelineQuery(machine_id="m", session_id="s", before=(1, 1), after=(1, 1))

    def test_calls_by_tool(self, storage: Storage) -> None:
        storage.insert(_call("1", "Bash", 0, preview="make"))
        storage.insert(_result("1", 4_000, "error"))
        slow = storage.insert(_call("2", "Bash", 10_000, preview="make test"))
        storage.insert(_result("2", 99_000, duration_ms=7_000))
        storage.insert(_call("3", "Bash", 100_000, preview="make clean"))
        storage.insert(_call("4", "Read", 1))
        storage.insert(_result("4", 2, "denied"))
        storage.insert(_call("4", "Read", 1, source=Source.HOOK))
        storage.insert(_call("5", "Bash", 1, session_id="other"))
        bash, reading = storage.tools("m", "s")
        assert (bash.tool_name, bash.calls, bash.failed, bash.denied, bash.unanswered) == ("Bash", 3, 1, 0, 1)
        assert (bash.timed, bash.total_ms, bash.measured) == (2, 11_000, 1)
        assert (bash.slowest_ms, bash.slowest, bash.slowest_preview) == (
            7_000,
            (NOW + 10_000, slow),
            "make test",
        )
        assert (reading.tool_name, reading.calls, reading.denied, reading.total_ms) == ("Read", 1, 1, 1)
        assert bash.calls + reading.calls == session_of(storage).tool_call_count
        assert storage.tools("m", "nobody") == []

    def test_a_call_without_a_result_took_no_known_time(self, storage: Storage) -> None:
        storage.insert(_call("1", "Bash", preview="sleep"))
        (bash,) = storage.tools("m", "s")
        assert (bash.timed, bash.slowest_ms, bash.slowest, bash.slowest_preview) == (0, None, None, None)

    def test_hooks_count_where_there_is_no_transcript(self, storage: Storage) -> None:
        storage.insert(_call("1", "Bash", source=Source.HOOK))
        storage.insert(_result("1", 5, source=Source.HOOK))
        (bash,) = storage.tools("m", "s")
        assert (bash.calls, bash.total_ms) == (1, 5) == (session_of(storage).tool_call_count, 5)

    def test_files_by_what_calls_say(self, storage: Storage) -> None:
        storage.insert(_call("1", "Edit", 0, preview="/a.py"))
        storage.insert(_result("1", 1))
        storage.insert(_call("2", "Write", 5, preview="/a.py"))
        storage.insert(_call("3", "Edit", 2, preview="/b.py"))
        storage.insert(_result("3", 3, "denied"))
        storage.insert(_call("4", "Read", 9, preview="/c.py"))
        storage.insert(_call("5", "Edit", 9))
        assert storage.files("m", "s", ("Edit", "Write")) == [
            FileTouch(path="/a.py", calls=2, failed=0, last=NOW + 5, tool_name="Write"),
            FileTouch(path="/b.py", calls=0, failed=1, last=NOW + 2, tool_name="Edit"),
        ]
        assert storage.files("m", "s", ()) == []

    def test_the_context_over_time(self, storage: Storage) -> None:
        storage.insert(request(timestamp=NOW))
        storage.insert(request(timestamp=NOW + 1, is_sidechain=True))
        compaction = make_event(
            event_type=EventType.COMPACTION, source=Source.TRANSCRIPT, timestamp=NOW + 2, context_size=40
        )
        storage.insert(compaction)
        unknown = {"tokens_input": None, "tokens_cache_read": None, "tokens_cache_write": None}
        storage.insert(request(timestamp=NOW + 3, **unknown))
        assert storage.context_curve("m", "s") == [
            ContextPoint(NOW, 1_110, False),
            ContextPoint(NOW + 2, 40, True),
            ContextPoint(NOW + 3, None, False),
        ]

    def test_sums_by_model_are_those_of_the_row_and_outlive_the_events(
        self, storage: Storage, clock: Clock
    ) -> None:
        storage.insert(request(cost_usd=0.5))
        storage.insert(request(cost_usd=1.0, model="b", timestamp=NOW + 3_600_000))
        storage.insert(request(model=None))
        storage.insert(request(session_id="other"))
        clock.now += 10 * 3_600_000
        rows = storage.models("m", "s")
        assert [(row.key, row.cost_usd, row.api_request_count) for row in rows] == [
            ("b", 1.0, 1), ("claude-test", 0.5, 1), (None, None, 1),
        ]  # fmt: skip
        row = session_of(storage)
        assert sum(part.tokens_cache_read for part in rows) == row.tokens_cache_read == 3_000
        assert sum(part.unpriced_requests for part in rows) == row.unpriced_requests == 1
        assert storage.gc(0) == 4
        assert storage.models("m", "s") == rows
        assert storage.timeline(_QUERY) == []
