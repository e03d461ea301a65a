"""A machine of the fleet: a store that fills, and the real command that forwards it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import psutil

from mi6_tui.clock import now_ms
from mi6_tui.model import Batch, Event, SessionFact
from mi6_tui.storage.conformance import make_event, request
from mi6_tui.storage.sqlite import SqliteStorage

_STEP: Final = 1_000
"""Events of one transaction."""
_A_SESSION: Final = 400
"""Events of one session, until the next one takes its turn."""
_SESSIONS: Final = 250
_DEADLINE: Final = 60


class Machine:
    """`name` says whose its sessions are; all of its files are below `folder`."""

    def __init__(self, name: str, folder: Path, url: str) -> None:
        self.name = name
        self.store = folder / f"{name}.db"
        self._folder = folder
        self._url = url
        self._pusher: subprocess.Popen[bytes] | None = None
        self._cpu = 0.0

    def record(self, first: int, count: int) -> Iterator[int]:
        """Record events by number; after each transaction how many of them are in the store."""
        with closing(SqliteStorage(self.store)) as storage:
            for start in range(first, first + count, _STEP):
                some = min(_STEP, first + count - start)
                events = tuple(_event(self.name, number) for number in range(start, start + some))
                storage.record(Batch(events=events, facts=_titles(events)))
                yield start + some

    def push(self) -> None:
        """Start the command, as it runs on such a machine but for the scan."""
        command = (sys.executable, "-m", "mi6_tui", "push", "--to", self._url, "--follow", "--no-scan")
        with (self._folder / f"{self.name}.log").open("ab") as log:
            self._pusher = subprocess.Popen(
                (*command, "--db", str(self.store)),
                env=os.environ | {"HOME": str(self._folder), "MI6_TUI_HOME": str(self._folder / self.name)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )

    def kill(self) -> None:
        """End the command at once, wherever it is."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """End the command as a service manager does; how it ended."""
        return self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> int:
        assert self._pusher is not None
        self._cpu += _cpu_of(self._pusher.pid)
        self._pusher.send_signal(how)
        return self._pusher.wait(_DEADLINE)

    @property
    def pusher_cpu(self) -> float:
        """Seconds of processor time that its pushers took until they were ended."""
        return self._cpu

    @property
    def said(self) -> str:
        """What its pushers narrated."""
        return (self._folder / f"{self.name}.log").read_text()


def _cpu_of(pid: int) -> float:
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


def number_of(key: str) -> tuple[str, int]:
    """The machine and the number of the event with this key."""
    name, _, number = key.partition(":")
    return name, int(number)


def _event(name: str, number: int) -> Event:
    """One of four kinds in turn, as a session writes them."""
    session = f"{name}-{number // _A_SESSION % _SESSIONS:04}"
    common = {
        "machine_id": name,
        "session_id": session,
        "timestamp": now_ms(),
        "key": f"{name}:{number}",
        "uuid": f"{name}-{number:012}",
        "source": "transcript",
        "framework": "claude",
        "transcript_path": f"/home/dev/.claude/projects/-work-greet/{session}.jsonl",
        "byte_offset": 500 * number,
        "byte_length": 480,
    }
    text = f"reads part {number} of src/greet/module_{number % 97}.py and writes a test for it"
    match number % 4:
        case 0:
            return request(model="claude-sonnet-4-5", **common)
        case 1:
            command = f'{{"command":"pytest -q tests/test_{number % 97}.py"}}'
            call = f"call-{number}"
            return make_event(
                event_type="PreToolUse", tool_name="Bash", tool_use_id=call, payload=command, **common
            )
        case 2:
            call = f"call-{number - 1}"
            return make_event(
                event_type="PostToolUse", tool_name="Bash", tool_use_id=call, outcome="ok", **common
            )
    return make_event(event_type="AssistantMessage", preview=text, **common)


def _titles(events: tuple[Event, ...]) -> tuple[SessionFact, ...]:
    """What their sessions are called, as of the last of them."""
    latest = {event.session_id: event for event in events}
    return tuple(
        SessionFact(
            machine_id=event.machine_id,
            session_id=session,
            name="title",
            value=f"Work on {session}",
            timestamp=event.timestamp,
            order=(event.timestamp, event.byte_offset or 0),
        )
        for session, event in latest.items()
    )
