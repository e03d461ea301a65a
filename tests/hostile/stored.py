"""What may be stored, whoever wrote the file it was read from."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from mi6_tui.frameworks.base import Decoded
from mi6_tui.ingest.turn import Told
from mi6_tui.model import PREVIEW_LIMIT, Event, SessionFact

MOST: Final = 10**12
_FIRST: Final = -62_135_596_800_000
_LAST: Final = 253_402_300_800_000
"""ms; the years 1 to 9999."""
_NAMES: Final = ("session_id", "uuid", "agent_id", "spawned_agent_id", "tool_use_id")
_KEYS: Final = ("key", "twin_key", "claim", "version")
_WORDS: Final = (
    "tool_name", "subagent_type", "outcome", "model", "permission_mode", "git_branch", "event_type",
    "framework", "source",
)  # fmt: skip
_PATHS: Final = ("cwd", "transcript_path")
_TEXTS: Final = ("preview", "payload", "metadata", "price_terms")
_LIMITS: Final = (
    dict.fromkeys(_NAMES, 512) | dict.fromkeys(_KEYS, 1024) | dict.fromkeys(_WORDS, 512)
    | dict.fromkeys(_PATHS, 4096) | {"preview": PREVIEW_LIMIT, "payload": 8 * PREVIEW_LIMIT}
    | {"metadata": 8 * PREVIEW_LIMIT, "price_terms": 1024}
)  # fmt: skip
_STEERING: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
BREAKING: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")


def kept(decoded: Decoded) -> Told:
    """What goes on to the store."""
    told = Told()
    told.add(decoded)
    return told


def check(decoded: Decoded) -> None:
    """Everything in it may be stored."""
    told = kept(decoded)
    for event in told.events:
        check_event(event)
    for fact in told.facts:
        check_fact(fact)
    assert 0 <= told.malformed <= 10**6
    for kind, number in decoded.unknown.items():
        assert len(kind) <= 80 and not BREAKING.search(kind) and number > 0


def check_event(event: Event) -> None:
    """Each field is of its type, within its range, bounded and clean."""
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(event), type=Event) == event
    assert event.session_id
    assert _FIRST <= event.timestamp <= _LAST, event.timestamp
    for name, limit in _LIMITS.items():
        text = getattr(event, name)
        if text is not None:
            assert len(text) <= limit, (name, len(text))
            pattern = _STEERING if name in _TEXTS else BREAKING
            assert not pattern.search(text), (name, text)
    for name in Event.__struct_fields__:
        value = getattr(event, name)
        if name.startswith(("tokens_", "context_", "duration_")) and value is not None:
            assert 0 <= value <= MOST, (name, value)
    assert event.cost_usd is None or 0 <= event.cost_usd <= 10**6, event.cost_usd
    assert event.order is None or all(abs(part) < 2**62 for part in event.order)


def check_fact(fact: SessionFact) -> None:
    """The same of a fact."""
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(fact), type=SessionFact) == fact
    assert _FIRST <= fact.timestamp <= _LAST, fact.timestamp
    assert fact.session_id and len(fact.session_id) <= 512 and not BREAKING.search(fact.session_id)
    if isinstance(fact.value, str):
        assert len(fact.value) <= 4096, (fact.name, len(fact.value))
        assert not BREAKING.search(fact.value), (fact.name, fact.value)
    elif fact.value is not None:
        most = 10**15 if fact.name.startswith("cost") else _LAST if fact.name == "last_activity" else MOST
        low = _FIRST if fact.name == "last_activity" else 0
        assert low <= fact.value <= most, (fact.name, fact.value)
