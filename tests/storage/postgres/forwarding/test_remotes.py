"""Machines that a pusher reads over ssh: how fresh they are is told with what it sends."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from mi6_tui.ingest.forward import collect
from mi6_tui.model import Machine, Way
from mi6_tui.prices import packaged
from mi6_tui.storage.conformance import make_event
from mi6_tui.storage.conformance.base import DAY, NOW
from mi6_tui.storage.parcel import Parcel
from mi6_tui.storage.postgres import PostgresStorage
from mi6_tui.storage.postgres.destination import open_destination
from mi6_tui.storage.sqlite.outgoing import OutgoingStorage
from tests.storage.postgres.forwarding.support import BOX, push


def far(**more: Any) -> Machine:
    usual: dict[str, Any] = {"machine_id": "far", "seen_at": NOW - 5_000, "way": Way.REMOTE}
    return Machine(**usual | more)


def sender(seen_at: int = NOW + DAY) -> Machine:
    return Machine(machine_id=BOX, seen_at=seen_at, skew_ms=-40, way=Way.PUSH)


@pytest.mark.parametrize("way_in", ["url", "sender"])
def test_a_machine_that_is_read_is_as_fresh_there(
    local: OutgoingStorage, storage: PostgresStorage, request: pytest.FixtureRequest, way_in: str
) -> None:
    local.insert(make_event(key="a", machine_id="far"))
    local.see_machine(far(skew_ms=300, address="me@far", problem="no \x1b[31mroute"))
    local.see_machine(Machine(machine_id=BOX, seen_at=NOW, way=Way.LOCAL))
    local.see_machine(far(machine_id="idle", seen_at=NOW - DAY))
    push(local, request.getfixturevalue(way_in))
    collect(storage)
    box, found, idle = storage.machines()
    assert (box.machine_id, box.way, box.skew_ms is None) == (BOX, "push", False)
    assert (found.machine_id, found.way, found.address) == ("far", "remote", None)
    assert found.problem == "no ?[31mroute"
    assert box.seen_at - found.seen_at == 5_000
    assert (found.skew_ms or 0) - (box.skew_ms or 0) == 300
    assert (box.seen_at - idle.seen_at, idle.skew_ms, idle.problem) == (DAY, None, None)


def test_what_a_machine_says_of_itself_holds(storage: PostgresStorage) -> None:
    own = Machine(machine_id="far", seen_at=1, way=Way.PUSH)
    storage.see_machine(own)
    storage.see_remotes([far(), far(machine_id=BOX)], sender(), NOW)
    assert storage.machines() == [own]


def test_a_problem_is_told_though_the_word_was_faster_this_time(storage: PostgresStorage) -> None:
    storage.see_remotes([far()], sender(NOW + 900), NOW)
    storage.see_remotes([far(problem="no route")], sender(NOW), NOW)
    (found,) = storage.machines()
    assert (found.seen_at, found.problem) == (NOW + 900 - 5_000, "no route")
    storage.see_remotes([far(problem="much older")], sender(NOW - DAY), NOW)
    assert storage.machines() == [found]


def test_how_to_reach_a_shell_is_the_users_to_say(storage: PostgresStorage) -> None:
    storage.see_remotes([far(address="-oProxyCommand=x"), far(machine_id="b", way=Way.LOCAL)], sender(), NOW)
    assert [(one.machine_id, one.address) for one in storage.machines()] == [("far", None)]


def test_nonsense_is_bounded(storage: PostgresStorage, request: pytest.FixtureRequest) -> None:
    names = ["", "\x00", "x" * 256, "ü" * 128, *(f"n{number:03}" for number in range(300))]
    odd = {"seen_at": -(1 << 63), "skew_ms": (1 << 63) - 1, "problem": "\x00" * 9_000}
    told = [far(machine_id=name, **odd) for name in names]
    parcel = Parcel(origin="o", machine_id=BOX, sequence=1, at=(1 << 63) - 1, machines=told)
    with closing(open_destination(request.getfixturevalue("sender"), packaged)) as inbox:
        inbox.send(parcel)
    assert collect(storage) == 1
    box, *others = storage.machines()
    assert [one.machine_id for one in others] == [f"n{number:03}" for number in range(196)]
    assert box.machine_id == BOX
    assert {(one.seen_at, one.skew_ms, one.problem) for one in others} == {(0, 10**15, "?" * 300)}


def test_without_news_it_is_told_with_the_sign_of_life(
    local: OutgoingStorage, storage: PostgresStorage, url: str, emptied: Callable[[], None]
) -> None:
    emptied()
    local.see_machine(far())
    assert push(local, url) == []
    assert [one.machine_id for one in storage.machines()] == [BOX, "far"]
