"""One language for questions about sessions: the query bar, saved views, alerts and `--where`."""

from mi6_tui.query.completion import Completion, complete
from mi6_tui.query.error import QueryError
from mi6_tui.query.query import Query, parse
from mi6_tui.query.sort import Sort, SortKey
from mi6_tui.query.tokens import Span, spans

__all__ = ["Completion", "Query", "QueryError", "Sort", "SortKey", "Span", "complete", "parse", "spans"]
