"""The way from a client's settings as they are to those with our hooks, and back. Nothing is done here."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Literal

import msgspec

from mi6_tui.frameworks.hooks import Change, Scope
from mi6_tui.hooks.entries import Entries
from mi6_tui.hooks.errors import SettingsError
from mi6_tui.hooks.files import read, target_of
from mi6_tui.hooks.line import is_ours
from mi6_tui.hooks.place import Place
from mi6_tui.hooks.records import Records, fingerprint
from mi6_tui.hooks.spans import BadJsonError
from mi6_tui.hooks.status_line import Begun

Aim = Literal["enable", "disable"]


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of one file. None stands for no file."""

    framework: str
    scope: Scope
    aim: Aim
    file: Path
    """As the client names it."""
    target: Path
    """The file behind all symbolic links."""
    before: bytes | None
    after: bytes | None
    base: bytes | None
    """What is left when our hooks are taken out again."""
    status_line: bool
    """Whether the client's status line passes through ours afterwards."""

    @property
    def changes(self) -> bool:
        """Whether there is anything to do."""
        return self.before != self.after

    @property
    def had_ours(self) -> bool:
        """Whether the file holds hooks of ours as it is."""
        return self.before != self.base

    def diff(self) -> str:
        """The change as a unified diff; empty if there is none."""
        if not self.changes:
            return ""
        old, new = ("/dev/null" if data is None else str(self.file) for data in (self.before, self.after))
        lines = difflib.unified_diff(_lines(self.before), _lines(self.after), old, new, lineterm="")
        return "".join(f"{line}\n" for line in lines)


def plan(aim: Aim, name: str, scope: Scope, place: Place, *, status_line: bool = False) -> list[Plan]:
    """What has to change for the client's hooks to be ours too, or none of ours, a plan for each file.

    Its status line is begun by ours only if `status_line` asks for that; one that is stays, until all is
    taken out. SettingsError if it cannot be; UsageError if no client is called so.
    """
    changes = place.changes(name, scope)
    return [plan_for(change, aim, name, scope, place, status_line=status_line) for change in changes]


def plan_for(
    change: Change, aim: Aim, name: str, scope: Scope, place: Place, *, status_line: bool = False
) -> Plan:
    """The same for one of the client's files."""
    target = target_of(change.file)
    now = read(target)
    begun = _begun(change, name, place)
    try:
        base = _base(change, name, target, now, place)
        after = base if aim == "disable" else _with_ours(change, now, base, place)
        if begun is not None and aim == "enable" and after is not None:
            text = after.decode()
            status_line = status_line or begun.held(text)
            after = begun.put(text).encode() if status_line else after
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise _refused(change.file, line, "no UTF-8") from error
    except BadJsonError as error:
        raise _refused(change.file, error.line, error.why) from error
    return Plan(
        framework=name,
        scope=scope,
        aim=aim,
        file=change.file,
        target=target,
        before=now,
        after=after,
        base=base,
        status_line=begun is not None and aim == "enable" and status_line,
    )


def _refused(file: Path, line: int, why: str) -> SettingsError:
    return SettingsError(f"{file}, line {line}: {why}", "mend it and try again; nothing was changed")


def _base(change: Change, name: str, target: Path, now: bytes | None, place: Place) -> bytes | None:
    """What the file is without us: the very bytes that were before, if nobody wrote it since."""
    if now is None or f"mi6={name}".encode() not in now:
        return now
    records = Records(place.backups)
    record = records.get(target)
    before = records.before(target, record) if record else None
    known = record is not None and (before is not None or record.before is None)
    if change.content is not None or (record is not None and known and fingerprint(now) == record.after):
        return before
    text = now.decode()
    old = None if before is None else before.decode()
    begun = _begun(change, name, place)
    left = _entries(change, place).take(text if begun is None else begun.take(text, old), old).encode()
    nothing_left = left.split() == [b"{}"]
    return before if known and nothing_left and _is_blank(before) else left


def _with_ours(change: Change, now: bytes | None, base: bytes | None, place: Place) -> bytes:
    if change.content is None:
        text = "{}\n" if now is None or _is_blank(now) else now.decode()
        return _entries(change, place).put(text).encode()
    if base is not None:
        raise SettingsError(f"{change.file} is not ours", "move it away; nothing was changed")
    return change.content.encode()


def _begun(change: Change, name: str, place: Place) -> Begun | None:
    """Our part of the client's status line; None where the file sets none."""
    if change.status_line is None:
        return None
    return Begun(
        at=change.status_line,
        comments=change.comments,
        framework=name,
        script=place.status_script,
        folder=place.paths.status,
    )


def _entries(change: Change, place: Place) -> Entries:
    return Entries(
        appends=change.appends,
        comments=change.comments,
        is_ours=lambda command: is_ours(command, place.script),
    )


def _is_blank(data: bytes | None) -> bool:
    return data is None or not data.strip()


def _lines(data: bytes | None) -> list[str]:
    return (data or b"").decode("utf-8", "replace").splitlines()
