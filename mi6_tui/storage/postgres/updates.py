"""Changes to sessions that come from outside their events; each acts on what a row is made from."""

from __future__ import annotations

from typing import Final

from mi6_tui.judge.status import QUIET_LIMIT, SILENT_LIMIT
from mi6_tui.model import GitBranchInfo
from mi6_tui.storage import changes
from mi6_tui.storage.changes import GitContext
from mi6_tui.storage.postgres.connection import Connection, fetch
from mi6_tui.storage.postgres.files import rename_file
from mi6_tui.storage.postgres.forgetting import forgotten_among
from mi6_tui.storage.postgres.positions import rename_position
from mi6_tui.storage.postgres.server import Turn
from mi6_tui.storage.postgres.sessions import Key, SessionBook

DUE: Final = f"""
SELECT machine_id, session_id FROM sessions WHERE status_until <= %s
UNION SELECT machine_id, session_id FROM sessions
WHERE last_activity > %s - {SILENT_LIMIT} AND (status_rule = 'silent' OR
      (status_rule IN ('quiet', 'silent run') AND status_since > %s - {QUIET_LIMIT}))
"""
"""The sessions whose status the clock alone changes, at a time (ms), given three times.

What silence says was said too early where the clock was ahead then, and is not any more.
"""


def _keys(connection: Connection, condition: str, *values: str | int) -> list[Key]:
    sql = f"SELECT machine_id, session_id FROM sessions WHERE {condition}"
    return [(machine_id, session_id) for machine_id, session_id in fetch(connection, sql, values)]


def set_git_info(turn: Turn, session_id: str, info: GitBranchInfo, now: int) -> bool:
    """Set the branch on every machine that has the session; fill pull request and issue where given."""
    book, keys = SessionBook(turn, now), _keys(turn.connection, "session_id = %s", session_id)
    book.load(keys)
    for key in keys:
        changes.set_git_info(book.get(key), info, now)
    book.flush()
    return bool(keys)


def fill_github_repo(turn: Turn, session_id: str, repo: str, now: int) -> bool:
    """Set the repository where none is known, on every machine that has the session."""
    book, keys = SessionBook(turn, now), _keys(turn.connection, "session_id = %s", session_id)
    book.load(keys)
    for key in keys:
        changes.fill_github_repo(book.get(key), repo)
    book.flush()
    return bool(keys)


def note_git_context(turn: Turn, key: Key, context: GitContext, now: int) -> None:
    """Note folder and repository; the session is created if need be, unless it was forgotten."""
    if forgotten_among(turn, {key[1]}):
        return
    book = SessionBook(turn, now)
    changes.note_git_context(book.get(key), context)
    book.flush()


def fill_transcript_path(turn: Turn, key: Key, path: str, now: int) -> bool:
    """Set the transcript's path where none is known."""
    book = SessionBook(turn, now)
    state = book.find(key)
    if state is None:
        return False
    changes.fill_transcript_path(state, path, now)
    book.flush()
    return True


def rename_transcript(turn: Turn, old_path: str, new_path: str, now: int) -> bool:
    """Let a position, the pointers of events and the paths of sessions follow a file that moved."""
    if not rename_position(turn, old_path, new_path):
        return False
    turn.changed = True
    rename_file(turn, old_path, new_path)
    book, keys = SessionBook(turn, now), _keys(turn.connection, "transcript_path = %s", old_path)
    book.load(keys)
    for key in keys:
        changes.move_transcript(book.get(key), old_path, new_path)
    book.flush()
    return True


def rejudge(turn: Turn, now: int) -> int:
    """Judge again the sessions whose status is not valid at `now` (ms), no more or not yet; how many."""
    book, found = SessionBook(turn, now), fetch(turn.connection, DUE, (now,) * 3)
    book.load((machine_id, session_id) for machine_id, session_id in found)
    return book.rejudge()
