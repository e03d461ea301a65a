"""What hooks would add: which clients are here without them, and the exact change for each.

Reads and writes files: for worker threads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from mi6_tui.errors import Mi6Error

if TYPE_CHECKING:
    from mi6_tui.hooks.place import Place
    from mi6_tui.hooks.plan import Plan

_SCOPE: Final = "user"
_MISSING: Final = "not enabled"


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """One client, and what may be done about its hooks."""

    name: str
    present: bool
    state: str
    """enabled, outdated, not enabled or cannot tell."""
    files: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    """What is subscribed, by the client's own names."""
    advice: str = ""
    """What the user has to do besides."""
    plans: tuple[Plan, ...] = ()
    """The changes that a yes carries out; those that disable where hooks are enabled."""
    problem: str = ""
    """Why there are none."""
    backups: str = ""
    """Folder in which the bytes before are kept."""

    @property
    def enables(self) -> bool:
        """Whether a yes enables; else it disables."""
        return self.state != "enabled"

    @property
    def possible(self) -> bool:
        """Whether there is anything to say yes to."""
        return self.present and not self.problem


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a yes."""

    client: Client
    written: tuple[str, ...] = ()
    backups: tuple[str, ...] = ()
    problem: str = ""


class Offers:
    """The clients of the machine that `find_place` names, which is asked only when something is wanted."""

    def __init__(self, find_place: Callable[[], Place]) -> None:
        self._find_place = find_place

    def due(self) -> bool:
        """Whether a client is here without hooks, and the user was not asked before and declined."""
        with suppress(OSError):
            if _declined(self._find_place()).exists():
                return False
        return any(client.present and client.state == _MISSING for client in self.clients())

    def clients(self) -> list[Client]:
        """All clients, those first that are here."""
        from mi6_tui import frameworks  # late, as all here: the first paint needs none of it

        place = self._find_place()
        found = [_client(name, place) for name in frameworks.names()]
        return sorted(found, key=lambda client: not client.present)

    def carry_out(self, client: Client) -> Outcome:
        """Do exactly what `client.plans` say; what cannot be done is told in the outcome."""
        from mi6_tui.hooks.apply import apply

        place = self._find_place()
        written: list[str] = []
        backups: list[str] = []
        problem = ""
        try:
            for plan in client.plans:
                backup = apply(plan, place)
                written.append(str(plan.file))
                if backup is not None:
                    backups.append(str(backup))
        except (Mi6Error, OSError) as error:
            problem = str(error)
        return Outcome(client=client, written=tuple(written), backups=tuple(backups), problem=problem)

    def decline(self) -> None:
        """Never offer them again unasked. Nothing if that cannot be noted: then they are offered again."""
        from mi6_tui.hooks.files import write_ours

        with suppress(OSError):
            write_ours(_declined(self._find_place()), b"")


def _declined(place: Place) -> Path:
    return place.paths.hooks / "declined"


def _client(name: str, place: Place) -> Client:
    from mi6_tui import frameworks
    from mi6_tui.hooks.plan import plan
    from mi6_tui.hooks.state import installed

    present = False
    try:
        present = place.present(name)
        states = installed(name, _SCOPE, place)
        state = _worst([told.state for told in states])
        plans = plan("disable" if state == "enabled" else "enable", name, _SCOPE, place) if present else []
    except (Mi6Error, OSError) as error:
        return Client(name=name, present=present, state="cannot tell", problem=str(error))
    hooks = frameworks.framework(name).hooks()
    return Client(
        name=name,
        present=present,
        state=state,
        files=tuple(told.file for told in states if told.file is not None),
        events=tuple(hooks.events),
        advice=hooks.advice,
        plans=tuple(plans),
        backups=str(place.backups),
    )


def _worst(states: Sequence[str]) -> str:
    return next((state for state in ("cannot tell", "outdated", _MISSING) if state in states), "enabled")
