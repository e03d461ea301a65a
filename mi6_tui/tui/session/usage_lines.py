"""What a session used, in lines: its sums, as its row has them, and their parts by model. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from mi6_tui.judge.cost import amount, dollars
from mi6_tui.model import Session, UsageRow
from mi6_tui.tui import text

Line = tuple[tuple[str, str], ...]
_MOST_MODELS: Final = 4


def sum_lines(session: Session, width: int) -> list[Line]:
    """The sums of the row, each with its name; on a narrow screen in more lines."""
    known, incomplete = session.api_request_count > 0, session.incomplete_requests
    parts = [
        (f"{session.api_request_count:,}", text.plural(session.api_request_count, "request").split(" ", 1)[1])
    ]
    hour = f" (1h: {text.count(session.tokens_cache_write_1h)})" if session.tokens_cache_write_1h else ""
    for name, number, more in (
        ("in", session.tokens_input, ""),
        ("out", session.tokens_output, ""),
        ("cache read", session.tokens_cache_read, ""),
        ("cache write", session.tokens_cache_write, hour),
    ):
        parts.append((text.tokens(number if known else None, incomplete), name + more))
    parts.append((dollars(session), _kind_of_cost(session)))
    return _flowing(parts, width)


def _kind_of_cost(session: Session) -> str:
    """What a cost is made of, and what it misses."""
    words = []
    if session.cost_recorded_usd is not None and session.cost_estimated_usd is not None:
        words.append(f"{amount(session.cost_recorded_usd)} recorded")
        words.append(f"{amount(session.cost_estimated_usd)} estimated")
    elif session.cost_usd is not None:
        words.append("recorded" if session.cost_recorded_usd is not None else "estimated")
    if session.unpriced_requests:
        words.append(f"{session.unpriced_requests} unpriced")
    if session.incomplete_requests:
        words.append(f"{session.incomplete_requests} incomplete")
    if session.cost_client_usd is not None:
        words.append(f"the client says {amount(session.cost_client_usd)}")
    return ", ".join(words) or "nothing known of cost"


def model_lines(models: Sequence[UsageRow], width: int) -> list[Line]:
    """What each model cost and did, the dearest first; one model needs no line of its own."""
    if len(models) < 2:
        return []
    most = max((row.cost_usd or 0.0 for row in models), default=0.0)
    lines: list[Line] = []
    for row in models[:_MOST_MODELS]:
        filled, empty = text.bar((row.cost_usd or 0.0) / most if most else 0.0, 10)
        told = (
            f"  {text.plural(row.api_request_count, 'request')}"
            f"  in {text.tokens(row.tokens_input, row.incomplete_requests)}"
            f"  out {text.tokens(row.tokens_output, row.incomplete_requests)}"
            f"  read {text.tokens(row.tokens_cache_read, row.incomplete_requests)}"
        )
        lines.append(
            (
                (" " + text.fit(text.short_model(row.key), 22), "plain"),
                (text.fit(dollars(row), 9, right=True) + "  ", "name"),
                (filled, "bar"),
                (empty, "rule"),
                (text.fit(told, max(0, width - 45)), "quiet"),
            )
        )
    if len(models) > _MOST_MODELS:
        lines.append(((f" and {text.plural(len(models) - _MOST_MODELS, 'more model')}", "faint"),))
    return lines


def _flowing(parts: Sequence[tuple[str, str]], width: int) -> list[Line]:
    """Numbers with their names, as many on a line as fit whole."""
    lines: list[list[tuple[str, str]]] = [[]]
    left = width
    for number, name in parts:
        cells = 3 + len(number) + len(name)
        if cells > left and lines[-1]:
            lines.append([])
            left = width
        left -= cells
        lines[-1] += [(f" {number}", "name"), (f" {name} ", "quiet")]
    return [tuple(line) for line in lines]
