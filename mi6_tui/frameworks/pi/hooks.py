"""Pi's hooks: an extension of our own, which the client loads from its folder of extensions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from mi6_tui.frameworks.hooks import Change, HookCall, Hooks, Line, Scope
from mi6_tui.frameworks.pi import NAME, agent_folder
from mi6_tui.frameworks.plugins import plugin
from mi6_tui.model import Event

_EVENTS: Final = (
    "session_start",
    "session_shutdown",
    "before_agent_start",
    "agent_start",
    "agent_end",
    "tool_execution_start",
    "tool_execution_end",
    "ui_prompt_start",
    "ui_prompt_end",
    "session_before_compact",
)
_FILE: Final = Path("extensions", "mi6-tui.js")


class PiHooks:
    """Where they are set up, and what a call of one means."""

    events = _EVENTS
    advice = "a client that runs already loads the extension when it is started again, or on /reload"

    def folders(self, env: Mapping[str, str], home: Path) -> list[Path]:
        """The one it keeps everything in."""
        return [agent_folder(env, home)]

    def changes(
        self, scope: Scope, env: Mapping[str, str], home: Path, project: Path, line: Line, spool: Path
    ) -> list[Change]:
        """The extension in the user's folder or in the project's, which the client asks to trust first."""
        folder = agent_folder(env, home) if scope == "user" else project / ".pi"
        return [Change(file=folder / _FILE, content=plugin(NAME, spool))]

    def decode(self, call: HookCall, machine_id: str) -> list[Event]:
        """What a call says, as events of source `hook`."""
        from mi6_tui.frameworks.pi.hook_calls import decode  # late: setting up needs no decoder

        return decode(call, machine_id)


HOOKS: Final[Hooks] = PiHooks()
