"""Gemini CLI's hooks: `hooks` in its settings, as matcher groups of shell lines."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from mi6_tui.frameworks.hook_groups import Handler, groups
from mi6_tui.frameworks.hooks import Change, HookCall, Hooks, Line, Scope
from mi6_tui.model import Event

# The client waits for each: none of those that come with every model call or chunk of a reply.
_EVENTS: Final = (
    "SessionStart",
    "SessionEnd",
    "BeforeAgent",
    "AfterAgent",
    "BeforeTool",
    "AfterTool",
    "Notification",
)
_TIMEOUT: Final = 5000
"""ms."""


class GeminiHooks:
    """Where they are set up, and what a call of one means."""

    events = _EVENTS
    advice = "sessions that run already may report only after they were started again"

    def folders(self, env: Mapping[str, str], home: Path) -> list[Path]:
        """Below `GEMINI_CLI_HOME`, which stands for the user's home, else below `home`."""
        named = env.get("GEMINI_CLI_HOME", "").strip()
        return [(Path(named) if named else home) / ".gemini"]

    def changes(
        self, scope: Scope, env: Mapping[str, str], home: Path, project: Path, line: Line, spool: Path
    ) -> list[Change]:
        """The settings of the user or of the project."""

        def handler(event: str) -> Handler:
            return {"name": "mi6-tui", "type": "command", "command": line(""), "timeout": _TIMEOUT}

        folders = self.folders(env, home) if scope == "user" else [project / ".gemini"]
        appends = groups(_EVENTS, handler)
        return [Change(file=folder / "settings.json", appends=appends, comments=True) for folder in folders]

    def decode(self, call: HookCall, machine_id: str) -> list[Event]:
        """What a call says, as events of source `hook`."""
        from mi6_tui.frameworks.gemini.hook_calls import decode  # late: setting up needs no decoder

        return decode(call, machine_id)


HOOKS: Final[Hooks] = GeminiHooks()
