"""Which pictures there are: some keys, and what the screen must say before it is drawn."""

from __future__ import annotations

from typing import Final

import msgspec


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """One picture, `played` seconds after the demo began."""

    name: str
    sees: str
    """A text that tells that all is there."""
    keys: tuple[str, ...] = ()
    width: int = 120
    height: int = 35
    played: int = 0
    empty: bool = False
    fleet: bool = False
    """Whether the demo's sessions are those of several machines."""
    settings: str = ""
    """The user's settings file."""

    @property
    def file(self) -> str:
        return f"{self.name}-{self.width}x{self.height}"


FIRST: Final = "Clean the build folder"
TABS: Final = ("tab",) * 5

SCENES: Final = (
    Scene(name="home", sees=FIRST, width=80, height=24),
    Scene(name="home", sees="turn ended"),
    Scene(name="home", sees="turn ended", width=200, height=50),
    Scene(name="light", sees="turn ended", settings='[dashboard]\ntheme = "mi6-day"\n'),
    Scene(name="projects", sees="turn ended", keys=("p",)),
    Scene(name="query", sees="of 20", keys=("slash", *"cost>0.5 status:wait")),
    Scene(name="fleet", sees="not seen for", keys=("ctrl+g",) * 4, fleet=True),
    Scene(name="columns", sees="23 of", keys=("c",)),
    Scene(name="activity", sees="turn ended", keys=("enter",)),
    Scene(name="conversation", sees="go on", keys=("enter", *TABS[:1])),
    Scene(name="tools", sees="WebFetch", keys=("enter", *TABS[:2])),
    Scene(name="requests", sees="estimated", keys=("G", "k", "k", "k", "enter", *TABS[:3])),
    Scene(name="files", sees="feat/cache", keys=("enter", *TABS[:4])),
    Scene(name="why", sees="registry", keys=("enter", *TABS[:5])),
    Scene(name="events", sees="subagent", keys=("2",), played=90),
    Scene(name="usage", sees="by model", keys=("3", "left", "left", "left", "left")),
    Scene(name="search", sees="ledger", keys=("4", *"cache")),
    Scene(name="palette", sees="sort", keys=("colon", *"sor")),
    Scene(name="themes", sees="mi6-day", keys=("t",)),
    Scene(name="settings", sees="notifications", keys=("comma",)),
    Scene(name="hooks", sees="SessionStart", keys=("H",)),
    Scene(name="kill", sees="make", keys=("x",)),
    Scene(name="help", sees="Ctrl+D", keys=("question_mark",)),
    Scene(name="empty", sees="claude", width=80, height=24, empty=True),
)
