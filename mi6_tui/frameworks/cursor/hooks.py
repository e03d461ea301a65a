"""Cursor's hooks: `hooks.json`, a list of shell lines for each event."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from mi6_tui.frameworks.hooks import Append, Change, HookCall, Hooks, Line, Scope
from mi6_tui.model import Event

# None whose answer decides on a permission (preToolUse, beforeShellExecution, subagentStart, ...): saying
# nothing there could be taken for a yes. No event tells of an open permission prompt.
_EVENTS: Final = (
    "sessionStart",
    "sessionEnd",
    "beforeSubmitPrompt",
    "postToolUse",
    "postToolUseFailure",
    "afterAgentResponse",
    "subagentStop",
    "preCompact",
    "stop",
)
_TIMEOUT: Final = 5
"""s."""


class CursorHooks:
    """Where they are set up, and what a call of one means."""

    events = _EVENTS
    advice = "Cursor reads the file again when it is saved; a window that reports nothing must be reloaded"

    def folders(self, env: Mapping[str, str], home: Path) -> list[Path]:
        """`.cursor` below `home`; the client has no variable for it."""
        return [home / ".cursor"]

    def changes(
        self, scope: Scope, env: Mapping[str, str], home: Path, project: Path, line: Line, spool: Path
    ) -> list[Change]:
        """The file of the user or of the project."""
        entry = {"command": line(""), "timeout": _TIMEOUT}
        folder = (home if scope == "user" else project) / ".cursor"
        appends = tuple(Append(("hooks", event), entry) for event in _EVENTS)
        return [Change(file=folder / "hooks.json", appends=appends)]

    def decode(self, call: HookCall, machine_id: str) -> list[Event]:
        """What a call says, as events of source `hook`."""
        from mi6_tui.frameworks.cursor.hook_calls import decode  # late: setting up needs no decoder

        return decode(call, machine_id)


HOOKS: Final[Hooks] = CursorHooks()
