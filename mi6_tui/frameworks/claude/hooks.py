"""Claude Code's hooks: `hooks` in its settings, as matcher groups of shell lines."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from mi6_tui.frameworks.hook_groups import Handler, groups
from mi6_tui.frameworks.hooks import Change, HookCall, Hooks, Line, Scope, StatusLine
from mi6_tui.model import Event, Telemetry

# Each is a sign that no transcript line gives in time. PostToolBatch ends a tool also when it was refused,
# so PostToolUse is not needed, whose payload repeats the tool's whole output. WorktreeCreate would replace
# what the client does, MessageDisplay would hold up its screen.
_EVENTS: Final = (
    "SessionStart",
    "SessionEnd",
    "UserPromptSubmit",
    "PreToolUse",
    "PermissionRequest",
    "PostToolBatch",
    "Notification",
    "Elicitation",
    "ElicitationResult",
    "Stop",
    "StopFailure",
    "SubagentStart",
    "SubagentStop",
    "PreCompact",
    "PostCompact",
    "PostModelSwitch",
)
_AWAITED: Final = frozenset({"SessionEnd"})
"""The client leaves behind it, and would not wait for a hook in the background."""
_TIMEOUT: Final = 5
"""s."""
_STATUS_LINE: Final = StatusLine(("statusLine",), {"type": "command"})


class ClaudeHooks:
    """Where they are set up, and what a call of one means."""

    events = _EVENTS
    advice = "sessions that run already may report only after they were started again"

    def folders(self, env: Mapping[str, str], home: Path) -> list[Path]:
        """`CLAUDE_CONFIG_DIR` (may name several, by commas), else the usual one."""
        from mi6_tui.frameworks.claude import FRAMEWORK

        configs = [root.parent for root in FRAMEWORK.roots(env, home)]
        return configs if env.get("CLAUDE_CONFIG_DIR", "").strip(", ") else configs[:1]

    def changes(
        self, scope: Scope, env: Mapping[str, str], home: Path, project: Path, line: Line, spool: Path
    ) -> list[Change]:
        """The user's settings; of a project those that nobody shares: the line names the user's folders."""

        def handler(event: str) -> Handler:
            entry: Handler = {"type": "command", "command": line(""), "timeout": _TIMEOUT}
            return entry if event in _AWAITED else entry | {"async": True}

        appends = groups(_EVENTS, handler)
        if scope == "project":
            # A status line here would stand in the way of the user's own.
            return [Change(file=project / ".claude" / "settings.local.json", appends=appends)]
        return [
            Change(file=folder / "settings.json", appends=appends, status_line=_STATUS_LINE)
            for folder in self.folders(env, home)
        ]

    def decode(self, call: HookCall, machine_id: str) -> list[Event]:
        """What a call says, as events of source `hook`."""
        from mi6_tui.frameworks.claude.hook_calls import decode  # late: setting up needs no decoder

        return decode(call, machine_id)

    def status_line(self, payload: bytes, machine_id: str, at: int) -> list[Telemetry]:
        """What the client told its status line at `at` (ms)."""
        from mi6_tui.frameworks.claude.status_line import decode

        return decode(payload, machine_id, at)


HOOKS: Final[Hooks] = ClaudeHooks()
