"""Machines: the latest word of each, whatever the order, apart from everything that is recorded."""

from __future__ import annotations

from itertools import permutations
from typing import Any

from mi6_tui.model import Machine, Way
from mi6_tui.storage.conformance.base import DAY, NOW, Clock, Group, request
from mi6_tui.storage.protocol import Storage


def machine(**fields: Any) -> Machine:
    """Machine `m`, which pushed just now, but for `fields`."""
    defaults: dict[str, Any] = {"machine_id": "m", "seen_at": NOW, "way": Way.PUSH}
    return Machine(**(defaults | fields))


class MachineConformance(Group):
    """see_machine, machines and now."""

    def test_an_empty_store_saw_none(self, storage: Storage) -> None:
        assert storage.machines() == []

    def test_all_that_is_told_is_told_again_by_id(self, storage: Storage) -> None:
        seen = [
            machine(machine_id="Z"),
            machine(machine_id="a\x00\u2028b", skew_ms=-12_000, address="u@h", problem="no route\nto host"),
            machine(machine_id="b", skew_ms=0, way=Way.REMOTE, seen_at=0),
            machine(machine_id="ß", way=Way.LOCAL),
        ]
        for one in reversed(seen):
            storage.see_machine(one)
        assert storage.machines() == seen

    def test_the_latest_word_stays_whatever_the_order(self, storage: Storage) -> None:
        for number, order in enumerate(permutations((-1, 0, 1))):
            for ms in order:
                storage.see_machine(
                    machine(
                        machine_id=f"m{number}", seen_at=NOW + ms, skew_ms=ms, problem="no" if ms else None
                    )
                )
        assert {(one.seen_at, one.skew_ms, one.problem) for one in storage.machines()} == {(NOW + 1, 1, "no")}

    def test_what_a_later_word_leaves_out_is_not_known_any_more(self, storage: Storage) -> None:
        storage.see_machine(machine(skew_ms=7, problem="no route"))
        storage.see_machine(machine(seen_at=NOW + 1))
        assert storage.machines() == [machine(seen_at=NOW + 1)]

    def test_an_address_stays_until_another_is_told(self, storage: Storage) -> None:
        for ms, address, known in ((0, "one", "one"), (1, None, "one"), (2, "two", "two"), (1, "old", "two")):
            storage.see_machine(machine(seen_at=NOW + ms, address=address))
            assert storage.machines()[0].address == known

    def test_of_two_words_at_one_moment_the_second_counts(self, storage: Storage) -> None:
        storage.see_machine(machine())
        storage.see_machine(machine(problem="no route"))
        assert storage.machines() == [machine(problem="no route")]

    def test_a_word_is_no_change_of_any_session(self, storage: Storage) -> None:
        storage.insert(request())
        before = storage.revision(), storage.last_event_id(), storage.count()
        storage.see_machine(machine())
        assert (storage.revision(), storage.last_event_id(), storage.count()) == before

    def test_neither_forgetting_nor_ageing_takes_a_machine_away(self, storage: Storage, clock: Clock) -> None:
        storage.insert(request())
        storage.see_machine(machine())
        storage.forget("s")
        clock.now += 900 * DAY
        storage.gc(DAY)
        assert storage.machines() == [machine()]

    def test_the_time_does_not_go_back(self, storage: Storage) -> None:
        times = [storage.now() for _ in range(3)]
        assert times == sorted(times)
        assert times[0] > NOW - 3_650 * DAY
