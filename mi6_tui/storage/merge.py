"""When two records are one: which of them says where it belongs, and which gives the numbers.

Both choices are a smallest and a largest over the records' own contents, made apart, so the outcome is
the same in whatever order and however often the records come.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final

import msgspec

from mi6_tui.model import PREVIEW_LIMIT, Event, canonical_event_type
from mi6_tui.model.event import CANONICAL_TYPES, decode_object
from mi6_tui.storage.rows import EVENT_FIELDS

_MEASURED: Final = (
    "version",
    "tokens_input",
    "tokens_output",
    "tokens_cache_read",
    "tokens_cache_write",
    "tokens_cache_write_1h",
    "tokens_reasoning",
    "tokens_incomplete",
    "model",
    "outcome",
    "cost_usd",
    "duration_ms",
    "price_terms",
    "context_size",
)
_DERIVED: Final = ("id", "cost_estimated_usd", "price_id")
_PLACED: Final = tuple(name for name in EVENT_FIELDS if name not in (*_MEASURED, *_DERIVED))

_measured_of: Final = attrgetter(*_MEASURED)
_placed_of: Final = attrgetter(*_PLACED)

_TOKENS: Final = tuple(
    name for name in _MEASURED if name.startswith("tokens_") and name != "tokens_incomplete"
)

_tokens_of: Final = attrgetter(*_TOKENS)
_UNCOUNTED: Final = (None,) * len(_TOKENS)

_LARGEST_COST: Final = 10_000.0
_LARGEST_COUNT: Final = 10**12
"""Dollars and tokens. No request has that many: a number above is nonsense, and would burst the sums."""


def normalised(event: Event) -> Event:
    """The event as it will be read back, so that a repeated one compares equal."""
    changes: dict[str, Any] = {}
    if event.event_type not in CANONICAL_TYPES:
        event_type = canonical_event_type(event.event_type)
        if event_type != event.event_type:
            changes["event_type"] = event_type
    if event.preview is not None and len(event.preview) > PREVIEW_LIMIT:
        changes["preview"] = event.preview[:PREVIEW_LIMIT]
    if event.cost_usd is not None and not 0 <= event.cost_usd < _LARGEST_COST:
        changes["cost_usd"] = None
    counts = _tokens_of(event)
    if counts != _UNCOUNTED:
        for name, number in zip(_TOKENS, counts, strict=True):
            if number is not None and number > _LARGEST_COUNT:
                changes |= {name: None, "tokens_incomplete": True}
    if event.metadata and '": ' in event.metadata:
        changes["metadata"] = _compact(event.metadata)
    if event.uuid is None and event.metadata and '"uuid"' in event.metadata:
        uuid = decode_object(event.metadata).get("uuid")
        if isinstance(uuid, str):
            changes["uuid"] = uuid
    return event.with_(**changes) if changes else event


def _compact(json: str) -> str:
    # The original finds a uuid in metadata by its text, without spaces.
    try:
        return msgspec.json.format(json, indent=-1)
    except msgspec.DecodeError:
        return json


def combined(first: Event, second: Event) -> Event:
    """Two records of one thing as one: the place of the better claim, the numbers of the later version."""
    owner = _owner(first, second)
    numbers = _most_complete(first, second)
    if owner is numbers or _measured_of(owner) == _measured_of(numbers):
        return owner
    return owner.with_(**dict(zip(_MEASURED, _measured_of(numbers), strict=True)))


def same_place(first: Event, second: Event) -> bool:
    """Whether both count for the same session, at the same time, from the same witness."""
    return _placed_of(first) == _placed_of(second)


def _owner(first: Event, second: Event) -> Event:
    one, other = _claim(first), _claim(second)
    if one != other:
        return first if one < other else second
    return _pick(min, _placed_of, first, second)


def _claim(event: Event) -> tuple[str, str, int]:
    return event.claim, event.session_id, event.byte_offset or 0


def _most_complete(first: Event, second: Event) -> Event:
    if first.version != second.version:
        return first if first.version > second.version else second
    return _pick(max, _measured_of, first, second)


def _pick(choose: Callable[..., Any], parts: Callable[[Event], Any], first: Event, second: Event) -> Event:
    """Of two that the rule holds for equal, always the same one, whichever comes first."""
    one, other = parts(first), parts(second)
    if one == other:
        return first
    # Numbers and None do not compare; their texts do.
    return first if choose(repr(one), repr(other)) == repr(one) else second


def key_hash(key: str) -> bytes:
    """What remains of a record's identity when it was deleted."""
    return _hash("k", key)


def twin_hash(twin_key: str, *, twinned: bool) -> bytes:
    """What remains of a looser identity: of any record, and of one that was merged with a sidechain."""
    return _hash("s" if twinned else "t", twin_key)


def session_hash(session_id: str) -> bytes:
    """What remains of a session that was forgotten."""
    return _hash("x", session_id)


def _hash(kind: str, text: str) -> bytes:
    from hashlib import blake2b  # late: only `gc` and what comes after it ask for hashes

    return blake2b(f"{kind}:{text}".encode(), digest_size=16).digest()
