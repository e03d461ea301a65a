"""What trees of processes use."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import psutil
import pytest

from mi6_tui.ingest.live.loads import Disk, Load, Part, cpu_percent, disk_rates, look
from mi6_tui.ingest.live.portable import PsutilProcesses
from mi6_tui.ingest.live.processes import Measure, Processes, system_processes
from tests.ingest.live.living import Living, background, kill, order


def part(pid: int, processes: Processes) -> Part:
    found = processes.find(pid)
    assert found is not None
    return pid, found.identity


@pytest.fixture(params=[system_processes, PsutilProcesses], ids=["system", "psutil"])
def processes(request: pytest.FixtureRequest) -> Processes:
    made: Processes = request.param()
    return made


def test_a_tree_is_counted_whole(living: Living, processes: Processes) -> None:
    client, other = living.agent(), living.agent()
    background(client)
    grandchild = int(order(client, "sh -c 'sh -c \"echo \\$\\$; kill -STOP \\$\\$\"; echo' &"))
    wanted = [part(client.pid, processes), part(other.pid, processes)]
    found = look(wanted, processes)
    load = found[wanted[0]]
    assert load.children == 3
    assert found[wanted[1]].children == 0
    tree = [client.pid, *(child.pid for child in psutil.Process(client.pid).children(recursive=True))]
    assert {pid for pid, _ in load.cpu} == set(tree) > {grandchild}
    assert next(iter(load.cpu)) == wanted[0]
    resident = sum(psutil.Process(pid).memory_info().rss for pid in tree)
    assert load.memory == pytest.approx(resident, rel=0.2)
    assert (load.disk, load.ports) == (None, None)


def test_who_is_gone_or_another_is_not_found(living: Living, processes: Processes) -> None:
    client = living.agent()
    pid, identity = part(client.pid, processes)
    assert look([(pid, f"{identity}0")], processes) == {}
    kill(client)
    assert look([(pid, identity)], processes) == {}


def test_work_and_disk_and_ports_of_a_child_count(living: Living, tmp_path: Path) -> None:
    processes = system_processes()
    client = living.agent()
    known = part(client.pid, processes)
    before = look([known], processes, disk=[known])[known]
    code = (
        "import os, socket, time; s = socket.create_server(('127.0.0.1', 0));"
        f"f = open({str(tmp_path / 'written')!r}, 'wb'); f.write(bytes(1 << 20)); f.flush();"
        "os.fsync(f.fileno());"
        "end = time.process_time() + 0.2\nwhile time.process_time() < end: pass\n"
        "print(s.getsockname()[1], flush=True); input()"
    )
    (tmp_path / "work.py").write_text(code)
    port = int(order(client, f"exec 3<&0; {sys.executable} {tmp_path / 'work.py'} <&3 &"))
    after = look([known], processes, disk=[known], ports=[known])[known]
    assert after.ports == (port,)
    percent = cpu_percent(before, after)
    assert percent is not None
    assert percent * (after.at - before.at) / 100 >= 0.19
    assert before.disk is not None
    assert after.disk is not None
    rates = disk_rates(before, after)
    if sum(one.written for one in after.disk.values()):  # some file systems are not counted
        assert rates is not None
        assert rates.written > 0


def test_our_own_listening_port() -> None:
    processes = system_processes()
    me = part(os.getpid(), processes)
    with socket.create_server(("127.0.0.1", 0)) as own:
        ports = look([me], processes, ports=[me])[me].ports
        assert ports is not None
        assert own.getsockname()[1] in ports


_FIRST, _CHILD = (1, "a"), (2, "b")


def load(at: float, cpu: dict[Part, float], disk: dict[Part, Disk] | None = None) -> Load:
    return Load(cpu=cpu, memory=1, children=0, disk=disk, at=at)


def test_shares_between_two_looks() -> None:
    earlier = load(10.0, {_FIRST: 5.0, _CHILD: 7.0}, {_FIRST: Disk(100, 0)})
    later = load(14.0, {_FIRST: 6.0, (3, "c"): 1.0}, {_FIRST: Disk(500, 80), _CHILD: Disk(40, 0)})
    # One second of the first, one of a child that is new, in four; what the gone one did is not known.
    assert cpu_percent(earlier, later) == pytest.approx(50.0)
    assert disk_rates(earlier, later) == Disk(110, 20)
    assert cpu_percent(later, earlier) is None
    assert cpu_percent(earlier, load(14.0, {})) is None
    assert disk_rates(earlier, load(14.0, {_FIRST: 6.0})) is None
    # A pid that was given to another process says nothing of the one before.
    assert cpu_percent(earlier, load(14.0, {(1, "z"): 2.0})) == pytest.approx(50.0)


class _Told:
    """A system that tells what it is asked to."""

    def __init__(self, measures: dict[int, Measure]) -> None:
        self._measures = measures

    def measures(self) -> dict[int, Measure]:
        return self._measures


def test_what_the_system_keeps_to_itself_is_unknown() -> None:
    told = _Told({1: Measure(0, "a", None, None), 2: Measure(1, "b", 3.0, 10), 0: Measure(0, "k", 1.0, 5)})
    found = look([_FIRST, (0, "k")], told)  # type: ignore[arg-type]
    assert (found[_FIRST].memory, found[_FIRST].children, dict(found[_FIRST].cpu)) == (None, 1, {_CHILD: 3.0})
    assert found[0, "k"].children == 2
