"""Whether our hooks are set up."""

from __future__ import annotations

from typing import Literal

import msgspec

from mi6_tui.errors import Mi6Error
from mi6_tui.frameworks.hooks import Change, Scope
from mi6_tui.hooks.place import Place
from mi6_tui.hooks.plan import plan_for
from mi6_tui.ingest.problem import as_text

Installed = Literal["enabled", "outdated", "not enabled", "cannot tell"]


class HookState(msgspec.Struct, frozen=True, kw_only=True):
    """Our hooks in one file of a client."""

    framework: str
    scope: Scope
    file: str | None = None
    """None if nobody can tell even that."""
    state: Installed
    reason: str | None = None
    """Why nobody can tell."""
    status_line: bool = False
    """Whether the client's status line passes through ours, which tells the limits of its provider."""
    present: bool
    """Whether the client is on this machine."""


def installed(name: str, scope: Scope, place: Place) -> list[HookState]:
    """How it stands with each file of a client; `outdated` hooks are mended by enabling again."""
    unknown = HookState(framework=name, scope=scope, state="cannot tell", present=place.present(name))
    try:
        changes = place.changes(name, scope)
    except Mi6Error as error:
        return [msgspec.structs.replace(unknown, reason=error.message)]
    return [_stated(change, unknown, place) for change in changes]


def _stated(change: Change, unknown: HookState, place: Place) -> HookState:
    known = msgspec.structs.replace(unknown, file=as_text(str(change.file)))
    try:
        plan = plan_for(change, "enable", known.framework, known.scope, place)
    except Mi6Error as error:
        return msgspec.structs.replace(known, reason=error.message)
    state: Installed = "not enabled"
    if plan.had_ours:
        state = "outdated" if plan.changes or not place.ready(status_line=plan.status_line) else "enabled"
    return msgspec.structs.replace(known, state=state, status_line=plan.status_line)
