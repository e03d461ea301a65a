"""opencode's hooks: a plugin of our own, which the client loads from its folder of plugins."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from mi6_tui.frameworks.hooks import Change, HookCall, Hooks, Line, Scope
from mi6_tui.frameworks.opencode import NAME
from mi6_tui.frameworks.plugins import plugin
from mi6_tui.model import Event

# What the database does not tell, or only later.
_EVENTS: Final = (
    "session.created",
    "session.status",
    "session.error",
    "permission.asked",
    "permission.updated",
    "permission.replied",
    "question.asked",
    "question.replied",
    "question.rejected",
)
_FILE: Final = "mi6-tui.js"


class OpenCodeHooks:
    """Where they are set up, and what a call of one means."""

    events = _EVENTS
    advice = "a client that runs already loads the plugin when it is started again"

    def folders(self, env: Mapping[str, str], home: Path) -> list[Path]:
        """The folders of its settings and of its data, by the XDG variables or the usual ones."""
        settings = env.get("XDG_CONFIG_HOME", "").strip()
        data = env.get("XDG_DATA_HOME", "").strip()
        return [
            (Path(settings) if settings else home / ".config") / "opencode",
            (Path(data) if data else home / ".local" / "share") / "opencode",
        ]

    def changes(
        self, scope: Scope, env: Mapping[str, str], home: Path, project: Path, line: Line, spool: Path
    ) -> list[Change]:
        """The plugin in the user's folder of settings or in the project's."""
        content = plugin(NAME, spool).replace('["EVENTS"]', json.dumps(_EVENTS))
        folder = self.folders(env, home)[0] if scope == "user" else project / ".opencode"
        return [Change(file=folder / "plugin" / _FILE, content=content)]

    def decode(self, call: HookCall, machine_id: str) -> list[Event]:
        """What a call says, as events of source `hook`."""
        from mi6_tui.frameworks.opencode.hook_calls import decode  # late: setting up needs no decoder

        return decode(call, machine_id)


HOOKS: Final[Hooks] = OpenCodeHooks()
