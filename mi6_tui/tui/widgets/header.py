"""The top line: who needs you, and how much is going on."""

from __future__ import annotations

from collections.abc import Iterable

from mi6_tui.tui import status, text
from mi6_tui.tui.rows import Summary
from mi6_tui.tui.widgets.bar import Bar, Piece


class Header(Bar):
    """Counts by status on the left, tokens on the right."""

    def show(self, summary: Summary) -> None:
        """Show other figures."""
        right: list[Piece] = []
        if summary.sessions:
            total = text.tokens(summary.tokens, summary.incomplete)
            right = [(f"{total} tokens ", "$quiet")]
        self.say([(" mi6 ", "bold $name"), *_counts(summary)], right)


def _counts(summary: Summary) -> Iterable[Piece]:
    counts = dict(summary.shown)
    waiting = counts.pop("waiting", 0) + counts.pop("error", 0)
    if waiting:
        yield f" {waiting} need you", "bold $needs-you"
    elif summary.sessions:
        yield " nobody needs you", "$quiet"
    for shown in ("working", "background", "your turn", "idle", "unknown"):
        if number := counts.get(shown):
            yield f" · {number} {shown}", f"${status.ink(shown)}"
