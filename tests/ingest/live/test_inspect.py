"""A close look at one process."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import msgspec
import pytest

from mi6_tui.ingest.live.inspect import Inspection, cpu_percent, inspect
from mi6_tui.ingest.live.processes import system_processes
from tests.ingest.live.living import Living, background, kill, order


def identity(pid: int) -> str:
    process = system_processes().find(pid)
    assert process is not None
    return process.identity


def look(pid: int) -> Inspection:
    found = inspect(pid, identity(pid))
    assert found is not None
    return found


def test_what_it_is_and_what_it_started(living: Living) -> None:
    client = living.agent()
    first, second = background(client), background(client)
    found = look(client.pid)
    assert (found.pid, found.identity) == (client.pid, identity(client.pid))
    assert found.children is not None
    assert {child.pid for child in found.children} == {first, second}
    for child in found.children:
        assert (child.parent, child.name) == (client.pid, "sh")
        assert child.command == "sh -c echo $$; kill -STOP $$"
        assert child.cpu_seconds is not None
        assert child.since is not None
        assert child.since >= found.since - 1_100
    assert found.memory is not None
    assert 100_000 < found.memory < 1_000_000_000
    assert found.ports == ()


def test_its_parents_are_named_from_the_nearest_on(living: Living, tmp_path: Path) -> None:
    program = tmp_path / "middle"
    program.symlink_to("/bin/sh")
    client = living.agent()
    middle = int(order(client, f"{program} -c 'sh -c \"echo \\$\\$; kill -STOP \\$\\$\"; echo' &"))
    parents = look(middle).parents
    assert parents[:2] == ("middle", "sh")
    assert len(parents) >= 3  # and us, and who started us


def test_grandchildren_count(living: Living) -> None:
    client = living.agent()
    grandchild = int(order(client, "sh -c 'sh -c \"echo \\$\\$; kill -STOP \\$\\$\"; echo' &"))
    children = look(client.pid).children
    assert children is not None
    assert len(children) == 2
    assert grandchild in {child.pid for child in children}


def test_ports_are_those_that_it_or_a_child_listens_to(living: Living) -> None:
    code = (
        "import socket; s = socket.create_server(('127.0.0.1', 0));"
        "c = socket.create_connection(s.getsockname()); print(s.getsockname()[1]); input()"
    )
    client = living.agent()
    port = int(order(client, f'exec 3<&0; {sys.executable} -c "{code}" <&3 &'))
    assert look(client.pid).ports == (port,)
    with socket.create_server(("127.0.0.1", 0)) as own:
        ports = look(os.getpid()).ports
        assert ports is not None
        assert {port, own.getsockname()[1]} <= set(ports)


def test_foreign_text_is_cleaned_and_cut_short(living: Living) -> None:
    client = living.agent()
    order(client, f"sh -c 'echo; kill -STOP $$ # \x1b[31m{'x' * 900}' y &")
    children = look(client.pid).children
    assert children is not None
    (child,) = children
    assert child.command is not None
    assert child.command.startswith("sh -c echo; kill -STOP $$ # xxx")
    assert len(child.command) == 200


def test_a_process_that_is_gone_or_another(living: Living) -> None:
    client = living.agent()
    name = identity(client.pid)
    assert inspect(client.pid, f"{name}0") is None
    kill(client)
    assert inspect(client.pid, name) is None


def test_the_share_of_a_core_between_two_looks() -> None:
    one = look(os.getpid())
    earlier = msgspec.structs.replace(one, cpu_seconds=10.0, at=100.0)
    later = msgspec.structs.replace(one, cpu_seconds=11.0, at=104.0)
    assert cpu_percent(earlier, later) == pytest.approx(25.0)
    assert cpu_percent(later, earlier) is None
    assert cpu_percent(earlier, earlier) is None
    assert cpu_percent(earlier, msgspec.structs.replace(later, cpu_seconds=None)) is None
    assert cpu_percent(earlier, msgspec.structs.replace(later, identity="another")) is None
    assert cpu_percent(earlier, msgspec.structs.replace(later, cpu_seconds=9.0)) == 0


def test_a_busy_process_used_some(living: Living) -> None:
    client = living.agent()
    before = look(client.pid)
    order(client, "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; echo")
    after = look(client.pid)
    assert before.cpu_seconds is not None
    assert after.cpu_seconds is not None
    assert after.cpu_seconds > before.cpu_seconds
    assert after.at > before.at


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_what_the_system_refuses_is_unknown(living: Living) -> None:
    code = (
        "import os, sys; from mi6_tui.ingest.live import inspect, proc; os.setgid(65534); os.setuid(65534);"
        "found = inspect.inspect(int(sys.argv[1]), sys.argv[2]);"
        "print(found.ports, len(found.children), found.name)"
    )
    client = living.agent()
    background(client)
    root = str(Path(__file__).parents[3])
    asked = living.start(
        sys.executable,
        "-c",
        code,
        str(client.pid),
        identity(client.pid),
        program=sys.executable,
        env={"PYTHONPATH": root},
    )
    assert asked.stdout is not None
    assert asked.stdout.readline().split() == ["None", "1", "sh"]
