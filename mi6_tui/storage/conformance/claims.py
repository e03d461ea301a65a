"""What live witnesses say: kept by witness, the latest word of each, in any order."""

from __future__ import annotations

from itertools import permutations
from typing import Any

from mi6_tui.model import Batch, Claim, EventType, SessionFact
from mi6_tui.storage.conformance.base import DAY, NOW, Clock, Group, make_event, session_of
from mi6_tui.storage.protocol import Storage


def claim(**fields: Any) -> Claim:
    """The registry's word that session `s` on machine `m` is busy, but for `fields`."""
    defaults: dict[str, Any] = {
        "machine_id": "m",
        "session_id": "s",
        "witness": "registry",
        "kind": "busy",
        "at": NOW,
        "pid": 7,
        "process": "boot:700",
        "process_start_time": NOW // 1000,
    }
    return Claim(**(defaults | fields))


def record(storage: Storage, *claims: Claim) -> None:
    """Record claims alone."""
    storage.record(Batch(claims=claims))


class ClaimConformance(Group):
    """Claims, what they make of the row, and the looks of the user."""

    def test_a_claim_makes_a_session(self, storage: Storage) -> None:
        record(storage, claim(framework="claude"))
        session = session_of(storage)
        assert (session.framework, session.status_shown, session.last_activity) == ("claude", "working", NOW)
        assert (session.pid, session.process_start_time) == (7, NOW // 1000)
        assert (session.status_rule, session.status_source) == ("busy", "registry")
        assert storage.get_session_by_pid(7) == session

    def test_claims_come_back_as_they_were_told(self, storage: Storage) -> None:
        told = [
            claim(framework="claude", kind="waiting", detail="permission prompt", subject="npm test"),
            claim(framework="claude", witness="process", kind="alive", at=NOW - 5),
        ]
        record(storage, *told)
        assert storage.claims("m", "s") == sorted(told, key=lambda one: one.witness)

    def test_events_are_among_the_words_of_the_witnesses(self, storage: Storage) -> None:
        storage.insert(make_event(event_type=EventType.STOP, source="transcript"))
        storage.insert(make_event(event_type=EventType.PERMISSION_REQUEST, tool_name="Bash"))
        words = [(found.witness, found.kind, found.detail) for found in storage.claims("m", "s")]
        assert words == [("hook", "permission", "Bash"), ("transcript", "stop", "")]

    def test_the_claims_of_all_that_have_not_ended(self, storage: Storage) -> None:
        record(storage, claim(session_id="b"), claim(session_id="a"), claim(machine_id="other"))
        record(storage, claim(session_id="c", witness="process", kind="gone"))
        assert [found.session_id for found in storage.claims("m")] == ["a", "b"]
        assert storage.claims("nowhere") == []
        assert storage.claims("m", "nobody") == []

    def test_the_latest_word_holds_whatever_comes_first(self, storage: Storage) -> None:
        words = (
            claim(kind="busy", at=NOW),
            claim(kind="waiting", detail="input needed", at=NOW + 1),
            claim(kind="idle", at=NOW + 2),
        )
        for number, order in enumerate(permutations(words)):
            for word in order:
                record(
                    storage, claim(session_id=f"s{number}", kind=word.kind, detail=word.detail, at=word.at)
                )
            (found,) = storage.claims("m", f"s{number}")
            assert (found.kind, found.at) == ("idle", NOW + 2)

    def test_told_again_nothing_changes(self, storage: Storage) -> None:
        record(storage, claim())
        seen = storage.revision()
        record(storage, claim())
        assert storage.revision() == seen

    def test_a_process_that_went(self, storage: Storage) -> None:
        storage.insert(make_event(event_type=EventType.USER_PROMPT_SUBMIT))
        record(storage, claim(witness="process", kind="alive"))
        record(storage, claim(witness="process", kind="gone", at=NOW + 9))
        session = session_of(storage)
        assert (session.is_active, session.status_detail, session.last_ended_at) == (False, "killed", NOW + 9)

    def test_a_process_that_went_after_another_took_over(self, storage: Storage) -> None:
        record(storage, claim(witness="process", kind="alive", pid=7))
        record(storage, claim(kind="idle", pid=8, process="boot:800", at=NOW + 5))
        record(storage, claim(witness="process", kind="gone", pid=7, at=NOW + 9))
        session = session_of(storage)
        assert (session.status_shown, session.pid) == ("idle", 8)

    def test_a_living_process_keeps_a_silent_session(self, storage: Storage, clock: Clock) -> None:
        storage.insert(make_event(event_type=EventType.STOP))
        record(storage, claim(witness="process", kind="alive"))
        clock.now = NOW + 3 * DAY
        assert storage.rejudge(clock.now) == 0
        assert session_of(storage).is_active

    def test_what_others_observe_is_no_sign_of_life(self, storage: Storage) -> None:
        storage.insert(make_event(event_type=EventType.STOP))
        for name, value in (("seen", NOW + 9), ("terminal", "kitty 3"), ("git_branch", "main")):
            fact = SessionFact(
                machine_id="m", session_id="s", name=name, value=value, timestamp=NOW + 9, order=(NOW + 9, 0)
            )
            storage.record(Batch(facts=(fact,)))
        session = session_of(storage)
        assert (session.last_activity, session.seen_at) == (NOW, NOW + 9)
        assert (session.terminal, session.git_branch) == ("kitty 3", "main")
        assert (session.status_shown, session.status_rule) == ("idle", "seen")

    def test_the_users_marks(self, storage: Storage) -> None:
        storage.insert(make_event(event_type=EventType.STOP))
        marks = {"nickname": "parser", "tags": "later urgent", "pinned": 1, "hidden": 1}

        def note(at: int, **values: Any) -> None:
            facts = [
                SessionFact(
                    machine_id="m", session_id="s", name=name, value=value, timestamp=at, order=(at, 0)
                )
                for name, value in values.items()
            ]
            storage.record(Batch(facts=tuple(facts)))

        note(NOW + 1, **marks)
        session = session_of(storage)
        assert (session.name, session.nickname, session.tags) == ("parser", "parser", "later urgent")
        assert (session.pinned, session.hidden, session.last_activity) == (True, True, NOW)
        note(NOW + 2, nickname=None, tags="", pinned=0, hidden=0)
        session = session_of(storage)
        assert (session.name, session.nickname, session.tags) == ("s", None, None)
        assert (session.pinned, session.hidden) == (False, False)

    def test_hooks_and_transcript_count_a_subagent_once(self, storage: Storage) -> None:
        start, stop = {"event_type": EventType.SUBAGENT_START}, {"event_type": EventType.SUBAGENT_STOP}
        storage.insert(make_event(spawned_agent_id="a1", **start))
        assert session_of(storage).background_count == 1
        storage.insert(make_event(tool_use_id="toolu_1", source="transcript", **start))
        session = session_of(storage)
        assert (session.background_count, session.subagent_count) == (1, 1)
        storage.insert(make_event(tool_use_id="toolu_1", source="transcript", timestamp=NOW + 1, **stop))
        assert session_of(storage).background_count == 0

    def test_a_subagents_permission_is_asked_of_the_user(self, storage: Storage) -> None:
        asked = make_event(
            event_type=EventType.PERMISSION_REQUEST, tool_name="Bash", is_sidechain=True, agent_id="a1"
        )
        storage.insert(make_event(event_type=EventType.STOP, timestamp=NOW - 5))
        storage.insert(asked)
        assert session_of(storage).status_shown == "waiting"
        storage.insert(
            asked.with_(event_type=EventType.POST_TOOL_USE, agent_id="a2", timestamp=NOW + 5, key="x")
        )
        assert session_of(storage).status_shown == "waiting"
        storage.insert(asked.with_(event_type=EventType.POST_TOOL_USE, timestamp=NOW + 6, key="y"))
        assert session_of(storage).status_shown == "your turn"
