"""Changes to a session's state that come from outside its events."""

from __future__ import annotations

from typing import NamedTuple

from mi6_tui.judge.fold import SessionState, note_repo, note_time, set_earliest, set_latest
from mi6_tui.model import GitBranchInfo


class GitContext(NamedTuple):
    """Where a session was seen to work, and when (ms)."""

    framework: str
    timestamp: int
    local_git_dir: str | None
    github_repo: str | None


def set_git_info(state: SessionState, info: GitBranchInfo, now: int) -> None:
    """Set the branch; fill pull request and issue where given."""
    _overrule(state, "git_branch", info.branch, now)
    if info.pr_number is not None:
        _overrule(state, "github_pr", info.pr_number, now)
    if info.issue_number is not None:
        _overrule(state, "github_issue", info.issue_number, now)


def _overrule(state: SessionState, name: str, value: str | int, now: int) -> None:
    """Set `value` over everything known by now."""
    at, place, old = state.latest.get(name, (now, 0, None))
    if old != value:
        set_latest(state, name, (max(at, now), place + 1), value)


def fill_github_repo(state: SessionState, repo: str) -> None:
    """Set the repository where none is known."""
    if not state.repos:
        note_repo(state, (0, 0), repo)


def note_git_context(state: SessionState, context: GitContext) -> None:
    """Note folder and repository."""
    order = (context.timestamp, 0)
    note_time(state, context.timestamp)
    set_earliest(state, "framework", order, context.framework)
    if context.local_git_dir is not None:
        set_latest(state, "local_git_dir", order, context.local_git_dir)
    if context.github_repo is not None:
        note_repo(state, order, context.github_repo)


def fill_transcript_path(state: SessionState, path: str, now: int) -> None:
    """Set the transcript's path where none is known."""
    if "transcript_path" not in state.latest and "transcript_path" not in state.earliest:
        set_earliest(state, "transcript_path", (now, 0), path)


def move_transcript(state: SessionState, old_path: str, new_path: str) -> None:
    """Let the session's path follow a file that moved."""
    for register in (state.latest, state.earliest):
        at, place, path = register.get("transcript_path", (0, 0, None))
        if path == old_path:
            register["transcript_path"] = (at, place, new_path)
