"""How large a model's context window is, and how full."""

from __future__ import annotations

from typing import Final

import msgspec

from mi6_tui.prices import packaged

DEFAULT_WINDOW: Final = 200_000
LARGE_WINDOW: Final = 1_000_000

# Seen in the status line of Claude Code 2.1.330 (`context_window.context_window_size`).
_LARGE_MODELS: Final = ("claude-opus-5-5", "claude-sonnet-5-5")


class Context(msgspec.Struct, frozen=True):
    """Tokens used of tokens there are; a part is None when unknown."""

    used: int | None
    size: int | None

    @property
    def share(self) -> float | None:
        """From 0 to 1, above 1 never; None when a part is unknown."""
        if self.used is None or not self.size:
            return None
        return min(1.0, self.used / self.size)


def window_size(model: str | None, used: int | None) -> int | None:
    """The window of `model` in tokens; None for a model nobody knows.

    Claude Code names a model without its window, so more than 200,000 used tokens prove the large one.
    Other models have the window that the price table knows.
    """
    if model is None:
        return None
    if not model.startswith("claude-"):
        return packaged().window(model)
    if "[1m]" in model or model.startswith(_LARGE_MODELS) or (used or 0) > DEFAULT_WINDOW:
        return LARGE_WINDOW
    return DEFAULT_WINDOW
