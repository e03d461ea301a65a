"""Processes that a hook names, or that are found among all others."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from mi6_tui.clock import now_ms
from mi6_tui.ingest.live.known import Open
from mi6_tui.ingest.live.processes import Process, system_processes
from mi6_tui.ingest.live.sightings import NONE_FREE, NONE_RUNS, Sighting, Sightings
from mi6_tui.model import Batch, Claim, EventType
from tests.ingest.live.living import AGENT, World, background, kill, order, ticks
from tests.ingest.numbers import MACHINE

MINUTE = 60_000


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def heard(world: World, session_id: str, pid: int, **more: Any) -> None:
    """A hook of the client calls."""
    world.happens(session_id, source="hook", pid=pid, **more)


# By a hook.


def test_a_process_that_a_hook_named_is_followed(world: World) -> None:
    client = world.agent(env={"KITTY_WINDOW_ID": "3"})
    heard(world, "S", client.pid, cwd=str(world.home))
    world.look()
    alive = world.claim("S", "process")
    assert alive is not None
    assert (alive.kind, alive.pid, alive.at) == ("alive", client.pid, world.clock.ms)
    assert world.session("S").terminal == "kitty 3"
    assert world.look(2) == 0
    kill(client)
    assert world.look(30) == 1
    assert world.said("S", "process") == ("gone", "")
    assert world.session("S").status_shown == "ended"
    assert world.look(20) == 0


def test_the_shell_of_a_hook_leads_to_the_client(world: World) -> None:
    client = world.agent()
    shell = background(client)
    heard(world, "S", shell)
    world.look()
    alive = world.claim("S", "process")
    assert alive is not None
    assert alive.pid == client.pid


def test_a_pid_that_means_another_process_is_passed_over(world: World) -> None:
    client, stranger = world.agent(), world.living.start("sh", "-s")
    order(stranger, "echo")
    heard(world, "too young", client.pid, timestamp=now_ms() - MINUTE)
    heard(world, "no client", stranger.pid)
    heard(world, "nobody", 2**22 - 1)
    world.look()
    for session in ("too young", "no client", "nobody"):
        assert world.said(session, "process") is None


def test_what_was_followed_is_followed_after_a_restart(world: World) -> None:
    clients = {name: world.agent() for name in ("stays", "ends")}
    for name, client in clients.items():
        heard(world, name, client.pid)
    world.look()
    kill(clients["ends"])
    world.restart()
    assert world.look(3600) == 1
    assert world.said("stays", "process") == ("alive", "")
    assert world.said("ends", "process") == ("gone", "")


def test_a_pid_that_was_used_again_while_nobody_looked(world: World) -> None:
    client = world.agent()
    heard(world, "S", client.pid, timestamp=now_ms() - 10 * MINUTE)
    earlier = Claim(
        machine_id=MACHINE,
        session_id="S",
        witness="process",
        kind="alive",
        at=now_ms() - 9 * MINUTE,
        pid=client.pid,
        process=system_processes().identity(ticks(client.pid) - 70_000),
    )
    world.store.record(Batch(claims=(earlier,)))
    world.look(60)
    gone = world.claim("S", "process")
    assert gone is not None
    assert gone.kind == "gone"
    # At the latest when the other process began.
    assert gone.at <= now_ms() + 2_000 < world.clock.ms


def test_a_process_of_an_earlier_boot_ended_with_it(world: World) -> None:
    booted = system_processes().booted_at()
    heard(world, "S", 2**22 - 1, timestamp=booted - 10 * MINUTE)
    earlier = Claim(
        machine_id=MACHINE,
        session_id="S",
        witness="process",
        kind="alive",
        at=booted - 9 * MINUTE,
        pid=2**22 - 1,
        process="earlier pid:[1] 7000",
        process_start_time=booted // 1000 - 700,
    )
    world.store.record(Batch(claims=(earlier,)))
    world.look(60)
    gone = world.claim("S", "process")
    assert gone is not None
    assert gone.kind == "gone"
    assert abs(gone.at - booted) <= 1_000 < world.clock.ms - booted


@pytest.mark.skipif(os.getuid() != 0, reason="only root can start what belongs to somebody else")
def test_a_process_of_another_user_is_passed_over(world: World, project: Path) -> None:
    project.parent.chmod(0o755)
    stranger = world.living.start(AGENT, "-s", cwd=project, user=65_534)
    order(stranger, "echo")
    world.clock.ms = now_ms() + 1_000
    heard(world, "heard", stranger.pid)
    world.happens("found", cwd=str(project))
    world.look(30)
    # That it runs is known all the same: then none is over for want of a process.
    for session in ("heard", "found"):
        assert world.said(session, "process") is None


def test_a_process_that_an_entry_gives_to_another_session(world: World) -> None:
    client = world.agent()
    world.entry(client.pid, "new")
    heard(world, "old", client.pid, framework="claude")
    world.look()
    assert world.said("new", "process") == ("alive", "")
    assert world.said("old", "process") is None


def test_a_clock_that_was_set_takes_no_process_from_its_session(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = world.agent()
    world.entry(client.pid, "new")
    world.look()
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() + 5_000_000_000)
    world.clock.forward(10)
    heard(world, "old", client.pid, framework="claude")
    world.look()
    assert world.said("old", "process") is None


# Among all processes.


def test_the_only_process_in_a_sessions_folder_holds_it(world: World, project: Path) -> None:
    client = world.agent(cwd=project)
    world.agent(cwd=world.home)
    world.happens("S", cwd=str(project))
    world.look()
    alive = world.claim("S", "process")
    assert alive is not None
    assert (alive.kind, alive.pid) == ("alive", client.pid)
    kill(client)
    world.look(2)
    assert world.said("S", "process") == ("gone", "")


def test_a_link_to_the_folder_is_the_folder(world: World, project: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(project)
    world.agent(cwd=project)
    world.happens("S", cwd=str(link))
    world.look()
    assert world.said("S", "process") == ("alive", "")


def test_two_that_fit_tell_nothing(world: World, project: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    world.agent(cwd=project)
    for name in ("one", "two"):
        world.happens(name, cwd=str(project))
    for _ in range(2):
        world.agent(cwd=other)
    world.happens("three", cwd=str(other))
    world.look(30)
    for name in ("one", "two", "three"):
        assert world.said(name, "process") is None


def test_a_command_line_that_names_the_session_decides(world: World, project: Path) -> None:
    session = "01a20709-7b5a-7db1-814a-3e84c40fd88d"
    resumed = world.agent("resume", session, cwd=project)
    other = world.agent(cwd=project)
    world.happens(session, cwd=str(project))
    world.happens("S", cwd=str(project))
    world.look()
    for name, pid in ((session, resumed.pid), ("S", other.pid)):
        alive = world.claim(name, "process")
        assert alive is not None
        assert alive.pid == pid


def test_a_process_that_is_younger_than_the_session_is_another(world: World, project: Path) -> None:
    world.agent(cwd=project)
    world.happens("S", cwd=str(project), timestamp=now_ms() - MINUTE)
    world.look()
    assert world.said("S", "process") is None


def test_a_launcher_stands_for_the_client_it_started(world: World, project: Path) -> None:
    launcher = world.agent(cwd=project)
    (project / AGENT).symlink_to("/bin/sh")
    client = background(launcher, f"./{AGENT}")
    world.clock.forward(60)
    world.happens("S", cwd=str(project))
    world.look()
    alive = world.claim("S", "process")
    assert alive is not None
    assert alive.pid == client
    kill(launcher)
    world.look(2)
    assert world.said("S", "process") == ("alive", "")
    os.kill(client, signal.SIGKILL)


def test_without_any_process_of_the_client_its_sessions_are_over(world: World, project: Path) -> None:
    world.happens("S", cwd=str(project))
    world.look(5)
    assert (
        world.said("S", "process") is None
    )  # it may have ended only now, and its last lines be on their way
    world.look(10)
    gone = world.claim("S", "process")
    assert gone is not None
    assert (gone.kind, gone.detail, gone.pid) == ("gone", NONE_RUNS, None)
    assert world.session("S").status_shown == "ended"
    for _ in range(3):
        assert world.look(20) == 0


def test_who_lives_on_unseen_is_declared_dead_once(world: World, project: Path) -> None:
    """As in a container that shares the transcripts and the project."""
    world.happens("S", cwd=str(project))
    world.look(20)
    assert world.session("S").status_shown == "ended"
    world.clock.forward(1)
    world.happens("S", cwd=str(project))
    assert world.session("S").status_shown == "working"
    for _ in range(3):
        assert world.look(20) == 0
    assert world.session("S").status_shown == "working"


def test_a_folder_that_is_not_here_proves_nothing(world: World, project: Path) -> None:
    world.happens("elsewhere", cwd=str(project / "missing"))
    world.happens("nowhere")
    world.look(30)
    for name in ("elsewhere", "nowhere"):
        assert world.said(name, "process") is None


def test_some_process_of_the_client_leaves_it_open(world: World, project: Path) -> None:
    world.agent(cwd=world.home)
    world.happens("S", cwd=str(project))
    world.look(30)
    assert world.said("S", "process") is None


def test_without_a_registry_a_process_may_hold_several(world: World, project: Path) -> None:
    client = world.agent(cwd=project)
    heard(world, "held", client.pid)
    world.happens("other", cwd=str(project))
    world.look(30)
    assert world.said("held", "process") == ("alive", "")
    assert world.said("other", "process") is None


def test_where_a_registry_tells_the_rest_none_is_left(world: World, project: Path) -> None:
    client = world.agent(cwd=project)
    world.entry(client.pid, "held")
    world.happens("left", framework="claude", cwd=str(project))
    world.look(30)
    assert world.said("held", "process") == ("alive", "")
    assert world.said("left", "process") == ("gone", NONE_FREE)


def test_a_process_that_no_entry_names_may_be_the_sessions(world: World, project: Path) -> None:
    client, unnamed = world.agent(cwd=project), world.agent(cwd=world.home)
    world.entry(client.pid, "held")
    world.happens("left", framework="claude", cwd=str(project))
    world.look(30)
    assert world.said("left", "process") is None
    kill(unnamed)
    world.look(10)
    assert world.said("left", "process") == ("gone", NONE_FREE)


def test_all_processes_are_looked_at_no_more_than_every_ten_seconds(world: World, project: Path) -> None:
    client = world.agent(cwd=world.home)
    world.happens("S", cwd=str(project))
    world.look(30)
    kill(client)
    for _ in range(4):
        assert world.look(2) == 0
    assert world.look(2) == 1
    assert world.said("S", "process") == ("gone", NONE_RUNS)


def test_what_was_compared_in_vain_is_compared_again_after_a_change(
    world: World, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[int] = []
    matched = Sightings._matched

    def counted(self: Sightings, sessions: Sequence[Open], free: Sequence[Process]) -> list[Sighting]:
        compared.append(len(sessions))
        return matched(self, sessions, free)

    monkeypatch.setattr(Sightings, "_matched", counted)
    client = world.agent(cwd=world.home)
    world.happens("S", cwd=str(project))
    world.look(5)
    world.look(10)
    assert compared == [1, 1], "it was young"
    world.look(10)
    world.look(10)
    assert compared == [1, 1]
    order(client, f"cd {project} && echo")
    world.look(10)
    assert world.said("S", "process") == ("alive", "")
    world.happens("T", cwd=str(project))
    world.look(10)
    assert compared == [1, 1, 1, 1]


def test_a_clock_that_is_set_back_does_not_stop_the_search(world: World, project: Path) -> None:
    client = world.agent(cwd=world.home)
    world.happens("S", cwd=str(project), timestamp=world.clock.ms - 10 * 3600 * 1000)
    world.look()
    kill(client)
    world.look(-3600)
    assert world.said("S", "process") == ("gone", NONE_RUNS)


def test_an_ended_session_is_let_go(world: World) -> None:
    client = world.agent()
    heard(world, "S", client.pid)
    world.look()
    world.clock.forward(1)
    heard(world, "S", client.pid, event_type=EventType.SESSION_END)
    world.look()
    kill(client)
    assert world.look(2) == 0
