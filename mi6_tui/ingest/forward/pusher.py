"""What is new in a store, on its way to another one; resumed where it stopped, whatever stopped it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

import msgspec

from mi6_tui.clock import now_ms
from mi6_tui.errors import StorageError
from mi6_tui.storage.parcel import Parcel

if TYPE_CHECKING:
    from mi6_tui.storage.postgres.destination import Destination
    from mi6_tui.storage.sqlite.outgoing import Outgoing, OutgoingStorage

MOST: Final = 1_000
"""Events of one parcel: the others that write there wait for as long as it takes."""


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """One parcel that arrived."""

    events: int
    """That are new there, unless they were sent before."""
    corrections: int
    """Events that were sent before in another form."""
    sessions: int
    """Whose rows may have changed."""
    telemetry: int
    deletions: int
    """Hashes of what was deleted or forgotten here."""
    lag_ms: int | None
    """How old the last of the new events was, by this machine's clock; None: there was none."""
    more: bool
    """Whether something else was waiting."""


class Pusher:
    """Sends what is in `storage` to what `open_destination` opens: at first, and again after each failure.

    `veil` takes out of a parcel what is not to be sent; `again`: all of it is sent, known there or not.
    For one thread.
    """

    def __init__(
        self,
        storage: OutgoingStorage,
        open_destination: Callable[[], Destination],
        machine_id: str,
        *,
        veil: Callable[[Parcel], Parcel] | None = None,
        again: bool = False,
        most: int = MOST,
    ) -> None:
        self._storage = storage
        self._open = open_destination
        self._machine_id = machine_id
        self._veil = veil
        self._again = again
        self._most = most
        self._destination: Destination | None = None
        self._sequence = 0
        self._sent_at: float | None = None

    @property
    def due(self) -> bool:
        """Whether it is time to say that the machine is there, though nothing may be new."""
        if self._destination is None or self._sent_at is None:
            return True
        return time.monotonic() - self._sent_at >= self._destination.pulse / 1000

    def send(self) -> Iterator[Sent]:
        """Send until nothing is left; each parcel when it has arrived.

        StorageError if either side fails; the next call goes on where this one stopped.
        """
        try:
            more = True
            while more:
                destination = self._destination or self._opened()
                outgoing = self._storage.next(
                    destination.shown, self._machine_id, most=self._most, after=self._sequence
                )
                more = outgoing.more
                if self.due or not outgoing.parcel.empty:
                    self._give(destination, outgoing.parcel)
                if outgoing.moved:
                    self._storage.sent(destination.shown, outgoing.mark)
                if not outgoing.parcel.empty:
                    yield _sent(outgoing)
        except StorageError:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the destination; idempotent."""
        if self._destination is not None:
            self._destination.close()
            self._destination = None

    def _give(self, destination: Destination, parcel: Parcel) -> None:
        self._sequence = parcel.sequence
        destination.send(parcel if self._veil is None else self._veil(parcel))
        self._sent_at = time.monotonic()

    def _opened(self) -> Destination:
        """The destination, and both sides agree how far it has what is here; if not, it is sent all."""
        self._destination = destination = self._open()
        reached, mark = destination.reached(self._storage.origin()), self._storage.mark(destination.shown)
        lost = (
            mark is None
            or mark.store != reached.store
            or (reached.sequence is not None and reached.sequence < mark.sequence)
        )
        if lost or self._again:
            self._storage.begin(destination.shown, reached.store)
            self._again = False
        return destination


def _sent(outgoing: Outgoing) -> Sent:
    parcel = outgoing.parcel
    events = len(parcel.events) - outgoing.corrections
    return Sent(
        events=events,
        corrections=outgoing.corrections,
        sessions=len(parcel.sessions),
        telemetry=len(parcel.telemetry),
        deletions=len(parcel.deleted),
        lag_ms=max(0, now_ms() - parcel.events[events - 1][0].timestamp) if events else None,
        more=outgoing.more,
    )
