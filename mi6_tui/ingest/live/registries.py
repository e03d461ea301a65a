"""What the clients' own registries hold, read only where something changed."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from mi6_tui.frameworks.base import Framework
from mi6_tui.frameworks.live import Live, Registry
from mi6_tui.ingest.discover import OnProblem
from mi6_tui.ingest.problem import problem_of

_SETTLED_NS: Final = 1_000_000_000
"""A file that changed more recently may change again without another time of change."""


class Entry(NamedTuple):
    """One entry, and the client whose it is."""

    framework: Framework
    live: Live


class Changes(NamedTuple):
    """What is new since the last look, by the paths of entries."""

    told: dict[str, Entry]
    """New ones, and those that say something else."""
    removed: tuple[str, ...]
    """Whose file the client took away."""
    lost: tuple[str, ...]
    """Whose whole folder went: by whom, and why, nobody knows."""


class _Folder(NamedTuple):
    framework: Framework
    registry: Registry
    path: Path


class Registries:
    """The registries of those clients that have one."""

    def __init__(self, frameworks: Sequence[Framework], env: Mapping[str, str], home: Path) -> None:
        self._folders = [
            _Folder(framework, registry, path)
            for framework in frameworks
            if (registry := framework.registry()) is not None
            for path in registry.folders(env, home)
        ]
        roots = {root for framework in frameworks for root in framework.roots(env, home)}
        # Where entries lie among transcripts, nearly all that changes there are those.
        self._announced = [folder.path for folder in self._folders if folder.path not in roots]
        self._stamps: dict[str, tuple[int, int, int]] = {}
        """Of each entry that has settled: time of change (ns), size and inode when it was read."""
        self._said: dict[str, Entry] = {}
        self._listed: dict[Path, list[str]] = {}
        self._settled: dict[Path, tuple[int, Sequence[Path]]] = {}
        """Time of change (ns) of each folder that has settled, and the entries that it held then."""

    def folders(self) -> list[str]:
        """The existing folders, resolved, in which each change is worth a look."""
        return [os.path.realpath(path) for path in self._announced if path.is_dir()]

    def covers(self, framework: Framework) -> bool:
        """Whether an existing registry tells which sessions of the client are open."""
        return any(folder.path in self._listed for folder in self._folders if folder.framework is framework)

    def look(self, on_problem: OnProblem) -> Changes:
        """Read what changed. A folder that cannot be listed keeps what it had, and is a problem."""
        told: dict[str, Entry] = {}
        removed: list[str] = []
        lost: list[str] = []
        for folder in self._folders:
            before = self._listed.get(folder.path, [])
            try:
                paths = self._entries(folder)
            except FileNotFoundError:
                lost += self._forget(before)
                self._listed.pop(folder.path, None)
                continue
            except OSError as error:
                on_problem(problem_of(str(folder.path), error))
                continue
            self._listed[folder.path] = present = self._read(folder, paths, told, on_problem)
            if len(before) != len(present) or before != present:
                removed += self._forget(set(before).difference(present))
        return Changes(told, tuple(removed), tuple(lost))

    def _entries(self, folder: _Folder) -> Sequence[Path]:
        """The entries of a folder, which is listed again when one came or went."""
        changed_at = folder.path.stat().st_mtime_ns
        known = self._settled.get(folder.path)
        if known is not None and known[0] == changed_at:
            return known[1]
        self._settled.pop(folder.path, None)
        paths = folder.registry.entries(folder.path)
        # A folder does not tell what comes and goes in folders below it.
        if paths and _has_settled(changed_at) and all(path.parent == folder.path for path in paths):
            self._settled[folder.path] = changed_at, paths
        return paths

    def _read(
        self, folder: _Folder, paths: Iterable[Path], told: dict[str, Entry], on_problem: OnProblem
    ) -> list[str]:
        """Read the entries that changed; those that exist."""
        present = []
        for path in paths:
            name = str(path)
            try:
                status = os.lstat(name)
                present.append(name)
                stamp = status.st_mtime_ns, status.st_size, status.st_ino
                if self._stamps.get(name) == stamp or not _ours(status):
                    continue
                live = folder.registry.read(path)
            except FileNotFoundError:
                continue  # taken away since it was listed
            except OSError as error:
                on_problem(problem_of(name, error))
                continue
            if live is None:
                continue  # half written: looked at again, and what it said before still holds
            if _has_settled(status.st_mtime_ns):
                self._stamps[name] = stamp
            entry = Entry(folder.framework, live)
            if self._said.get(name) != entry:
                self._said[name] = told[name] = entry
        return present

    def _forget(self, paths: Iterable[str]) -> list[str]:
        """Drop entries that are no more; those of them that had said something."""
        gone = []
        for path in paths:
            self._stamps.pop(path, None)
            if self._said.pop(path, None) is not None:
                gone.append(path)
        return gone


def _has_settled(changed_at: int) -> bool:
    """Whether the time of change (ns) will be another after the next change."""
    return abs(time.time_ns() - changed_at) > _SETTLED_NS


def _ours(status: os.stat_result) -> bool:
    """A plain file of this user; another's says nothing here."""
    return stat.S_ISREG(status.st_mode) and status.st_uid == os.getuid()
