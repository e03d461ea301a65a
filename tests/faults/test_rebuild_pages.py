"""`doctor --rebuild` of a store that was cut near its beginning, or one of whose first pages is wiped."""

from __future__ import annotations

import os
from contextlib import closing

import pytest

from mi6_tui.model import EventQuery
from mi6_tui.storage.sqlite.salvage import salvaged
from tests.faults.damage import a_text
from tests.faults.world import REQUESTS, SESSIONS, World, ids_of, pages, sessions_of

TOLD = {f"s{number:02}" for number in range(SESSIONS)}
"""The sessions whose transcripts are there and that nobody forgot."""
LATER = "s01"
"""The one that is forgotten last."""


def check_rebuilt(world: World, *, told: set[str] = TOLD) -> None:
    """The command ends well, and every session that a transcript tells is there with all its requests."""
    done = world.rebuild()
    assert done.done and done.kept is not None
    with closing(world.open()) as storage:
        found = sessions_of(storage)
        assert told <= set(found)
        assert done.kept.forgets or not {"secret", *(TOLD - told)} & set(found)
        for name in told:
            expected = REQUESTS // 2 if name == "s00" else REQUESTS
            assert found[name].api_request_count == expected
            requests = storage.query(EventQuery().with_session(name))
            assert sum(event.is_api_request for event in requests) == expected


@pytest.mark.parametrize("size", [0, 1, 100, 4095, 4096, 20_000, 60_000])
def test_cut(world: World, size: int) -> None:
    os.truncate(world.store, size)
    check_rebuilt(world)


@pytest.mark.parametrize("page", range(1, 17))
def test_a_page_is_wiped(world: World, page: int) -> None:
    world.damage(page, bytes(4096))
    check_rebuilt(world)


@pytest.mark.parametrize("page", range(1, 17))
def test_a_page_is_wiped_after_something_was_forgotten(world: World, page: int) -> None:
    with closing(world.open()) as storage:
        storage.forget(LATER)
    world.damage(page, bytes(4096))
    check_rebuilt(world, told=TOLD - {LATER})


def test_all_of_it_is_wiped(world: World) -> None:
    world.store.write_bytes(bytes(world.store.stat().st_size))
    check_rebuilt(world)


def test_what_lies_in_the_place_of_the_store_is_kept_beside_it(world: World) -> None:
    a_text(world)
    before = world.store.read_bytes()
    check_rebuilt(world)
    (kept,) = world.store.parent.glob("*.before-rebuild-*")
    assert kept.read_bytes() == before


def test_a_lost_schema_is_told(world: World) -> None:
    os.truncate(world.store, 4096)
    done = world.rebuild()
    assert done.kept is not None and done.kept.forgets and done.unreadable > 0


def test_a_cut_through_a_page_makes_nothing_up(world: World) -> None:
    """What is missing of the last page reads as zeros; what is read then must have been there."""
    with closing(world.open()) as storage:
        ids = ids_of(storage)
    whole = world.store.read_bytes()
    leaves = pages(world.store)["events"]
    for leaf, rest in ((5, 500), (5, 3500), (53, 2048)):
        world.store.write_bytes(whole[: (leaves[leaf] - 1) * 4096 + rest])
        with salvaged(world.store, world.store.with_name("scratch"), expected=True) as old:
            read = {event.key: event.id for event in old.events()}
        assert 50 < len(read) < len(ids)
        assert read.items() <= ids.items(), (leaf, rest)
