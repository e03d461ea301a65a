"""Why something was not done."""

from __future__ import annotations

from typing import ClassVar

from mi6_tui.errors import REFUSED, Mi6Error


class ActionError(Mi6Error):
    """Nothing was done; the message says why, the hint what helps."""


class ForbiddenError(ActionError):
    """The user said that nothing is to be done."""

    exit_code: ClassVar[int] = REFUSED


class GoneError(ActionError):
    """The process has ended, whoever has its number now."""


class FocusError(ActionError):
    """The terminal cannot be reached."""


class UnknownWindowError(FocusError):
    """Nothing tells which window it is, or none here shows it."""
