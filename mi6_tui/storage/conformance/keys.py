"""Identity: a record counts once, however often, in whatever order and from wherever it comes."""

from __future__ import annotations

from itertools import permutations

import pytest

from mi6_tui.errors import StorageError
from mi6_tui.model import Batch, Event, EventQuery, EventType, Session, SessionFact, SessionQuery, Source
from mi6_tui.storage.conformance.base import NOW, Group, make_event, request, session_of
from mi6_tui.storage.protocol import Storage


def _counts(session: Session) -> tuple[int, int, int]:
    return session.api_request_count, session.tokens_input, session.tokens_output


class KeyConformance(Group):
    """record, and insert of events with a key."""

    def test_a_batch_is_recorded_and_its_new_ids_returned(self, storage: Storage) -> None:
        first = storage.insert(request(key="k1"))
        new = storage.record(Batch(events=(request(key="k1"), request(key="k2"), make_event())))
        assert list(new) == sorted(new)
        assert len(new) == 2
        assert first not in new
        assert storage.count() == 3

    def test_a_key_recorded_again_changes_nothing(self, storage: Storage) -> None:
        event = request(key="k", transcript_path="/t", byte_offset=5, byte_length=7, order=(NOW, 5))
        event_id = storage.insert(event)
        before = (storage.query(EventQuery()), storage.list_sessions(SessionQuery()))
        assert storage.insert(event) == event_id
        assert storage.record(Batch(events=(event, event))) == []
        assert (storage.query(EventQuery()), storage.list_sessions(SessionQuery())) == before

    def test_records_are_found_by_their_identities(self, storage: Storage) -> None:
        storage.record(Batch(events=tuple(request(key=f"k{n}", twin_key=f"t{n}") for n in range(4))))
        storage.insert(request())

        def found(*identities: str) -> set[str | None]:
            return {event.key for event in storage.query(EventQuery().with_identities(identities))}

        assert found("k1", "t2", "nobody") == {"k1", "k2"}
        assert found("k1", "t1") == {"k1"}
        assert found() == set()

    def test_repeats_within_a_batch_are_one(self, storage: Storage) -> None:
        readings = tuple(request(key="k", version=str(n), tokens_output=n) for n in (1, 250, 1))
        (event_id,) = storage.record(Batch(events=readings))
        assert _counts(session_of(storage)) == (1, 100, 250)
        assert [event.id for event in storage.query(EventQuery())] == [event_id]

    def test_events_without_a_key_are_all_counted(self, storage: Storage) -> None:
        storage.record(Batch(events=(request(), request())))
        assert _counts(session_of(storage)) == (2, 200, 40)

    def test_the_largest_version_gives_the_numbers(self, storage: Storage) -> None:
        readings = [
            request(key="k", version="001", tokens_output=1, outcome=None, tokens_incomplete=True),
            request(key="k", version="002", tokens_output=9, outcome="end_turn", cost_usd=0.25),
            request(key="k", version="000", tokens_output=5, outcome="tool_use", model="other"),
        ]
        for session_id, order in enumerate(permutations(readings)):
            name = str(session_id)
            for event in order:
                storage.insert(event.with_(session_id=name, key=f"k{name}"))
            (event,) = storage.query(EventQuery().with_session(name))
            assert (event.tokens_output, event.outcome, event.tokens_incomplete) == (9, "end_turn", False)
            session = session_of(storage, name)
            assert _counts(session) == (1, 100, 9)
            assert (session.cost_usd, session.incomplete_requests) == (0.25, 0)

    def test_a_correction_takes_back_what_it_replaces(self, storage: Storage) -> None:
        storage.insert(request(key="k", version="1", cost_usd=1.0, tokens_incomplete=True))
        storage.insert(request(key="k", version="2", cost_usd=None, tokens_input=None))
        session = session_of(storage)
        assert _counts(session) == (1, 0, 20)
        assert (session.cost_usd, session.incomplete_requests) == (None, 0)

    def test_the_smallest_claim_owns_a_record(self, storage: Storage) -> None:
        parent = request(session_id="parent", key="k", claim="0", timestamp=NOW, cwd="/p")
        fork = request(session_id="fork", key="k", claim="1", timestamp=NOW, cwd="/f")
        event_id = storage.insert(fork)
        assert _counts(session_of(storage, "fork")) == (1, 100, 20)
        assert storage.insert(parent) == event_id
        assert _counts(session_of(storage, "fork")) == (0, 0, 0)
        assert _counts(session_of(storage, "parent")) == (1, 100, 20)
        assert [event.session_id for event in storage.query(EventQuery())] == ["parent"]
        storage.insert(fork)
        assert _counts(session_of(storage, "parent")) == (1, 100, 20)

    def test_of_equal_claims_the_smaller_session_owns(self, storage: Storage) -> None:
        for name in ("b", "a", "c"):
            storage.insert(request(session_id=name, key="k"))
        counts = {name: session_of(storage, name).api_request_count for name in "abc"}
        assert counts == {"a": 1, "b": 0, "c": 0}

    def test_the_loser_of_a_record_starts_with_its_own_first_one(self, storage: Storage) -> None:
        copied = request(session_id="fork", key="k", claim="1", timestamp=NOW - 500)
        storage.insert(copied)
        storage.insert(request(session_id="fork", key="own", timestamp=NOW))
        assert session_of(storage, "fork").first_started_at == NOW - 500
        storage.insert(copied.with_(session_id="parent", claim="0"))
        assert session_of(storage, "fork").first_started_at == NOW
        assert session_of(storage, "parent").first_started_at == NOW - 500

    def test_an_owner_keeps_its_place_and_takes_the_better_numbers(self, storage: Storage) -> None:
        storage.insert(request(session_id="fork", key="k", claim="1", version="2", tokens_output=77))
        storage.insert(request(session_id="parent", key="k", claim="0", version="1", tokens_output=1))
        assert _counts(session_of(storage, "parent")) == (1, 100, 77)

    def test_twins_are_two_records_on_the_main_chain(self, storage: Storage) -> None:
        for key in ("k1", "k2"):
            storage.insert(request(key=key, twin_key="t"))
        assert _counts(session_of(storage)) == (2, 200, 40)

    def test_a_sidechain_makes_its_twins_one_record_in_any_order(self, storage: Storage) -> None:
        twins: list[Event] = [
            request(key="k1", twin_key="t", claim="0"),
            request(key="k2", twin_key="t", claim="1"),
            request(key="k3", twin_key="t", claim="2", is_sidechain=True),
            request(key="k4", twin_key="t", claim="3"),
        ]
        for number, order in enumerate(permutations(twins)):
            name = str(number)
            for event in order:
                storage.insert(
                    event.with_(
                        session_id=name, key=f"{event.key}-{name}", twin_key=f"{event.twin_key}-{name}"
                    )
                )
            assert _counts(session_of(storage, name)) == (1, 100, 20)
            assert [event.key for event in storage.query(EventQuery().with_session(name))] == [f"k1-{name}"]

    def test_a_batch_is_recorded_whole_or_not_at_all(self, storage: Storage) -> None:
        broken = make_event(session_id="t", payload="\ud800")
        with pytest.raises(StorageError):
            storage.record(Batch(events=(request(), broken)))
        assert (storage.count(), storage.list_sessions(SessionQuery())) == (0, [])
        assert len(storage.record(Batch(events=(request(),)))) == 1

    def test_an_empty_batch_is_nothing(self, storage: Storage) -> None:
        assert storage.record(Batch()) == []
        assert storage.list_sessions(SessionQuery()) == []

    def test_facts_of_a_session_last_one_holds(self, storage: Storage) -> None:
        def fact(name: str, value: str | int, at: int) -> SessionFact:
            return SessionFact(
                machine_id="m",
                session_id="s",
                framework="claude",
                name=name,
                value=value,
                timestamp=at,
                order=(at, 0),
            )

        storage.record(
            Batch(facts=(fact("title", "late", NOW + 2), fact("title_suggestion", "guess", NOW + 3)))
        )
        storage.record(
            Batch(facts=(fact("title", "early", NOW + 1), fact("last_activity", NOW + 9, NOW + 9)))
        )
        session = session_of(storage)
        assert (session.title, session.framework) == ("late", "claude")
        assert (session.first_started_at, session.last_activity) == (NOW + 1, NOW + 9)

    # What several witnesses say of the same things.

    def test_the_transcript_is_believed_before_hooks_and_telemetry(self, storage: Storage) -> None:
        prompt = {"event_type": EventType.USER_PROMPT_SUBMIT, "payload": '{"prompt":"hi"}'}
        tool = {"event_type": EventType.PRE_TOOL_USE, "tool_name": "Read"}
        for source in (Source.HOOK, Source.TRANSCRIPT, Source.OTEL):
            storage.insert(make_event(source=source, **prompt))
            storage.insert(make_event(source=source, **tool))
            storage.insert(request(source=source))
        session = session_of(storage)
        assert _counts(session) == (1, 100, 20)
        assert (session.message_count, session.tool_call_count) == (1, 1)
        assert session.transcript_available
        assert (session.n_hook_events, session.n_otel_events) == (3, 3)

    def test_telemetry_is_believed_before_hooks(self, storage: Storage) -> None:
        storage.insert(request(source=Source.HOOK, tokens_input=1))
        storage.insert(request(source=Source.OTEL, tokens_input=2))
        session = session_of(storage)
        assert _counts(session) == (1, 2, 20)
        assert not session.transcript_available
