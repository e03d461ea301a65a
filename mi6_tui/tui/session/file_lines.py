"""Where a session works and what it changed there, in lines. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo
from typing import Final

import msgspec

from mi6_tui.ingest.git.diff import Change
from mi6_tui.model import FileTouch, Session
from mi6_tui.tui import text

Line = tuple[tuple[str, str], ...]
_NAME: Final = 13
_COUNT: Final = 7
_MOST: Final = 500
"""Files of a list that are shown."""


class WorkingCopy(msgspec.Struct, frozen=True):
    """What git says of the session's folder at one moment."""

    changes: tuple[Change, ...] | None
    """None: it cannot be told."""
    at: int
    """ms."""


def file_lines(
    session: Session,
    touched: Sequence[FileTouch] | None,
    copy: WorkingCopy | None,
    zone: tzinfo | None,
    *,
    now: int,
    width: int,
) -> list[Line]:
    """The working copy, what in it is not committed, and what the session wrote to; `now` in ms."""
    lines: list[Line] = [
        ((f" {name:<{_NAME}}", "quiet"), (text.fit(words, max(1, width - _NAME - 2)), "plain"))
        for name, words in _places(session)
    ]
    lines += [(), *_changes(copy, zone, width), ()]
    lines += _touched(session, touched, now, width)
    return lines


def _places(session: Session) -> Iterator[tuple[str, str]]:
    yield "folder", text.clean(session.cwd, 300) or text.UNKNOWN
    for name, words in (
        ("branch", session.git_branch),
        ("worktree", session.git_worktree_path),
        ("repository", session.github_repo),
        ("pull request", f"#{session.github_pr}" if session.github_pr else None),
        ("issue", f"#{session.github_issue}" if session.github_issue else None),
    ):
        if words:
            yield name, text.clean(words, 300)


def _changes(copy: WorkingCopy | None, zone: tzinfo | None, width: int) -> Iterator[Line]:
    if copy is None:
        yield ((" Not committed", "name"), ("  asking git …", "faint"))
        return
    at = text.time_of_day(copy.at, zone)
    if copy.changes is None:
        yield ((" Not committed", "name"), (f"  git cannot tell (asked at {at})", "quiet"))
        return
    additions = sum(change.additions or 0 for change in copy.changes)
    deletions = sum(change.deletions or 0 for change in copy.changes)
    told = (
        f"{text.plural(len(copy.changes), 'file')}, +{additions:,} -{deletions:,}"
        if copy.changes
        else "nothing"
    )
    yield ((" Not committed", "name"), (f"  {told}", "plain"), (f"  at {at}; u asks again", "faint"))
    for change in copy.changes[:_MOST]:
        counts: Line
        if change.untracked:
            counts = ((f" {'new':>{2 * _COUNT}}", "working"),)
        elif change.additions is None:
            counts = ((f" {'binary':>{2 * _COUNT}}", "quiet"),)
        else:
            counts = (
                (f" {f'+{change.additions:,}':>{_COUNT}}", "plain"),
                (f"{f'-{change.deletions or 0:,}':>{_COUNT}}", "trouble" if change.deletions else "faint"),
            )
        yield (*counts, (f"  {text.fit(text.clean(change.path, 400), max(1, width - 18))}", "plain"))
    yield from _more(len(copy.changes))


def _touched(session: Session, touched: Sequence[FileTouch] | None, now: int, width: int) -> Iterator[Line]:
    if touched is None:
        return
    yield ((" Written by its tools", "name"), (f"  {text.plural(len(touched), 'file')}", "plain"))
    room = max(8, width - 38)
    for file in touched[:_MOST]:
        failed = f"{file.failed} failed" if file.failed else ""
        yield (
            (f" {f'{file.calls}x':>{_COUNT}}", "plain" if file.calls else "faint"),
            (f"  {text.fit(shortened(text.clean(file.path, 400), session.cwd), room)}", "plain"),
            (f" {text.age(now - file.last):>6} ago", "quiet"),
            (f"  {failed or text.fit(text.clean(file.tool_name, 40), 10)}", "trouble" if failed else "faint"),
        )
    yield from _more(len(touched))


def _more(number: int) -> Iterator[Line]:
    if number > _MOST:
        yield ((f"   and {number - _MOST:,} more", "faint"),)


def shortened(path: str, folder: str | None) -> str:
    """A path from the session's folder on, where it lies in it."""
    if folder and path.startswith(folder.rstrip("/") + "/"):
        return path[len(folder.rstrip("/")) + 1 :]
    return path
