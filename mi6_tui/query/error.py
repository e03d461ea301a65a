"""What is wrong with a query, and where."""

from __future__ import annotations

from mi6_tui.errors import UsageError
from mi6_tui.query.tree import Item


class QueryError(UsageError):
    """A query that cannot be understood: `column` (characters from 0) and `length` mark the part at fault."""

    def __init__(self, message: str, column: int, length: int, hint: str = "") -> None:
        super().__init__(message, hint)
        self.column = column
        self.length = length

    def __str__(self) -> str:
        return f"column {self.column + 1} of the query: {super().__str__()}"


def wrong(item: Item, message: str, hint: str = "") -> QueryError:
    """The error of a value."""
    return QueryError(message, item.start, item.end - item.start, hint)
