"""Changes as Linux announces them: it sleeps until there is one."""

from __future__ import annotations

import errno
import os
import select
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from io import FileIO
from types import TracebackType
from typing import Final, Self

from inotify_simple import Event, INotify, flags

_GATHER: Final = 0.01
"""Seconds from the first change until it is told: what a client writes in one go comes in one piece."""
_APART: Final = 0.05
"""Seconds between two tellings, so that somebody who writes all the time costs no more than this."""
_MASK: Final = int(
    flags.CREATE
    | flags.MODIFY
    | flags.ATTRIB
    | flags.MOVED_FROM
    | flags.MOVED_TO
    | flags.DELETE
    | flags.DELETE_SELF
    | flags.MOVE_SELF
    | flags.ONLYDIR
    | flags.DONT_FOLLOW
)
_IS_FOLDER: Final = int(flags.ISDIR)
_COME: Final = int(flags.CREATE | flags.MOVED_TO)
_ALTERED: Final = int(flags.ATTRIB)
_MOVED_AWAY: Final = int(flags.MOVED_FROM)
_UNWATCHED: Final = int(flags.IGNORED)
_OVERFLOW: Final = int(flags.Q_OVERFLOW)
_OPENED: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FATAL: Final = frozenset({errno.ENOSPC, errno.ENOMEM, errno.EMFILE, errno.ENFILE})
"""A folder for which one of these comes exists, and would not be watched."""


class Folders:
    """Watches with inotify; as it knows single folders only, each below has a watch of its own.

    A context manager.
    """

    def __init__(self, folders: Sequence[str]) -> None:
        self._roots = tuple(folders)
        self._paths: dict[int, str] = {}
        """The folder of each watch."""
        with ExitStack() as opened:
            # A file, for that one knows when it is closed, where its number may be another's by then.
            event = os.eventfd(0, os.EFD_CLOEXEC)
            self._ended = opened.enter_context(open(event, "wb", buffering=0))
            self._inotify = _instance()
            opened.callback(lambda: self._inotify.close())  # whichever it is then
            self._watch_all()
            self._opened = opened.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()

    def __iter__(self) -> Iterator[set[str]]:
        """See `Announced`."""
        yield set()
        while not self._sleep(None, self._inotify, self._ended):
            if self._sleep(_GATHER, self._ended):
                return
            if changes := self._changes():
                yield changes
                if self._sleep(_APART, self._ended):
                    return

    def end(self) -> None:
        """See `Announced`."""
        with suppress(ValueError):  # closed by now
            self._ended.write((1).to_bytes(8, sys.byteorder))

    def _sleep(self, seconds: float | None, *files: FileIO) -> bool:
        """Until one of them has something to tell, or the time is over; whether it is to end."""
        poll = select.poll()
        for file in files:
            poll.register(file, select.POLLIN)
        told = poll.poll(None if seconds is None else seconds * 1000)
        return any(number == self._ended.fileno() for number, _ in told)

    def _changes(self) -> set[str]:
        changes: set[str] = set()
        for event in self._inotify.read(timeout=0):
            if event.mask & _OVERFLOW:
                # Folders that came, moved or went may be among what was lost.
                self._inotify.close()
                self._inotify = _instance()
                self._watch_all()
                return {root + os.sep for root in self._roots}
            changes.update(self._told(event))
        return changes

    def _told(self, event: Event) -> Iterator[str]:
        if event.mask & _UNWATCHED:
            self._paths.pop(event.wd, None)
            return
        folder = self._paths.get(event.wd)
        if folder is None:
            return  # of a watch that was given up
        path = f"{folder}{os.sep}{event.name}" if event.name else folder
        yield path
        if event.mask & _IS_FOLDER:
            if event.mask & _MOVED_AWAY:
                self._forget(path)
            elif event.mask & _COME or (event.mask & _ALTERED and path not in self._paths.values()):
                # What was made in it before it was watched, or could be.
                yield from self._watch(path)

    def _watch_all(self) -> None:
        self._paths = {}
        for root in self._roots:
            self._watch(root)

    def _watch(self, folder: str) -> list[str]:
        """Watch it and all below it; the files in there. Symlinks are not followed.

        OSError if the system grants no more.
        """
        files: list[str] = []
        folders = [folder]
        while folders and not self._sleep(0, self._ended):
            path = folders.pop()
            try:
                self._paths[self._add(path)] = path
                found, below = _inside(path)
            except OSError as error:
                if error.errno in _FATAL or error.errno is None:
                    raise
                continue  # gone again, a link by now, or not for us to read
            files += found
            folders += below
        return files

    def _add(self, folder: str) -> int:
        try:
            return int(self._inotify.add_watch(folder, _MASK))
        except OSError as error:
            if error.errno == errno.ENOSPC:  # "no space left on device" would be said of a disk
                raise OSError("no further folder can be watched; see fs.inotify.max_user_watches") from error
            raise

    def _forget(self, folder: str) -> None:
        """Give up the watches below a folder that was moved; where it came to it is watched anew."""
        below = folder + os.sep
        for watch, path in tuple(self._paths.items()):
            if path == folder or path.startswith(below):
                del self._paths[watch]
                with suppress(OSError):  # it went by itself
                    self._inotify.rm_watch(watch)


def _instance() -> INotify:
    try:
        return INotify()
    except OSError as error:
        raise OSError(f"{error.strerror}; see fs.inotify.max_user_instances") from error


def _inside(folder: str) -> tuple[list[str], list[str]]:
    """The files and the folders in it. Opened first, for a name may lead elsewhere at each use."""
    files: list[str] = []
    folders: list[str] = []
    descriptor = os.open(folder, _OPENED)
    try:
        with os.scandir(descriptor) as entries:
            for entry in entries:
                kind = folders if entry.is_dir(follow_symlinks=False) else files
                kind.append(f"{folder}{os.sep}{entry.name}")
    finally:
        os.close(descriptor)
    return files, folders
