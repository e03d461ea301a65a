"""Events: what goes in comes out, once, under an id that never means another event."""

from __future__ import annotations

import pytest

from mi6_tui.errors import ModelError
from mi6_tui.model import PREVIEW_LIMIT, Batch, Event, EventQuery, EventType
from mi6_tui.storage.conformance.base import DAY, NOW, Clock, Group, make_event, request, session_of
from mi6_tui.storage.protocol import Storage

FULL = Event(
    machine_id="machine",
    timestamp=NOW,
    event_type=EventType.API_REQUEST,
    session_id="session",
    framework="claude",
    tool_use_id="toolu_1",
    spawned_agent_id="agent-2",
    tool_name="Bash",
    subagent_type="Explore",
    permission_mode="plan",
    transcript_path="/home/u/.claude/projects/p/session.jsonl",
    pid=4711,
    cwd="/home/u/p",
    git_branch="main",
    model="claude-opus-4-1",
    tokens_input=1,
    tokens_output=2,
    tokens_cache_read=3,
    tokens_cache_write=4,
    cost_usd=0.125,
    duration_ms=5,
    payload='{"prompt":"hi"}',
    metadata='{"parent_uuid":"p","uuid":"u"}',
    source="transcript",
    is_sidechain=False,
    key="claude:req:1",
    twin_key="claude:msg:1",
    claim="0",
    version="1",
    uuid="u",
    agent_id="agent-1",
    outcome="end_turn",
    preview="hello",
    tokens_cache_write_1h=6,
    tokens_reasoning=7,
    tokens_incomplete=True,
    context_size=8,
    byte_offset=9,
    byte_length=10,
)

HOSTILE = "\0 \x1b[2J 'quoted' \"double\" %s ? ; DROP TABLE events; -- \N{SNOWMAN} \U0001f600 \u202e\n"


