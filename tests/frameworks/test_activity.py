"""The times of lines that tell nothing else."""

from __future__ import annotations

import pytest

from mi6_tui.frameworks.activity import Activity
from mi6_tui.frameworks.base import Decoded
from mi6_tui.model import Event, EventType


@pytest.mark.parametrize(
    ("lines", "events", "told"),
    [
        ([], [], []),
        ([5], [5], []),
        ([5], [], [5]),
        ([7, 5, 9, 6], [], [5, 9]),
        ([5, 7, 9], [7], [5, 9]),
        ([5, 7], [4, 9], []),
        ([9, 3], [9], [3]),
    ],
)
def test_only_times_outside_the_events_are_told(lines: list[int], events: list[int], told: list[int]) -> None:
    out = Decoded()
    out.events += [
        Event(machine_id="m", session_id="s", timestamp=at, event_type=EventType.STOP) for at in events
    ]
    activity = Activity()
    for at in lines:
        activity.saw("s", at)
    activity.tell(out, "m", "client")
    assert [(fact.value, fact.timestamp) for fact in out.facts] == [(at, at) for at in told]


def test_each_session_has_its_own_times() -> None:
    activity, out = Activity(), Decoded()
    activity.saw("a", 1)
    activity.saw("b", 9)
    activity.tell(out, "m", "client")
    assert {(fact.session_id, fact.value) for fact in out.facts} == {("a", 1), ("b", 9)}
    assert {(fact.machine_id, fact.framework, fact.name) for fact in out.facts} == {
        ("m", "client", "last_activity")
    }
