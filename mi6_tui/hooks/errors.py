"""What can stand in the way of setting up hooks."""

from __future__ import annotations

from mi6_tui.errors import Mi6Error


class SettingsError(Mi6Error):
    """A client's settings cannot be read or changed; they are as they were."""


class ChangedError(SettingsError):
    """Somebody else wrote the file between our look at it and our change."""
