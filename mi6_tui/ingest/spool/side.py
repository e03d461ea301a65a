"""Hook calls from the spool folder into the store. The format of its files: see `file`."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from mi6_tui.ingest.discover import OnProblem
from mi6_tui.ingest.problem import Problem, as_text
from mi6_tui.ingest.spool import folder as spool_folder
from mi6_tui.ingest.spool.file import NAME, Waiting, call_of, read_file, split
from mi6_tui.ingest.spool.record import CallError, CallRecorder, Git, Heard, heard
from mi6_tui.storage.protocol import Storage

MOST_FILES: Final = 20_000
MOST_BYTES: Final = 256 << 20
"""What is beyond is dropped, the oldest first. The hooks' script keeps to half of it, by a rough count."""
_PIECE_FILES: Final = 256
_PIECE_BYTES: Final = 4 << 20
_UNFINISHED: Final = 60_000
"""ms after which a file that is not complete never will be."""
_MOST_STUCK: Final = 1000


class Spool:
    """Works off the spool in `folder` (a `Side`); `git` says where the sessions work.

    A file is deleted only when what it says stands in the store, where it is known by name and time: whatever
    stops this in between, nothing is lost or recorded twice.
    """

    every = 2.0

    def __init__(self, folder: Path, storage: Storage, machine_id: str, git: Git) -> None:
        self._folder = str(folder)
        self._machine_id = machine_id
        self._recorder = CallRecorder(storage, machine_id, git)
        self._stuck: set[str] = set()
        """Files that are no calls and cannot be moved: told once."""

    def folders(self) -> Sequence[str]:
        """The spool, as soon as there is one."""
        real = os.path.realpath(self._folder)
        return (real,) if Path(real).is_dir() else ()

    def look(self, now: int, on_problem: OnProblem) -> int:
        """Record what hooks told by `now` (ms); how many events were new. StorageError ends it."""
        with spool_folder.opened(self._folder) as folder:
            if folder is None:
                return 0
            new = 0
            refused: defaultdict[str, list[Waiting]] = defaultdict(list)
            for piece in _pieces(self._bounded(folder, on_problem)):
                calls: dict[str, Heard] = {}
                for file in piece:
                    try:
                        call = self._read(folder, file, now)
                    except CallError as error:
                        refused[error.message].append(file)
                    else:
                        if call is not None:
                            calls[file.name] = call
                if calls:
                    new += self._recorder.record(list(calls.values()))
                    spool_folder.remove(folder, calls)
            self._set_aside(folder, refused, on_problem)
            return new

    def _bounded(self, folder: int, on_problem: OnProblem) -> list[Waiting]:
        """What waits, after the oldest were dropped that are too many."""
        files = spool_folder.waiting(folder)
        excess = max(0, len(files) - MOST_FILES)
        size = sum(file.size for file in files[excess:])
        while size > MOST_BYTES:
            size -= files[excess].size
            excess += 1
        if excess and (gone := spool_folder.drop(folder, files[:excess])):
            on_problem(Problem(as_text(self._folder), f"{gone} hook calls were too many to keep"))
        return files[excess:]

    def _read(self, folder: int, file: Waiting, now: int) -> Heard | None:
        """What a file says; None if it is not complete yet, or gone. CallError if it says nothing ever."""
        if not file.regular:
            raise CallError("it is no file")
        if not NAME.fullmatch(file.name):
            raise CallError("no hook gives such a name")
        try:
            data, mtime_ns = read_file(folder, file.name)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise CallError(f"it cannot be read: {error.strerror}") from error
        parts = None if file.name.startswith(".") else split(data)
        if parts is None:
            if abs(now - mtime_ns // 1_000_000) <= _UNFINISHED:
                return None
            raise CallError("it was never finished")
        return heard(call_of(file.name, mtime_ns, now, *parts), self._machine_id)

    def _set_aside(
        self, folder: int, refused: Mapping[str, Sequence[Waiting]], on_problem: OnProblem
    ) -> None:
        """Move what is no call out of the way, and tell it once, in a line for each reason."""
        for why, files in refused.items():
            places = [(file, spool_folder.set_aside(folder, file)) for file in files]
            news = [(file, place) for file, place in places if place or file.name not in self._stuck]
            if len(self._stuck) > _MOST_STUCK:
                self._stuck.clear()
            self._stuck.update(file.name for file, place in news if place is None)
            if news:
                file, place = news[0]
                others = f", and {len(news) - 1} more" if len(news) > 1 else ""
                path = as_text(str(Path(self._folder, place or file.name)))
                on_problem(Problem(path, f"no hook call: {why}{others}"))


def _pieces(files: Sequence[Waiting]) -> Iterator[list[Waiting]]:
    """Runs of files that are recorded together; a large one alone."""
    piece: list[Waiting] = []
    size = 0
    for file in files:
        if piece and (len(piece) >= _PIECE_FILES or size + file.size > _PIECE_BYTES):
            yield piece
            piece, size = [], 0
        piece.append(file)
        size += file.size
    if piece:
        yield piece
