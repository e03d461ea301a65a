"""Looks at files and folders, and changes none."""

from __future__ import annotations

import fcntl
import os
import platform
import pwd
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import msgspec

from mi6_tui import __version__, frameworks
from mi6_tui.doctor import facts, logs
from mi6_tui.doctor.content import content
from mi6_tui.doctor.mounts import network
from mi6_tui.errors import Mi6Error, StorageError
from mi6_tui.frameworks.base import Framework
from mi6_tui.hooks.place import Place
from mi6_tui.hooks.state import installed
from mi6_tui.ingest.lock import holder_in, open_lock
from mi6_tui.ingest.loopback.tidings import tidings_of
from mi6_tui.ingest.problem import as_text
from mi6_tui.ingest.spool import folder as spool_folder
from mi6_tui.model import ReadBelow
from mi6_tui.paths import Paths, machine_id

JudgeSettings = Callable[[Path], Iterable[str]]
_LIBRARIES: Final = ("textual", "apsw", "msgspec", "inotify-simple", "watchfiles", "psutil", "pydantic")
"""By the names they are installed under; which of them are depends on the system."""


def gather(
    place: Place,
    where: Paths,
    now: int,
    *,
    known: facts.Content | None = None,
    clients: Sequence[facts.Client] = (),
    problems: Sequence[str] = (),
    integrity: facts.Integrity | None = None,
    machine: facts.Machine | None = None,
    judge_settings: JudgeSettings = lambda _: (),
) -> facts.Facts:
    """All facts at `now` (ms), about the store and the other files that `where` names.

    `known` is what the store says, if somebody asked it already: else it is opened for that, reading only.
    `clients` as they were found a moment ago, which is the most of the work. `judge_settings` finds what is
    wrong with a settings file, a line each: those who use it know.
    """
    store = store_file(where.store)
    clients = tuple(clients or (_client(frameworks.framework(name), place) for name in frameworks.names()))
    trouble = ""
    if known is None and (store.bytes is not None or where.store.is_symlink()):
        try:
            known = _content(where.store, clients, now)
        except StorageError as error:
            trouble = str(error)
    if known is not None:
        clients = tuple(_with_counts(client, known.roots) for client in clients)
    return facts.Facts(
        now=now,
        store=store,
        store_problem=trouble,
        integrity=integrity,
        machine=machine or facts.Machine(),
        content=known,
        writer=writer(where.writer_lock),
        clients=clients,
        spool=spool(where.spool),
        settings=settings(where.settings, judge_settings),
        log=logs.log(where.logs, now),
        problems=tuple(problems),
        ports=tidings_of(where.store),
        versions=versions(),
    )


def store_file(path: Path) -> facts.StoreFile:
    """The store in the file `path`, which need not exist."""
    try:
        status = path.stat()
    except OSError:
        return facts.StoreFile(
            path=as_text(str(path)), writable=_can_make(path), free_bytes=_free(path), network=network(path)
        )
    return facts.StoreFile(
        path=as_text(str(path)),
        bytes=status.st_size,
        log_bytes=_size(path.with_name(path.name + "-wal")),
        writable=os.access(path, os.W_OK) and os.access(path.parent, os.W_OK | os.X_OK),
        private=not status.st_mode & 0o077 or not path.parent.stat().st_mode & 0o077,
        owner=_other_owner(status.st_uid),
        free_bytes=_free(path),
        network=network(path),
    )


def _other_owner(uid: int) -> str | None:
    """The name of a user who is not this one."""
    if uid == os.geteuid():
        return None
    try:
        return as_text(pwd.getpwuid(uid).pw_name)
    except KeyError:
        return str(uid)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _nearest(path: Path) -> Path:
    """The nearest folder above `path` that exists."""
    return next(
        (folder for folder in path.parents if os.path.isdir(folder)),  # noqa: PTH112 (never raises)
        Path("/"),
    )


def _can_make(path: Path) -> bool:
    return os.access(_nearest(path), os.W_OK | os.X_OK)


def _free(path: Path) -> int | None:
    try:
        return shutil.disk_usage(_nearest(path)).free
    except OSError:
        return None


