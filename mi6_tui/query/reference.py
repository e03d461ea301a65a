"""The documentation of the grammar, made from its declarations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from mi6_tui.query.fields import FIELDS
from mi6_tui.query.values import NAMES

_TERMS: Final = (
    ("`words`", "every word stands in the name, a prompt, the last reply, the project, ..."),
    ('`"two words"`', 'so does this text; `""` in it stands for `"`'),
    ("`branch:feat`", "contains it; upper and lower case are alike everywhere"),
    ("`branch=main`, `branch!=main`", "is it; is known and another"),
    ("`branch~^feat/\\d+`, `~oops`", "a regular expression, in one field or anywhere; without look-around"),
    ("`status:waiting,error`", "one of them"),
    (
        "`cost>3`, `tokens>=1.5M`, `context>60%`",
        "`<`, `<=`, `>`, `>=`; k, M, G; $ and % where they make sense",
    ),
    ("`age<2h`, `waiting>1h30m`", "ms, s, m, h, d, w"),
    ("`started>=2026-11-20`, `started:yesterday`", "a year, month, day or time, local; `>` a day: after it"),
    ("`cost:1..5`, `pr:..99`", "from, to; both included"),
    ("`has:pr`, `no:pr`, `pr:-`", "is known (of a count: more than 0); is not"),
    ("`a b`, `a or b`, `a | b`, `-a`, `not a`, `(a b) or c`", "and, or, not; `and` binds closer than `or`"),
)


def grammar_table() -> str:
    """Markdown: the terms of a query, by example."""
    return _table(("term", "finds sessions where"), _TERMS)


def fields_table() -> str:
    """Markdown: every field, its other names, what it is compared with, and what it means."""
    rows = [
        (
            f"`{field.name}`",
            ", ".join(f"`{alias}`" for alias in field.aliases),
            NAMES.get(field.kind, field.kind),
            field.means,
        )
        for field in FIELDS
    ]
    return _table(("field", "also called", "is a", "which is"), rows)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    # A bar would end the cell.
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)
