"""Carrying out a plan, so that it can be undone."""

from __future__ import annotations

import contextlib
from pathlib import Path

from mi6_tui.frameworks.hooks import Scope
from mi6_tui.hooks.errors import ChangedError, SettingsError
from mi6_tui.hooks.files import missing_folders, replace
from mi6_tui.hooks.place import Place
from mi6_tui.hooks.plan import Aim, Plan, plan
from mi6_tui.hooks.records import Record, Records, fingerprint
from mi6_tui.ingest.problem import as_text


def apply(change: Plan, place: Place) -> Path | None:
    """Do what was planned; where the bytes before are kept, None if there was nothing to keep.

    ChangedError if somebody wrote the file since it was planned; SettingsError if it cannot be written. The
    file is as it was then.
    """
    try:
        if change.aim == "enable":
            place.prepare()
        return _carried_out(change, Records(place.backups)) if change.changes else None
    except OSError as error:
        what = error.filename or place.paths.hooks
        raise SettingsError(f"cannot write {what}: {error.strerror}", "nothing was changed") from error


def set_up(
    aim: Aim, name: str, scope: Scope, place: Place, *, status_line: bool = False
) -> list[tuple[Plan, Path | None]]:
    """Plan and do it, once more if somebody was faster: what was done to each file, and its backup."""

    def one(at: int) -> tuple[Plan, Path | None]:
        change = plan(aim, name, scope, place, status_line=status_line)[at]
        return change, apply(change, place)

    done: list[tuple[Plan, Path | None]] = []
    for at in range(len(plan(aim, name, scope, place, status_line=status_line))):
        try:
            done.append(one(at))
        except ChangedError:
            done.append(one(at))
    return done


def _carried_out(change: Plan, records: Records) -> Path | None:
    target = change.target
    old = records.get(target)
    backup = None
    if change.before is not None and not (old and old.after == fingerprint(change.before)):
        backup = records.keep(target, change.before)  # what we wrote ourselves is no loss
    if change.aim == "disable" or change.after is None:
        replace(target, change.before, change.after)
        records.drop(target)
        if change.after is None and old is not None:
            _remove_empty(old.folders)
        return backup
    if change.base is not None:
        records.keep(target, change.base)
    new = Record(
        file=as_text(str(target)),
        before=None if change.base is None else fingerprint(change.base),
        after=fingerprint(change.after),
        folders=old.folders if old else tuple(map(str, missing_folders(target.parent))),
    )
    # First: if we die in between, a record that fits no file does no harm, but a change without one would.
    records.put(target, new)
    try:
        replace(target, change.before, change.after)
    except SettingsError:
        records.put(target, old) if old else records.drop(target)
        raise
    return backup


def _remove_empty(folders: tuple[str, ...]) -> None:
    with contextlib.suppress(OSError):
        for folder in reversed(folders):
            Path(folder).rmdir()
