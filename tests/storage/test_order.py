"""Whatever the order, the cuts into batches and the repeats: the same rows, and the right sums."""

import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mi6_tui.model import Batch, Event, EventQuery, EventType, Session, SessionFact, SessionQuery
from mi6_tui.storage.sqlite import SqliteStorage

NOW = 1_000_000

_TYPES = [
    EventType.API_REQUEST,
    EventType.API_REQUEST,
    EventType.USER_PROMPT_SUBMIT,
    EventType.PRE_TOOL_USE,
    EventType.SESSION_START,
    EventType.SESSION_END,
    EventType.SUBAGENT_START,
    EventType.SUBAGENT_STOP,
    EventType.STOP,
]
# What a key says of itself, always the same: its kind and its looser identity.
_KEYS: list[tuple[str, str | None]] = [("k0", "t0"), ("k1", "t0"), ("k2", "t0"), ("k3", "t1"), ("k4", None)]


@st.composite
def events(draw: st.DrawFn) -> Event:
    number = draw(st.integers(0, len(_KEYS) - 1))
    key, twin_key = _KEYS[number]
    small = st.integers(0, 3)
    maybe = st.none() | small
    return Event(
        machine_id=draw(st.sampled_from("mn")),
        session_id=draw(st.sampled_from("abc")),
        timestamp=draw(st.integers(0, 5)),
        event_type=draw(st.sampled_from(_TYPES)),
        source=draw(st.sampled_from(["transcript", "hook", "otel", None])),
        framework=draw(st.sampled_from([None, "claude"])),
        key=key,
        twin_key=twin_key,
        claim=draw(st.sampled_from(["", "0", "1"])),
        version=draw(st.sampled_from(["", "1", "2"])),
        is_sidechain=draw(st.sampled_from([None, False, False, True])),
        order=draw(st.none() | st.tuples(small, small)),
        tool_use_id=draw(st.sampled_from([None, "u", "v"])),
        pid=draw(st.sampled_from([None, 7])),
        payload=draw(st.sampled_from([None, '{"prompt":"x"}', '{"prompt":"y"}'])),
        transcript_path=draw(st.sampled_from([None, "/p", "/q"])),
        byte_offset=draw(maybe),
        tokens_input=draw(maybe),
        tokens_output=draw(maybe),
        tokens_incomplete=draw(st.booleans()),
        cost_usd=draw(st.sampled_from([None, 0.1, 0.7])),
        model=draw(st.sampled_from([None, "x"])),
        uuid=draw(st.sampled_from([None, "u1"])),
    )


facts = st.builds(
    SessionFact,
    machine_id=st.just("m"),
    session_id=st.sampled_from("ad"),
    name=st.sampled_from(["title", "entrypoint", "last_activity"]),
    value=st.sampled_from(["x", "sdk-cli"]),
    timestamp=st.integers(0, 5),
    order=st.tuples(st.integers(0, 3), st.integers(0, 3)),
)


@st.composite
def arrivals(draw: st.DrawFn, things: Sequence[Event | SessionFact]) -> list[Batch]:
    """All things in some order, some of them again, in some batches."""
    repeated = draw(st.lists(st.sampled_from(things), max_size=4)) if things else []
    order = draw(st.permutations([*things, *repeated]))
    batches, rest = [], order
    while rest:
        size = draw(st.integers(1, len(rest)))
        cut, rest = rest[:size], rest[size:]
        batches.append(
            Batch(
                events=tuple(thing for thing in cut if isinstance(thing, Event)),
                facts=tuple(thing for thing in cut if isinstance(thing, SessionFact)),
            )
        )
    return batches


def rows_after(batches: Sequence[Batch]) -> tuple[list[Event], list[Session]]:
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStorage(Path(folder) / "mi6.db", clock=lambda: NOW)
        for batch in batches:
            store.record(batch)
        found = sorted((event.with_(id=None) for event in store.query(EventQuery())), key=repr)
        sessions = [session.with_(revision=0) for session in store.list_sessions(SessionQuery())]
        store.close()
    return found, sorted(sessions, key=lambda session: session.key)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_rows_are_a_function_of_what_was_recorded(data: st.DataObject) -> None:
    things: list[Event | SessionFact] = [
        *data.draw(st.lists(events(), max_size=7)),
        *data.draw(st.lists(facts, max_size=3)),
    ]
    one = rows_after(data.draw(arrivals(things)))
    other = rows_after(data.draw(arrivals(things)))
    assert one == other


def groups_of(recorded: Sequence[Event]) -> list[list[Event]]:
    """The records that are one: same key, or same twin key where one of the group is a sidechain."""
    linked = {event.twin_key for event in recorded if event.is_sidechain and event.twin_key}
    groups = defaultdict(list)
    for event in recorded:
        groups[event.twin_key if event.twin_key in linked else event.key].append(event)
    return list(groups.values())


def tokens_of(event: Event) -> int:
    """What the requests of the test cost: a number that follows from what they are and their version."""
    return 100 * ["t0", "t1", None].index(event.twin_key) + int(event.version or 0)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_each_request_counts_once_for_its_owner(data: st.DataObject) -> None:
    drawn = data.draw(st.lists(events(), max_size=8))
    recorded = [
        event.with_(event_type=EventType.API_REQUEST, source="transcript", tokens_input=tokens_of(event))
        for event in drawn
    ]
    _, sessions = rows_after(data.draw(arrivals(recorded)))
    expected = {name: [0, 0] for name in "abc"}
    for group in groups_of(recorded):
        owner = min((event.claim, event.session_id) for event in group)[1]
        expected[owner][0] += 1
        expected[owner][1] += tokens_of(max(group, key=lambda event: event.version))
    found = {name: [0, 0] for name in "abc"}
    for session in sessions:
        found[session.session_id][0] += session.api_request_count
        found[session.session_id][1] += session.tokens_input
    assert found == expected
