"""Changes to a session that come from outside its events; each acts on what its row is made from."""

from __future__ import annotations

from typing import Final

import apsw

from mi6_tui.judge.project import project
from mi6_tui.judge.status import QUIET_LIMIT, SILENT_LIMIT
from mi6_tui.model import GitBranchInfo
from mi6_tui.storage import changes
from mi6_tui.storage.changes import GitContext
from mi6_tui.storage.sqlite.connection import fetch
from mi6_tui.storage.sqlite.files import rename_file
from mi6_tui.storage.sqlite.forgetting import is_forgotten
from mi6_tui.storage.sqlite.positions import rename_position
from mi6_tui.storage.sqlite.sessions import Key, SessionBook, load_state, write_rows

_SESSIONS: Final = "SELECT machine_id, session_id FROM sessions WHERE"
# What silence says was said too early where the clock was ahead then, and is not any more.
_EARLY: Final = (
    f"{_SESSIONS} last_activity > ?1 - {SILENT_LIMIT} AND (status_rule = 'silent' OR "
    f"(status_rule IN ('quiet', 'silent run') AND status_since > ?1 - {QUIET_LIMIT}))"
)
DUE: Final = (f"{_SESSIONS} status_until <= ?1", _EARLY)
"""The sessions whose status the clock alone changes, at a time (ms): the statements that find them."""


def _keys(connection: apsw.Connection, session_id: str) -> list[Key]:
    return _select_keys(connection, "session_id = ?", session_id)


def _select_keys(connection: apsw.Connection, condition: str, value: str | int) -> list[Key]:
    # Sorted here: SQLite would rather walk all sessions in that order than look for the few that are meant.
    found = fetch(connection, f"SELECT machine_id, session_id FROM sessions WHERE {condition}", (value,))
    return sorted((machine_id, session_id) for machine_id, session_id in found)


def set_git_info(connection: apsw.Connection, session_id: str, info: GitBranchInfo, now: int) -> bool:
    """Set the branch on every machine that has the session; fill pull request and issue where given."""
    book = SessionBook(connection, now)
    keys = _keys(connection, session_id)
    for key in keys:
        changes.set_git_info(book.get(key), info, now)
    book.flush()
    return bool(keys)


def fill_github_repo(connection: apsw.Connection, session_id: str, repo: str, now: int) -> bool:
    """Set the repository where none is known, on every machine that has the session."""
    book = SessionBook(connection, now)
    keys = _keys(connection, session_id)
    for key in keys:
        changes.fill_github_repo(book.get(key), repo)
    book.flush()
    return bool(keys)


def note_git_context(connection: apsw.Connection, key: Key, context: GitContext, now: int) -> None:
    """Note folder and repository; the session is created if need be, unless it was forgotten."""
    if is_forgotten(connection, key[1]):
        return
    book = SessionBook(connection, now)
    changes.note_git_context(book.get(key), context)
    book.flush()


def fill_transcript_path(connection: apsw.Connection, key: Key, path: str, now: int) -> bool:
    """Set the transcript's path where none is known."""
    book = SessionBook(connection, now)
    state = book.find(key)
    if state is None:
        return False
    changes.fill_transcript_path(state, path, now)
    book.flush()
    return True


def rename_transcript(connection: apsw.Connection, old_path: str, new_path: str, now: int) -> bool:
    """Let a position, the pointers of events and the paths of sessions follow a file that moved."""
    if not rename_position(connection, old_path, new_path):
        return False
    rename_file(connection, old_path, new_path)
    book = SessionBook(connection, now)
    for key in _select_keys(connection, "transcript_path = ?", old_path):
        changes.move_transcript(book.get(key), old_path, new_path)
    book.flush()
    return True


def rejudge(connection: apsw.Connection, now: int) -> int:
    """Judge again the sessions whose status is not valid at `now` (ms), no more or not yet; how many."""
    found = [fetch(connection, due, (now,)) for due in DUE]
    keys = sorted({(machine_id, session_id) for rows in found for machine_id, session_id in rows})
    states = [(key, load_state(connection, key)) for key in keys]
    return write_rows(connection, [project(*key, state, now) for key, state in states if state is not None])
