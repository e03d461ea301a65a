"""The shape of hooks that several clients share: event, matcher group, handler."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from mi6_tui.frameworks.hooks import Append

Handler = dict[str, Any]


def groups(events: Iterable[str], handler: Callable[[str], Handler]) -> tuple[Append, ...]:
    """One matcher group of its own for each event, without a matcher: a user's groups stay as they are."""
    return tuple(Append(("hooks", event), {"hooks": [handler(event)]}) for event in events)
