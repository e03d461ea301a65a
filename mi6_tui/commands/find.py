"""The session that a word on the command line means."""

from __future__ import annotations

from typing import Final

from mi6_tui.errors import NotFoundError, UsageError
from mi6_tui.model import Session, SessionQuery
from mi6_tui.report.cells import clean
from mi6_tui.storage import Storage

_LARGEST_PID: Final = 2**31 - 1
_SHOWN: Final = 5


def find_session(storage: Storage, word: str) -> Session:
    """By process id if it is a number, then by id, then by the unique beginning of an id."""
    if word.isascii() and word.isdigit() and int(word[:11]) <= _LARGEST_PID:
        by_pid = storage.get_session_by_pid(int(word))
        if by_pid is not None:
            return by_pid
    exact = storage.get_session(word)
    if exact is not None:
        return exact
    starting = (
        storage.list_sessions(SessionQuery().with_id_prefix(word).order_by_last_activity()) if word else []
    )
    ids = list(dict.fromkeys(session.session_id for session in starting))
    if not ids:
        raise NotFoundError(f"there is no session {clean(word)!r}", "`mi6-tui sessions` lists them")
    if len(ids) > 1:
        candidates = ", ".join(map(clean, ids[:_SHOWN])) + (", ..." if len(ids) > _SHOWN else "")
        raise UsageError(
            f"{len(ids)} sessions begin with {clean(word)!r}: {candidates}", "give more of the id"
        )
    return starting[0]
