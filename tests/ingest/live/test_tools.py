"""A child of a client that asked for a permission shows that it was given."""

from __future__ import annotations

import subprocess

import pytest

from mi6_tui.clock import now_ms
from mi6_tui.ingest.live.processes import system_processes
from mi6_tui.model import EventType
from tests.ingest.live.living import World, background, order


@pytest.fixture
def client(world: World) -> subprocess.Popen[str]:
    return world.agent()


def asks(world: World, client: subprocess.Popen[str]) -> None:
    """Its hook calls for a permission, now."""
    world.clock.ms = max(world.clock.ms, now_ms())
    world.happens("S", EventType.PERMISSION_REQUEST, source="hook", pid=client.pid, tool_name="shell")
    world.look()
    assert world.session("S").status_shown == "waiting"


def started_at(pid: int) -> int:
    process = system_processes().find(pid)
    assert process is not None
    return process.started_at


def test_the_tool_that_runs_is_the_answer(world: World, client: subprocess.Popen[str]) -> None:
    asks(world, client)
    world.look(2)
    assert world.said("S", "child") is None
    asked_at = world.session("S").status_since
    background(client)
    for seconds in (2, 0.1, 0.8):
        world.look(seconds)
        assert world.said("S", "child") is None  # a hook or a status line would be over soon
    world.look(0.1)
    child = world.claim("S", "child")
    assert child is not None
    assert asked_at is not None
    assert (child.kind, child.detail) == ("tool", "sh")
    assert asked_at < child.at <= world.clock.ms
    assert world.session("S").status_shown == "working"
    assert world.look(2) == 0


def test_a_tool_that_runs_before_anybody_looks(world: World, client: subprocess.Popen[str]) -> None:
    asked_at = started_at(background(client))
    while started_at(background(client)) <= asked_at:
        pass  # the kernel counts starts in hundredths of a second
    world.happens("S", EventType.PERMISSION_REQUEST, source="hook", pid=client.pid, timestamp=asked_at)
    world.clock.ms = now_ms() + 1_000
    for _ in range(3):
        world.look(2)
    child = world.claim("S", "child")
    assert child is not None
    assert child.at > asked_at
    assert world.session("S").status_shown == "working"


def test_what_ran_before_is_no_answer(world: World, client: subprocess.Popen[str]) -> None:
    background(client)
    world.clock.ms = now_ms() + 3_000
    asks(world, client)
    for _ in range(3):
        world.look(2)
    assert world.said("S", "child") is None


def test_a_child_that_does_not_last_is_no_answer(world: World, client: subprocess.Popen[str]) -> None:
    asks(world, client)
    for _ in range(3):
        hook = background(client)
        world.look(2)
        order(client, f"kill -9 {hook}; wait {hook}; echo")
    assert world.said("S", "child") is None


def test_the_clock_makes_no_old_child_new(world: World, client: subprocess.Popen[str]) -> None:
    background(client)
    world.clock.ms = now_ms() + 3_000
    asks(world, client)
    for hours in (-5, 10):
        world.look(hours * 3600)
    assert world.said("S", "child") is None


def test_the_next_question_is_another(world: World, client: subprocess.Popen[str]) -> None:
    asks(world, client)
    background(client)
    for _ in range(2):
        world.look(2)
    assert world.session("S").status_shown == "working"
    world.clock.ms = max(world.clock.ms, now_ms()) + 3_000
    asks(world, client)
    for _ in range(3):
        world.look(2)
    assert world.session("S").status_shown == "waiting"


def test_where_the_client_says_that_it_waits_no_child_counts(world: World) -> None:
    client = world.agent()
    world.entry(client.pid, "S", status="waiting", waitingFor="permission prompt")
    world.happens(
        "S", EventType.PERMISSION_REQUEST, framework="claude", source="hook", pid=client.pid, tool_name="Bash"
    )
    world.look()
    background(client)
    for _ in range(3):
        world.look(2)
    assert world.said("S", "child") is None
