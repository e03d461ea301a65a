"""What most commands begin with: the store, and what is new in the transcripts."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mi6_tui.errors import Mi6Error, StorageError
from mi6_tui.paths import Paths, is_database, machine_id, paths, user_home
from mi6_tui.prices import PriceTable, packaged
from mi6_tui.private import tighten
from mi6_tui.report import out
from mi6_tui.storage import Storage, missing_engine, open_storage
from mi6_tui.storage.sqlite import BUSY_TIMEOUT

if TYPE_CHECKING:
    from mi6_tui.frameworks.base import Framework
    from mi6_tui.ingest.problem import Problem
    from mi6_tui.ingest.remote.address import Remote
    from mi6_tui.ingest.remote.remotes import Remotes
    from mi6_tui.ingest.scanner import Scanner
    from mi6_tui.ingest.side import Side

_PASSWORD: Final = re.compile(r"://[^/@?]*:[^/@?]*@|[?&](ssl)?password=")
_SHOWN_PROBLEMS: Final = 5
_READERS_PATIENCE: Final = 500
"""ms that a command which only wants to read waits for another program's transaction."""


def database(args: argparse.Namespace) -> str | None:
    """The URL of the database that the command line means; None: it means a file."""
    named: str = args.db or os.environ.get("MI6_TUI_DB", "")
    return named if is_database(named) else None


@contextmanager
def engine() -> Iterator[None]:
    """Around what loads the engine of databases. UsageError where it is not installed."""
    try:
        yield
    except ImportError as error:
        raise missing_engine(error) from error


def places(args: argparse.Namespace) -> Paths:
    """Where this program keeps its own files, whatever the store is kept in."""
    if database(args) is None:
        return paths(store=args.db)
    return paths({name: value for name, value in os.environ.items() if name != "MI6_TUI_DB"})


@contextmanager
def opened(args: argparse.Namespace, *, writing: bool = False) -> Iterator[Storage]:
    """The store that the command line means, made if need be, closed at the end."""
    where = places(args)
    tighten(where)
    patience = BUSY_TIMEOUT if writing else _READERS_PATIENCE
    url = database(args)
    if url is not None and url == args.db and _PASSWORD.search(url):
        out.note("every user of this machine can see a password in a command; ~/.pgpass keeps it to yourself")
    place = url or where.store
    storage = open_storage(place, prices=prices_of(where.settings), busy_timeout=patience)
    try:
        yield storage
    finally:
        storage.close()


@contextmanager
def shown(args: argparse.Namespace, *, writing: bool = False) -> Iterator[Storage]:
    """The store as it may be shown: with `--share` without anything that tells whose it is."""
    with opened(args, writing=writing) as storage:
        if not args.share:
            yield storage
            return
        from mi6_tui.storage.sharing import SharedStorage  # late: few ask for it

        yield SharedStorage(storage)


def _real(storage: Storage) -> Storage:
    """The store that is written, whatever is shown of it."""
    real: Storage = getattr(storage, "real", storage)
    return real


def prices_of(settings: Path) -> Callable[[], PriceTable]:
    """The user's own prices before the packaged ones; if the settings are wrong these alone, and a word."""
    if not settings.exists():
        return packaged
    from mi6_tui.prices.overrides import PriceError, read_overrides  # late: few have any

    try:
        rows = read_overrides(settings)
    except PriceError as error:
        out.note(str(error))
        return packaged
    return lambda: packaged().overruled(rows)


def far_machines(settings: Path) -> list[Remote]:
    """The machines that are read over ssh, by the settings. ConfigError if these are wrong."""
    try:
        settings.lstat()  # the usual case: nothing need be loaded to know that there are none
        from mi6_tui.toml_lines import bytes_of

        if b"remotes" not in bytes_of(settings):
            return []  # nor here much
    except FileNotFoundError:
        return []
    except OSError:
        pass  # the reader of settings says why
    from mi6_tui.ingest.remote.address import Remote
    from mi6_tui.settings_reader import read_settings

    return [Remote(remote.address, remote.name) for remote in read_settings(settings).remotes]


