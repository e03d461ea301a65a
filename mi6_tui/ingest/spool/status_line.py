"""What clients told their status lines, into the store: a file a session, which holds its latest word.

The files are written by `status.sh` and called `CLIENT.SESSION`; they hold what the client said and nothing
else, and their mtime is when. One that is being read is called `.CLIENT.SESSION.read`; other names that begin
with a dot are not complete.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from mi6_tui import frameworks
from mi6_tui.frameworks.hooks import StatusLined
from mi6_tui.ingest.discover import OnProblem
from mi6_tui.ingest.problem import Problem, as_text
from mi6_tui.ingest.spool import folder as spool_folder
from mi6_tui.ingest.spool.file import Waiting, read_file
from mi6_tui.ingest.spool.record import CallError
from mi6_tui.model import Batch, Telemetry
from mi6_tui.storage.protocol import Storage

MOST_FILES: Final = 1000
_NAME: Final = re.compile(r"([a-z]{1,20})\.[0-9A-Za-z_-]{1,128}")
_TAKEN: Final = ".read"
_UNFINISHED: Final = 60_000
"""ms after which a file that is not complete never will be."""
_REPEATED: Final = 60_000
"""ms within which the same said again is no news: a line may be drawn each second."""


class StatusLines:
    """Works off `folder` (a `Side`). What was read is deleted when it stands in the store."""

    every = 5.0

    def __init__(self, folder: Path, storage: Storage, machine_id: str) -> None:
        self._folder = str(folder)
        self._storage = storage
        self._machine_id = machine_id
        self._said: dict[str, tuple[int, tuple[Telemetry, ...]]] = {}
        """What each file said last, without its time, and when."""

    def folders(self) -> Sequence[str]:
        """None: lines are drawn all the time, and nothing waits for what they say."""
        return ()

    def look(self, now: int, on_problem: OnProblem) -> int:
        """Record what was told by `now` (ms); how much was new. StorageError ends it."""
        with spool_folder.opened(self._folder) as folder:
            if folder is None:
                return 0
            told: list[Telemetry] = []
            done: list[str] = []
            for file in spool_folder.waiting(folder)[:MOST_FILES]:
                taken = _taken(folder, file, now)
                if taken is None:
                    continue
                done.append(taken)
                try:
                    told += self._read(folder, file, taken, now)
                except CallError as error:
                    path = as_text(str(Path(self._folder, file.name)))
                    on_problem(Problem(path, f"nothing that a status line is told: {error.message}"))
            if told:
                self._storage.record(Batch(telemetry=tuple(told)))
            spool_folder.remove(folder, done)
            return len(told)

    def _read(self, folder: int, file: Waiting, taken: str, now: int) -> Sequence[Telemetry]:
        """What a file says that was not said just before. CallError if it says nothing."""
        name = file.name.removeprefix(".").removesuffix(_TAKEN)
        client = name.partition(".")[0]
        hooks: object = frameworks.framework(client).hooks() if client in frameworks.names() else None
        if not isinstance(hooks, StatusLined):
            raise CallError("it is of a client nobody knows")
        try:
            data, mtime_ns = read_file(folder, taken)
        except OSError as error:
            raise CallError(f"it cannot be read: {error.strerror}") from error
        told = hooks.status_line(data, self._machine_id, min(mtime_ns // 1_000_000, now))
        if not told:
            raise CallError("it tells of no session")
        return self._news(name, told)

    def _news(self, name: str, told: Sequence[Telemetry]) -> Sequence[Telemetry]:
        at = told[0].at
        said = tuple(msgspec.structs.replace(one, at=0, received_at=0) for one in told)
        before = self._said.get(name)
        if before is not None and before[1] == said and 0 <= at - before[0] < _REPEATED:
            return ()
        if len(self._said) >= MOST_FILES:
            self._said.clear()
        self._said[name] = at, said
        return told


def _taken(folder: int, file: Waiting, now: int) -> str | None:
    """The name of a complete file after nobody but us writes it; None if it is none, or gone."""
    if file.regular and _NAME.fullmatch(file.name):
        taken = f".{file.name}{_TAKEN}"
        with suppress(OSError):
            os.rename(file.name, taken, src_dir_fd=folder, dst_dir_fd=folder)
            return taken
        return None
    if file.name.startswith(".") and file.name.endswith(_TAKEN):
        return file.name  # whoever read it was stopped
    if abs(now - file.mtime_ns // 1_000_000) > _UNFINISHED:
        spool_folder.remove(folder, [file.name])
    return None
