"""Stories that nobody recorded: long tools, subagents that ask, interruptions, and hooks out of order."""

from __future__ import annotations

from typing import Any

import pytest

from mi6_tui.model.claim import SHELL
from tests.status.conftest import NewWorld
from tests.status.stories import HOUR, LATER, MINUTE, ONE, SOON, Agent
from tests.status.world import World

# Turns.


def test_a_subagent_asks_after_its_parents_turn(world: World) -> None:
    agent = Agent(world, ONE, 100)
    agent.prompted()
    agent.hook("SubagentStart", agent_id="a0", agent_type="Explore")
    agent.stopped(background=1)
    assert agent.shown == "background"
    child: dict[str, Any] = {"agent_id": "a0", "agent_type": "Explore"}
    arguments = {"command": "make all"}
    agent.hook("PreToolUse", tool_name="Bash", tool_input=arguments, tool_use_id="toolu_9", **child)
    world.run_for(0.1)
    agent.hook("PermissionRequest", tool_name="Bash", tool_input=arguments, **child)
    agent.registry("waiting", "permission prompt")
    world.run_for(SOON)
    assert (agent.shown, agent.detail) == ("waiting", "permission: Bash make all")
    agent.registry("busy")
    agent.hook("PostToolBatch", tool_calls=[{"tool_name": "Bash", "tool_use_id": "toolu_9"}], **child)
    world.run_for(SOON)
    assert (agent.shown, agent.detail) == ("background", "1 agent")


def test_a_subagent_asks_and_no_registry_tells(new_world: NewWorld) -> None:
    world = new_world(registry=False)
    agent = Agent(world, ONE, 100)
    agent.prompted()
    child: dict[str, Any] = {"agent_id": "a0", "agent_type": "Explore"}
    agent.hook("SubagentStart", **child)
    agent.stopped(background=1)
    agent.hook("PermissionRequest", tool_name="Bash", tool_input={"command": "make all"}, **child)
    world.run_for(MINUTE)
    assert agent.shown == "waiting"
    agent.hook("PostToolBatch", tool_calls=[{"tool_name": "Bash", "tool_use_id": "toolu_9"}], **child)
    world.run_for(SOON)
    assert (agent.shown, agent.detail) == ("background", "1 agent")


@pytest.mark.parametrize("hooks", [True, False])
def test_a_shell_runs_on_behind_the_turn(new_world: NewWorld, hooks: bool) -> None:
    """As client 2.1.330 did it with `run_in_background`: to the millisecond."""
    world = new_world(hooks=hooks)
    agent = Agent(world, ONE, 100)
    agent.prompted()
    agent.registry(SHELL)
    world.run_for(0.02)
    agent.hook("Stop", background_tasks=[{"id": "b1", "type": "shell", "status": "running"}])
    world.run_for(0.001)
    agent.write({"type": "system", "subtype": "turn_duration", "durationMs": 220, "uuid": "u9"})
    world.run_for(SOON)
    assert (agent.shown, agent.detail) == ("background", "1 shell" if hooks else "shell")
    world.run_for(HOUR)
    assert agent.shown == "background"
    agent.registry("idle")
    world.run_for(0.025)
    agent.prompted("<task-notification>done</task-notification>")
    assert agent.shown == "working"


@pytest.mark.parametrize("registry", [True, False])
def test_a_tool_that_runs_for_forty_minutes_with_hooks(new_world: NewWorld, registry: bool) -> None:
    world = new_world(registry=registry)
    agent = Agent(world, ONE, 100)
    agent.prompted()
    agent.calls()
    world.process(300, ["/bin/bash", "-c", "make all"], parent=100)
    for _ in range(4):
        world.run_for(10 * MINUTE)
        assert (agent.shown, agent.detail) == ("working", "Bash")
    world.machine.end(300)
    agent.tool_ended()
    agent.stopped()
    assert agent.shown == "your turn"


