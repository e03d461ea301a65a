"""The transcripts known to exist, how far each was read, and which have something new."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from mi6_tui.frameworks.base import Framework, Kind
from mi6_tui.ingest.compressed import plain_twin
from mi6_tui.ingest.database import LOG, with_log
from mi6_tui.ingest.discover import OnProblem, Root, existing, walk
from mi6_tui.ingest.problem import problem_of
from mi6_tui.ingest.recognise import Recogniser
from mi6_tui.ingest.tail import Status, Visit, identity, unchanged
from mi6_tui.model import FilePosition, FileSeen
from mi6_tui.storage.protocol import Storage


class Known(msgspec.Struct):
    """A transcript on disk."""

    path: str
    framework: Framework
    kind: Kind
    size: int
    mtime_ns: int
    position: FileSeen | FilePosition | None = None
    """How far it was read, and when; what the store holds may be older in its times, never in its offset."""

    @property
    def ahead(self) -> int:
        """Bytes that stand behind what was read."""
        read = self.position.byte_offset if self.position is not None else 0
        return self.size - read if read <= self.size else self.size


class Catalogue:
    """Every transcript below `roots`. Not shared between threads."""

    def __init__(self, storage: Storage, roots: Sequence[Root], *, hot_age: float) -> None:
        self._storage = storage
        self._roots = roots
        self._hot_age_ns = int(hot_age * 1e9)
        self._positions: dict[str, FileSeen | FilePosition] = {}
        """Whole only of files that were read here: the store has thousands."""
        self._files: dict[str, Known] = {}
        self._hot: dict[str, None] = {}
        self._recogniser = Recogniser()
        self.present: tuple[Root, ...] = ()
        """The roots that existed at the last walk."""

    def __len__(self) -> int:
        return len(self._files)

    def load(self, *, full: bool = False) -> None:
        """Take over from the store how far files were read; `full`: as if none had been."""
        seen = () if full else self._storage.files_seen()
        self._positions = {position.file_path: position for position in seen}
        self._files, self._hot = {}, {}

    def read(self, position: FilePosition) -> None:
        """Note that a file was read up to `position`."""
        known = self._files.get(position.file_path)
        if known is not None:
            known.position = position
        self._positions[position.file_path] = position

    def discover(self, now: int, on_problem: OnProblem) -> list[Known]:
        """Walk over all roots; the files that have something new, newest first. `now` in ms."""
        self.present = tuple(existing(self._roots, on_problem))
        found, statuses = self._walk(on_problem)
        self._files = found
        self._follow_moves(statuses)
        cold = now * 1_000_000 - self._hot_age_ns
        self._hot = {path: None for path, known in found.items() if known.mtime_ns > cold}
        changed: list[Known] = []
        positions = self._positions
        for path, known in found.items():
            position = positions.get(path)
            if position is not None and position.framework not in (None, known.framework.name):
                position = None  # read as another client's
            known.position = position
            if position is None or not unchanged(position, statuses[path]):
                changed.append(known)
        return _newest_first(changed)

    def whole(self, position: FileSeen | FilePosition | None) -> FilePosition | None:
        """All of how far a file was read, from the store if need be. StorageError as it comes."""
        if isinstance(position, FileSeen):
            return self._storage.get_transcript_position(position.file_path)
        return position

    def _walk(self, on_problem: OnProblem) -> tuple[dict[str, Known], dict[str, Status]]:
        """Every transcript below the roots, and its status."""
        found: dict[str, Known] = {}
        statuses: dict[str, Status] = {}
        rivals: dict[str, list[Known]] = {}
        for root in self.present:
            for path, kind, stat in walk(root, on_problem):
                status = with_log(path, stat) if kind == "database" else stat
                known = Known(path, root.framework, kind, status.st_size, status.st_mtime_ns)
                first = found.setdefault(path, known)
                statuses.setdefault(path, status)
                if first is not known:
                    rivals.setdefault(path, [first]).append(known)
        for path, claimants in rivals.items():
            own = self._recogniser.framework(path, [(known.framework, known.kind) for known in claimants])
            found[path] = next(known for known in claimants if known.framework is own)
        for path in [path for path, known in found.items() if known.kind == "compressed"]:
            if plain_twin(path) in found:
                del found[path], statuses[path]
        return found, statuses

    def look(self, paths: Iterable[str], now: int, on_problem: OnProblem) -> list[Known]:
        """Look at known files only; those that have something new, newest first."""
        changed: list[Known] = []
        for path in paths:
            known = self._files.get(path) or self._files.get(path.removesuffix(LOG))
            if known is None:
                continue
            path = known.path
            try:
                status: Status = os.lstat(path)
                if known.kind == "database":
                    status = with_log(path, status)
            except FileNotFoundError:
                self._hot.pop(path, None)
                continue
            except OSError as error:
                on_problem(problem_of(path, error))
                continue
            known.size, known.mtime_ns = status.st_size, status.st_mtime_ns
            self._note_heat(known, now)
            if known.position is None or not unchanged(known.position, status):
                changed.append(known)
        return _newest_first(changed)

    def hot(self) -> list[str]:
        """The files that changed within the last hour."""
        return list(self._hot)

    def is_news(self, path: str) -> bool:
        """Whether something unknown at `path` may be a transcript, or a folder of some."""
        if path in self._files:
            return False
        for root in self.present:
            if path.startswith(root.path + os.sep):
                parts = Path(path[len(root.path) + 1 :]).parts
                if root.kind(parts) is not None or (root.descends(parts) and Path(path).is_dir()):
                    return True
        return False

    def _note_heat(self, known: Known, now: int) -> None:
        if now * 1_000_000 - known.mtime_ns < self._hot_age_ns:
            self._hot[known.path] = None
        else:
            self._hot.pop(known.path, None)

    def _follow_moves(self, statuses: dict[str, Status]) -> None:
        """Let positions follow files that stand under another path now."""
        fresh = [path for path in statuses if path not in self._positions]
        if not fresh or not self._positions:
            return
        homeless = {
            (position.device, position.inode): path
            for path, position in self._positions.items()
            if position.inode is not None and path not in statuses
        }
        for path in fresh:
            inode = identity(statuses[path])
            old = homeless.get(inode)
            lines = self._files[path].kind == "lines"
            if old is not None and lines and _gone(old) and self._continues(path, self._positions[old]):
                del homeless[inode]  # a second name of the same file begins anew
                self._storage.rename_transcript(old, path)
                self._positions[path] = msgspec.structs.replace(self._positions.pop(old), file_path=path)

    def _continues(self, path: str, seen: FileSeen | FilePosition) -> bool:
        """Whether the file at `path` may be the one `seen` speaks of, of which nothing was read perhaps."""
        try:
            with Visit(path, self.whole(seen)) as visit:
                return visit.resumed or not seen.byte_offset
        except OSError:
            return False


def _newest_first(files: list[Known]) -> list[Known]:
    return sorted(files, key=lambda known: (-known.mtime_ns, known.path))


def _gone(path: str) -> bool:
    """Whether nothing stands at `path`; a folder that cannot be read proves nothing."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False
