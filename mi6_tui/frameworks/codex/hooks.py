"""Codex CLI's hooks: `hooks.json` in its home or in a project; its `notify` stays the user's."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from mi6_tui.frameworks.hook_groups import Handler, groups
from mi6_tui.frameworks.hooks import Change, HookCall, Hooks, Line, Scope
from mi6_tui.model import Event

# The rollout tells tools, interrupts and errors within milliseconds of the hook, which the client would wait
# for. A request for permission it does not tell, nor which process holds the thread.
_EVENTS: Final = (
    "SessionStart",
    "SessionEnd",
    "UserPromptSubmit",
    "PermissionRequest",
    "Stop",
    "Interrupt",
    "SubagentStart",
    "SubagentStop",
    "PreCompact",
    "PostCompact",
)
_TIMEOUT: Final = 3
"""s; the client grants some events no more."""


class CodexHooks:
    """Where they are set up, and what a call of one means."""

    events = _EVENTS
    advice = "start codex once and trust the hooks it asks about: it runs none before"

    def folders(self, env: Mapping[str, str], home: Path) -> list[Path]:
        """`CODEX_HOME`, else the usual one."""
        named = env.get("CODEX_HOME", "").strip()
        return [Path(named) if named else home / ".codex"]

    def changes(
        self, scope: Scope, env: Mapping[str, str], home: Path, project: Path, line: Line, spool: Path
    ) -> list[Change]:
        """`hooks.json` of the user or of the project."""
        # The client hands the command to the user's login shell, which may be none of POSIX.
        command = f"exec /bin/sh -c {shlex.quote(line(''))}"

        def handler(event: str) -> Handler:
            return {"type": "command", "command": command, "timeout": _TIMEOUT}

        folders = self.folders(env, home) if scope == "user" else [project / ".codex"]
        return [Change(file=folder / "hooks.json", appends=groups(_EVENTS, handler)) for folder in folders]

    def decode(self, call: HookCall, machine_id: str) -> list[Event]:
        """What a call says, as events of source `hook`."""
        from mi6_tui.frameworks.codex.hook_calls import decode  # late: setting up needs no decoder

        return decode(call, machine_id)


HOOKS: Final[Hooks] = CodexHooks()
