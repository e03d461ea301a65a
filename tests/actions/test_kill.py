"""Ending real processes: the right one, step by step, and no other."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from pathlib import Path

import msgspec
import pytest

from mi6_tui.actions.errors import ActionError, GoneError
from mi6_tui.actions.holder import holder
from mi6_tui.actions.kill import ASK, KILL, Ending, send
from mi6_tui.actions.losses import foresee, losses
from mi6_tui.ingest.live.processes import Process, Processes, system_processes
from tests.actions.sessions import seen, session
from tests.ingest.live.living import Living, background, kill, order

LONG = 3600.0
"""A grace that no test lives to see the end of."""


@pytest.fixture
def processes() -> Processes:
    return system_processes()


def found(processes: Processes, pid: int) -> Process:
    process = processes.find(pid)
    assert process is not None
    return process


def ending(processes: Processes, *subjects: Process, grace: float = LONG) -> Ending:
    return Ending(subjects, processes, threading.Event(), grace=grace)


def test_an_interrupt_is_enough_for_most(living: Living, processes: Processes) -> None:
    agent = living.start("sleep", "1000", program="/bin/sleep")
    steps: list[tuple[str, int]] = []
    (outcome,) = ending(processes, found(processes, agent.pid)).carry_out(
        ASK, lambda step, number: steps.append((step, number))
    )
    assert (outcome.ended, outcome.problem, steps) == ("interrupt", "", [("interrupt", 1)])
    assert agent.wait() == -signal.SIGINT


def test_who_does_not_heed_it_is_asked_to_end(living: Living, processes: Processes) -> None:
    agent = living.agent()
    order(agent, "trap '' INT; echo")
    # The shell waits for its input; SIGTERM ends one that is not interactive.
    (outcome,) = ending(processes, found(processes, agent.pid), grace=0.2).carry_out(ASK)
    assert outcome.ended == "request"
    assert agent.wait() == -signal.SIGTERM


def test_who_heeds_neither_is_killed_only_by_a_step_of_its_own(living: Living, processes: Processes) -> None:
    agent = living.agent()
    order(agent, "trap '' INT TERM; echo")
    process = found(processes, agent.pid)
    (outcome,) = ending(processes, process, grace=0.1).carry_out(ASK)
    assert (outcome.ended, outcome.problem) == (None, "")
    assert agent.poll() is None
    (outcome,) = ending(processes, process).carry_out(KILL)
    assert outcome.ended == "kill"
    assert agent.wait() == -signal.SIGKILL


def test_several_end_together_each_in_its_way(living: Living, processes: Processes) -> None:
    soft = living.start("sleep", "1000", program="/bin/sleep")
    hard = living.agent()
    order(hard, "trap '' INT; echo")
    steps: list[tuple[str, int]] = []
    outcomes = ending(processes, found(processes, soft.pid), found(processes, hard.pid), grace=0.3).carry_out(
        ASK, lambda step, number: steps.append((step, number))
    )
    assert [one.ended for one in outcomes] == ["interrupt", "request"]
    assert steps == [("interrupt", 2), ("request", 1)]


def test_one_that_ends_meanwhile_is_sent_nothing(living: Living, processes: Processes) -> None:
    agent = living.agent()
    end = ending(processes, found(processes, agent.pid))
    kill(agent)
    (outcome,) = end.carry_out(ASK)
    assert outcome.ended == "itself"
    assert outcome.problem == f"process {agent.pid} has ended"


def test_another_process_of_the_same_number_is_left_alone(living: Living, processes: Processes) -> None:
    stranger = living.agent()
    real = found(processes, stranger.pid)
    boot, namespace, ticks = real.identity.split()
    before = msgspec.structs.replace(real, identity=f"{boot} {namespace} {int(ticks) - 1}")
    with pytest.raises(GoneError, match="its number belongs to another one now"):
        send(before, signal.SIGKILL, processes)
    (outcome,) = ending(processes, before).carry_out((*ASK, *KILL))
    assert outcome.ended == "itself"
    with pytest.raises(GoneError):
        holder(session(), seen(before), processes)
    assert stranger.poll() is None
    assert order(stranger, "echo alive") == "alive"


def test_a_process_of_another_container_is_left_alone(living: Living, processes: Processes) -> None:
    agent = living.agent()
    real = found(processes, agent.pid)
    boot, _, ticks = real.identity.split()
    foreign = msgspec.structs.replace(real, identity=f"{boot} pid:[1] {ticks}")
    with pytest.raises(ActionError, match="counts in another container"):
        send(foreign, signal.SIGKILL, processes)
    (outcome,) = ending(processes, foreign).carry_out((*ASK, *KILL))
    assert (outcome.ended, bool(outcome.problem)) == (None, True)
    assert agent.poll() is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can start a process of another user")
def test_a_process_of_another_user_is_left_alone(living: Living, processes: Processes) -> None:
    agent = living.start("sleep", "1000", program="/bin/sleep", user=4_711)
    process = found(processes, agent.pid)
    with pytest.raises(ActionError, match=f"process {agent.pid} belongs to another user"):
        send(process, signal.SIGKILL, processes)
    with pytest.raises(ActionError, match="belongs to another user"):
        holder(session(), seen(process), processes)
    assert agent.poll() is None


def test_a_pid_alone_is_no_identity(living: Living, processes: Processes) -> None:
    agent = living.agent()
    process = found(processes, agent.pid)
    with pytest.raises(
        ActionError, match=f"only its pid is known, {agent.pid}: that may be another's by now"
    ):
        holder(session(pid=agent.pid), [], processes)
    with pytest.raises(ActionError, match="has ended"):
        holder(session(pid=agent.pid), seen(process, process=None), processes)
    with pytest.raises(ActionError, match="has ended"):
        holder(session(), seen(process, kind="gone"), processes)
    with pytest.raises(ActionError, match="another machine"):
        holder(session(machine_id="far"), seen(process), processes)
    assert holder(session(), seen(process), processes).pid == agent.pid


def test_what_it_started_is_left_as_it_leaves_it(living: Living, processes: Processes) -> None:
    agent = living.agent()
    child = background(agent)
    (outcome,) = ending(processes, found(processes, agent.pid)).carry_out(KILL)
    assert [one.pid for one in outcome.left] == [child]
    os.kill(child, signal.SIGKILL)


def test_who_cannot_wait_stops_before_the_next_step(living: Living, processes: Processes) -> None:
    agent = living.agent()
    order(agent, "trap '' INT; echo")
    stop = threading.Event()
    end = Ending([found(processes, agent.pid)], processes, stop, grace=LONG)
    (outcome,) = end.carry_out(ASK, lambda step, number: stop.set())
    assert outcome.ended is None
    assert agent.poll() is None


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1"}


@pytest.fixture
def repository(tmp_path: Path, env: dict[str, str]) -> Path:
    """A working copy with one file in it."""
    repository = tmp_path / "repo"
    repository.mkdir()
    git = ("git", "-c", "user.name=x", "-c", "user.email=x@x", "-C", str(repository))
    (repository / "file").write_text("one\ntwo\n")
    for words in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "x")):
        subprocess.run((*git, *words), env=env, check=True)
    return repository


def test_what_would_be_lost(
    living: Living, processes: Processes, repository: Path, env: dict[str, str]
) -> None:
    (repository / "file").write_text("one\n2\n3\n")
    agent = living.agent()
    child = background(agent)
    one = session(cwd=str(repository), background_count=2, status_shown="working")
    told = foresee(one, seen(found(processes, agent.pid)), processes, env)
    assert told.losses is not None
    assert (told.losses.changes, told.losses.background, told.losses.busy) == ((2, 1), 2, True)
    assert (told.losses.repository, told.losses.changed, told.losses.untracked) == (True, 1, 0)
    assert [each.pid for each in told.losses.children] == [child]
    assert not told.losses.ourselves


def test_files_that_git_does_not_know_would_be_missed_too(
    processes: Processes, repository: Path, env: dict[str, str]
) -> None:
    for name in ("new", "built.o", "folder/one", "folder/two", "out/built.o"):
        (repository / name).parent.mkdir(exist_ok=True)
        (repository / name).touch()
    (repository / "empty").mkdir()
    (repository / ".git" / "info" / "exclude").write_text("*.o\n")
    one = session(cwd=str(repository / "folder"), status_shown="background")
    told = losses(one, found(processes, os.getpid()), processes, env)
    assert (told.changes, told.changed, told.untracked) == ((0, 0), 0, 2), "new and folder/"
    assert not told.busy, "its turn has ended"


def test_more_files_than_are_read_are_not_counted(
    processes: Processes, repository: Path, env: dict[str, str]
) -> None:
    for number in range(400):
        (repository / f"{'x' * 200}{number}").touch()
    told = losses(session(cwd=str(repository)), found(processes, os.getpid()), processes, env)
    assert (told.changes, told.changed, told.untracked) == ((0, 0), None, None)


def test_outside_of_a_repository_nothing_is_said_of_one(
    processes: Processes, tmp_path: Path, env: dict[str, str]
) -> None:
    told = losses(session(cwd=str(tmp_path)), found(processes, os.getpid()), processes, env)
    assert (told.repository, told.changes, told.untracked) == (False, None, None)


def test_that_we_run_inside_of_it_ourselves_is_noticed(processes: Processes) -> None:
    parent = found(processes, os.getppid())
    told = foresee(session(cwd="/"), seen(parent), processes)
    assert told.losses is not None
    assert told.losses.ourselves


def test_what_cannot_be_ended_is_told_why(processes: Processes) -> None:
    told = foresee(session(), [], processes)
    assert (told.process, told.losses) == (None, None)
    assert told.refused == "nothing tells its process"
