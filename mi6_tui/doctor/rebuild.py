"""A new store from the transcripts, in the place of the old one, with what only the old one knew."""

from __future__ import annotations

import glob
import os
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from mi6_tui import frameworks
from mi6_tui.clock import now_ms
from mi6_tui.errors import NotFoundError, ReadOnlyError, StorageError, StoreLockedError
from mi6_tui.ingest.lock import WriterLock
from mi6_tui.ingest.progress import ScanReport
from mi6_tui.ingest.scanner import OnProgress, Scanner
from mi6_tui.paths import Paths
from mi6_tui.prices import packaged
from mi6_tui.storage.sqlite import BUSY_TIMEOUT
from mi6_tui.storage.sqlite.rebuilt import Kept, RebuiltStorage
from mi6_tui.storage.sqlite.record import Prices
from mi6_tui.storage.sqlite.salvage import MENDED, Salvage, salvaged
from mi6_tui.storage.sqlite.swap import held, swap
from mi6_tui.unfinished import settle

_SPARE: Final = 64 << 20
"""Bytes that must stay free on the disk besides what the new store needs."""
_SCRATCH: Final = ("", "-wal", "-shm", "-journal", MENDED)


class Rebuilt(msgspec.Struct, frozen=True, kw_only=True):
    """What was done, or with a dry run would be."""

    store: str
    done: bool
    kept_as: str | None = None
    """Where the old store is now."""
    bytes_before: int
    bytes: int | None = None
    files: int = 0
    """Transcripts that were read."""
    events: int
    """In the new store; in a dry run those that can be read of the old one."""
    kept: Kept | None = None
    unreadable: int
    """Rows of the old store that could not be read, about."""
    problems: tuple[str, ...] = ()
    """What could not be read of the transcripts; what the old store holds of those is kept."""
    seconds: float


class Rebuild:
    """One rebuild of the store that `where` names, by the transcripts of all clients of `env` and `home`.

    `on_step` hears what comes next, in a few words; `on_progress` how far the reading is.
    """

    def __init__(
        self,
        where: Paths,
        machine_id: str,
        home: Path,
        *,
        env: Mapping[str, str] = os.environ,
        prices: Prices = packaged,
        clock: Callable[[], int] = now_ms,
        on_step: Callable[[str], object] = lambda _: None,
        on_progress: OnProgress | None = None,
    ) -> None:
        self._where = where
        self._path = where.store
        self._expected = where.store == where.hooks.with_name("mi6.db")
        """Whether it lies where nobody but this program puts a file."""
        self._new = where.store.with_name(f".{where.store.name}.rebuilt")
        self._machine_id = machine_id
        self._home = home
        self._env = env
        self._prices = prices
        self._clock = clock
        self._on_step = on_step
        self._on_progress = on_progress

    def run(self, *, dry_run: bool = False) -> Rebuilt:
        """Do it. StorageError if it cannot be done; the old store then stands as it stood.

        StoreLockedError if another process writes the store.
        """
        began = time.monotonic()
        self._refuse_strangers()
        lock = WriterLock(self._where.writer_lock)
        if not lock.try_acquire():
            holder = lock.holder()
            who = f"process {holder}" if holder else "another process"
            raise StoreLockedError(f"{who} writes the store", "end it, then run this again")
        try:
            self._clean_up()  # what a rebuild that was killed left
            size = self._path.stat().st_size
            self._check_room(size)
            if dry_run:
                return self._look(size, began)
            with held(self._path, BUSY_TIMEOUT):
                return self._rebuild(size, began)
        finally:
            self._clean_up()
            lock.release()

    def _refuse_strangers(self) -> None:
        """Only our own stores are rebuilt, whole or damaged. What is missing or foreign is told as ever."""
        path = self._path
        if not path.exists():
            raise NotFoundError(f"there is no store at {path}", "run `mi6-tui scan` to make one")
        if not path.is_file():
            raise StorageError(f"{path} is no ordinary file", "name another with --db")
        if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK | os.X_OK)):
            raise ReadOnlyError(f"{path} or its folder cannot be written", "give yourself permission first")

    def _clean_up(self) -> None:
        for suffix in _SCRATCH:
            self._new.with_name(self._new.name + suffix).unlink(missing_ok=True)
        for half_made in self._new.parent.glob(f".{glob.escape(self._new.name)}.*"):
            half_made.unlink(missing_ok=True)

    def _check_room(self, size: int) -> None:
        free = shutil.disk_usage(self._path.parent).free
        needed = size + _SPARE
        if free < needed:
            raise StorageError(
                f"{free >> 20} MiB are free on the disk of {self._path}, and a new store needs up to "
                f"{needed >> 20}",
                "make room first",
            )

    def _look(self, size: int, began: float) -> Rebuilt:
        self._on_step("reading the old store")
        with salvaged(self._path, self._new, expected=self._expected) as old:
            events = sum(1 for _ in old.events())
            unreadable = old.unreadable
        return Rebuilt(
            store=str(self._path),
            done=False,
            bytes_before=size,
            events=events,
            unreadable=unreadable,
            seconds=time.monotonic() - began,
        )

    def _rebuild(self, size: int, began: float) -> Rebuilt:
        self._on_step("reading the old store")
        with salvaged(self._path, self._new, expected=self._expected) as old:
            storage = RebuiltStorage(self._new, old, clock=self._clock, prices=self._prices)
            try:
                self._on_step("reading the transcripts")
                reports = [self._scan(storage)]
                if strays := self._strays(storage, old):
                    reports.append(self._scan(storage, strays))
                problems = [problem for report in reports for problem in report.problems]
                self._on_step("keeping what only the old store knew")
                kept = storage.keep({problem.path for problem in problems if problem.path})
                events = storage.count()
                self._on_step("checking the new store")
                storage.finish()
            finally:
                storage.close()
        settle(self._new)
        self._on_step("putting it in place")
        kept_as = self._free_name()
        new_size = self._new.stat().st_size
        swap(self._new, self._path, kept_as)
        return Rebuilt(
            store=str(self._path),
            done=True,
            kept_as=str(kept_as),
            bytes_before=size,
            bytes=new_size,
            files=sum(report.files for report in reports),
            events=events,
            kept=kept,
            unreadable=kept.unreadable,
            problems=tuple(map(str, problems)),
            seconds=time.monotonic() - began,
        )

    def _free_name(self) -> Path:
        now = self._clock()
        while (path := self._path.with_name(f"{self._path.name}.before-rebuild-{now}")).exists():
            now += 1
        return path

    def _scan(self, storage: RebuiltStorage, paths: Sequence[Path] = ()) -> ScanReport:
        """Read all transcripts, or these; hook calls stay in the spool until the new store has its name."""
        scanner = Scanner(
            storage,
            [frameworks.framework(name) for name in frameworks.names()],
            self._machine_id,
            paths=paths,
            env=self._env,
            home=self._home,
            clock=self._clock,
        )
        return scanner.scan_once(self._on_progress)

    def _strays(self, storage: RebuiltStorage, old: Salvage) -> list[Path]:
        """Transcripts that were once named on the command line, outside the clients' own folders."""
        known = {path for path, _ in storage.query_transcript_positions()}
        named = {position.file_path for position in old.positions()} - known
        return sorted(Path(path) for path in named if os.path.isfile(path))  # noqa: PTH113 (never raises)
