"""An event as one line of text, and as one object."""

from __future__ import annotations

from typing import Any, Final

from mi6_tui.model import Event
from mi6_tui.report import units
from mi6_tui.report.cells import clean, cut, pad

FIELDS: Final = tuple(name for name in Event.__struct_fields__ if name not in ("order", "process_start_time"))
"""Names as in the store: all but what an event only carries on its way there."""

_TYPE_CELLS: Final = 17


def as_object(event: Event) -> dict[str, Any]:
    """An event for JSON: every field is there, unknown is null, times are ms."""
    return {name: getattr(event, name) for name in FIELDS}


def line(event: Event, fit: int | None) -> str:
    """Time, session, type and what happened, in at most `fit` cells (None: in full)."""
    session = clean(event.session_id)
    words = [
        units.moment(event.timestamp),
        session if fit is None else pad(units.short_id(session), units.SHORT_ID),
        pad(clean(event.event_type), _TYPE_CELLS),
        _details(event),
    ]
    text = "  ".join(words).rstrip()
    return text if fit is None else cut(text, fit)


def _details(event: Event) -> str:
    words = [event.tool_name, event.subagent_type, event.outcome]
    if event.is_api_request:
        words = [event.model, *_tokens(event)]
    return clean(" ".join(word for word in (*words, event.text) if word))


def _tokens(event: Event) -> list[str]:
    bound = "≥" if event.tokens_incomplete else ""
    parts = (("in", event.prompt_tokens), ("out", event.tokens_output))
    return [
        f"{name} {units.UNKNOWN if tokens is None else bound + units.count(tokens)}" for name, tokens in parts
    ]
