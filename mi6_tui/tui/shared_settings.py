"""The user's settings where others look on: how the dashboard looks and is used, and no name of his."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import msgspec

from mi6_tui.tui.looks import Looks

if TYPE_CHECKING:
    from mi6_tui.config import Settings

_SHOWN: Final = ("columns", "keys", "notifications")
"""Tables that hold our own words, or are never shown: no other one comes into force."""


def shared_settings(settings: Settings) -> Settings:
    """`settings` without what names something, as views, alerts, budgets, machines do; themes by number."""
    called = _called(settings.themes)
    themes = {called[name]: table for name, table in settings.themes.items()}
    look = settings.dashboard
    dashboard = look.model_copy(update={"theme": called.get(look.theme, look.theme)})
    shown = {name: getattr(settings, name) for name in _SHOWN}
    return type(settings)().model_copy(update={**shown, "dashboard": dashboard, "themes": themes})


def shared_looks(looks: Looks) -> Looks:
    """The same of what the first paint needs."""
    called = _called(looks.themes)
    themes = {called[name]: table for name, table in looks.themes.items()}
    return msgspec.structs.replace(looks, theme=called.get(looks.theme, looks.theme), themes=themes)


def _called(names: Iterable[str]) -> dict[str, str]:
    return {name: f"theme-{number}" for number, name in enumerate(names, 1)}