def test_a_tool_that_runs_for_forty_minutes_without_hooks(new_world: NewWorld) -> None:
    world = new_world(hooks=False)
    agent = Agent(world, ONE, 100)
    agent.prompted()
    agent.calls()
    for _ in range(4):
        world.run_for(10 * MINUTE)
        assert agent.shown == "working", "the client itself says that it is busy"


def test_a_tool_that_runs_for_forty_minutes_with_the_transcript_alone(new_world: NewWorld) -> None:
    """After half an hour nobody knows; that is said, instead of guessing."""
    world = new_world(hooks=False, registry=False, processes=False)
    agent = Agent(world, ONE, 100)
    agent.prompted()
    agent.calls()
    world.run_for(20 * MINUTE)
    assert (agent.shown, world.last(ONE).rule) == ("working", "tool or permission")
    world.run_for(20 * MINUTE)
    assert agent.shown == "unknown"


def test_an_approved_tool_that_runs_for_long(world: World) -> None:
    """No hook tells of the answer; the registry does."""
    agent = Agent(world, ONE, 100)
    agent.prompted()
    agent.asks()
    world.run_for(5 * MINUTE)
    assert agent.shown == "waiting"
    agent.allowed()
    world.run_for(SOON)
    assert agent.shown == "working"
    world.run_for(40 * MINUTE)
    assert agent.shown == "working"


def test_an_approved_command_is_noticed_by_its_process(new_world: NewWorld) -> None:
    """Without a registry the process that begins under the client tells of the answer."""
    world = new_world(registry=False)
    agent = Agent(world, ONE, 100)
    agent.prompted()
    agent.asks()
    world.run_for(MINUTE)
    assert agent.shown == "waiting"
    world.process(300, ["/bin/bash", "-c", "make all"], parent=100)
    world.run_for(LATER)
    assert agent.shown == "working"


@pytest.mark.parametrize("registry", [True, False])
def test_escape_in_a_reply(new_world: NewWorld, registry: bool) -> None:
    agent = Agent(new_world(registry=registry), ONE, 100)
    agent.prompted()
    agent.interrupted()
    assert (agent.shown, agent.detail) == ("your turn", "interrupted")


@pytest.mark.parametrize("registry", [True, False])
def test_escape_on_a_permission_prompt(new_world: NewWorld, registry: bool) -> None:
    agent = Agent(new_world(registry=registry), ONE, 100)
    agent.prompted()
    agent.asks()
    agent.interrupted()
    agent.world.run_for(MINUTE)
    assert agent.shown == "your turn"


# Hooks.


def test_calls_that_are_found_in_the_wrong_order(new_world: NewWorld) -> None:
    """Hooks run beside each other: the time of the call decides, not when its file is found."""
    world = new_world(registry=False)
    agent = Agent(world, ONE, 100)
    agent.prompted()
    now = world.clock.ms
    agent.hook("PostToolBatch", called_at=now, tool_calls=[{"tool_name": "Bash", "tool_use_id": "toolu_1"}])
    world.run_for(1)
    agent.hook("PermissionRequest", called_at=now - 40, tool_name="Bash", tool_input={"command": "true"})
    world.run_for(SOON)
    assert agent.shown == "working"


def test_a_call_that_comes_late_does_not_undo_what_came_since(new_world: NewWorld) -> None:
    world = new_world(registry=False)
    agent = Agent(world, ONE, 100)
    agent.prompted()
    stopped_at = world.clock.ms
    world.run_for(2)
    agent.prompted("Go on.")
    agent.hook("Stop", called_at=stopped_at, last_assistant_message="Done.", background_tasks=[])
    world.run_for(SOON)
    assert agent.shown == "working"


def test_hooks_that_wait_while_nobody_looks(world: World) -> None:
    """The program was not running: what it finds an hour later is as old as it is."""
    agent = Agent(world, ONE, 100)
    agent.prompted()
    agent.asks()
    world.skip(HOUR)
    world.run_for(SOON)
    assert agent.shown == "waiting"
    [session] = [one for one in world.sessions() if one.session_id == ONE]
    assert session.status_since is not None
    assert session.status_since < world.clock.ms - HOUR * 1000
