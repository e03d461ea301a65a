"""The top line: who needs you, and how much is going on."""

from __future__ import annotations

from collections.abc import Iterable

from mi6_tui.judge.cost import dollars
from mi6_tui.tui import status, text
from mi6_tui.tui.rows import Summary
from mi6_tui.tui.widgets.bar import Bar, Piece


class Header(Bar):
    """Counts by status on the left, dollars and tokens of the sessions counted on the right."""

    def show(self, summary: Summary) -> None:
        """Show other figures."""
        right: list[Piece] = []
        if summary.sessions:
            total = text.tokens(summary.tokens, summary.incomplete)
            cost = f"{dollars(summary)} · " if summary.cost_usd is not None else ""
            right = [(f"{cost}{total} tokens ", "$quiet")]
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
