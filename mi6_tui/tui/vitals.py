"""What the processes of the sessions in sight use: looked at beside the screen, only while it is shown."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import msgspec
from textual.message import Message

from mi6_tui.errors import StorageError
from mi6_tui.log import logger
from mi6_tui.model import Claim, Session
from mi6_tui.storage import Storage
from mi6_tui.tui.columns import Column, Vitals
from mi6_tui.tui.columns.figures import as_shown
from mi6_tui.tui.rows import Key

if TYPE_CHECKING:
    from mi6_tui.ingest.live.loads import Load, Part
    from mi6_tui.ingest.live.processes import Processes

EVERY: Final = 2.0
"""Seconds between two looks, at least."""
SLOWEST: Final = 8.0
"""What that grows to while nothing that is shown changes: a look costs more the more processes run."""
_STALE: Final = 2 * SLOWEST
"""Seconds after which an earlier look says nothing about now."""
_DISK: Final = ("diskr", "diskw")
_PORTS: Final = ("ports",)
_OVER: Final = ("gone", "end")
"""What is claimed of a process that let go of its session."""


class VitalsNews(Message):
    """What the sessions in sight use now; those whose process is not known, or gone, are not in it."""

    def __init__(self, vitals: Mapping[Key, Vitals]) -> None:
        super().__init__()
        self.vitals = vitals

    def can_replace(self, message: Message) -> bool:
        """Only the latest counts."""
        return isinstance(message, VitalsNews)


class Wanted(msgspec.Struct, frozen=True):
    """Whose processes to look at, and of which of them for disks and ports, too, which cost more."""

    sessions: tuple[Session, ...] = ()
    disk: bool = False
    ports: bool = False
    """Of all of them."""
    whole: Key | None = None
    """The session of which everything is shown."""


def wanted(columns: Iterable[Column], sessions: Iterable[Session], detailed: Session | None = None) -> Wanted:
    """What the columns on show need of the sessions in sight, and a panel of the `detailed` one."""
    ids = {column.id for column in columns if column.source == "vitals"}
    live = [session for session in sessions if session.is_active] if ids else []
    if detailed is not None and detailed.is_active and detailed not in live:
        live.append(detailed)
    return Wanted(
        sessions=tuple(live),
        disk=not ids.isdisjoint(_DISK),
        ports=not ids.isdisjoint(_PORTS),
        whole=detailed.key if detailed is not None else None,
    )


class VitalsWorker:
    """Looks at most every two seconds, less often while nothing changes; `post` is called in its thread,
    once for every look that found news.

    Once it is started, the thread begins with the first session that is wanted, and sleeps while none is.
    """

    def __init__(
        self,
        storage: Storage,
        post: Callable[[VitalsNews], object],
        *,
        processes: Callable[[], Processes] | None = None,
    ) -> None:
        self._storage = storage
        self._post = post
        self._make = processes
        self._processes: Processes | None = None
        self._wanted = Wanted()
        self._some = threading.Event()
        self._anew = threading.Event()
        self.patience = EVERY
        """Seconds from the last look to the next, unless something else is wanted before."""
        self._stopping = threading.Event()
        self._started = False
        self._thread: threading.Thread | None = None
        self._parts: dict[Key, tuple[object, Part | None]] = {}
        """By session: what of its row they were found for, and its process."""
        self._loads: dict[Part, Load] = {}
        self._told: Mapping[Key, Vitals] | None = None

    def start(self) -> None:
        """Look from now on. What is wanted before that is noted: the first paint comes first."""
        self._started = True
        self.watch(self._wanted)

    def watch(self, wanted: Wanted) -> None:
        """Look at these from now on; at nothing if there are none."""
        self._wanted = wanted
        self._anew.set()
        if not wanted.sessions:
            self._some.clear()
            return
        self._some.set()
        if self._started and self._thread is None and not self._stopping.is_set():
            self._thread = threading.Thread(target=self._run, name="vitals", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End soon; nothing is posted afterwards."""
        self._stopping.set()
        self._some.set()
        self._anew.set()
        if self._thread is not None:
            self._thread.join(timeout=1.0)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._some.wait()
            try:
                news = self.look()
            except Exception:  # the border of this worker: the dashboard goes on without it
                logger().exception("the processes of sessions cannot be looked at")
                return
            if news is not None and not self._stopping.is_set():
                self._post(news)
            self._stopping.wait(EVERY)
            self._anew.wait(max(0.0, self.patience - EVERY))
            self._anew.clear()

    def look(self) -> VitalsNews | None:
        """Look once; None if nothing that is shown has changed. Called by one thread at a time."""
        from mi6_tui.ingest.live import loads

        if self._processes is None:
            from mi6_tui.ingest.live.processes import system_processes

            self._processes = (self._make or system_processes)()
        asked = self._wanted
        parts = {session.key: part for session in asked.sessions if (part := self._part_of(session))}
        every = set(parts.values())
        whole = {parts[asked.whole]} if asked.whole in parts else set()
        found = {}
        if parts:
            disk, ports = (every if all_of_them else whole for all_of_them in (asked.disk, asked.ports))
            with suppress(OSError):  # a system that tells nothing
                found = loads.look(every, self._processes, disk=disk, ports=ports)
        before, self._loads = self._loads, found
        self._parts = {session.key: self._parts[session.key] for session in asked.sessions}
        vitals = {key: _vitals(found[part], before.get(part)) for key, part in parts.items() if part in found}
        if asked is not self._wanted:
            return None
        if vitals == self._told:
            self.patience = min(SLOWEST, 2 * self.patience)
            return None
        self.patience = EVERY
        self._told = MappingProxyType(vitals)
        return VitalsNews(self._told)

    def _part_of(self, session: Session) -> Part | None:
        """The session's process as its witnesses know it; asked again when the session changed."""
        known = self._parts.get(session.key)
        found_for = (session.pid, session.process_start_time, session.revision)
        # A witness may come to know a process without a change of the session's row.
        if known is not None and known[0] == found_for and (known[1] or session.pid is None):
            return known[1]
        try:
            claims = self._storage.claims(*session.key)
        except StorageError:
            claims = []  # the feed meets the same trouble, and tells
        part = _process_in(claims)
        self._parts[session.key] = (found_for, part)
        return part


def _process_in(claims: Iterable[Claim]) -> Part | None:
    """The process that holds the session: best by the word of who watches processes."""
    held = [claim for claim in claims if claim.pid is not None and claim.process and claim.kind not in _OVER]
    held.sort(key=lambda claim: (claim.witness == "process", claim.at))
    if not held or held[-1].pid is None or held[-1].process is None:
        return None
    return held[-1].pid, held[-1].process


def _vitals(load: Load, before: Load | None) -> Vitals:
    from mi6_tui.ingest.live.loads import cpu_percent, disk_rates

    recent = before if before is not None and load.at - before.at <= _STALE else None
    cpu = cpu_percent(recent, load) if recent is not None else None
    disk = disk_rates(recent, load) if recent is not None else None
    return Vitals(
        cpu=None if cpu is None else round(cpu, 1),
        memory=None if load.memory is None else as_shown(load.memory),
        children=load.children,
        ports=load.ports,
        read_rate=None if disk is None else as_shown(disk.read),
        write_rate=None if disk is None else as_shown(disk.written),
    )
