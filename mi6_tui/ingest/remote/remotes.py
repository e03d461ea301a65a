"""All machines that are read from outside: when each is asked, and what of it is recorded."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from threading import Event
from typing import Final

import msgspec

from mi6_tui.errors import StorageError
from mi6_tui.frameworks.base import Framework
from mi6_tui.ingest.discover import OnProblem
from mi6_tui.ingest.problem import Problem
from mi6_tui.ingest.progress import ScanReport
from mi6_tui.ingest.recorder import Recorder
from mi6_tui.ingest.remote.address import Remote
from mi6_tui.ingest.remote.claims import refusal
from mi6_tui.ingest.remote.link import PATIENCE
from mi6_tui.ingest.remote.reader import Done, Hello, Reader, Seen, Word
from mi6_tui.ingest.run import report_of
from mi6_tui.ingest.turn import Turn
from mi6_tui.model import FilePosition, Machine
from mi6_tui.model.machine import Way
from mi6_tui.storage.protocol import Storage

EVERY: Final = 10.0
"""Seconds between two looks at a machine."""
SLOWEST: Final = 300.0
"""Seconds to which that grows while it cannot be reached."""
_BUSY: Final = 0.2
_QUIET: Final = 2.0
"""Seconds between two looks at what was read."""
_AGAIN: Final = 1.0
"""Seconds after which a connection that was cut is made again."""
_PULSE: Final = 0.1
_MOST_PROBLEMS: Final = 50
"""Of one machine, in one round."""
_AT_ONCE: Final = 32
"""Words of one machine that are taken at one look."""


class _Watched:
    """One machine, and how it stands."""

    def __init__(self, remote: Remote) -> None:
        self.remote = remote
        self.reader: Reader | None = None
        self.node = ""
        """What it may be called; empty: not known (yet)."""
        self.busy = False
        self.due = float("-inf")
        self.failures = 0
        self.files = 0
        self.unread: tuple[str, ...] = ()
        self.well = False
        """Whether the last round came to its end."""
        self.problem: Problem | None = None
        self.last: set[Problem] = set()
        """Problems with single files, of the last round."""
        self.found: set[Problem] = set()
        """The same, of the one that is on its way."""
        self.told: set[Problem] = set()

    @property
    def over(self) -> bool:
        """Whether a round ended, well or not."""
        return not self.busy and (self.well or self.problem is not None)

    def news(self) -> set[Problem]:
        """Problems that were not told yet, or were over in between."""
        now = self.last | self.found | ({self.problem} if self.problem is not None else set())
        new, self.told = now - self.told, now
        return new

    def let_go(self) -> Reader | None:
        """Read it no more; what was read of it and not recorded is read again."""
        reader, self.reader, self.node, self.busy = self.reader, None, "", False
        if reader is not None:
            reader.close()
        return reader


class Remotes:
    """A `Side` over machines: each is read in a thread of its own, whoever looks records, nobody waits."""

    def __init__(
        self,
        storage: Storage,
        remotes: Sequence[Remote],
        frameworks: Sequence[Framework],
        machine_id: str,
        *,
        patience: float = PATIENCE,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._storage = storage
        self._frameworks = frameworks
        self._machine_id = machine_id
        self._patience = patience
        self._monotonic = monotonic
        self._watched = [_Watched(remote) for remote in remotes]
        self._news = Event()

    @property
    def every(self) -> float:
        """See `Side`."""
        return _BUSY if any(watched.busy for watched in self._watched) else _QUIET

    def folders(self) -> Sequence[str]:
        """See `Side`: nothing of it is here."""
        return ()

    def look(self, now: int, on_problem: OnProblem) -> int:
        """See `Side`: record what was read since the last look, and have each read on that is due."""
        recorder = Recorder(self._storage)
        self._look(recorder, on_problem)
        return recorder.tally.events

    def read_once(self, *, full: bool = False) -> ScanReport:
        """Read all that is new on all of them, as far as they can be reached; `full`: all there is."""
        began, recorder = self._monotonic(), Recorder(self._storage)
        problems: dict[Problem, None] = {}
        for watched in self._watched:
            self._begin(watched, full=full)
        while True:
            self._look(recorder, lambda problem: problems.setdefault(problem), settle=True)
            if all(watched.over for watched in self._watched):
                break
            self._news.wait(_PULSE)
            self._news.clear()
        return msgspec.structs.replace(
            report_of(recorder.tally, sum(watched.files for watched in self._watched)),
            problems=tuple(problems),
            seconds=self._monotonic() - began,
        )

    @property
    def unread(self) -> dict[str, tuple[str, ...]]:
        """Clients, by address, whose transcripts there can only be read there."""
        return {watched.remote.address: watched.unread for watched in self._watched if watched.unread}

    def close(self) -> None:
        """End all connections."""
        readers = [watched.let_go() for watched in self._watched]
        for reader in readers:
            if reader is not None:
                reader.join()

    def _look(self, recorder: Recorder, on_problem: OnProblem, *, settle: bool = False) -> None:
        try:
            for watched in self._watched:
                self._take(watched, recorder, settle=settle)
            recorder.flush()
        except StorageError:
            self.close()  # their positions are ahead of the store's
            raise
        for watched in self._watched:
            for problem in sorted(watched.news(), key=str):
                on_problem(problem)
            if not watched.busy and self._monotonic() >= watched.due:
                self._begin(watched)

    def _begin(self, watched: _Watched, *, full: bool = False) -> None:
        if watched.reader is None:
            watched.reader = Reader(
                watched.remote,
                self._frameworks,
                {} if full else self._positions(watched.remote),
                wake=self._news.set,
                patience=self._patience,
            )
        watched.busy = True
        watched.reader.go()

    def _positions(self, remote: Remote) -> dict[str, FilePosition]:
        begin = remote.place("/")
        positions = self._storage.query_transcript_positions()
        return {path: position for path, position in positions if path.startswith(begin)}

    def _take(self, watched: _Watched, recorder: Recorder, *, settle: bool) -> None:
        """Record what its thread has read so far."""
        for _ in range(_AT_ONCE):  # who reads fast shall not keep the others waiting
            word = watched.reader.take() if watched.reader is not None else None
            if word is None:
                return
            self._note(watched, word, recorder, settle=settle)
            if recorder.full:
                recorder.flush()

    def _note(self, watched: _Watched, word: Word, recorder: Recorder, *, settle: bool) -> None:
        match word:
            case Hello():
                self._greet(watched, word)
            case Seen():
                self._see(watched, word)
            case Done():
                recorder.flush()
                self._done(watched, word)
            case Problem():
                if len(watched.found) < _MOST_PROBLEMS:
                    watched.found.add(word)
            case Turn():
                if word.progressed:
                    recorder.add(word)
                elif settle and word.problem is None:
                    recorder.add_position(word.position)

    def _greet(self, watched: _Watched, hello: Hello) -> None:
        others = [other.remote for other in self._watched if other is not watched]
        known = self._storage.machines()
        reason = refusal(watched.remote, hello.node, self._machine_id, others, known)
        if reason is None:
            watched.node, watched.unread = hello.node, hello.unread
        else:
            watched.let_go()
            self._done(watched, Done(reason))

    def _see(self, watched: _Watched, seen: Seen) -> None:
        self._storage.see_machine(
            Machine(
                machine_id=watched.node,
                seen_at=self._storage.now(),
                skew_ms=seen.skew_ms,
                way=Way.REMOTE,
                address=watched.remote.address,
            )
        )

    def _done(self, watched: _Watched, done: Done) -> None:
        watched.busy = False
        now, address = self._monotonic(), watched.remote.address
        if done.problem is None:
            watched.problem, watched.failures, watched.due = None, 0, now + EVERY
            watched.last, watched.found, watched.files = watched.found, set(), done.files
            watched.well = True
            return
        if watched.well:
            # What stood may be cut any time: nothing is told unless it cannot be made again.
            watched.well, watched.due = False, now + _AGAIN
            return
        wait = min(SLOWEST, EVERY * float(2**watched.failures))
        watched.failures = min(watched.failures + 1, 16)
        # Not all of them at once, when a network comes back.
        watched.due = now + wait * random.uniform(0.75, 1.25)  # noqa: S311
        watched.problem = Problem(address, done.problem)
        for machine in self._storage.machines():
            if machine.way is Way.REMOTE and machine.address == address:
                self._storage.see_machine(msgspec.structs.replace(machine, problem=done.problem))
