"""`push`: forward what this machine recorded to a store that many machines share."""

from __future__ import annotations

import argparse
import os
import random
import time
from collections.abc import Callable
from contextlib import closing, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mi6_tui.commands import arguments
from mi6_tui.commands.follow import Worker
from mi6_tui.commands.store import catch_up, database, places, prices_of, scanner
from mi6_tui.errors import DONE, NewerStoreError, ReadOnlyError, StorageError, StoreLockedError, UsageError
from mi6_tui.ingest.forward.privacy import veiled
from mi6_tui.ingest.forward.pusher import Pusher, Sent
from mi6_tui.paths import is_database, machine_id, user_home
from mi6_tui.private import tighten
from mi6_tui.report import out
from mi6_tui.storage import missing_engine

if TYPE_CHECKING:
    from mi6_tui.prices import PriceTable
    from mi6_tui.storage.parcel import Parcel
    from mi6_tui.storage.postgres.destination import Destination
    from mi6_tui.storage.sqlite.outgoing import OutgoingStorage

_FIRST_DELAY: Final = 0.25
_LONGEST_DELAY: Final = 60.0
"""Seconds between two attempts: each twice the one before, and a random part of that."""
_PATIENCE: Final = 30.0
"""Seconds that a push which does not stay is tried again."""
_LOOK_EVERY: Final = 0.2
"""Seconds between two looks at what another process records."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--to",
        required=True,
        metavar="URL",
        help="the database, postgresql://user@host/name; its password comes from PGPASSWORD or ~/.pgpass",
    )
    parser.add_argument(
        "--follow", action="store_true", help="stay, and forward what is recorded from now on; scans, too"
    )
    parser.add_argument(
        "--no-previews",
        action="store_true",
        help="send no texts, no titles and no places below the home folder; all numbers stay",
    )
    parser.add_argument(
        "--again", action="store_true", help="send everything, also what was sent before; nothing is doubled"
    )
    arguments.add_no_scan(parser)
    arguments.add_json(parser, "what was sent, an object a parcel; times are ms, unknown is null")


def run(args: argparse.Namespace) -> int:
    """Forward."""
    if database(args) is not None:
        raise UsageError("what is pushed stands in a file of this machine", "name a file with --db PATH")
    if not is_database(args.to):
        raise UsageError("--to names no PostgreSQL database", "--to postgresql://user@host/name")
    where = places(args)
    tighten(where)
    from mi6_tui.storage.sqlite.outgoing import OutgoingStorage  # late, as the store of every command

    prices = prices_of(where.settings)
    with closing(OutgoingStorage(where.store, prices=prices)) as storage:
        if storage.read_only is not None:
            raise ReadOnlyError(storage.read_only)
        pusher = Pusher(
            storage,
            _opener(args.to, prices),
            machine_id(),
            veil=_veil(args, where.settings),
            again=args.again,
        )
        with closing(pusher):
            (_follow if args.follow else _once)(storage, pusher, args)
    return DONE


def _opener(url: str, prices: Callable[[], PriceTable]) -> Callable[[], Destination]:
    try:
        from mi6_tui.storage.postgres.address import address_of
        from mi6_tui.storage.postgres.destination import open_destination
    except ImportError as error:
        raise missing_engine(error) from error
    if address_of(url).parameters.get("password"):
        raise UsageError(
            "every user of this machine can see a password that stands in a command",
            "put it into PGPASSWORD or ~/.pgpass",
        )
    return lambda: open_destination(url, prices)


def _veil(args: argparse.Namespace, settings: Path) -> Callable[[Parcel], Parcel] | None:
    """What keeps back what is not to be sent. ConfigError if the settings cannot say whether that is so."""
    if not args.no_previews:
        if not os.path.lexists(settings):
            return None
        from mi6_tui.settings_reader import ConfigError, read_settings  # late: few have any

        if not settings.exists():
            raise ConfigError(
                f"{settings}: a link to a file that is not there; mend it, or say --no-previews"
            )
        if read_settings(settings).push.previews:
            return None
    home = str(user_home())
    return lambda parcel: veiled(parcel, home)


def _once(storage: OutgoingStorage, pusher: Pusher, args: argparse.Namespace) -> None:
    from mi6_tui.storage.postgres.errors import StaleError  # late: its library may not be installed

    catch_up(storage, args)
    told, connection = _Told(args), _Connection()
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            for sent in pusher.send():
                connection.works()
                until = time.monotonic() + _PATIENCE
                told.tell(sent)
            break
        except StorageError as error:
            if connection.worked and time.monotonic() + (delay := connection.failed(error)) <= until:
                time.sleep(delay)
                continue
            if isinstance(error, StaleError):  # its own advice is for who looks
                raise StorageError(
                    error.message, "check the address, and that the server runs; what was not sent stays here"
                ) from error
            raise
    told.sum_up()


def _follow(storage: OutgoingStorage, pusher: Pusher, args: argparse.Namespace) -> None:
    told, connection = _Told(args), _Connection()
    if out.is_watched():
        out.note("forwarding what is recorded; Ctrl-C ends it")
    worker = None if args.no_scan else Worker(scanner(storage, args))
    version, at = -1, 0.0
    with worker.running() if worker is not None else nullcontext():
        while True:
            try:
                if time.monotonic() >= at and (pusher.due or storage.data_version() != version):
                    # The version first: what is recorded while we send is seen in the next round.
                    seen = storage.data_version()
                    for sent in pusher.send():
                        connection.works()
                        told.tell(sent)
                    connection.works()
                    version = seen
            except StorageError as error:
                at = time.monotonic() + connection.failed(error)
            if worker is not None:
                worker.wait()
            else:
                time.sleep(_LOOK_EVERY)


class _Connection:
    """Whether the other side can be reached; says when it goes and when it comes back."""

    def __init__(self) -> None:
        self.worked = False
        """Whether it ever could."""
        self._failures = 0

    def works(self) -> None:
        """It can."""
        if self._failures:
            out.note("connected again")
        self.worked, self._failures = True, 0

    def failed(self, error: StorageError) -> float:
        """Seconds until it is worth another attempt; raises what no waiting mends."""
        from mi6_tui.storage.postgres.errors import StaleError

        passes = isinstance(error, StaleError | StoreLockedError)
        passes = passes or (self.worked and not isinstance(error, NewerStoreError))
        if not passes:
            raise error
        if not self._failures:
            out.note(f"{error.message}; trying again")
        delay = min(_LONGEST_DELAY, _FIRST_DELAY * 2.0**self._failures)
        self._failures = min(self._failures + 1, 16)
        return delay * random.uniform(0.5, 1.0)  # noqa: S311 (nothing secret)


class _Told:
    """What was sent, as it is told."""

    def __init__(self, args: argparse.Namespace) -> None:
        self._json = args.json
        self._events = self._corrections = self._parcels = 0

    def tell(self, sent: Sent) -> None:
        """A parcel arrived."""
        if self._json:
            out.json(sent)
        self._parcels += 1
        self._events += sent.events
        self._corrections += sent.corrections

    def sum_up(self) -> None:
        """All arrived."""
        if not self._json:
            corrected = f", {self._corrections} corrected" if self._corrections else ""
            out.lines([f"{self._events} events sent{corrected}"])
