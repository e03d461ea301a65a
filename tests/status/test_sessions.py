"""Stories that nobody recorded: processes, clocks, and sessions that follow each other."""

from __future__ import annotations

import pytest

from tests.frameworks.claude import support as lines
from tests.status.conftest import NewWorld
from tests.status.stories import HOUR, LATER, MINUTE, ONE, OTHER, SOON, Agent
from tests.status.world import World

# Processes.


def test_a_killed_turn_has_ended_although_the_registry_is_stuck_on_busy(world: World) -> None:
    agent = Agent(world, ONE, 100)
    agent.prompted()
    assert agent.shown == "working"
    agent.killed()
    world.run_for(SOON)
    assert (agent.shown, agent.detail) == ("ended", "killed")
    world.run_for(10 * MINUTE)
    assert agent.shown == "ended"


def test_a_kill_is_noticed_without_hooks_and_registry(new_world: NewWorld) -> None:
    world = new_world(hooks=False, registry=False)
    agent = Agent(world, ONE, 100)
    agent.prompted()
    world.run_for(LATER)
    assert agent.shown == "working"
    agent.killed()
    world.run_for(SOON)
    assert agent.shown == "ended"


@pytest.mark.parametrize("program", ["/usr/bin/vim", "/opt/claude/claude"])
def test_a_pid_that_is_used_again_is_another_process(world: World, program: str) -> None:
    agent = Agent(world, ONE, 100)
    agent.prompted()
    agent.killed()
    world.skip(MINUTE)
    world.process(100, [program])
    world.skip(MINUTE)
    world.run_for(SOON)
    assert agent.shown == "ended"


def test_a_pid_that_is_used_again_by_another_session_is_that_session(world: World) -> None:
    first = Agent(world, ONE, 100)
    first.prompted()
    first.killed()
    world.skip(MINUTE)
    second = Agent(world, OTHER, 100)
    second.prompted()
    assert (first.shown, second.shown) == ("ended", "working")


def test_a_registry_file_of_another_machine_says_nothing_of_processes_here(world: World) -> None:
    """Its home may be shared: that no such pid runs here proves nothing."""
    agent = Agent(world, ONE, 100)
    agent.domain = "linux:00000000000000000000000000000002:pid:[4026531836]"
    agent.prompted()
    assert agent.shown == "working"


def test_a_closed_terminal(world: World) -> None:
    """SIGHUP: the client has the time to say goodbye."""
    agent = Agent(world, ONE, 100)
    agent.prompted()
    agent.leaves(reason="other")
    assert agent.shown == "ended"


def test_a_closed_terminal_without_hooks(new_world: NewWorld) -> None:
    world = new_world(hooks=False)
    agent = Agent(world, ONE, 100)
    agent.prompted()
    agent.leaves(reason="other")
    world.run_for(SOON)
    assert agent.shown == "ended"


def test_nobody_is_called_dead_where_processes_cannot_be_seen(new_world: NewWorld) -> None:
    world = new_world(processes=False)
    agent = Agent(world, ONE, 100)
    agent.prompted()
    world.run_for(5 * MINUTE)
    assert agent.shown == "working"


# Clocks.


@pytest.mark.parametrize(
    "seconds",
    [
        HOUR,
        -HOUR,
    ],
)
def test_the_clock_is_set_within_a_turn(world: World, seconds: int) -> None:
    agent = Agent(world, ONE, 100)
    agent.prompted()
    world.clock.jump(seconds * 1000)
    world.run_for(SOON)
    assert agent.shown == "working", "the process is the same although its start is told otherwise"
    agent.asks()
    world.run_for(SOON)
    assert agent.shown == "waiting"
    agent.allowed()
    world.run_for(SOON)
    assert agent.shown == "working"
    agent.tool_ended()
    agent.stopped()
    world.run_for(SOON)
    assert agent.shown == "your turn"


def test_the_machine_sleeps_over_a_permission_prompt(world: World) -> None:
    agent = Agent(world, ONE, 100)
    agent.prompted()
    agent.asks()
    assert agent.shown == "waiting"
    world.clock.sleep(8 * HOUR * 1000)
    world.run_for(SOON)
    assert (agent.shown, agent.detail) == ("waiting", "permission: Bash make all")