def remotes(storage: Storage, args: argparse.Namespace, *, only: str | None = None) -> Remotes | None:
    """Reads those machines, for every client or `only` one; None if there are none. To be closed."""
    try:
        found = far_machines(places(args).settings)
    except Mi6Error as error:
        out.note(f"{error}; no other machine is read")
        return None
    if not found:
        return None
    from mi6_tui import frameworks
    from mi6_tui.ingest.remote.remotes import Remotes

    clients = [frameworks.framework(name) for name in ([only] if only else frameworks.names())]
    return Remotes(_real(storage), found, clients, machine_id())


def scanner(
    storage: Storage,
    args: argparse.Namespace,
    *,
    only: str | None = None,
    named: Iterable[Path] = (),
    beside: Sequence[Side] = (),
) -> Scanner:
    """A scanner for every client (or `only` one), in its usual folders (or in the `named` places).

    Whoever names places asks for them alone; else all that is told of running sessions comes along, and
    what is `beside` it.
    """
    from mi6_tui import frameworks  # late: with --no-scan nothing of it is needed
    from mi6_tui.ingest.lock import WriterLock
    from mi6_tui.ingest.scanner import Scanner

    where, named, storage = paths(store=args.db), tuple(named), _real(storage)
    clients = [frameworks.framework(name) for name in ([only] if only else frameworks.names())]
    return Scanner(
        storage,
        clients,
        machine_id(),
        paths=named,
        sides=() if named else [*_sides(storage, clients, where), *beside],
        lock=WriterLock(where.writer_lock),
    )


def _sides(storage: Storage, clients: Sequence[Framework], where: Paths) -> list[Side]:
    """What is known of sessions besides their transcripts: hooks, registries, processes, working copies."""
    from mi6_tui.ingest.git.side import GitSide
    from mi6_tui.ingest.live.processes import system_processes
    from mi6_tui.ingest.live.witnesses import Witnesses
    from mi6_tui.ingest.spool.side import Spool
    from mi6_tui.ingest.spool.status_line import StatusLines

    machine, git = machine_id(), GitSide(storage, machine_id())
    witnesses = Witnesses(
        storage, clients, machine, env=os.environ, home=user_home(), processes=system_processes()
    )
    spool = Spool(where.spool, storage, machine, git.spool_context)
    return [spool, StatusLines(where.status, storage, machine), witnesses, git]


def catch_up(storage: Storage, args: argparse.Namespace) -> None:
    """Record what is new, unless declined, impossible or another's work; never in the way.

    A database is filled by the machines whose sessions it shows.
    """
    if args.no_scan or database(args) is not None:
        return
    storage = _real(storage)
    if storage.read_only is not None:
        out.note(f"{storage.read_only}; showing what it holds")
        return
    from mi6_tui.report.progress import progress_bar  # late, for the same reason

    try:
        with progress_bar() as show:
            report = scanner(storage, args).scan_once(show)
    except StorageError as error:
        out.note(f"{error.message}; showing what it holds")
        return
    tell(report.problems)


def folders() -> list[Path]:
    """Where the clients write, by their own settings; not all need exist."""
    from mi6_tui import frameworks

    clients = [frameworks.framework(name) for name in frameworks.names()]
    return [folder for client in clients for folder in client.roots(os.environ, user_home())]


def tell(problems: Sequence[Problem]) -> None:
    """Narrate what could not be read: the first few, and how many more."""
    for problem in problems[:_SHOWN_PROBLEMS]:
        out.note(f"cannot read {problem}")
    if len(problems) > _SHOWN_PROBLEMS:
        out.note(f"and {len(problems) - _SHOWN_PROBLEMS} more that cannot be read")
