"""The clock of things that are played: stopped, hurried, moved."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from mi6_tui.ingest.play_clock import FASTEST, SLOWEST, PlayClock


class World:
    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def world() -> World:
    return World()


def test_it_goes_as_fast_as_it_is_told(world: World) -> None:
    clock = PlayClock(1_000, 4.0, monotonic=world)
    world.seconds += 2.5
    assert clock() == 11_000
    clock.hurry(0.5)
    assert (clock(), clock.speed) == (11_000, 2.0)
    world.seconds += 1.0
    assert clock() == 13_000


def test_it_stands_still_and_goes_on_from_there(world: World) -> None:
    clock = PlayClock(0, monotonic=world)
    world.seconds += 1
    clock.pause(True)
    world.seconds += 60
    assert clock.paused and clock() == 1_000
    assert clock.seconds_until(1_500) is None
    clock.hurry(2.0)
    assert clock.paused
    clock.pause(False)
    world.seconds += 1
    assert clock() == 3_000


def test_it_can_be_moved_both_ways(world: World) -> None:
    clock = PlayClock(10_000, monotonic=world)
    clock.jump(500)
    assert clock() == 500
    clock.pause(True)
    clock.jump(70_000)
    assert clock() == 70_000 and clock.paused


def test_it_tells_how_long_to_wait(world: World) -> None:
    clock = PlayClock(10_000, 10.0, monotonic=world)
    assert clock.seconds_until(15_000) == 0.5
    assert clock.seconds_until(9_000) == 0.0


def test_its_speed_has_bounds(world: World) -> None:
    clock = PlayClock(0, 1e9, monotonic=world)
    assert clock.speed == FASTEST
    for _ in range(30):
        clock.hurry(0.5)
    assert clock.speed == SLOWEST


def test_whoever_waits_is_told_of_changes(world: World) -> None:
    clock = PlayClock(0, monotonic=world)
    changes: tuple[Callable[[], None], ...] = (
        partial(clock.pause, True),
        partial(clock.pause, False),
        partial(clock.hurry, 2.0),
        partial(clock.jump, 1),
    )
    for change in changes:
        clock.changed.clear()
        change()
        assert clock.changed.is_set()