def _content(store: Path, clients: Sequence[facts.Client], now: int) -> facts.Content:
    from mi6_tui.storage import open_storage

    storage = open_storage(store, read_only=True)
    try:
        return content(storage, machine_id(), _paths(clients), now)
    finally:
        storage.close()


def _paths(clients: Sequence[facts.Client]) -> list[str]:
    return [root.path for client in clients for root in client.roots]


def roots_of(place: Place) -> list[str]:
    """The folders of all clients, as the store knows them."""
    return [
        _resolved(root)
        for name in frameworks.names()
        for root in frameworks.framework(name).roots(place.env, place.home)
    ]


def _resolved(path: Path) -> str:
    return as_text(os.path.realpath(path.absolute()))


def writer(lock: Path) -> facts.Writer:
    """Who holds the lock; it is not taken from anybody for that."""
    try:
        handle = open_lock(lock, os.O_RDONLY)
    except FileNotFoundError:
        return facts.Writer(role="nobody")
    except OSError as error:
        return facts.Writer(role="nobody can", problem=f"{as_text(str(lock))}: {error.strerror}")
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        pid = holder_in(handle)
        ours = pid == os.getpid()
        return facts.Writer(role="this process" if ours else "another process", pid=pid)
    except OSError as error:
        return facts.Writer(role="nobody can", problem=f"{as_text(str(lock))}: {error.strerror}")
    finally:
        os.close(handle)
    return facts.Writer(role="nobody")


def _client(client: Framework, place: Place) -> facts.Client:
    present = False
    try:
        present = place.present(client.name)
        hooks = tuple(installed(client.name, "user", place))
    except (Mi6Error, OSError):
        hooks = ()
    registry = client.registry()
    registries = None
    if registry is not None:
        folders = registry.folders(place.env, place.home)
        registries = tuple(as_text(str(folder)) for folder in folders if os.path.isdir(folder))  # noqa: PTH112
    return facts.Client(
        name=client.name,
        present=present,
        hooks=hooks,
        registries=registries,
        roots=tuple(_root(path) for path in client.roots(place.env, place.home)),
    )


def _root(path: Path) -> facts.Root:
    exists = os.path.lexists(path)
    mode = os.R_OK | os.X_OK if os.path.isdir(path) else os.R_OK  # noqa: PTH112
    return facts.Root(path=_resolved(path), exists=exists, readable=os.access(path, mode))


def _with_counts(client: facts.Client, read: Mapping[str, ReadBelow]) -> facts.Client:
    roots = tuple(msgspec.structs.replace(root, read=read.get(root.path)) for root in client.roots)
    return msgspec.structs.replace(client, roots=roots)


def spool(folder: Path) -> facts.Spool:
    """The spool in `folder`, which need not exist."""
    counts = spool_folder.counts(folder)
    oldest = None
    with spool_folder.opened(str(folder)) as handle:
        if handle is not None and counts.waiting:
            waits = [one for one in spool_folder.waiting(handle) if not one.name.startswith(".")]
            oldest = min((one.mtime_ns // 1_000_000 for one in waits), default=None)
    return facts.Spool(
        path=as_text(str(folder)),
        exists=os.path.lexists(folder),
        writable=os.access(folder, os.W_OK | os.X_OK),
        private=not _mode(folder) & 0o077,
        waiting=counts.waiting,
        dropped=counts.dropped,
        quarantined=counts.quarantined,
        oldest=oldest,
    )


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except OSError:
        return 0


def settings(path: Path, judge: JudgeSettings) -> facts.Settings:
    """The settings file at `path`, and what `judge` finds wrong with it."""
    exists = os.path.lexists(path)
    problems = tuple(map(as_text, judge(path))) if exists else ()
    return facts.Settings(path=as_text(str(path)), exists=exists, problems=problems)


@cache
def versions() -> dict[str, str]:
    """Of this program, of Python, and of the libraries that matter most."""
    found = {"mi6-tui": __version__, "python": platform.python_version(), "system": platform.platform()}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
