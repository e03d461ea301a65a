"""How long the small texts of an event may be, and that they are clean, whichever decoder it comes from.

What people read (previews, payloads) is bounded where it is made; here are names, ids, keys and paths, which
a decoder takes as its client wrote them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import msgspec

from mi6_tui.frameworks.base import Decoded
from mi6_tui.model import Event, SessionFact
from mi6_tui.model.telemetry import Telemetry

LONGEST_NAME: Final = 512
LONGEST_KEY: Final = 1024
LONGEST_PATH: Final = 4096
MOST: Final = 10**12
"""Of anything that is counted, and ms of a duration: above, it says nothing."""
_LARGEST_FACT: Final = 10**15

_STRANGE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def _path(text: str) -> str | None:
    # Cut short it would lead elsewhere.
    return _clean(text) if len(text) <= LONGEST_PATH else None


def _word(text: str) -> str:
    return _clean(text[:LONGEST_NAME])


def _identity(longest: int) -> Callable[[str], str]:
    def identity(text: str) -> str:
        """What tells one thing from another still does so where it is cut."""
        if len(text) <= longest:
            return _clean(text)
        from hashlib import blake2b  # late: it is hardly ever needed

        digest = blake2b(text.encode(errors="replace"), digest_size=16).hexdigest()
        return f"{_clean(text[: longest - 40])}~{digest}"

    return identity


def _clean(text: str) -> str:
    return _STRANGE.sub("\N{REPLACEMENT CHARACTER}", text)


_name: Final = _identity(LONGEST_NAME)
_key: Final = _identity(LONGEST_KEY)
_TEXTS: Final[dict[str, Callable[[str], str | None]]] = (
    dict.fromkeys(("session_id", "uuid", "agent_id", "spawned_agent_id", "tool_use_id"), _name)
    | dict.fromkeys(("key", "twin_key", "version"), _key)
    | dict.fromkeys(
        ("tool_name", "subagent_type", "outcome", "model", "permission_mode", "git_branch"), _word
    )
    | {"cwd": _path}
)
_COUNTS: Final = ("duration_ms", "context_size", "tokens_output")
"""What decoders reckon themselves, or take as it is; the other tokens are bounded where they are read."""


_TOLD: Final[dict[str, Callable[[str], str | None]]] = {
    "session_id": _name,
    "identity": _key,
    "request_id": _name,
    "model": _word,
    "what": _word,
}
_TIMES: Final = ("resets_at",)
_DATED: Final = ("at", "received_at")
"""Times that no record is without; it is not made where they cannot be."""


def bounded(decoded: Decoded) -> None:
    """Bound and clean what `decoded` holds, in place."""
    decoded.telemetry[:] = [_made_ordinary_record(record) for record in decoded.telemetry]
    events, facts = decoded.events, decoded.facts
    for at, event in enumerate(events):
        if not _is_ordinary(event):
            events[at] = _made_ordinary(event)
    if not all(map(_is_ordinary_fact, facts)):
        facts[:] = [made for fact in facts if (made := _made_ordinary_fact(fact)) is not None]


def _is_ordinary(event: Event) -> bool:
    """Whether nothing need be looked at more closely: true of nearly all, and found out fast."""
    text = (
        f"{event.session_id}{event.uuid}{event.agent_id}{event.spawned_agent_id}{event.tool_use_id}{event.key}"
        f"{event.twin_key}{event.version}{event.tool_name}{event.subagent_type}{event.outcome}{event.model}"
        f"{event.permission_mode}{event.git_branch}{event.cwd}"
    )
    counted = max(event.duration_ms or 0, event.context_size or 0, event.tokens_output or 0)
    return counted <= MOST and len(text) <= LONGEST_NAME and text.isprintable()


def _made_ordinary(event: Event) -> Event:
    changes: dict[str, Any] = {}
    for name, bound in _TEXTS.items():
        text = getattr(event, name)
        if text is not None and (plain := bound(text)) != text:
            changes[name] = plain
    for name in _COUNTS:
        if (getattr(event, name) or 0) > MOST:
            changes[name] = None
            changes["tokens_incomplete"] = event.tokens_incomplete or name.startswith("tokens")
    return event.with_(**changes) if changes else event


def _is_ordinary_fact(fact: SessionFact) -> bool:
    text = f"{fact.session_id}{fact.value}"
    sane = not isinstance(fact.value, int) or abs(fact.value) <= _LARGEST_FACT
    return sane and len(text) <= LONGEST_NAME and text.isprintable()


def _made_ordinary_fact(fact: SessionFact) -> SessionFact | None:
    """None where nothing is left of it."""
    value = fact.value
    if isinstance(value, str):
        value = _path(value) if fact.name == "cwd" else _word(value)
        if value is None:
            return None
    elif value is not None and abs(value) > _LARGEST_FACT:
        return None
    return msgspec.structs.replace(fact, session_id=_name(fact.session_id), value=value)


def _made_ordinary_record(record: Telemetry) -> Telemetry:
    changes: dict[str, Any] = {}
    for name in record.__struct_fields__:
        value = getattr(record, name)
        if isinstance(value, str) and name in _TOLD:
            plain: str | float | None = _TOLD[name](value)
        elif isinstance(value, int | float) and name not in _DATED:
            plain = value if abs(value) <= (_LARGEST_FACT if name in _TIMES else MOST) else None
        else:
            continue
        if plain != value:
            changes[name] = plain
    return msgspec.structs.replace(record, **changes) if changes else record