class EventConformance(Group):
    """insert, query, count, gc, event_exists_by_uuid, last_event_id."""

    def test_an_event_reads_back_as_it_was_written(self, storage: Storage) -> None:
        event_id = storage.insert(FULL)
        assert storage.query(EventQuery()) == [FULL.with_(id=event_id)]

    def test_a_minimal_event_reads_back_with_unknowns_unknown(self, storage: Storage) -> None:
        event = Event(machine_id="", timestamp=0, event_type="", session_id="s")
        event_id = storage.insert(event)
        assert storage.query(EventQuery()) == [event.with_(id=event_id)]

    def test_zero_is_not_unknown(self, storage: Storage) -> None:
        storage.insert(request(tokens_input=0, tokens_output=None, cost_usd=0.0, is_sidechain=False))
        (event,) = storage.query(EventQuery())
        assert (event.tokens_input, event.tokens_output, event.cost_usd) == (0, None, 0.0)
        assert event.is_sidechain is False

    def test_a_path_without_a_place_in_it_is_kept_too(self, storage: Storage) -> None:
        storage.insert(make_event(transcript_path="/hook/says.jsonl"))
        assert storage.query(EventQuery())[0].transcript_path == "/hook/says.jsonl"

    def test_any_text_is_only_text(self, storage: Storage) -> None:
        storage.insert(make_event(session_id=HOSTILE, payload=HOSTILE, preview=HOSTILE, tool_name=HOSTILE))
        (event,) = storage.query(EventQuery().with_session(HOSTILE))
        assert (event.payload, event.preview, event.tool_name) == (HOSTILE, HOSTILE, HOSTILE)
        assert session_of(storage, HOSTILE).session_id == HOSTILE

    @pytest.mark.parametrize("timestamp", [-(2**63), -1, 0, 2**63 - 1])
    def test_any_time_of_64_bits(self, storage: Storage, timestamp: int) -> None:
        storage.insert(make_event(timestamp=timestamp))
        assert [event.timestamp for event in storage.query(EventQuery())] == [timestamp]
        assert session_of(storage).first_started_at == timestamp

    def test_a_count_that_cannot_be_is_unknown(self, storage: Storage) -> None:
        for number in range(3):
            storage.insert(request(tokens_input=2**63 - 1, key=f"k{number}"))
        session = session_of(storage)
        assert (session.tokens_input, session.api_request_count, session.incomplete_requests) == (0, 3, 3)
        assert {event.tokens_input for event in storage.query(EventQuery())} == {None}

    @pytest.mark.parametrize("cost", [float("nan"), float("inf"), float("-inf"), 1e300])
    def test_a_cost_that_cannot_be_is_unknown(self, storage: Storage, cost: float) -> None:
        storage.insert(request(cost_usd=cost))
        assert storage.query(EventQuery())[0].cost_usd is None
        assert session_of(storage).cost_usd is None

    def test_the_preview_is_bounded(self, storage: Storage) -> None:
        storage.insert(make_event(preview="x" * (PREVIEW_LIMIT + 1), key="k"))
        assert storage.query(EventQuery())[0].preview == "x" * PREVIEW_LIMIT

    def test_known_types_are_stored_in_their_canonical_spelling(self, storage: Storage) -> None:
        for name in (" pretooluse ", "APIREQUEST", "turncomplete", " Mine "):
            storage.insert(make_event(event_type=name))
        types = [event.event_type for event in storage.query(EventQuery().order_by_id())]
        assert types == ["PreToolUse", "ApiRequest", "turncomplete", "Mine"]

    def test_ids_ascend_and_the_events_own_id_is_ignored(self, storage: Storage) -> None:
        first = storage.insert(make_event(id=99))
        second = storage.insert(make_event(id=99))
        assert 0 < first < second
        assert storage.last_event_id() == second

    def test_an_empty_store(self, storage: Storage) -> None:
        assert storage.query(EventQuery()) == []
        assert (storage.count(), storage.last_event_id(), storage.revision()) == (0, 0, 0)
        assert storage.gc(0) == 0

    # Lookup by the client's own id.

    def test_uuid_is_found_exactly_within_its_session(self, storage: Storage) -> None:
        storage.insert(make_event(uuid="abc-1", machine_id="other"))
        assert storage.event_exists_by_uuid("s", "abc-1")
        for session_id, uuid in (("t", "abc-1"), ("s", "ABC-1"), ("s", "abc%"), ("s", "abc_1"), ("s", "")):
            assert not storage.event_exists_by_uuid(session_id, uuid)

    @pytest.mark.parametrize("space", ["", " "])
    def test_uuid_in_the_metadata_is_found(self, storage: Storage, space: str) -> None:
        storage.insert(make_event(metadata=f'{{"parent_uuid":{space}"p",{space}"uuid":{space}"u"}}'))
        assert storage.event_exists_by_uuid("s", "u")
        assert not storage.event_exists_by_uuid("s", "p")
        assert storage.query(EventQuery())[0].metadata == '{"parent_uuid":"p","uuid":"u"}'

    @pytest.mark.parametrize("metadata", ['"uuid": ', '{"uuid": 7}', '["uuid"]', '{"uuid": "u"', "[" * 5_000])
    def test_odd_metadata_is_kept_as_it_is(self, storage: Storage, metadata: str) -> None:
        storage.insert(make_event(metadata=metadata))
        assert (storage.query(EventQuery())[0].metadata or "").replace(" ", "") == metadata.replace(" ", "")
        assert not storage.event_exists_by_uuid("s", "u")

    # Expiry.

    def test_gc_deletes_what_is_older_than_the_retention(self, storage: Storage) -> None:
        for age in (DAY + 1, DAY, DAY - 1):
            storage.insert(make_event(timestamp=NOW - age))
        assert storage.count_expired(DAY) == 1
        assert storage.gc(DAY) == 1
        assert [NOW - event.timestamp for event in storage.query(EventQuery())] == [DAY - 1, DAY]
        assert storage.gc(DAY) == 0

    def test_gc_with_no_retention_keeps_this_very_millisecond(self, storage: Storage) -> None:
        storage.insert(make_event(timestamp=NOW - 1))
        storage.insert(make_event(timestamp=NOW))
        assert storage.gc(0) == 1
        assert storage.count() == 1

    @pytest.mark.parametrize("retention", [2**62, 2**70])
    def test_gc_with_a_retention_beyond_all_time(self, storage: Storage, retention: int) -> None:
        storage.insert(make_event(timestamp=0))
        assert storage.count_expired(retention) == 0
        assert storage.gc(retention) == 0

    def test_a_negative_retention_is_refused(self, storage: Storage) -> None:
        for method in (storage.gc, storage.count_expired):
            with pytest.raises(ModelError):
                method(-1)

    def test_ids_are_not_used_again_after_gc(self, storage: Storage) -> None:
        last = max(storage.insert(make_event(timestamp=NOW - DAY)) for _ in range(3))
        storage.gc(0)
        assert storage.last_event_id() == last
        assert storage.insert(make_event()) > last

    def test_totals_survive_gc_and_expired_records_do_not_count_again(
        self, storage: Storage, clock: Clock
    ) -> None:
        old = [request(timestamp=NOW - DAY, key=f"k{number}", twin_key=f"t{number}") for number in range(3)]
        storage.record(Batch(events=tuple(old)))
        before = session_of(storage)
        assert storage.gc(DAY - 1) == 3
        assert session_of(storage) == before
        assert storage.record(Batch(events=tuple(old))) == []
        assert storage.insert(old[0].with_(session_id="copy", claim="0")) == 0
        assert session_of(storage) == before
        assert session_of(storage, "copy").api_request_count == 0
        assert storage.count() == 0

    def test_a_deleted_sidechain_is_known_by_its_looser_identity(self, storage: Storage) -> None:
        side = request(timestamp=NOW - DAY, key="k1", twin_key="t", is_sidechain=True)
        storage.insert(side)
        storage.gc(0)
        assert storage.insert(side.with_(key="k2", is_sidechain=False)) == 0
        assert session_of(storage).api_request_count == 1

    def test_a_deleted_main_record_is_known_only_to_its_sidechain_twin(self, storage: Storage) -> None:
        main = request(timestamp=NOW - DAY, key="k1", twin_key="t")
        storage.insert(main)
        storage.gc(0)
        assert storage.insert(main.with_(key="k2", is_sidechain=True)) == 0
        assert storage.insert(main.with_(key="k3")) > 0
        assert session_of(storage).api_request_count == 2

    def test_gc_of_more_than_one_step(self, storage: Storage) -> None:
        many = tuple(make_event(timestamp=NOW - DAY, key=f"k{number}") for number in range(12_000))
        storage.record(Batch(events=many))
        assert storage.gc(0) == 12_000
        assert session_of(storage).n_hook_events == 12_000
