"""Whatever is typed is a query or an error in it, and a query finds what a plain reading of it says."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mi6_tui.model import Session
from mi6_tui.query import QueryError, Sort, complete, parse, spans
from mi6_tui.query.fields import FIELDS
from tests.query.makers import DAY, HOUR, NOW

Plain = tuple[str, Callable[[Session], bool]]
"""A query, and the same in Python."""

WORDS = ("main", "Feat", "STRASSE", "straße", "漢字", "a b", "x\n y", "or", "-", 'q"q', "c++", "1.5")
TEXTS = {
    "branch": "git_branch",
    "model": "model",
    "title": "title",
    "prompt": "first_user_message",
    "reply": "last_reply",
    "cwd": "cwd",
    "repo": "github_repo",
    "fw": "framework",
    "nick": "nickname",
}
NUMBERS = {
    "cost": ("cost_usd", 1.0),
    "pr": ("github_pr", 1),
    "msgs": ("message_count", 1),
    "in": ("tokens_input", 1),
    "context": ("context", 1),
}
STATES = ("waiting", "error", "your turn", "working", "background", "idle", "ended", "unknown")
COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": lambda value, limit: value < limit,
    "<=": lambda value, limit: value <= limit,
    ">": lambda value, limit: value > limit,
    ">=": lambda value, limit: value >= limit,
    "=": lambda value, limit: value == limit,
    ":": lambda value, limit: value == limit,
    "!=": lambda value, limit: value != limit,
}


def some(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


texts = some(st.sampled_from(WORDS) | st.lists(st.sampled_from(WORDS), max_size=3).map(" ".join))
moments = st.integers(NOW - 3 * DAY, NOW)
sessions = st.builds(
    Session,
    machine_id=st.sampled_from(("host", "other")),
    session_id=st.sampled_from(("one", "two", "feat")),
    first_started_at=moments,
    last_started_at=moments,
    last_activity=moments,
    last_ended_at=some(moments),
    status_shown=some(st.sampled_from(STATES)),
    status_since=some(moments),
    cost_usd=some(st.sampled_from((0.0, 0.5, 3.0, 12.5))),
    github_pr=some(st.sampled_from((1, 12))),
    message_count=st.sampled_from((0, 3, 12, 1000)),
    tokens_input=st.sampled_from((0, 999, 1000, 1_500_000)),
    context=some(st.sampled_from((0, 1000, 120_000))),
    context_window=some(st.sampled_from((0, 200_000))),
    **dict.fromkeys(TEXTS.values(), texts),
    last_user_message=texts,
)


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def text_of(session: Session, name: str) -> str | None:
    return getattr(session, TEXTS[name]) or None


def everywhere(session: Session) -> list[str]:
    places = (*TEXTS.values(), "last_user_message", "session_id", "status_shown", "name", "project")
    return [getattr(session, place) or "" for place in places]


def any_text(word: str) -> Plain:
    folded = word.casefold()
    return quoted(word), lambda session: any(folded in text.casefold() for text in everywhere(session))


def contains(name: str, word: str) -> Plain:
    folded = word.casefold()
    return f"{name}:{quoted(word)}", lambda session: folded in (text_of(session, name) or "\0").casefold()


def equals(name: str, words: list[str]) -> Plain:
    folded = [word.casefold() for word in words]
    return (
        f"{name}={','.join(map(quoted, words))}",
        lambda session: (text_of(session, name) or "\0").casefold() in folded,
    )


def differs(name: str, word: str) -> Plain:
    def test(session: Session) -> bool:
        text = text_of(session, name)
        return text is not None and text.casefold() != word.casefold()

    return f"{name}!={quoted(word)}", test


def pattern(name: str, regex: str) -> Plain:
    compiled = re.compile(regex, re.IGNORECASE)
    return (
        f"{name}~{quoted(regex)}",
        lambda session: compiled.search(text_of(session, name) or "\0") is not None,
    )


def there(name: str) -> Plain:
    return f"has:{name}", lambda session: text_of(session, name) is not None


def number(name: str, sign: str, limit: float, unit: str) -> Plain:
    attribute, _ = NUMBERS[name]
    scaled = limit * {"": 1, "k": 1000, "M": 1_000_000}[unit]

    def test(session: Session) -> bool:
        value = getattr(session, attribute)
        return value is not None and COMPARE[sign](value, scaled)

    return f"{name}{sign}{limit}{unit}", test


def between(name: str, low: int, high: int) -> Plain:
    attribute, _ = NUMBERS[name]

    def test(session: Session) -> bool:
        value = getattr(session, attribute)
        return value is not None and low <= value <= high

    return f"{name}:{low}..{high}", test


def share(sign: str, percent: int) -> Plain:
    def test(session: Session) -> bool:
        if session.context is None or not session.context_window:
            return False
        return COMPARE[sign](session.context * 100, percent * session.context_window)

    return f"context{sign}{percent}%", test


def elapsed(name: str, sign: str, hours: int) -> Plain:
    def test(session: Session) -> bool:
        since = {
            "age": session.first_started_at,
            "idle": session.last_activity,
            "since": session.status_since,
            "waiting": session.status_since
            if session.status_shown in ("waiting", "error", "your turn")
            else None,
        }[name]
        return since is not None and COMPARE[sign](NOW - since, hours * HOUR)

    return f"{name}{sign}{hours}h", test


def states(words: list[str]) -> Plain:
    return (
        f"status:{','.join(map(quoted, words))}",
        lambda session: (session.status_shown or "unknown") in words,
    )


active: Plain = ("status:active", lambda session: session.last_ended_at is None)
needy: Plain = ("needs:me", lambda session: session.status_shown in ("waiting", "error", "your turn"))

words = st.sampled_from(WORDS)
names = st.sampled_from(sorted(TEXTS))
counted = st.sampled_from(sorted(NUMBERS))
signs = st.sampled_from(sorted(COMPARE))
terms = st.one_of(
    st.builds(any_text, words | st.sampled_from(("waiting", "e", "t"))),
    st.builds(contains, names, words),
    st.builds(equals, names, st.lists(words, min_size=1, max_size=3)),
    st.builds(differs, names, words),
    st.builds(pattern, names, st.sampled_from(("^m", "n$", "a|x", r"\d", "(fe){1,2}at", "[a-c] b", "漢"))),
    st.builds(there, names),
    st.builds(number, counted, signs, st.sampled_from((0, 0.5, 1, 3, 12)), st.sampled_from(("", "k", "M"))),
    st.builds(between, counted, st.integers(0, 5), st.integers(0, 2000)),
    st.builds(share, signs, st.integers(0, 110)),
    st.builds(elapsed, st.sampled_from(("age", "idle", "since", "waiting")), signs, st.integers(0, 80)),
    st.builds(states, st.lists(st.sampled_from(STATES), min_size=1, max_size=3)),
    st.sampled_from((active, needy)),
)


def negated(plain: Plain, sign: str) -> Plain:
    text, test = plain
    return f"{sign}({text})", lambda session: not test(session)


def joined(plains: list[Plain], word: str, all_of: bool) -> Plain:
    rule = all if all_of else any
    return (
        f"({word.join(text for text, _ in plains)})",
        lambda session: rule(test(session) for _, test in plains),
    )


def several(parts: st.SearchStrategy[Plain]) -> st.SearchStrategy[Plain]:
    lists = st.lists(parts, min_size=1, max_size=4)
    return st.one_of(
        st.builds(negated, parts, st.sampled_from(("-", "!", "not ", "NOT"))),
        st.builds(joined, lists, st.sampled_from((" ", " and ", "\t")), st.just(True)),
        st.builds(joined, lists, st.sampled_from((" or ", "|", " | ")), st.just(False)),
    )


plain_queries = st.recursive(terms, several, max_leaves=8)

PIECES = (
    *(field.name for field in FIELDS),
    *(":", "=", "!=", "!", "~", "<", ">=", "..", ",", "-", "(", ")", "|", '"', " ", " or ", " and ", "not "),
    *(
        "3",
        "1.5M",
        "$",
        "%",
        "2h",
        "today",
        "2026-11",
        "waiting",
        "me",
        "pr",
        "\\",
        "[a",
        "(?i)",
        "x*",
        "漢",
        "\0",
    ),
)
typed = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=14).map("".join) | st.text(
    max_size=60
)


@given(plain_queries, st.lists(sessions, min_size=1, max_size=6))
def test_a_query_finds_what_a_plain_reading_of_it_says(plain: Plain, fleet: list[Session]) -> None:
    text, test = plain
    query = parse(text)
    for session in fleet:
        assert query.matches(session, NOW) is test(session), text


@given(typed, st.lists(sessions, max_size=4))
@example("branch~((", [])
@example("~[[:bad:]]", [])
@example("\ud800", [])
@example("started>0000", [])
@example("age>" + "9" * 400 + "h", [])
def test_whatever_is_typed_is_a_query_or_an_error_in_it(text: str, fleet: list[Session]) -> None:
    try:
        query = parse(text)
    except QueryError as error:
        assert 0 <= error.column <= error.column + error.length <= len(text)
        assert error.length or error.column == len(text)
        assert error.message
        return
    again = parse(str(query))
    assert str(again) == str(query)
    for session in fleet:
        assert query.matches(session, NOW) is again.matches(session, NOW)


@given(typed, st.integers(0, 40), st.lists(sessions, max_size=3))
def test_pieces_and_completions_of_whatever_is_typed(text: str, cursor: int, fleet: list[Session]) -> None:
    end = 0
    for span in spans(text):
        assert not text[end : span.start].strip()
        assert span.start < span.end <= len(text)
        end = span.end
    assert not text[end:].strip()
    cursor = min(cursor, len(text))
    for completion in complete(text, cursor, fleet, NOW):
        assert 0 <= completion.start <= completion.end == cursor
        assert completion.text.isprintable()


@given(st.lists(sessions, max_size=8), st.permutations([field.name for field in FIELDS]), st.booleans())
def test_unknown_is_last_whichever_way_the_others_stand(
    fleet: list[Session], names: list[str], reverse: bool
) -> None:
    by_name = {field.name: field for field in FIELDS}
    for name in names[:3]:
        ordered = Sort.parse(f"{'-' if reverse else ''}{name}").sorted(fleet, NOW)
        missing = [by_name[name].value(session, NOW) is None for session in ordered]
        assert missing == sorted(missing)
        assert sorted(map(repr, ordered)) == sorted(map(repr, fleet))


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_one_direction_is_the_other_backwards(field: Any) -> None:
    fleet = [
        Session(machine_id="m", session_id=name, first_started_at=at, last_started_at=at, last_activity=at)
        for name, at in (("a", NOW - 3), ("b", NOW - 2), ("c", NOW - 1))
    ]
    ordered = [field.value(each, NOW) for each in Sort.parse(field.name).sorted(fleet, NOW)]
    backwards = [field.value(each, NOW) for each in Sort.parse(f"-{field.name}").sorted(fleet, NOW)]
    assert ordered == backwards[::-1]
