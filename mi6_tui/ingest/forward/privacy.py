"""What of a parcel stays on its machine where a team shares the store: texts, titles, places below the home.

Whatever is counted is sent as it is, and so is what happened, when, by which tool and with which model: all
numbers and all statuses are those of the machine.
"""

from __future__ import annotations

import os
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
_PROBLEM: Final = "it could not be read"
"""Why not may name addresses and places."""
_state_of: Final = msgspec.msgpack.Decoder(SessionState).decode


def veiled(parcel: Parcel, home: str) -> Parcel:
    """The parcel without texts, titles, places below `home`, and places on other machines than its own."""
    homes = {os.path.normpath(home), os.path.realpath(home)}

    def of(machine_id: str) -> set[str]:
        # Where the homes on machines that are read over ssh lie nobody knows here.
        return homes if machine_id == parcel.machine_id else {"/"}

    return msgspec.structs.replace(
        parcel,
        events=[(_event(event, of(event.machine_id)), twinned) for event, twinned in parcel.events],
        sessions=[
            (machine_id, session_id, _encode(_state(_state_of(state), of(machine_id))))
            for machine_id, session_id, state in parcel.sessions
        ],
        machines=[
            machine if machine.problem is None else msgspec.structs.replace(machine, problem=_PROBLEM)
            for machine in parcel.machines
        ],
    )


def _event(event: Event, homes: set[str]) -> Event:
    return event.with_(
        preview=None,
        payload=None,
        metadata=None,
        cwd=_place(event.cwd, homes),
        transcript_path=_place(event.transcript_path, homes),
        outcome=_word(event.outcome),
    )


def _state(state: SessionState, homes: set[str]) -> SessionState:
    return msgspec.structs.replace(
        state,
        latest=_registers(state.latest, homes),
        earliest=_registers(state.earliest, homes),
        claims={witness: _told(witness, told) for witness, told in state.claims.items()},
        asking={agent: _told("hook", told) for agent, told in state.asking.items()},
    )


def _registers(
    registers: dict[str, tuple[int, int, Any]], homes: set[str]
) -> dict[str, tuple[int, int, Any]]:
    return {
        name: register
        for name, register in registers.items()
        if name not in _TEXTS and not (name in _PLACES and _place(register[2], homes) is None)
    }


def _told(witness: str, told: Told) -> Told:
    """A witness's word without the command or question that it is about."""
    detail = told.detail
    if witness == "registry" and _word(detail) is None:
        detail = next((word for word in _WAITS_FOR if word in detail.lower()), "")
    elif told.kind in ("error", "retry"):
        detail = _word(detail) or "error"
    elif told.kind in ("end", "reply", "reply_end"):
        detail = _word(detail) or ""  # as of the event's outcome
    return msgspec.structs.replace(told, detail=detail, subject="")


def _word(text: str | None) -> str | None:
    return text if text is not None and _WORD.fullmatch(text) else None


def _place(path: Any, homes: set[str]) -> str | None:
    """A path as it is, if it surely lies in none of the `homes`: not of a file that was read over ssh."""
    if not isinstance(path, str) or not path.startswith("/"):
        return None
    place = PurePath("/", os.path.normpath(path).lstrip("/"))  # two slashes at the beginning would stay
    return None if any(place.is_relative_to(home) for home in homes) else path
