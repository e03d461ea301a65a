"""Where a session's row differs from its working copy, and which of the two is right."""

from __future__ import annotations

from typing import Final

import msgspec

from mi6_tui.ingest.git.context import GitContext
from mi6_tui.ingest.git.names import numbers_of
from mi6_tui.model import Session

Values = dict[str, str | int | None]
"""By the name of a session's field."""

_DETACHED: Final = (None, "HEAD")
"""What rows say, by their clients, where no branch is checked out."""


class News(msgspec.Struct, frozen=True):
    """What has to change in a row; nothing does where all are empty."""

    local_git_dir: str | None = None
    github_repo: str | None = None
    values: Values = {}

    @property
    def moved(self) -> bool:
        """Whether the row names another git folder or repository."""
        return self.local_git_dir is not None or self.github_repo is not None


class Seen(msgspec.Struct, frozen=True):
    """A session at an earlier look."""

    context: GitContext
    numbers: Values
    """That its row had."""
    revision: int
    """Of its row."""


def news_of(session: Session, context: GitContext, before: Seen | None) -> News:
    """What the working copy says against the row; `before` is the last look, if there was one.

    Of the branch and the folders the working copy is right. A repository or a number that the
    conversation named is better than one that is only guessed from the working copy, unless it is another
    project's.
    """
    known_dir = before.context.local_git_dir if before else session.local_git_dir
    moved = known_dir is not None and known_dir != context.local_git_dir
    repo = context.github_repo
    if repo is None or _is_named(session.github_repo, context, here=not moved):
        repo = None
    return News(
        local_git_dir=context.local_git_dir if context.local_git_dir != session.local_git_dir else None,
        github_repo=repo,
        values=_places(session, context, moved=moved)
        | _numbers(session, context, before, elsewhere=repo is not None),
    )


def numbers_in(session: Session) -> Values:
    """The numbers that a row has."""
    return {"github_issue": session.github_issue, "github_pr": session.github_pr}


def _is_named(repo: str | None, context: GitContext, *, here: bool) -> bool:
    """Whether `repo` is that of a remote, or, named while the session was `here`, of the same name: a fork's
    pull requests stand in the repository that it was made from.
    """
    if repo is None:
        return False
    named = {name.lower() for name in context.github_repos}
    if here:
        named_last = {name.rpartition("/")[2] for name in named}
        return repo.lower() in named or repo.lower().rpartition("/")[2] in named_last
    return repo.lower() in named


def _places(session: Session, context: GitContext, *, moved: bool) -> Values:
    values: Values = {}
    detached = context.detached is not None and session.git_branch not in _DETACHED
    if detached or context.branch not in (None, session.git_branch):
        values["git_branch"] = context.branch
    # A session in the main worktree may have made another one and work there: only a move denies it.
    if context.worktree_path != session.git_worktree_path and (context.worktree_path or moved):
        values["git_worktree_path"] = context.worktree_path
    return values


def _numbers(session: Session, context: GitContext, before: Seen | None, *, elsewhere: bool) -> Values:
    """Issue and pull request after the branch, where nothing better is known.

    `elsewhere`: the row's numbers may be those of another repository.
    """
    if context.github_repo is None:
        return {}
    guess = {"github_issue": context.issue, "github_pr": context.pr}
    by_row = numbers_of(session.git_branch)
    guesses = [{"github_issue": by_row.issue, "github_pr": by_row.pr}]
    if before is not None:
        guesses.append({"github_issue": before.context.issue, "github_pr": before.context.pr})
    row = numbers_in(session)
    right: Values = {}
    for name, value in row.items():
        stale = elsewhere and (before is None or before.numbers[name] == value)
        guessed = any(value == old[name] for old in guesses)
        right[name] = guess[name] if value is None or guessed or stale else value
    if right["github_issue"] == right["github_pr"]:
        right["github_issue"] = None  # one number is not both
    # With another repository the store lets go of all numbers: what the branch says is said again.
    said_again = guess if elsewhere else {}
    return {
        name: value
        for name, value in right.items()
        if value != row[name] or (value is not None and value == said_again.get(name))
    }
