"""The sums of the store beside those of the files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from mi6_tui.verify.recount import NAMES, Counted, Numbers


@dataclass(frozen=True, slots=True)
class Held:
    """What the store says of one session."""

    row: Numbers
    """The sums in its row."""
    listed: Numbers
    """The sums over its requests."""
    stats: Numbers | None = None
    """The sums that `stats` adds up; None: they cannot be told from those of another machine."""
    complete: bool = True
    """False: a file it was counted from is gone."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A number of a session that is not the same."""

    session_id: str
    where: str
    """Table of the store: `sessions`, `usage` where the sums that `stats` adds up are meant, or `events`
    where the sum over the requests is."""
    field: str
    store: int | None
    """None: the store has no such session."""
    files: int | None
    """None: no file speaks of the session."""


@dataclass(slots=True)
class Comparison:
    """What was compared, and the outcome."""

    checked: int = 0
    store: Numbers = field(default_factory=Numbers)
    files: Numbers = field(default_factory=Numbers)
    """Both over the checked sessions."""
    differences: list[Difference] = field(default_factory=list)
    unchecked: dict[str, str] = field(default_factory=dict)
    """Sessions that cannot be checked, and why."""

    def plus(self, other: Comparison) -> None:
        """Add the comparison of another client."""
        self.checked += other.checked
        self.store.plus(other.store)
        self.files.plus(other.files)
        self.differences += other.differences
        self.unchecked |= other.unchecked


def compare(held: Mapping[str, Held], counted: Mapping[str, Counted]) -> Comparison:
    """Compare session by session; one without any request on either side is equal."""
    outcome = Comparison()
    for session_id in sorted(held.keys() | counted.keys()):
        ours, theirs = held.get(session_id), counted.get(session_id)
        if ours is not None and not ours.complete:
            outcome.unchecked[session_id] = "a transcript it was counted from is gone"
            continue
        files = _expected(ours, theirs)
        outcome.checked += 1
        outcome.store.plus(ours.row if ours else Numbers())
        outcome.files.plus(files)
        outcome.differences += _differences(session_id, ours, files if theirs else None)
    return outcome


def _expected(ours: Held | None, theirs: Counted | None) -> Numbers:
    """The sums of the files; copies belong to them unless the store knows their owner."""
    if theirs is None:
        return Numbers()
    if ours is not None and ours.row == theirs.own:
        return theirs.own
    both = replace(theirs.own)
    both.plus(theirs.copies)
    return both


def _differences(session_id: str, ours: Held | None, files: Numbers | None) -> list[Difference]:
    found = []
    expected = files or Numbers()
    for name in NAMES:
        told = getattr(files, name) if files else None
        row = getattr(ours.row, name) if ours else None
        if (row or 0) != getattr(expected, name):
            found.append(Difference(session_id, "sessions", name, row, told))
            continue
        if ours and ours.stats and getattr(ours.stats, name) != getattr(expected, name):
            found.append(Difference(session_id, "usage", name, getattr(ours.stats, name), told))
        # Deleted events are still in the row: fewer requests than it counts prove nothing.
        if ours and ours.listed.api_request_count >= ours.row.api_request_count:
            listed = getattr(ours.listed, name)
            if listed != getattr(expected, name):
                found.append(Difference(session_id, "events", name, listed, told))
    return found
