"""Sessions that run: each with a process, an entry in its client's registry, and a transcript that grows."""

from __future__ import annotations

import json
import os
import subprocess
from collections import deque
from pathlib import Path
from types import TracebackType
from typing import Final

from mi6_tui.bench.corpus import session_id, turn_lines
from mi6_tui.ingest.live.processes import system_processes

_CLIENT: Final = "#!/bin/sh\nread -r line\n"
"""Waits for the end of its stdin: it cannot outlive who started it."""


class _Member:
    """One session of a herd."""

    def __init__(self, home: Path, number: int, at: int) -> None:
        self._number = number
        self._turn = 0
        self._answer: list[bytes] = []
        self._home = home
        self._folder = home / f"project-{number}"
        self._folder.mkdir()
        projects = home / ".claude" / "projects" / f"-project-{number}"
        projects.mkdir(parents=True)
        self._transcript = projects / f"{session_id(number)}.jsonl"
        self._started_at = at
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Its process begins, and it does a first turn."""
        self._process = subprocess.Popen(  # noqa: S603
            (self._home / "claude",), cwd=self._folder, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
        )
        self.begin(self._started_at)
        self.finish(self._started_at)

    def begin(self, at: int) -> None:
        """It is asked something at `at` (ms)."""
        prompt, *self._answer = turn_lines(self._number, self._turn, at)
        self._turn += 1
        self._append([prompt], at)
        self._tell("busy", at)

    def finish(self, at: int) -> None:
        """It has answered."""
        self._append(self._answer, at)
        self._tell("idle", at)

    def end(self) -> None:
        """Its process goes, and what it told of itself."""
        if self._process is not None:
            self._entry(self._process.pid).unlink(missing_ok=True)
            self._process.kill()
            self._process.communicate()

    def _entry(self, pid: int) -> Path:
        return self._home / ".claude" / "sessions" / f"{pid}.json"

    def _append(self, lines: list[bytes], at: int) -> None:
        with self._transcript.open("ab") as file:
            file.writelines(lines)
        # By the clock that the session lives on, which need not be the machine's.
        os.utime(self._transcript, (at / 1000, at / 1000))

    def _tell(self, status: str, at: int) -> None:
        if self._process is None:
            return
        pid = self._process.pid
        entry: dict[str, object] = {
            "pid": pid,
            "sessionId": session_id(self._number),
            "cwd": str(self._folder),
            "startedAt": self._started_at,
            "version": "2.1.330",
            "entrypoint": "cli",
            "status": status,
            "statusUpdatedAt": at,
            "updatedAt": at,
        }
        found = system_processes().find(pid)
        ticks = found.identity.rsplit(" ", 1)[-1] if found is not None else ""
        if ticks.isdigit():
            entry["procStart"] = ticks
        self._entry(pid).write_text(json.dumps(entry))
        os.utime(self._entry(pid), (at / 1000, at / 1000))


class Herd:
    """So many sessions below `home`, each with a turn done at `at` (ms); a context manager that ends them."""

    def __init__(self, home: Path, size: int, at: int) -> None:
        self._home = home
        (home / ".claude" / "sessions").mkdir(parents=True)
        program = home / "claude"
        program.write_text(_CLIENT)
        program.chmod(0o700)
        self.known = 0
        """How many sessions there were so far."""
        self._idle: deque[_Member] = deque()
        self._busy: deque[_Member] = deque()
        try:
            for _ in range(size):
                self._join(at)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Herd:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """All of them end."""
        for member in (*self._idle, *self._busy):
            member.end()

    def begin(self, at: int) -> None:
        """The session that has rested the longest is asked something. IndexError if none rests."""
        member = self._idle.popleft()
        self._busy.append(member)
        member.begin(at)

    def finish(self, at: int) -> None:
        """The session that has worked the longest has answered. IndexError if none works."""
        member = self._busy.popleft()
        self._idle.append(member)
        member.finish(at)

    def replace(self, at: int) -> None:
        """The session that has rested the longest ends, and another one starts."""
        self._idle.popleft().end()
        self._join(at)

    def _join(self, at: int) -> None:
        member = _Member(self._home, self.known, at)
        self._idle.append(member)
        self.known += 1
        member.start()
