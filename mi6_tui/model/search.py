"""Finding prompts, replies and commands by their words: the question, its grammar, and what it finds."""

from __future__ import annotations

import re
from typing import Final, Literal, Self

import msgspec

from mi6_tui.errors import ModelError
from mi6_tui.model.event import PREVIEW_LIMIT, EventType, command_of, prompt_of

Kind = Literal["prompt", "reply", "command"]
Order = Literal["newest", "relevance"]

EVENT_TYPES: Final[dict[Kind, str]] = {
    "prompt": EventType.USER_PROMPT_SUBMIT,
    "reply": EventType.ASSISTANT_MESSAGE,
    "command": EventType.PRE_TOOL_USE,
}
"""Whose text can be found. A command is what a tool was asked to do: a shell command, a file, a pattern."""
KINDS: Final[dict[str, Kind]] = {event_type: kind for kind, event_type in EVENT_TYPES.items()}

SNIPPET_LIMIT: Final = 160
"""Characters of text around what was found."""
_BEFORE: Final = 40
"""Of these, characters before the first one found."""
_QUERY_LIMIT: Final = 1_000
_TERM_LIMIT: Final = 32
_CONTROL: Final = r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]"
# No pattern is compiled until somebody searches: every start of the program comes by here.
_TERM: Final = r'(?P<no>(?<!\S)-(?![\s-]))?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))(?P<star>\*?)'

Range = tuple[int, int]
"""First character, and the one behind the last."""


class Term(msgspec.Struct, frozen=True):
    """Words that stand in this order, one after the other; `prefix`: the last is the beginning of one."""

    text: str
    prefix: bool = False
    excluded: bool = False
    """What holds this is not wanted."""


def terms_of(text: str) -> tuple[Term, ...]:
    """What a question asks for: `word`, `"some words"`, `begin*`, `-word`; no text is wrong.

    What lies behind its first 1,000 characters or 32 terms is not looked at.
    """
    terms: dict[Term, None] = {}
    for found in re.finditer(_TERM, re.sub(_CONTROL, " ", text[:_QUERY_LIMIT])):
        words = found["word"] if found["phrase"] is None else found["phrase"]
        bare = words.rstrip("*") if found["word"] else words
        terms[Term(bare, bool(found["star"]) or bare != words, bool(found["no"]))] = None
    return tuple(terms)[:_TERM_LIMIT]


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """One event that was found. Unknown is None, times are ms."""

    event_id: int
    timestamp: int
    kind: Kind
    machine_id: str
    session_id: str
    name: str
    """What a person would call the session."""
    project: str | None
    framework: str | None
    tool_name: str | None
    snippet: str
    """The text around what was found, on one line, SNIPPET_LIMIT characters and an ellipsis at either end."""
    marks: tuple[Range, ...]
    """Which characters of the snippet were asked for; ascending, apart."""
    transcript_path: str | None
    byte_offset: int | None
    byte_length: int | None
    """Where its line lies in the transcript."""


class SearchQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which texts: all words of `text` (see terms_of), in any case and with any accents.

    A term without a letter or digit is ignored; without a wanted term nothing is found. `since` (ms) is
    the first moment that counts, `until` the first that does not. Ties in time are broken by id, the
    larger first; by relevance, equals are newest first.
    """

    text: str
    session_id: str | None = None
    framework: str | None = None
    kind: Kind | None = None
    since: int | None = None
    until: int | None = None
    order: Order = "newest"
    limit: int = 50
    last_seen: tuple[int, int] | None = None
    """Time and id of the hit that the answer goes on behind; newest first only."""

    def __post_init__(self) -> None:
        if self.limit < 0:
            raise ModelError(f"limit {self.limit} is negative")
        if self.last_seen is not None and self.order != "newest":
            raise ModelError("only hits that are ordered by time can be read page by page")

    def behind(self, hit: Hit) -> Self:
        """The next page: those behind `hit`, the last one of the page before."""
        return msgspec.structs.replace(self, last_seen=(hit.timestamp, hit.event_id))


def searchable(event_type: str, preview: str | None, payload: str | None) -> str | None:
    """The text that an event is found by; None if it is none that can be found."""
    kind = KINDS.get(event_type)
    if kind is None:
        return None
    told = prompt_of(payload) if kind == "prompt" else command_of(payload) if kind == "command" else None
    return (told or preview or "")[:PREVIEW_LIMIT] or None


def snippet_of(text: str, marks: list[Range]) -> tuple[str, tuple[Range, ...]]:
    """The piece of `text` with the most of `marks` in it, on one line, and where they are then."""
    marks = _apart(marks)
    begin, end = _window(text, marks)
    line = [] if begin == 0 else ["…"]
    places = []
    for char in text[begin:end]:
        places.append(len(line))
        if not (char.isspace() or re.match(_CONTROL, char)):
            line.append(char)
        elif line and line[-1] != " ":
            line.append(" ")
    places.append(len(line))
    if end < len(text):
        line.append("…")
    shown = [(max(start, begin), min(stop, end)) for start, stop in marks if start < end and stop > begin]
    return "".join(line), tuple((places[start - begin], places[stop - begin]) for start, stop in shown)


def _apart(marks: list[Range]) -> list[Range]:
    """Ascending; those that overlap are one."""
    apart: list[Range] = []
    for start, stop in sorted(marks):
        if apart and start <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(stop, apart[-1][1]))
        else:
            apart.append((start, stop))
    return apart


def _window(text: str, marks: list[Range]) -> Range:
    """Of the pieces that begin a little before a mark: the one that holds most marks, the first of these."""
    best, most = (0, min(len(text), SNIPPET_LIMIT)), 0
    for first, _ in marks:
        begin = max(0, min(first - _BEFORE, len(text) - SNIPPET_LIMIT))
        if begin > 0:
            # At the beginning of a word, where there is one.
            blank = next((place for place in range(begin, first) if text[place].isspace()), begin - 1)
            begin = blank + 1
        end = min(len(text), begin + SNIPPET_LIMIT)
        held = sum(start >= begin and stop <= end for start, stop in marks)
        if held > most:
            best, most = (begin, end), held
    return best
