"""Amp's hooks: a plugin of our own, which the client loads from its folder of plugins."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from mi6_tui.frameworks.amp import FRAMEWORK, NAME, settings_folder
from mi6_tui.frameworks.hooks import Change, HookCall, Hooks, Line, Scope
from mi6_tui.frameworks.plugins import plugin
from mi6_tui.model import Event

_EVENTS: Final = ("session.start", "agent.start", "tool.result", "agent.end")
# Not tool.call, whose answer decides whether the tool may run.
_FILE: Final = Path("plugins", "mi6-tui.ts")
_MARK: Final = "// @i-know-the-amp-plugin-api-is-wip-and-very-experimental-right-now\n"
"""Without it, versions of the first half of 2026 load no plugin."""


class AmpHooks:
    """Where they are set up, and what a call of one means."""

    events = _EVENTS
    advice = (
        "a client that runs already loads the plugin on `plugins: reload`; older ones run it with PLUGINS=all"
    )

    def folders(self, env: Mapping[str, str], home: Path) -> list[Path]:
        """The folders of its settings and of its data."""
        return [settings_folder(env, home), *(root.parent for root in FRAMEWORK.roots(env, home))]

    def changes(
        self, scope: Scope, env: Mapping[str, str], home: Path, project: Path, line: Line, spool: Path
    ) -> list[Change]:
        """The plugin in the user's folder of settings or in the project's."""
        folder = settings_folder(env, home) if scope == "user" else project / ".amp"
        return [Change(file=folder / _FILE, content=plugin(NAME, spool, _MARK))]

    def decode(self, call: HookCall, machine_id: str) -> list[Event]:
        """What a call says, as events of source `hook`."""
        from mi6_tui.frameworks.amp.hook_calls import decode  # late: setting up needs no decoder

        return decode(call, machine_id)


HOOKS: Final[Hooks] = AmpHooks()
