"""The status a session's row carries, its end, and its return."""

from __future__ import annotations

import pytest

from mi6_tui.model import EventType, SessionQuery, Source, Status
from mi6_tui.storage.conformance.base import DAY, MINUTE, NOW, Clock, Group, make_event, request, session_of
from mi6_tui.storage.protocol import Storage

_BY_EVENT = [
    (EventType.SESSION_START, Status.IDLE, "idle"),
    (EventType.USER_PROMPT_SUBMIT, Status.BUSY, "working"),
    (EventType.PRE_TOOL_USE, Status.BUSY, "working"),
    (EventType.POST_TOOL_USE, Status.BUSY, "working"),
    (EventType.PERMISSION_REQUEST, Status.WAIT, "waiting"),
    (EventType.STOP, Status.IDLE, "your turn"),
    (EventType.TURN_COMPLETE, Status.IDLE, "your turn"),
    (EventType.INTERRUPT, Status.IDLE, "your turn"),
    (EventType.API_ERROR, Status.WAIT, "error"),
    (EventType.SESSION_END, Status.DONE, "ended"),
    (EventType.NOTIFICATION, Status.IDLE, "unknown"),
    ("Anything", Status.IDLE, "unknown"),
]


class StatusConformance(Group):
    """Status by event, by order and by the clock; rejudge."""

    @pytest.mark.parametrize(("event_type", "status", "shown"), _BY_EVENT)
    def test_what_an_event_means(self, storage: Storage, event_type: str, status: str, shown: str) -> None:
        storage.insert(make_event(event_type=event_type))
        session = session_of(storage)
        assert (session.status, session.status_shown) == (status, shown)
        assert session.status_updated_at == session.status_since == NOW

    def test_an_older_event_does_not_undo_a_newer_one(self, storage: Storage) -> None:
        storage.insert(make_event(event_type=EventType.STOP, timestamp=NOW + 5))
        storage.insert(make_event(event_type=EventType.USER_PROMPT_SUBMIT, timestamp=NOW + 4))
        assert session_of(storage).status == Status.IDLE

    def test_at_the_same_instant_the_weightier_event_decides(self, storage: Storage) -> None:
        storage.insert(make_event(event_type=EventType.PERMISSION_REQUEST))
        storage.insert(make_event(event_type=EventType.PRE_TOOL_USE))
        assert session_of(storage).status == Status.WAIT

    def test_what_says_nothing_changes_nothing(self, storage: Storage) -> None:
        storage.insert(make_event(event_type=EventType.USER_PROMPT_SUBMIT))
        for kind in (EventType.NOTIFICATION, EventType.SUBAGENT_STOP, "Anything"):
            storage.insert(make_event(event_type=kind, timestamp=NOW + 1))
        session = session_of(storage)
        assert (session.status, session.status_updated_at) == (Status.BUSY, NOW)
        assert session.last_activity == NOW + 1

    def test_a_start_in_the_middle_of_a_turn_does_not_end_it(self, storage: Storage) -> None:
        storage.insert(make_event(event_type=EventType.USER_PROMPT_SUBMIT))
        storage.insert(make_event(event_type=EventType.SESSION_START, timestamp=NOW + 1))
        assert session_of(storage).status == Status.BUSY

    def test_a_subagents_doings_are_not_the_sessions(self, storage: Storage) -> None:
        storage.insert(make_event(event_type=EventType.STOP))
        storage.insert(
            make_event(
                event_type=EventType.PRE_TOOL_USE, is_sidechain=True, source="transcript", timestamp=NOW + 1
            )
        )
        assert session_of(storage).status == Status.IDLE

    def test_a_turn_that_ended_with_subagents_at_work(self, storage: Storage) -> None:
        storage.insert(make_event(event_type=EventType.SUBAGENT_START, tool_use_id="a"))
        storage.insert(make_event(event_type=EventType.STOP, timestamp=NOW + 1))
        assert (session_of(storage).status, session_of(storage).status_shown) == (Status.BUSY, "background")
        storage.insert(make_event(event_type=EventType.SUBAGENT_STOP, tool_use_id="a", timestamp=NOW + 2))
        assert session_of(storage).status_shown == "your turn"

    def test_the_end_and_the_return(self, storage: Storage) -> None:
        end = {"event_type": EventType.SESSION_END}
        storage.insert(make_event(timestamp=NOW + 5, key="end", **end))
        session = session_of(storage)
        assert (session.is_active, session.first_ended_at, session.last_ended_at) == (False, NOW + 5, NOW + 5)
        storage.insert(make_event(timestamp=NOW + 3, key="older end", **end))
        session = session_of(storage)
        assert (session.first_ended_at, session.last_ended_at) == (NOW + 3, NOW + 5)
        before = session.revival_count

        storage.insert(make_event(event_type=EventType.SESSION_START, timestamp=NOW + 9))
        session = session_of(storage)
        assert (session.is_active, session.last_ended_at, session.status) == (True, None, Status.IDLE)
        assert (session.first_ended_at, session.revival_count) == (NOW + 3, before + 1)
        assert len(storage.list_sessions(SessionQuery().active_only())) == 1

    def test_an_end_that_moves_to_its_owner_moves_the_times(self, storage: Storage) -> None:
        end = make_event(event_type=EventType.SESSION_END, key="end", session_id="b", timestamp=NOW)
        storage.insert(end)
        storage.insert(end.with_(key="own end", timestamp=NOW + 7))
        assert session_of(storage, "b").first_ended_at == NOW
        storage.insert(end.with_(session_id="a"))
        assert session_of(storage, "b").first_ended_at == NOW + 7

    def test_sessions_are_asked_for_by_what_they_show(self, storage: Storage) -> None:
        for number, kind in enumerate((EventType.STOP, EventType.USER_PROMPT_SUBMIT, EventType.SESSION_END)):
            storage.insert(make_event(event_type=kind, session_id="abc"[number], timestamp=NOW + number))

        def shown(*statuses: str) -> str:
            query = SessionQuery().with_statuses(*statuses).ascending()
            return "".join(session.session_id for session in storage.list_sessions(query))

        assert shown() == "abc"
        assert [shown("your turn"), shown("working"), shown("ended"), shown("none")] == ["a", "b", "c", ""]
        assert shown("ended", "your turn") == "ac"

    # What changes by itself.

    def test_nothing_changes_before_its_time(self, storage: Storage, clock: Clock) -> None:
        storage.insert(make_event(event_type=EventType.USER_PROMPT_SUBMIT))
        until = session_of(storage).status_until
        assert until == NOW + 30 * MINUTE
        seen = storage.revision()
        assert storage.rejudge(until - 1) == 0
        assert storage.revision() == seen

    def test_a_silent_turn_becomes_unknown_and_then_ended(self, storage: Storage) -> None:
        storage.insert(make_event(event_type=EventType.USER_PROMPT_SUBMIT))
        storage.insert(make_event(event_type=EventType.SESSION_END, session_id="gone"))
        seen = storage.revision()
        assert storage.rejudge(NOW + 30 * MINUTE) == 1
        session = session_of(storage)
        assert (session.status, session.status_shown, session.is_active) == (Status.IDLE, "unknown", True)
        assert session.revision > seen
        assert storage.rejudge(NOW + DAY) == 1
        session = session_of(storage)
        assert (session.status, session.status_shown, session.last_ended_at) == (Status.DONE, "ended", NOW)
        assert storage.rejudge(NOW + 9 * DAY) == 0

    def test_a_sign_of_life_wakes_a_session_thought_ended(self, storage: Storage, clock: Clock) -> None:
        storage.insert(make_event(event_type=EventType.USER_PROMPT_SUBMIT))
        storage.rejudge(NOW + DAY)
        clock.now = NOW + 2 * DAY
        storage.insert(request(timestamp=clock.now, source=Source.TRANSCRIPT))
        session = session_of(storage)
        assert (session.status, session.is_active, session.revival_count) == (Status.BUSY, True, 0)

    def test_an_old_record_is_judged_by_the_clock(self, storage: Storage) -> None:
        storage.insert(make_event(event_type=EventType.USER_PROMPT_SUBMIT, timestamp=NOW - 9 * DAY))
        session = session_of(storage)
        assert (session.status, session.last_ended_at) == (Status.DONE, NOW - 9 * DAY)
