"""Copilot CLI's hooks: a JSON file of our own beside the user's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from mi6_tui.frameworks.hooks import Change, HookCall, Hooks, Line, Scope
from mi6_tui.model import Event

# Not preToolUse, where a hook that fails denies the tool, nor permissionRequest, which comes also for what is
# allowed at once: notification tells the real prompts.
_EVENTS: Final = (
    "sessionStart",
    "sessionEnd",
    "userPromptSubmitted",
    "agentStop",
    "errorOccurred",
    "notification",
    "subagentStart",
    "subagentStop",
    "preCompact",
)
_TIMEOUT: Final = 5
"""s."""
_NAME: Final = "mi6-tui.json"


class CopilotHooks:
    """Where they are set up, and what a call of one means."""

    events = _EVENTS
    advice = "sessions that run already may report only after they were started again"

    def folders(self, env: Mapping[str, str], home: Path) -> list[Path]:
        """`COPILOT_HOME`, else the usual one."""
        named = env.get("COPILOT_HOME", "").strip()
        return [Path(named) if named else home / ".copilot"]

    def changes(
        self, scope: Scope, env: Mapping[str, str], home: Path, project: Path, line: Line, spool: Path
    ) -> list[Change]:
        """A file in the user's folder of hooks or in the project's."""
        # No payload tells the event's name.
        entries = {
            event: [{"type": "command", "bash": line(event), "timeoutSec": _TIMEOUT}] for event in _EVENTS
        }
        content = json.dumps({"version": 1, "hooks": entries}, indent=2, ensure_ascii=False) + "\n"
        folders = self.folders(env, home) if scope == "user" else [project / ".github"]
        return [Change(file=folder / "hooks" / _NAME, content=content) for folder in folders]

    def decode(self, call: HookCall, machine_id: str) -> list[Event]:
        """What a call says, as events of source `hook`."""
        from mi6_tui.frameworks.copilot.hook_calls import decode  # late: setting up needs no decoder

        return decode(call, machine_id)


HOOKS: Final[Hooks] = CopilotHooks()
