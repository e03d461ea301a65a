"""Forgetting a session: it is gone as if it had never been, and stays gone until it is called back."""

from __future__ import annotations

from mi6_tui.model import (
    Batch,
    Claim,
    EventQuery,
    EventType,
    FilePosition,
    SearchQuery,
    SessionFact,
    SessionQuery,
    UsageQuery,
)
from mi6_tui.storage.conformance.base import DAY, NOW, Clock, Group, make_event, request
from mi6_tui.storage.protocol import Storage

PATH = "/home/u/.claude/projects/p/s.jsonl"
EVERYTHING = Batch(
    events=(
        make_event(
            event_type=EventType.USER_PROMPT_SUBMIT,
            payload='{"prompt":"tangerine"}',
            key="prompt",
            transcript_path=PATH,
            byte_offset=0,
        ),
        request(key="request", transcript_path=PATH, byte_offset=9, agent_id="child"),
    ),
    facts=(
        SessionFact(
            machine_id="m", session_id="s", name="title", value="Fruit", timestamp=NOW, order=(NOW, 1)
        ),
    ),
    claims=(Claim(machine_id="m", session_id="s", witness="registry", kind="busy", at=NOW),),
    positions=(FilePosition(file_path=PATH, byte_offset=20, state=b"tangerine"),),
)
OTHER = make_event(session_id="other", key="other", event_type=EventType.USER_PROMPT_SUBMIT)


class ForgettingConformance(Group):
    """forget, recall."""

    def test_all_of_a_forgotten_session_is_gone(self, storage: Storage) -> None:
        storage.record(EVERYTHING)
        kept = storage.insert(OTHER)
        assert storage.forget("s") == 2
        assert storage.get_session("s") is None
        assert [event.id for event in storage.query(EventQuery())] == [kept]
        assert [session.session_id for session in storage.list_sessions(SessionQuery())] == ["other"]
        assert storage.search(SearchQuery(text="tangerine")) == []
        assert storage.usage(UsageQuery(by="session")).rows == ()
        assert storage.claims("m", "s") == []

    def test_it_is_forgotten_on_every_machine(self, storage: Storage) -> None:
        storage.insert(make_event(key="here"))
        storage.insert(make_event(key="there", machine_id="n"))
        assert storage.forget("s") == 2
        assert storage.list_sessions(SessionQuery()) == []

    def test_nothing_of_it_comes_back(self, storage: Storage) -> None:
        storage.record(EVERYTHING)
        storage.forget("s")
        assert list(storage.record(EVERYTHING)) == []
        storage.upsert_session_git_context("s", "m", "claude", NOW, "/work/p", "o/r")
        assert storage.insert(make_event(key="what it does from now on")) == 0
        assert storage.list_sessions(SessionQuery()) == []
        assert storage.count() == 0

    def test_what_belongs_to_others_in_the_same_batch_is_recorded(self, storage: Storage) -> None:
        storage.record(EVERYTHING)
        storage.forget("s")
        new = storage.record(Batch(events=(*EVERYTHING.events, OTHER)))
        assert [event.id for event in storage.query(EventQuery())] == list(new)
        assert [event.session_id for event in storage.query(EventQuery())] == ["other"]

    def test_the_transcripts_of_its_subagents_do_not_bring_it_back(self, storage: Storage) -> None:
        storage.record(EVERYTHING)
        storage.forget("s")
        storage.insert(make_event(session_id="child", key="later"))
        assert storage.count() == 0

    def test_the_position_stays_without_what_the_decoder_remembered(self, storage: Storage) -> None:
        storage.record(EVERYTHING)
        storage.forget("s")
        position = storage.get_transcript_position(PATH)
        assert position is not None
        assert (position.byte_offset, position.state) == (20, None)

    def test_reading_on_stores_no_memory_of_it(self, storage: Storage) -> None:
        storage.record(EVERYTHING)
        storage.forget("s")
        further = FilePosition(file_path=PATH, byte_offset=30, state=b"tangerine")
        storage.record(Batch(events=EVERYTHING.events, positions=(further,)))
        storage.record(Batch(facts=EVERYTHING.facts, positions=(further.with_(byte_offset=40),)))
        position = storage.get_transcript_position(PATH)
        assert position is not None
        assert (position.byte_offset, position.state) == (40, None)

    def test_a_file_that_another_session_shares_keeps_its_memory(self, storage: Storage) -> None:
        storage.record(EVERYTHING)
        storage.insert(OTHER.with_(transcript_path=PATH, byte_offset=15))
        storage.forget("s")
        position = storage.get_transcript_position(PATH)
        assert position is not None
        assert position.state == b"tangerine"

    def test_called_back_it_is_recorded_when_it_is_read_again(self, storage: Storage) -> None:
        storage.record(EVERYTHING)
        before = storage.get_session("s")
        storage.forget("s")
        assert storage.recall("s")
        assert storage.count() == 0
        storage.record(EVERYTHING)
        after = storage.get_session("s")
        assert before is not None
        assert after is not None
        assert after.with_(revision=0) == before.with_(revision=0)
        position = storage.get_transcript_position(PATH)
        assert position is not None
        assert position.state == b"tangerine"

    def test_who_was_not_forgotten_cannot_be_called_back(self, storage: Storage) -> None:
        assert not storage.recall("s")
        storage.insert(make_event())
        assert not storage.recall("s")
        assert storage.count() == 1

    def test_forgetting_an_unknown_session_keeps_it_out(self, storage: Storage) -> None:
        assert storage.forget("s") == 0
        storage.insert(make_event(key="first"))
        assert storage.count() == 0

    def test_ids_and_revisions_are_not_used_again(self, storage: Storage) -> None:
        last = storage.insert(make_event(key="first"))
        revision = storage.revision()
        storage.forget("s")
        assert storage.revision() == revision
        assert storage.insert(OTHER) > last
        assert [s.session_id for s in storage.list_sessions(SessionQuery().changed_since(revision))] == [
            "other"
        ]

    def test_what_gc_deleted_of_it_stays_deleted(self, storage: Storage, clock: Clock) -> None:
        storage.record(EVERYTHING)
        clock.now += 100 * DAY
        assert storage.gc(90 * DAY) == 2
        assert storage.forget("s") == 0
        assert storage.usage(UsageQuery(by="session")).rows == ()
        assert storage.list_sessions(SessionQuery()) == []
