"""Qwen Code's hooks: `hooks` in its settings, as matcher groups of shell lines."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from mi6_tui.frameworks.hook_groups import Handler, groups
from mi6_tui.frameworks.hooks import Change, HookCall, Hooks, Line, Scope
from mi6_tui.frameworks.qwen import config_folder, runtime_folder
from mi6_tui.model import Event

# PostToolBatch ends a tool also where it was refused, so PostToolUse is not needed, whose payload repeats the
# tool's whole output. MessageDisplay would come with every piece of a reply.
_EVENTS: Final = (
    "SessionStart",
    "SessionEnd",
    "UserPromptSubmit",
    "PreToolUse",
    "PermissionRequest",
    "PostToolBatch",
    "Notification",
    "Stop",
    "StopFailure",
    "SubagentStart",
    "SubagentStop",
    "PreCompact",
    "PostCompact",
)
_AWAITED: Final = frozenset({"SessionEnd"})
"""The client leaves behind it, and would not wait for a hook in the background."""
_TIMEOUT: Final = 5
"""s."""


class QwenHooks:
    """Where they are set up, and what a call of one means."""

    events = _EVENTS
    advice = "sessions that run already may report only after they were started again"

    def folders(self, env: Mapping[str, str], home: Path) -> list[Path]:
        """Where its settings are, and where it writes."""
        return list(dict.fromkeys((config_folder(env, home), runtime_folder(env, home))))

    def changes(
        self, scope: Scope, env: Mapping[str, str], home: Path, project: Path, line: Line, spool: Path
    ) -> list[Change]:
        """The settings of the user or of the project."""

        def handler(event: str) -> Handler:
            entry: Handler = {"name": "mi6-tui", "type": "command", "command": line(""), "timeout": _TIMEOUT}
            return entry if event in _AWAITED else entry | {"async": True}

        folder = config_folder(env, home) if scope == "user" else project / ".qwen"
        return [Change(file=folder / "settings.json", appends=groups(_EVENTS, handler), comments=True)]

    def decode(self, call: HookCall, machine_id: str) -> list[Event]:
        """What a call says, as events of source `hook`."""
        from mi6_tui.frameworks.qwen.hook_calls import decode  # late: setting up needs no decoder

        return decode(call, machine_id)


HOOKS: Final[Hooks] = QwenHooks()
