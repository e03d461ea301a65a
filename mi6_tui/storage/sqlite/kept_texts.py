"""Texts that an older version kept as they were: secrets in them are masked before they are kept anew."""

from __future__ import annotations

from typing import Final

import msgspec

from mi6_tui.judge.fold import SessionState
from mi6_tui.judge.join import MARKS
from mi6_tui.model import Event
from mi6_tui.model.secrets import masked

_TEXTS: Final = ("payload", "preview", "metadata", "git_branch")


def masked_event(event: Event) -> Event:
    """The same event, without secrets in what people read of it."""
    texts = {name: text for name in _TEXTS if (text := getattr(event, name)) is not None}
    changed = {name: kept for name, text in texts.items() if (kept := masked(text)) != text}
    return event.with_(**changed) if changed else event


def masked_state(state: SessionState) -> SessionState:
    """The same, in place, of what is known of a session. What its user wrote stays."""
    for told in (state.latest, state.earliest):
        for name, (at, order, value) in told.items():
            if isinstance(value, str) and name not in MARKS:
                told[name] = (at, order, masked(value))
    for claims in (state.claims, state.asking):
        for name, claim in claims.items():
            claims[name] = msgspec.structs.replace(
                claim, detail=masked(claim.detail), subject=masked(claim.subject)
            )
    return state
