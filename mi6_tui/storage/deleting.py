"""Deleting, as both engines do it: what is old, what remains of it, what may be recorded afterwards. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Final

from mi6_tui.errors import ModelError
from mi6_tui.model import Batch
from mi6_tui.storage.merge import key_hash, twin_hash

_SMALLEST: Final = -(2**63)


def cutoff(now: int, retention: int) -> int:
    """The time (ms) before which events are old."""
    if retention < 0:
        raise ModelError(f"retention {retention} is negative")
    return max(now - retention, _SMALLEST)


def hashes_of(key: str | None, twin_key: str | None, twinned: bool | None) -> Iterator[bytes]:
    """What remains of an event with these identities when it is deleted."""
    if key is None:
        return
    yield key_hash(key)
    if twin_key is not None:
        yield twin_hash(twin_key, twinned=False)
        if twinned:
            yield twin_hash(twin_key, twinned=True)


def sessions_in(batch: Batch) -> set[str]:
    """The ids of all sessions that a batch tells of."""
    return {
        *(event.session_id for event in batch.events),
        *(fact.session_id for fact in batch.facts),
        *(claim.session_id for claim in batch.claims),
        *(record.session_id for record in batch.telemetry),
    }


def without_sessions(
    batch: Batch, gone: Collection[str], silent: Callable[[Collection[str]], Collection[str]]
) -> Batch:
    """The batch without what belongs to sessions that are `gone`.

    What a decoder remembers of a file that holds nothing but forgotten sessions is not kept either; `silent`
    picks, of some paths, those whose stored memory was taken away.
    """
    events = tuple(event for event in batch.events if event.session_id not in gone)
    dropped = {event.transcript_path for event in batch.events if event.session_id in gone}
    kept = {event.transcript_path for event in events}
    bare = (dropped | set(silent([position.file_path for position in batch.positions]))) - kept
    return Batch(
        events=events,
        facts=tuple(fact for fact in batch.facts if fact.session_id not in gone),
        claims=tuple(claim for claim in batch.claims if claim.session_id not in gone),
        positions=tuple(
            position.with_(state=None) if position.file_path in bare else position
            for position in batch.positions
        ),
        telemetry=tuple(record for record in batch.telemetry if record.session_id not in gone),
    )
