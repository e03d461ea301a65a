"""Real processes that stand for clients, and the files that clients keep of them."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from mi6_tui.clock import now_ms
from mi6_tui.frameworks.claude import Claude
from mi6_tui.frameworks.copilot import Copilot
from mi6_tui.frameworks.live import Program
from mi6_tui.ingest.live.processes import system_processes
from mi6_tui.ingest.live.witnesses import Witnesses
from mi6_tui.model import Batch, Claim, Event, EventType, Session, Source
from mi6_tui.storage.sqlite import SqliteStorage
from tests.ingest.numbers import MACHINE, Numbers

if TYPE_CHECKING:
    from tests.ingest.conftest import Clock

AGENT = f"agent-{secrets.token_hex(6)}"
"""What no other process on this machine is called."""
OTHER = f"other-{secrets.token_hex(6)}"


class Agent(Numbers):
    """A client without a registry."""

    name = "agent"
    program = Program(names=frozenset({AGENT}))


class OwnClaude(Claude):
    """The real client's files, under a name that no real process has."""

    program = Program(names=frozenset({AGENT}))


class OwnCopilot(Copilot):
    """The same."""

    program = Program(names=frozenset({AGENT}))


class Living:
    """Starts processes, and ends all of them."""

    def __init__(self) -> None:
        self._running: list[subprocess.Popen[str]] = []

    def start(
        self,
        *command: str,
        program: str = "/bin/sh",
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        user: int | None = None,
    ) -> subprocess.Popen[str]:
        """A process that goes by the name `command[0]` and does what its input tells."""
        process = subprocess.Popen(
            command,
            executable=program,
            cwd=cwd,
            env={"PATH": os.environ["PATH"], **(env or {})},
            user=user,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._running.append(process)
        return process

    def agent(self, *arguments: str, **options: Any) -> subprocess.Popen[str]:
        """A shell that is called as the client is and waits for orders."""
        process = self.start(AGENT, "-s", *arguments, **options)
        order(process, "echo")  # until then it may not have its name yet
        return process

    def close(self) -> None:
        for process in self._running:
            with suppress(psutil.NoSuchProcess):
                for child in psutil.Process(process.pid).children(recursive=True):
                    child.kill()
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()


def order(process: subprocess.Popen[str], command: str) -> str:
    """Have the shell run a command that prints one line."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(command + "\n")
    process.stdin.flush()
    return process.stdout.readline().strip()


def background(process: subprocess.Popen[str], program: str = "sh") -> int:
    """Have the shell start a child that does nothing; its pid, once it has its name."""
    return int(order(process, f"{program} -c 'echo $$; kill -STOP $$' &"))


def kill(process: subprocess.Popen[str]) -> None:
    """SIGKILL, and wait until nothing of it is left."""
    process.kill()
    process.wait()


def ticks(pid: int) -> int:
    """Its start, as the kernel tells it."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])


def domain() -> str:
    """Where our pids count, as the client writes it."""
    machine = Path("/etc/machine-id")
    told = machine.read_text().strip() if machine.exists() else ""
    return f"linux:{told}:{Path('/proc/self/ns/pid').readlink()}"


class World:
    """A home folder, a store and the witnesses over both; time passes only when told."""

    def __init__(self, home: Path, store: SqliteStorage, clock: Clock, living: Living) -> None:
        self.home = home
        self.living = living
        self.store = store
        self.clock = clock
        clock.ms = now_ms()
        self.problems: list[str] = []
        self.restart()

    def restart(self) -> None:
        """Begin anew with what the store holds."""
        self.witnesses = Witnesses(
            self.store,
            [OwnClaude(), OwnCopilot(), Agent()],
            MACHINE,
            env={},
            home=self.home,
            processes=system_processes(),
        )

    def agent(self, *arguments: str, **options: Any) -> subprocess.Popen[str]:
        """A client's process that has started a moment ago."""
        process = self.living.agent(*arguments, **options)
        self.clock.ms = max(self.clock.ms, now_ms() + 1_000)
        return process

    def look(self, seconds: float = 0) -> int:
        """Look once, that much later."""
        self.clock.forward(seconds)
        return self.witnesses.look(self.clock.ms, lambda problem: self.problems.append(str(problem)))

    def claim(self, session_id: str, witness: str) -> Claim | None:
        """The last word of a witness, as the store has it."""
        found = [said for said in self.store.claims(MACHINE, session_id) if said.witness == witness]
        return found[0] if found else None

    def said(self, session_id: str, witness: str) -> tuple[str, str] | None:
        """Its kind and detail."""
        claim = self.claim(session_id, witness)
        return (claim.kind, claim.detail) if claim else None

    def session(self, session_id: str) -> Session:
        found = self.store.get_session_by_key(MACHINE, session_id)
        assert found is not None
        return found

    def happens(self, session_id: str, event_type: str = EventType.USER_PROMPT_SUBMIT, **more: Any) -> None:
        """An event of a session now, from its transcript unless said otherwise."""
        fields: dict[str, Any] = {
            "framework": "agent",
            "source": Source.TRANSCRIPT,
            "timestamp": self.clock.ms,
        }
        key = f"{session_id}:{secrets.token_hex(4)}"
        event = Event(
            machine_id=MACHINE, session_id=session_id, event_type=event_type, key=key, **fields | more
        )
        self.store.record(Batch(events=(event,)))

    def entry(self, pid: int, session_id: str, **fields: Any) -> Path:
        """Claude's entry of a process, whole; a field that is None is left out."""
        path = self.home / ".claude" / "sessions" / f"{pid}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        told = {
            "pid": pid,
            "sessionId": session_id,
            "procStart": str(ticks(pid)) if Path(f"/proc/{pid}").exists() else "1",
            "startedAt": self.clock.ms,
            "statusUpdatedAt": self.clock.ms,
            "pidDomain": domain(),
            "status": "idle",
            **fields,
        }
        path.write_text(json.dumps({name: value for name, value in told.items() if value is not None}))
        return path
