"""Changes to a session that come from outside its events; each acts on what its row is made from."""

from __future__ import annotations

from typing import NamedTuple

import apsw

from mi6_tui.judge.fold import SessionState, note_repo, note_time, set_earliest, set_latest
from mi6_tui.judge.project import project
from mi6_tui.model import GitBranchInfo
from mi6_tui.storage.sqlite.connection import fetch
from mi6_tui.storage.sqlite.files import rename_file
from mi6_tui.storage.sqlite.positions import rename_position
from mi6_tui.storage.sqlite.sessions import Key, SessionBook, load_state, write_rows


class GitContext(NamedTuple):
    """Where a session was seen to work, and when (ms)."""

    framework: str
    timestamp: int
    local_git_dir: str | None
    github_repo: str | None


def _keys(connection: apsw.Connection, session_id: str) -> list[Key]:
    return _select_keys(connection, "session_id = ?", session_id)


def _select_keys(connection: apsw.Connection, condition: str, value: str | int) -> list[Key]:
    sql = f"SELECT machine_id, session_id FROM sessions WHERE {condition} ORDER BY machine_id, session_id"
    return [(machine_id, session_id) for machine_id, session_id in fetch(connection, sql, (value,))]


def set_git_info(connection: apsw.Connection, session_id: str, info: GitBranchInfo, now: int) -> bool:
    """Set the branch on every machine that has the session; fill pull request and issue where given."""
    book = SessionBook(connection, now)
    keys = _keys(connection, session_id)
    for key in keys:
        state = book.get(key)
        _overrule(state, "git_branch", info.branch, now)
        if info.pr_number is not None:
            _overrule(state, "github_pr", info.pr_number, now)
        if info.issue_number is not None:
            _overrule(state, "github_issue", info.issue_number, now)
    book.flush()
    return bool(keys)


def _overrule(state: SessionState, name: str, value: str | int, now: int) -> None:
    """Set `value` over everything known by now."""
    at, place, old = state.latest.get(name, (now, 0, None))
    if old != value:
        set_latest(state, name, (max(at, now), place + 1), value)


def fill_github_repo(connection: apsw.Connection, session_id: str, repo: str, now: int) -> bool:
    """Set the repository where none is known, on every machine that has the session."""
    book = SessionBook(connection, now)
    keys = _keys(connection, session_id)
    for key in keys:
        state = book.get(key)
        if not state.repos:
            note_repo(state, (0, 0), repo)
    book.flush()
    return bool(keys)


def note_git_context(connection: apsw.Connection, key: Key, context: GitContext, now: int) -> None:
    """Note folder and repository; the session is created if need be."""
    book = SessionBook(connection, now)
    state, order = book.get(key), (context.timestamp, 0)
    note_time(state, context.timestamp)
    set_earliest(state, "framework", order, context.framework)
    if context.local_git_dir is not None:
        set_latest(state, "local_git_dir", order, context.local_git_dir)
    if context.github_repo is not None:
        note_repo(state, order, context.github_repo)
    book.flush()


def fill_transcript_path(connection: apsw.Connection, key: Key, path: str, now: int) -> bool:
    """Set the transcript's path where none is known."""
    book = SessionBook(connection, now)
    state = book.find(key)
    if state is None:
        return False
    if "transcript_path" not in state.latest and "transcript_path" not in state.earliest:
        set_earliest(state, "transcript_path", (now, 0), path)
    book.flush()
    return True


def rename_transcript(connection: apsw.Connection, old_path: str, new_path: str, now: int) -> bool:
    """Let a position, the pointers of events and the paths of sessions follow a file that moved."""
    if not rename_position(connection, old_path, new_path):
        return False
    rename_file(connection, old_path, new_path)
    book = SessionBook(connection, now)
    for key in _select_keys(connection, "transcript_path = ?", old_path):
        state = book.get(key)
        for register in (state.latest, state.earliest):
            at, place, path = register.get("transcript_path", (0, 0, None))
            if path == old_path:
                register["transcript_path"] = (at, place, new_path)
    book.flush()
    return True


def rejudge(connection: apsw.Connection, now: int) -> int:
    """Judge again the sessions whose status was valid until `now` (ms) at most; how many changed."""
    keys = _select_keys(connection, "status_until <= ?", now)
    states = [(key, load_state(connection, key)) for key in keys]
    return write_rows(connection, [project(*key, state, now) for key, state in states if state is not None])
