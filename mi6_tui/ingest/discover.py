"""Finds transcripts: which folders to look in, and the files below them."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from mi6_tui.frameworks.base import Framework, Kind
from mi6_tui.ingest.problem import Problem, as_text, problem_of

OnProblem = Callable[[Problem], None]


class Root(msgspec.Struct, frozen=True):
    """A folder (or one file) to look in; `path` is absolute and may not exist yet.

    `named` roots were asked for by the user: they may be any place, so a file counts as soon as the
    end of its path looks like a transcript's.
    """

    framework: Framework
    path: str
    named: bool = False

    def descends(self, parts: tuple[str, ...]) -> bool:
        """Whether a folder below the root may hold transcripts."""
        return self.named or self.framework.descends(parts)

    def kind(self, parts: tuple[str, ...]) -> Kind | None:
        """How a file below the root is read; None if it is no transcript."""
        if not self.named:
            return self.framework.kind(parts)
        whole = (*Path(self.path).parts[1:], *parts)
        kinds = (self.framework.kind(whole[start:]) for start in range(len(whole)))
        return next((kind for kind in kinds if kind is not None), None)


Found = tuple[str, Kind, os.stat_result]
"""Path, kind and status of a transcript on disk."""


def default_roots(frameworks: Sequence[Framework], env: Mapping[str, str], home: Path) -> tuple[Root, ...]:
    """Where the clients themselves keep their transcripts."""
    return tuple(
        Root(framework, str(path.absolute()))
        for framework in frameworks
        for path in framework.roots(env, home)
    )


def named_roots(frameworks: Sequence[Framework], paths: Iterable[Path]) -> tuple[Root, ...]:
    """Files and folders the user named, for every client."""
    return tuple(
        Root(framework, str(path.absolute()), named=True) for path in paths for framework in frameworks
    )


def existing(roots: Iterable[Root], on_problem: OnProblem) -> list[Root]:
    """The roots that exist, resolved, each place once for each client.

    One store is often reachable by two names (a symlinked configuration folder): (device, inode)
    tells. A missing root is a problem only if the user named it.
    """
    found: dict[tuple[str, int, int], Root] = {}
    for root in roots:
        path = os.path.realpath(root.path)
        try:
            status = os.lstat(path)
        except FileNotFoundError as error:
            if root.named:
                on_problem(problem_of(root.path, error))
            continue
        except OSError as error:
            on_problem(problem_of(root.path, error))
            continue
        if not _storable(path, on_problem):
            continue
        key = root.framework.name, status.st_dev, status.st_ino
        found.setdefault(key, msgspec.structs.replace(root, path=path))
    return list(found.values())


def walk(root: Root, on_problem: OnProblem) -> Iterator[Found]:
    """The transcripts below an existing root; symlinks are not followed."""
    try:
        status = os.lstat(root.path)
    except OSError as error:
        _report(root.path, error, on_problem)
        return
    if stat.S_ISREG(status.st_mode):
        kind = root.kind(())
        if kind is not None:
            yield root.path, kind, status
        return
    folders: list[tuple[str, tuple[str, ...]]] = [(root.path, ())]
    while folders:
        folder, above = folders.pop()
        begin = folder.rstrip(os.sep) + os.sep
        with _opened(folder, on_problem) as entries:
            for entry in entries:
                path, parts = begin + entry.name, (*above, entry.name)
                try:
                    if entry.is_dir(follow_symlinks=False):
                        if root.descends(parts) and _storable(path, on_problem):
                            folders.append((path, parts))
                    elif entry.is_file(follow_symlinks=False) and (kind := root.kind(parts)) is not None:
                        status = entry.stat(follow_symlinks=False)
                        if _storable(path, on_problem):
                            yield path, kind, status
                except OSError as error:
                    _report(path, error, on_problem)


@contextmanager
def _opened(folder: str, on_problem: OnProblem) -> Iterator[list[os.DirEntry[str]]]:
    """What is in a folder; what was read of it before an error counts.

    They can be asked as long as it is open: a file is found sooner from its folder than by all of its path.
    """
    found: list[os.DirEntry[str]] = []
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        _report(folder, error, on_problem)
        yield found
        return
    try:
        try:
            with os.scandir(descriptor) as entries:
                for entry in entries:
                    found.append(entry)
        except OSError as error:
            _report(folder, error, on_problem)
        yield found
    finally:
        os.close(descriptor)


def _storable(path: str, on_problem: OnProblem) -> bool:
    """Whether the store can hold the path; one that is no UTF-8 is a problem of that file alone."""
    if path.isascii():
        return True
    try:
        path.encode()
    except UnicodeEncodeError:
        on_problem(Problem(as_text(path), "its name is not valid UTF-8"))
        return False
    return True


def _report(path: str, error: OSError, on_problem: OnProblem) -> None:
    """A file or folder that vanished between two calls is no problem: clients clean up."""
    if not isinstance(error, FileNotFoundError):
        on_problem(problem_of(path, error))
