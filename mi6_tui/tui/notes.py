"""What the user notes on sessions, on its way into the store: kept until it is written or refused."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

from mi6_tui.errors import StorageError, StoreLockedError
from mi6_tui.model import Batch, Session, SessionFact
from mi6_tui.storage import Storage
from mi6_tui.tui.rows import Key
from mi6_tui.tui.text import plural

SEEN: Final = "seen"
"""What a look of the user is noted as."""
RETRY_AFTER: Final = 1.0
"""Seconds to wait after another program kept the store to itself."""
_LAST_TRY: Final = 6.0
"""Seconds that the end of the dashboard waits for what is still to be written: a store that another program
keeps to itself says so before."""

Marks = Mapping[str, str | int | None]


class Notes:
    """Writes notes into `storage` in their order; `moved` is called whenever something came of them.

    Before `start` nothing is written but by `write`; afterwards a thread of its own does it, so that nobody
    who reads the store waits until it can be written.
    """

    def __init__(self, storage: Storage, clock: Callable[[], int], moved: Callable[[], object]) -> None:
        self._storage = storage
        self._clock = clock
        self._moved = moved
        self._lock = threading.Lock()
        self._facts: tuple[SessionFact, ...] = ()
        self._count = 0
        self._locked = ""
        self._refused = ""
        self._wake = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None

    def add(self, session: Session, marks: Marks) -> None:
        """Note these marks of a session, to be written soon."""
        now = self._clock()
        facts = []
        for name, value in marks.items():
            # Of two notes in one ms the later one holds.
            self._count += 1
            facts.append(
                SessionFact(
                    machine_id=session.machine_id,
                    session_id=session.session_id,
                    framework=session.framework,
                    name=name,
                    value=value,
                    timestamp=now,
                    order=(now, self._count),
                )
            )
        why = self._storage.read_only
        if why is not None:
            self._refuse(facts, why)
            return
        with self._lock:
            self._facts = (*self._facts, *facts)
        self._wake.set()

    def _refuse(self, facts: list[SessionFact] | tuple[SessionFact, ...], why: str) -> None:
        # A look that could not be noted is one that was not taken; the session stays "your turn".
        if any(fact.name != SEEN for fact in facts):
            self._refused = f"nothing was noted: {why}"

    def refused(self) -> str:
        """Why something was not written and never will be, told once; empty: there is no such thing."""
        why, self._refused = self._refused, ""
        return why

    @property
    def waiting(self) -> str:
        """How many marks wait for whom, in a few words; empty if none has to."""
        count = sum(fact.name != SEEN for fact in self._facts)
        if not (self._locked and count):
            return ""
        return f"{plural(count, 'mark')} {'waits' if count == 1 else 'wait'}: {self._locked}"

    def said(self) -> Mapping[Key, Marks]:
        """The marks that are not written yet, by session; the latest of a name."""
        said: dict[Key, dict[str, str | int | None]] = {}
        for fact in self._facts:
            if fact.name != SEEN:
                said.setdefault((fact.machine_id, fact.session_id), {})[fact.name] = fact.value
        return said

    def write(self) -> bool:
        """Try to write what was noted; whether the store was changed by it."""
        facts, done = self._facts, False
        if not facts:
            return False
        try:
            self._storage.record(Batch(facts=facts))
            done = True
        except StoreLockedError as error:
            self._locked = error.message
            return False
        except StorageError as error:
            self._refuse(facts, str(error))
        with self._lock:
            self._facts = self._facts[len(facts) :]
        self._locked = ""
        return done

    def start(self) -> None:
        """Write from now on by itself."""
        self._thread = threading.Thread(target=self._run, name="notes", daemon=True)
        self._thread.start()

    def stop(self) -> str:
        """Write what is left and end soon; what could not be written, in one line, empty if all is."""
        self._stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(_LAST_TRY)
        left = sum(fact.name != SEEN for fact in self._facts)
        if not left:
            return ""
        return f"{plural(left, 'mark')} could not be written: {self._locked or 'the store did not answer'}"

    @property
    def started(self) -> bool:
        """Whether a thread writes."""
        return self._thread is not None

    def _run(self) -> None:
        ending = False
        while not ending:
            self._wake.wait(RETRY_AFTER if self._facts else None)
            self._wake.clear()
            # Asked before the last try, which then holds all that was noted until the end.
            ending = self._stopping
            if self._facts:
                self.write()
                self._moved()


def as_said(session: Session, marks: Marks | None) -> Session:
    """The session's row as it will be once `marks` are written."""
    if not marks:
        return session
    told: dict[str, Any] = {
        name: bool(value) if name in ("pinned", "hidden") else value or None for name, value in marks.items()
    }
    return session.with_(**told)
