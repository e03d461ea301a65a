"""A home in which clients write while a store is kept of it, and what that store must hold in the end."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Final

from mi6_tui.clock import now_ms
from mi6_tui.frameworks import framework
from mi6_tui.ingest import helpers, recorder
from mi6_tui.ingest.lock import WriterLock
from mi6_tui.ingest.scanner import Scanner
from mi6_tui.ingest.spool.side import Spool
from mi6_tui.paths import machine_id
from mi6_tui.stop import Stop
from mi6_tui.storage.sqlite import SqliteStorage
from tests.ingest.growth import PROJECTS, records, writes
from tests.ingest.spool.hooking import put
from tests.torture.rows import differences, rows, unsound

_HOUR: Final = 3_600_000
_EVENTS: Final = ("UserPromptSubmit", "Stop", "PreToolUse", "PostToolUse", "Notification")
Piece = tuple[str, bytes | str]
"""A file, and what is appended to it, or the name it gets."""


def nowhere(cwd: str, at: int) -> None:
    """No folder is a repository."""


class World:
    """Everything lies in `folder`. Processes other than this one open the store."""

    def __init__(self, folder: Path, chance: Random) -> None:
        self.home = folder / "home"
        self.state = folder / "state"
        self.kept = folder / "kept"
        """A copy of every hook call."""
        for made in (self.home / PROJECTS, self.spool, self.kept):
            made.mkdir(parents=True, mode=0o700)
        self.began = now_ms()
        # An hour later every file is at rest, and not opened again without need.
        self.now = self.began + chance.choice((0, _HOUR))
        self.calls = 0
        self._chance = chance
        self._todo = _pieces(chance)

    @property
    def store(self) -> Path:
        """The store's file."""
        return self.state / "mi6.db"

    @property
    def spool(self) -> Path:
        """Where hooks leave their calls."""
        return self.state / "spool"

    def beside(self, folder: Path) -> World:
        """The same home with a copy of the store and of the spool, in `folder`."""
        other = copy.copy(self)
        other.state = folder / "state"
        shutil.copytree(self.state, other.state)
        return other

    # What happens in it.

    @property
    def growing(self) -> bool:
        """Whether the clients have more to write."""
        return bool(self._todo)

    def grow(self, share: float) -> None:
        """Write a share of what is left, half lines too, and leave some hook calls."""
        for _ in range(max(1, int(len(self._todo) * share))):
            if self._todo:
                self._write(*self._todo.pop(0))
        for _ in range(self._chance.randrange(4)):
            self.call()

    def grow_up(self) -> None:
        """Write all that is left."""
        while self._todo:
            self._write(*self._todo.pop(0))

    def _write(self, name: str, told: bytes | str) -> None:
        path = self.home / PROJECTS / name
        if isinstance(told, str):
            target = self.home / PROJECTS / told
            target.parent.mkdir(parents=True, exist_ok=True)
            path.rename(target)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(told)

    def call(self) -> None:
        """A hook is called."""
        self.calls += 1
        session = sorted((self.home / PROJECTS).glob("*/*.jsonl"))
        told = {
            "session_id": self._chance.choice(session).stem if session else "nobody",
            "hook_event_name": self._chance.choice(_EVENTS),
            "cwd": "/p",
            "prompt": f"call {self.calls}",
        }
        at = self.began - 100_000 + 7 * self.calls
        file = put(self.kept, str(self.calls), json.dumps(told).encode(), at=at)
        # It appears at once and whole, with its time.
        new = Path(shutil.copy2(file, self.kept.with_name("new")))
        new.rename(self.spool / file.name)

    # Who reads it; each of these is called in a process of its own.

    def storage(self, path: Path | None = None) -> SqliteStorage:
        """The store, on the world's clock."""
        return SqliteStorage(path or self.store, clock=lambda: self.now)

    def scanner(self, storage: SqliteStorage, spool: Path | None = None) -> Scanner:
        """A scanner over all of it."""
        return Scanner(
            storage,
            [framework("claude")],
            machine_id(),
            sides=[Spool(spool or self.spool, storage, machine_id(), nowhere)],
            env={},
            home=self.home,
            lock=WriterLock(storage.path.with_name(storage.path.name + ".lock")),
            clock=lambda: self.now,
        )

    def scan(self, *, files: int = recorder.BATCH_FILES, helped: bool = False) -> None:
        """One scan, `files` to a transaction; `helped`: with two processes that read for it."""
        recorder.BATCH_FILES = files  # type: ignore[misc]
        if helped:
            helpers.WORTH_HELP = 1  # type: ignore[misc]
            helpers.helpers_for = lambda size: helpers.Helpers(2 if size else 0)
        storage = self.storage()
        self.scanner(storage).scan_once()
        storage.close()

    def follow(self) -> None:
        """A scanner that stays."""
        self.scanner(self.storage()).run(Stop())

    def gc(self, age: int) -> None:
        """Delete events that are older (ms)."""
        storage = self.storage()
        storage.gc(age)
        storage.close()

    def forget(self, session_id: str) -> None:
        """Forget a session."""
        storage = self.storage()
        storage.forget(session_id)
        storage.close()

    # What they write.

    def times(self) -> tuple[int, int]:
        """When the first and the last thing happened that transcripts tell of (ms)."""
        told = [datetime.fromisoformat(record["timestamp"]) for record in records() if "timestamp" in record]
        first, last = min(told).timestamp(), max(told).timestamp()
        return int(first * 1000), int(last * 1000)

    def sessions(self) -> list[str]:
        """The ids of all sessions."""
        return sorted({record["sessionId"] for record in records() if "sessionId" in record})

    # The end.

    def trouble(
        self, *, gc: int | None = None, forgotten: Sequence[str] = (), judged: bool = True
    ) -> str | None:
        """Catch up, and tell what differs from a store that saw everything at once; None: nothing.

        `gc`: the age (ms) of what is deleted from both; `forgotten`: sessions that are forgotten in both.
        """
        lock = WriterLock(self.store.with_name("mi6.db.lock"))
        if not lock.try_acquire():
            return "the lock is still held"
        lock.release()
        clean = self.state.parent / "clean" / "mi6.db"
        shutil.copytree(self.kept, clean.parent / "spool")
        for path, spool in ((self.store, self.spool), (clean, clean.parent / "spool")):
            storage = self.storage(path)
            report = self.scanner(storage, spool).scan_once()
            for session_id in forgotten:
                storage.forget(session_id)
            if gc is not None:
                storage.gc(gc)
            storage.close()
            if report.blocked or report.problems:
                return f"{path.parent.name}: {report}"
        if wrong := unsound(self.store):
            return f"unsound: {wrong}"
        found, expected = rows(self.store), rows(clean)
        if not forgotten and gc is None and (count := _calls(found)) != self.calls:
            return f"{count} hook calls of {self.calls} are in the store"
        return differences(found, expected, judged=judged) or self._left_over()

    def _left_over(self) -> str | None:
        left = {path.name for folder in (self.state, self.spool) for path in folder.iterdir()}
        strange = sorted(left - {"mi6.db", "mi6.db.lock", "spool", "logs"})
        return f"left over: {', '.join(strange)}" if strange else None


def _calls(found: dict[str, list[dict[str, object]]]) -> int:
    return sum(row["source"] == "hook" for row in found["events"])


def _pieces(chance: Random) -> list[Piece]:
    """All that the clients write, cut anywhere."""
    pieces: list[Piece] = []
    for write in writes():
        if write.moved_to is not None:
            pieces.append((write.file, write.moved_to))
            continue
        data = "".join(line + "\n" for line in write.append).encode()
        cut = chance.randrange(len(data)) if chance.random() < 0.3 else 0
        pieces += [(write.file, part) for part in (data[:cut], data[cut:]) if part]
    return pieces
