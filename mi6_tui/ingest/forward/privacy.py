"""What of a parcel stays on its machine where a team shares the store: texts, titles, places below the home.

Whatever is counted is sent as it is, and so is what happened, when, by which tool and with which model: all
numbers and all statuses are those of the machine.
"""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Any, Final

import msgspec

from mi6_tui.judge.fold import SessionState, Told
from mi6_tui.model import Event
from mi6_tui.storage.parcel import Parcel

_TEXTS: Final = (
    "title",
    "title_suggestion",
    "first_user_message",
    "last_user_message",
    "last_reply",
    "nickname",
    "tags",
)
_PLACES: Final = ("cwd", "transcript_path", "local_git_dir", "git_worktree_path")
_WORD: Final = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
"""A client's own name for something; whatever has a space in it is a sentence."""
_WAITS_FOR: Final = ("permission", "approve", "plan", "input")
"""What the rules of status look for in a registry's words."""
_encode: Final = msgspec.msgpack.Encoder().encode
_state_of: Final = msgspec.msgpack.Decoder(SessionState).decode


def veiled(parcel: Parcel, home: str) -> Parcel:
    """The parcel without texts, titles and places below `home`."""
    return msgspec.structs.replace(
        parcel,
        events=[(_event(event, home), twinned) for event, twinned in parcel.events],
        sessions=[
            (machine_id, session_id, _encode(_state(_state_of(state), home)))
            for machine_id, session_id, state in parcel.sessions
        ],
    )


def _event(event: Event, home: str) -> Event:
    return event.with_(
        preview=None,
        payload=None,
        metadata=None,
        cwd=_place(event.cwd, home),
        transcript_path=_place(event.transcript_path, home),
        outcome=_word(event.outcome),
    )


def _state(state: SessionState, home: str) -> SessionState:
    return msgspec.structs.replace(
        state,
        latest=_registers(state.latest, home),
        earliest=_registers(state.earliest, home),
        claims={witness: _told(witness, told) for witness, told in state.claims.items()},
        asking={agent: _told("hook", told) for agent, told in state.asking.items()},
    )


def _registers(registers: dict[str, tuple[int, int, Any]], home: str) -> dict[str, tuple[int, int, Any]]:
    return {
        name: register
        for name, register in registers.items()
        if name not in _TEXTS and not (name in _PLACES and _place(register[2], home) is None)
    }


def _told(witness: str, told: Told) -> Told:
    """A witness's word without the command or question that it is about."""
    detail = told.detail
    if witness == "registry" and _word(detail) is None:
        detail = next((word for word in _WAITS_FOR if word in detail.lower()), "")
    elif told.kind in ("error", "retry"):
        detail = _word(detail) or "error"
    return msgspec.structs.replace(told, detail=detail, subject="")


def _word(text: str | None) -> str | None:
    return text if text is not None and _WORD.fullmatch(text) else None


def _place(path: Any, home: str) -> str | None:
    if not isinstance(path, str) or PurePath(path).is_relative_to(home):
        return None
    return path