@pytest.mark.parametrize("hooks", [True, False])
def test_the_machine_sleeps_within_a_turn(new_world: NewWorld, hooks: bool) -> None:
    world = new_world(hooks=hooks)
    agent = Agent(world, ONE, 100)
    agent.prompted()
    world.clock.sleep(8 * HOUR * 1000)
    world.run_for(SOON)
    assert agent.shown == "working"
    agent.stopped()
    assert agent.shown == "your turn"


def test_a_process_that_is_gone_after_the_sleep(world: World) -> None:
    agent = Agent(world, ONE, 100)
    agent.prompted()
    world.clock.sleep(8 * HOUR * 1000)
    agent.killed()
    world.run_for(SOON)
    assert agent.shown == "ended"


# Sessions.


def test_two_sessions_in_one_folder(world: World) -> None:
    first, second = Agent(world, ONE, 100), Agent(world, OTHER, 200)
    first.prompted()
    assert (first.shown, second.shown) == ("working", "idle")
    second.prompted()
    second.asks()
    assert (first.shown, second.shown) == ("working", "waiting")
    first.stopped()
    assert (first.shown, second.shown) == ("your turn", "waiting")
    second.killed()
    world.run_for(SOON)
    assert (first.shown, second.shown) == ("your turn", "ended")


def test_two_sessions_in_one_folder_without_hooks_and_registry(new_world: NewWorld) -> None:
    """Nothing tells whose process is whose: no session is called ended as long as both may live."""
    world = new_world(hooks=False, registry=False)
    first, second = Agent(world, ONE, 100), Agent(world, OTHER, 200)
    first.prompted()
    second.prompted()
    world.run_for(MINUTE)
    assert (first.shown, second.shown) == ("working", "working")
    first.killed()
    second.killed()
    world.run_for(LATER)
    assert (first.shown, second.shown) == ("ended", "ended")


def test_clear_ends_one_session_and_begins_another_in_the_same_process(world: World) -> None:
    agent = Agent(world, ONE, 100)
    agent.prompted()
    agent.stopped()
    agent.hook("SessionEnd", reason="clear")
    agent.session = OTHER
    agent.registry("idle")
    agent.hook("SessionStart", source="clear")
    world.run_for(SOON)
    assert (world.last(ONE).word, world.last(OTHER).word) == ("ended", "idle")
    agent.prompted()
    world.run_for(MINUTE)
    assert (world.last(ONE).word, world.last(OTHER).word) == ("ended", "working")
    agent.killed()
    world.run_for(SOON)
    assert (world.last(ONE).word, world.last(OTHER).word) == ("ended", "ended")


def test_clear_without_hooks(new_world: NewWorld) -> None:
    world = new_world(hooks=False)
    agent = Agent(world, ONE, 100)
    agent.prompted()
    agent.stopped()
    agent.session = OTHER
    agent.registry("idle")
    world.run_for(SOON)
    assert (world.last(ONE).word, world.last(OTHER).word) == ("ended", "idle")


def test_a_fork_leaves_its_parent_as_it_was(world: World) -> None:
    parent = Agent(world, ONE, 100)
    parent.prompted()
    parent.stopped()
    parent.leaves()
    fork = Agent(world, OTHER, 200, source="fork")
    fork.write(lines.user("Do it."))
    fork.prompted("Go on.")
    world.run_for(SOON)
    assert (parent.shown, fork.shown) == ("ended", "working")


def test_a_session_that_another_process_resumes(world: World) -> None:
    first = Agent(world, ONE, 100)
    first.prompted()
    first.killed()
    world.run_for(SOON)
    assert first.shown == "ended"
    second = Agent(world, ONE, 200, source="resume")
    assert second.shown in ("idle", "your turn")
    second.prompted("Go on.")
    assert second.shown == "working"
    world.remove(first.entry)
    world.run_for(MINUTE)
    assert second.shown == "working", "who cleans up after the dead does not end the living"
    second.stopped()
    second.leaves()
    assert second.shown == "ended"
