"""What the events of a session make of its row."""

from __future__ import annotations

import pytest

from mi6_tui.model import EventType, Source
from mi6_tui.storage.conformance.base import NOW, Group, make_event, request, session_of
from mi6_tui.storage.protocol import Storage

PROMPT = EventType.USER_PROMPT_SUBMIT
START = EventType.SESSION_START
END = EventType.SESSION_END


class SessionConformance(Group):
    """get_session..., and the row's times, texts, counters and numbers."""

    # Finding one.

    def test_a_session_is_found_by_its_exact_id(self, storage: Storage) -> None:
        storage.insert(make_event(session_id="abc"))
        assert session_of(storage, "abc").key == ("m", "abc")
        for other in ("ab", "ABC", "abc ", "", "a%"):
            assert storage.get_session(other) is None

    def test_of_several_machines_the_most_recently_active(self, storage: Storage) -> None:
        storage.insert(make_event(machine_id="m1", timestamp=NOW))
        storage.insert(make_event(machine_id="m2", timestamp=NOW + 1))
        assert session_of(storage).machine_id == "m2"
        storage.insert(make_event(machine_id="m1", timestamp=NOW + 2))
        assert session_of(storage).machine_id == "m1"
        storage.insert(make_event(machine_id="m0", timestamp=NOW + 2))
        assert session_of(storage).machine_id == "m0"

    def test_by_key(self, storage: Storage) -> None:
        storage.insert(make_event(machine_id="m1"))
        assert storage.get_session_by_key("m1", "s") == session_of(storage)
        assert storage.get_session_by_key("m2", "s") is None
        assert storage.get_session_by_key("s", "m1") is None

    def test_by_process_the_most_recently_active_ended_or_not(self, storage: Storage) -> None:
        for name, at in (("a", 1), ("b", 2)):
            storage.insert(make_event(session_id=name, event_type=START, pid=77, timestamp=NOW + at))
        storage.insert(make_event(session_id="a", event_type=END, timestamp=NOW + 3))
        found = storage.get_session_by_pid(77)
        assert found is not None
        assert found.session_id == "a"
        assert storage.get_session_by_pid(78) is None

    # Times and processes.

    def test_times_do_not_depend_on_the_order_of_arrival(self, storage: Storage) -> None:
        for at in (NOW + 5, NOW + 9, NOW + 1):
            storage.insert(make_event(timestamp=at))
        session = session_of(storage)
        assert (session.first_started_at, session.last_started_at, session.last_activity) == (
            NOW + 1,
            NOW + 1,
            NOW + 9,
        )

    def test_the_framework_is_filled_by_whoever_knows_it(self, storage: Storage) -> None:
        storage.insert(make_event())
        assert session_of(storage).framework is None
        storage.insert(make_event(framework="claude", timestamp=NOW + 1))
        storage.insert(make_event(framework="codex", timestamp=NOW + 2))
        assert session_of(storage).framework == "claude"

    @pytest.mark.parametrize(("pid", "moved"), [(1, False), (2, True), (None, False)])
    def test_only_another_process_starts_a_session_again(
        self, storage: Storage, pid: int | None, moved: bool
    ) -> None:
        storage.insert(make_event(event_type=START, pid=1, timestamp=NOW))
        storage.insert(make_event(event_type=START, pid=pid, timestamp=NOW + 5))
        session = session_of(storage)
        assert session.first_started_at == NOW
        assert session.last_started_at == (NOW + 5 if moved else NOW)

    def test_a_process_is_known_with_its_start_time(self, storage: Storage) -> None:
        storage.insert(make_event(event_type=START, pid=1, process_start_time=111))
        assert (session_of(storage).pid, session_of(storage).process_start_time) == (1, 111)
        storage.insert(make_event(event_type=START, pid=1, timestamp=NOW + 1))
        assert session_of(storage).process_start_time == 111
        storage.insert(make_event(event_type=START, pid=1, process_start_time=222, timestamp=NOW + 2))
        assert session_of(storage).process_start_time == 222
        storage.insert(make_event(event_type=START, pid=2, timestamp=NOW + 3))
        assert (session_of(storage).pid, session_of(storage).process_start_time) == (2, None)

    def test_a_finished_turn_also_tells_the_process(self, storage: Storage) -> None:
        storage.insert(make_event(event_type=EventType.TURN_COMPLETE, pid=5, process_start_time=50, cwd="/w"))
        session = session_of(storage)
        assert (session.pid, session.process_start_time, session.cwd) == (5, 50, "/w")

    @pytest.mark.parametrize(
        ("placeholder", "gone"), [("codex-77", True), ("codex-78", False), ("claude-77", False)]
    )
    def test_a_finished_turn_replaces_the_placeholder_of_its_process(
        self, storage: Storage, placeholder: str, gone: bool
    ) -> None:
        for machine_id in ("m", "other"):
            storage.insert(
                make_event(session_id=placeholder, machine_id=machine_id, event_type=START, pid=77)
            )
        seen = storage.revision()
        storage.insert(make_event(session_id="real", event_type=EventType.TURN_COMPLETE, pid=77))
        assert (storage.get_session_by_key("m", placeholder) is None) == gone
        assert storage.get_session_by_key("other", placeholder) is not None
        assert session_of(storage, "real").revision > seen

    def test_a_session_named_like_its_placeholder_stays(self, storage: Storage) -> None:
        storage.insert(make_event(session_id="codex-77", event_type=EventType.TURN_COMPLETE, pid=77))
        assert session_of(storage, "codex-77").pid == 77

    # Places and texts.

    def test_a_start_moves_the_folder_and_others_fill_it(self, storage: Storage) -> None:
        storage.insert(request(cwd="/first", timestamp=NOW))
        storage.insert(request(cwd="/second", timestamp=NOW + 1))
        assert session_of(storage).cwd == "/first"
        storage.insert(make_event(event_type=START, cwd="/moved", transcript_path="/t", timestamp=NOW + 2))
        session = session_of(storage)
        assert (session.cwd, session.transcript_path) == ("/moved", "/t")

    def test_the_last_model_branch_and_mode_hold(self, storage: Storage) -> None:
        storage.insert(request(model="new", git_branch="b2", permission_mode="plan", timestamp=NOW + 2))
        storage.insert(request(model="old", git_branch="b1", permission_mode="default", timestamp=NOW + 1))
        storage.insert(request(model=None, timestamp=NOW + 3))
        session = session_of(storage)
        assert (session.model, session.git_branch, session.permission_mode) == ("new", "b2", "plan")

    def test_first_and_last_prompt_are_those_in_time(self, storage: Storage) -> None:
        for at, text in ((5, "middle"), (9, "last"), (1, "first")):
            storage.insert(
                make_event(event_type=PROMPT, payload=f'{{"prompt":"{text}"}}', timestamp=NOW + at)
            )
        session = session_of(storage)
        assert (session.first_user_message, session.last_user_message) == ("first", "last")
        assert session.message_count == 3

    @pytest.mark.parametrize(
        ("payload", "text"),
        [
            (None, None),
            ("not json", None),
            ("{}", None),
            ('{"prompt":null,"user_prompt":"x"}', None),
            ('{"prompt":7}', None),
            ('{"prompt":""}', ""),
            ('{"user_prompt":"x"}', "x"),
            ('{"prompt":"a","user_prompt":"b"}', "a"),
        ],
    )
    def test_a_prompt_counts_whatever_its_payload(
        self, storage: Storage, payload: str | None, text: str | None
    ) -> None:
        storage.insert(make_event(event_type=START, timestamp=NOW - 1))
        storage.insert(make_event(event_type=PROMPT, payload=payload))
        session = session_of(storage)
        assert (session.first_user_message, session.message_count) == (text, 1)

    def test_the_last_reply(self, storage: Storage) -> None:
        for at, text, side in ((1, "one", None), (3, "agent's", True), (2, "two", False)):
            storage.insert(
                make_event(
                    event_type=EventType.ASSISTANT_MESSAGE,
                    preview=text,
                    is_sidechain=side,
                    timestamp=NOW + at,
                )
            )
        assert session_of(storage).last_reply == "two"

    # Counters and numbers.

    def test_each_kind_has_its_counter(self, storage: Storage) -> None:
        kinds = {
            PROMPT: 1,
            EventType.PRE_TOOL_USE: 2,
            EventType.POST_TOOL_USE: 3,
            EventType.API_ERROR: 4,
            EventType.COMPACTION: 5,
            EventType.PRE_COMPACT: 1,
            EventType.NOTIFICATION: 6,
            EventType.SUBAGENT_START: 1,
            "Anything": 1,
        }
        for kind, times in kinds.items():
            for number in range(times):
                storage.insert(make_event(event_type=kind, timestamp=NOW + number))
        session = session_of(storage)
        assert (session.message_count, session.tool_call_count, session.api_request_count) == (1, 2, 0)
        assert (session.api_error_count, session.compaction_count) == (4, 6)
        assert (session.n_hook_events, session.n_otel_events) == (24, 0)

    def test_an_unknown_source_counts_like_a_hook(self, storage: Storage) -> None:
        for source in (None, "mine"):
            storage.insert(request(source=source))
        session = session_of(storage)
        assert (session.api_request_count, session.n_hook_events) == (2, 2)

    def test_tokens_and_costs_add_up(self, storage: Storage) -> None:
        storage.insert(request(cost_usd=0.1, tokens_cache_write_1h=4, tokens_reasoning=5))
        storage.insert(request(cost_usd=0.2, tokens_input=None, tokens_incomplete=True))
        storage.insert(request())
        session = session_of(storage)
        assert (session.tokens_input, session.tokens_output) == (200, 60)
        assert (session.tokens_cache_read, session.tokens_cache_write) == (3_000, 30)
        assert (session.tokens_cache_write_1h, session.tokens_reasoning) == (4, 5)
        assert (session.total_tokens, session.incomplete_requests) == (3_290, 1)
        assert session.cost_usd == 0.3

    def test_an_unknown_cost_is_not_zero(self, storage: Storage) -> None:
        storage.insert(request())
        assert session_of(storage).cost_usd is None
        storage.insert(request(cost_usd=0.0))
        assert session_of(storage).cost_usd == 0.0

    def test_a_subagents_requests_belong_to_its_session(self, storage: Storage) -> None:
        storage.insert(request(is_sidechain=True, agent_id="a"))
        session = session_of(storage)
        assert (session.api_request_count, session.tokens_input, session.context) == (1, 100, None)

    def test_a_subagents_first_record_is_no_prompt(self, storage: Storage) -> None:
        storage.insert(
            make_event(
                event_type=PROMPT, payload='{"prompt":"task"}', is_sidechain=True, source=Source.TRANSCRIPT
            )
        )
        session = session_of(storage)
        assert (session.message_count, session.first_user_message) == (0, None)

    def test_the_context_is_that_of_the_last_request_on_the_main_chain(self, storage: Storage) -> None:
        storage.insert(request(timestamp=NOW + 5))
        assert session_of(storage).context == 1_110
        storage.insert(
            request(timestamp=NOW + 6, tokens_input=1, tokens_cache_read=2, tokens_cache_write=None)
        )
        assert session_of(storage).context == 3
        storage.insert(request(timestamp=NOW + 4))
        storage.insert(request(timestamp=NOW + 7, is_sidechain=True))
        storage.insert(request(timestamp=NOW + 8, source=Source.OTEL))
        nothing = {"tokens_input": None, "tokens_cache_read": None, "tokens_cache_write": None}
        storage.insert(request(timestamp=NOW + 9, **nothing))
        assert session_of(storage).context == 3

    def test_a_compaction_resets_the_context(self, storage: Storage) -> None:
        storage.insert(request())
        compaction = {"event_type": EventType.COMPACTION, "source": Source.TRANSCRIPT}
        storage.insert(make_event(context_size=42, timestamp=NOW + 1, **compaction))
        assert session_of(storage).context == 42
        storage.insert(make_event(timestamp=NOW + 2, **compaction))
        assert session_of(storage).context is None

    def test_a_hooks_context_counts_the_reply(self, storage: Storage) -> None:
        storage.insert(request(source=Source.HOOK))
        assert session_of(storage).context == 1_120
        storage.insert(request(source=Source.HOOK, tokens_input=1, tokens_cache_read=0, timestamp=NOW + 1))
        assert session_of(storage).context == 21

    def test_telemetry_alone_tells_no_context(self, storage: Storage) -> None:
        storage.insert(request(source=Source.OTEL))
        assert session_of(storage).context is None

    def test_subagents_and_those_that_still_run(self, storage: Storage) -> None:
        for at, kind, child in (
            (1, EventType.SUBAGENT_START, "a"),
            (2, EventType.SUBAGENT_START, "b"),
            (4, EventType.SUBAGENT_STOP, "a"),
            (3, EventType.SUBAGENT_START, "a"),
        ):
            storage.insert(make_event(event_type=kind, tool_use_id=child, timestamp=NOW + at))
        session = session_of(storage)
        assert (session.subagent_count, session.background_count) == (2, 1)

    def test_the_row_is_not_written_when_nothing_changed(self, storage: Storage) -> None:
        storage.insert(request(key="k"))
        seen = storage.revision()
        storage.insert(request(key="k"))
        assert storage.revision() == seen
        storage.insert(request(key="k2"))
        assert storage.revision() > seen
