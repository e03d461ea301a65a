"""Read-only: nothing outside of the dashboard changes. What that forbids is decided here."""

from __future__ import annotations

import sys
from typing import Any

from mi6_tui.tui.commands import GLOBAL, HOME, Commands
from mi6_tui.tui.settled import Settled


class Guarded(Settled):
    """An app that refuses, once it is read-only, every command that is declared to reach `outside`."""

    refusal: str = ""
    """Why nothing outside may change, as the subject of a sentence; empty: it may."""

    @property
    def rule(self) -> str:
        """What read-only means, for the help; empty if it does not hold."""
        if not self.refusal:
            return ""
        return (
            "Nothing outside of this dashboard changes: no marks on sessions, no settings file, no hooks, "
            "nothing is opened, copied or ended. Colours and columns change for this run only. "
            "The keys for all that are not listed."
        )

    def commands(self) -> Commands:
        """Those of the page that is seen, and those of every page."""
        own = getattr(sys.modules[type(self.screen).__module__], "COMMANDS", ())
        return (*(HOME if len(self.screen_stack) == 1 else own), *GLOBAL)

    def allowed(self, commands: Commands) -> Commands:
        """Those that are not refused."""
        return [one for one in commands if not (self.refusal and one.outside)]

    async def run_action(self, action: Any, *args: Any, **options: Any) -> bool:
        """Carry out a command, or say why it is refused."""
        if self.refusal:
            refused = next((one for one in self.commands() if one.outside and one.action == action), None)
            if refused is not None:
                self.notify(
                    f"{self.refusal}: nothing outside of this dashboard changes, so no {refused.label}",
                    severity="warning",
                )
                return True
        return await super().run_action(action, *args, **options)

    def tell_for_this_run(self) -> None:
        """Say that something holds, but is not kept."""
        self.notify(f"for this run only: {self.refusal}")
