"""What is typed into the search: words to find, and a few that narrow. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, get_args

import msgspec
from rich.cells import cell_len

from mi6_tui.model import Hit, SearchQuery
from mi6_tui.model.search import Kind, terms_of
from mi6_tui.query.values import bounds
from mi6_tui.tui import text

_WORD: Final = re.compile(r'(?<![^\s])(kind|framework|client|since|until):("[^"]*"|\S*)')
_KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
SYNTAX: Final = (
    ("parser tests", "both words, in any order, case or accents"),
    ('"run the tests"', "these words, one after the other"),
    ("pars*", "words that begin so"),
    ("deploy -staging", "the first word without the second"),
    ("kind:prompt", "only prompts; kind:reply and kind:command likewise"),
    ("framework:codex", "only of one client"),
    ("since:7d", "not older; also 12h, 2026-11-20, today, yesterday"),
    ("until:2026-11-20", "only before"),
)
"""Examples and what they find."""


class Asked(msgspec.Struct, frozen=True):
    """What was typed: a question, or why there is none (`problem`; both empty: nothing to look for yet)."""

    query: SearchQuery | None = None
    problem: str = ""


def asked(typed: str, now: int, limit: int) -> Asked:
    """The question in what was typed at `now` (ms), for `limit` hits."""
    given: dict[str, object] = {}
    for name, value in _WORD.findall(typed):
        value = value.strip('"')
        if name == "kind":
            if value not in _KINDS:
                return Asked(problem=f"kind: is one of {', '.join(_KINDS)}")
            given["kind"] = value
        elif name in ("framework", "client"):
            if not value:
                return Asked(problem=f"{name}: wants a name like codex")
            given["framework"] = value
        else:
            moment = _moment(value, now)
            if moment is None:
                return Asked(problem=f"{name}: is a day (2026-11-20) or an age (7d, 12h)")
            given[name] = moment
    words = _WORD.sub(" ", typed).strip()
    if not any(not term.excluded and _has_letters(term.text) for term in terms_of(words)):
        return Asked()
    return Asked(SearchQuery(text=words, limit=limit, **given))  # type: ignore[arg-type]


def _has_letters(words: str) -> bool:
    return any(letter.isalnum() for letter in words)


def _moment(value: str, now: int) -> int | None:
    """The first ms that a value means."""
    if span := bounds("span", value):
        return now - int(span(now)[0])
    moment = bounds("moment", value)
    return int(moment(now)[0]) if moment is not None else None


def snippet(hit: Hit, width: int | None) -> list[tuple[str, bool]]:
    """The snippet, cleaned and in at most `width` cells (None: whole); True of what was asked for."""
    begin = 0
    if width is not None and hit.marks and len(hit.snippet) > width:
        begin = max(0, hit.marks[0][0] - width // 4)
    pieces = [("…" if begin else "", False)]
    for start, stop in hit.marks:
        pieces += [
            (hit.snippet[begin : max(begin, start)], False),
            (hit.snippet[max(begin, start) : stop], True),
        ]
        begin = max(begin, stop)
    pieces.append((hit.snippet[begin:], False))
    # Between two signs, so that the blanks at its edges stay.
    cleaned = [(text.clean(f"|{words}|", len(words) + 2)[1:-1], marked) for words, marked in pieces]
    return [piece for piece in (cleaned if width is None else _fitted(cleaned, width)) if piece[0]]


def _fitted(pieces: Iterable[tuple[str, bool]], width: int) -> Iterable[tuple[str, bool]]:
    left = width
    for words, marked in pieces:
        cells = cell_len(words)
        if cells > left:
            yield text.fit(words, left), marked
            return
        yield words, marked
        left -= cells
