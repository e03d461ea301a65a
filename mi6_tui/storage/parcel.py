"""What one store forwards to another: pieces that can be merged any number of times, and how they travel.

Events go by their `key`, so that each counts once wherever and however often it comes. What sessions
remember comes as registers, whose join knows no order. Sums are not sent, for they move with the events; but
of events that were deleted before they were sent nothing else is left.
"""

from __future__ import annotations

from typing import Final

import msgspec

from mi6_tui.errors import StorageError
from mi6_tui.judge.fold import SessionState, Totals, Value
from mi6_tui.judge.join import join
from mi6_tui.model import PREVIEW_LIMIT, Event, Machine, Telemetry
from mi6_tui.storage.rows import Row
from mi6_tui.storage.usage import KEY, USAGE_FIELDS, UsageKey

VERSION: Final = 1
"""Of the form; whoever knows only smaller ones cannot merge it."""
LONGEST: Final = 32 << 20
"""Bytes of a payload."""
_LONGEST_TEXTS: Final = dict.fromkeys(("title", "title_suggestion"), 512) | dict.fromkeys(
    ("first_user_message", "last_user_message", "last_reply"), PREVIEW_LIMIT
)
_LONGEST_TEXT: Final = 8_192
"""Characters of what a session remembers: what decoders let through, and of all else that is no nonsense."""


Registers = dict[str, tuple[int, int, Value]]


class Thinned(msgspec.Struct, frozen=True, array_like=True):
    """A session some of whose events were deleted: what of its sums no stored event backs."""

    machine_id: str
    session_id: str
    totals: dict[str, Totals]
    """By witness."""
    usage: list[tuple[Row, list[int]]]
    """Whole rows of USAGE_FIELDS, and of each the sums of what was deleted."""


class Parcel(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Some of what one store knows, as it was at one time."""

    origin: str
    """The store's own name."""
    machine_id: str
    """The machine that sends it; what it holds may tell of others, too."""
    sequence: int
    """Ascends with the parcels of an origin (storage.sequences)."""
    at: int
    """ms by the sender's clock: its sessions' statuses are of that time."""
    events: list[tuple[Event, bool]] = []
    """Each with a key, and whether it was merged with a sidechain's record."""
    sessions: list[tuple[str, str, bytes]] = []
    """Machine, session, and its state."""
    telemetry: list[Telemetry] = []
    deleted: list[bytes] = []
    """Hashes of what was deleted on purpose (storage.merge)."""
    forgotten: list[bytes] | None = None
    """Those of `deleted` that may be of sessions; None: any of them, as parcels once were."""
    recalled: list[bytes] = []
    """Hashes of sessions that are no longer forgotten."""
    thinned: list[Thinned] = []
    """Of sessions whose stored events were all sent."""
    machines: list[Machine] = []
    """Those that the sender reads over ssh: their times are by its clock."""

    @property
    def empty(self) -> bool:
        """Whether it says only which machines are there."""
        return not (
            self.events or self.sessions or self.telemetry or self.deleted or self.recalled or self.thinned
        )


class _Wrapped(msgspec.Struct, frozen=True, array_like=True):
    version: int
    parcel: msgspec.Raw


_encode: Final = msgspec.msgpack.Encoder().encode
_unwrap: Final = msgspec.msgpack.Decoder(_Wrapped).decode
_parcel_of: Final = msgspec.msgpack.Decoder(Parcel).decode


class UnfitParcelError(StorageError):
    """A payload that is no parcel, or none of this version."""


def packed(parcel: Parcel) -> bytes:
    """Its form on the way."""
    return _encode(_Wrapped(VERSION, msgspec.Raw(_encode(parcel))))


def unpacked(payload: bytes) -> Parcel:
    """The parcel in a payload, whoever wrote that. UnfitParcelError if it holds none."""
    if len(payload) > LONGEST:
        raise UnfitParcelError(f"a payload of {len(payload)} bytes is too long")
    try:
        wrapped = _unwrap(payload)
        if wrapped.version != VERSION:
            raise UnfitParcelError(f"version {wrapped.version} of parcels is not known", "update mi6-tui")
        parcel = _parcel_of(wrapped.parcel)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise UnfitParcelError(f"no parcel: {error}") from error
    if any(event.key is None for event, _ in parcel.events):
        raise UnfitParcelError("an event has no key: it would count whenever it came")
    width = len(USAGE_FIELDS)
    for thin in parcel.thinned:
        for row, sums in thin.usage:
            fits = len(row) == width and len(sums) == width - len(KEY)
            if not fits or not all(isinstance(number, int) for number in (row[3], *row[len(KEY) :])):
                raise UnfitParcelError("sums of deleted requests are no sums")
    return parcel


def joined(known: SessionState | None, told: SessionState) -> SessionState:
    """What is `known` of a session and what is `told` of it; the sums are the known ones.

    Where both tie, what is told holds: a path that moved keeps its place among the records.
    """
    own = known or SessionState()
    state = msgspec.structs.replace(
        told,
        latest=_bounded(told.latest),
        earliest=_bounded(told.earliest),
        totals=own.totals,
        owned_from=own.owned_from,
        first_end=own.first_end,
        last_end=own.last_end,
        deleted_bounds=own.deleted_bounds,
    )
    join(state, own)
    return state


def _bounded(registers: Registers) -> Registers:
    bounded = {}
    for name, (at, order, value) in registers.items():
        if isinstance(value, str):
            value = value[: _LONGEST_TEXTS.get(name, _LONGEST_TEXT)]
        bounded[name] = at, order, value
    return bounded


def lacking(deleted: Totals, all_told: Totals, known: Totals) -> Totals:
    """What of the sums of `deleted` events is not among the `known` sums, which reach up to `all_told`."""
    parts = zip(*map(msgspec.structs.astuple, (deleted, all_told, known)), strict=True)
    return Totals(*(max(0, min(gone, whole - here)) for gone, whole, here in parts))


def lacking_usage(thinned: Thinned, known: dict[UsageKey, list[int]]) -> list[Row]:
    """The same of its rows: those to be added."""
    rows = []
    for row, gone in thinned.usage:
        key, whole = tuple(row[: len(KEY)]), row[len(KEY) :]
        here = known.get(key) or [0] * len(whole)
        missing = [
            max(0, min(part, of_all - part_here))
            for part, of_all, part_here in zip(gone, whole, here, strict=True)
        ]
        if any(missing):
            rows.append((*key, *missing))
    return rows
