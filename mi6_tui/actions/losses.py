"""Whether a session can be ended, and what would be lost, as far as that can be seen from outside."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from mi6_tui.actions.errors import ActionError
from mi6_tui.actions.holder import descendants, holder
from mi6_tui.ingest.git.context import context
from mi6_tui.ingest.git.diff import changed_files, diff_stat
from mi6_tui.ingest.live.processes import Process, Processes
from mi6_tui.model import Claim, Session

_SECONDS: Final = 2.0


class Losses(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing of it is certain to be lost; all of it deserves a look."""

    repository: bool
    """Whether it works in a repository: else nothing is ever committed there."""
    changes: tuple[int, int] | None
    """Lines added and deleted that are not committed; None if that cannot be told. They stay on the disk."""
    changed: int | None
    """Files that are not as they were committed; None if they are too many to tell in time."""
    untracked: int | None
    """Files that git neither knows nor is to ignore, a folder full of them as one; None as above."""
    children: tuple[Process, ...]
    """What it started and still runs."""
    background: int
    """Subagents that still run."""
    busy: bool
    """A turn runs: a reply that is being written is lost whole."""
    ourselves: bool
    """This very program is among the children."""


class Prospect(msgspec.Struct, frozen=True, kw_only=True):
    """A session that somebody means to end."""

    session: Session
    process: Process | None = None
    losses: Losses | None = None
    refused: str = ""
    """Why it cannot be ended."""


def foresee(
    session: Session, claims: Iterable[Claim], processes: Processes, env: Mapping[str, str] = os.environ
) -> Prospect:
    """Find the session's process, for certain, and what would be lost."""
    try:
        process = holder(session, claims, processes)
    except ActionError as error:
        return Prospect(session=session, refused=error.message)
    return Prospect(session=session, process=process, losses=losses(session, process, processes, env))


def losses(
    session: Session, process: Process, processes: Processes, env: Mapping[str, str] = os.environ
) -> Losses:
    """Look at the session's folder and at its process."""
    folder = session.git_worktree_path or session.cwd or ""
    children = descendants(process, processes)
    repository = bool(folder) and context(folder) is not None
    changes = diff_stat(folder, _SECONDS, env) if repository else None
    files = changed_files(folder, _SECONDS, env) if changes is not None else None
    untracked = sum(file.untracked for file in files) if files is not None else None
    return Losses(
        repository=repository,
        changes=changes,
        changed=len(files) - untracked if files is not None and untracked is not None else None,
        untracked=untracked,
        children=tuple(children),
        background=session.background_count,
        busy=session.status_shown == "working",
        ourselves=os.getpid() in {process.pid, *(child.pid for child in children)},
    )
