"""`explain`: what a session's numbers and its status rest on."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from mi6_tui.commands import arguments
from mi6_tui.commands.explained import sentences
from mi6_tui.commands.explained_telemetry import Witnesses, witnesses
from mi6_tui.commands.find import find_session
from mi6_tui.commands.store import catch_up, opened
from mi6_tui.errors import DONE, NotFoundError
from mi6_tui.ingest.ledger import Entry, Ledger, Place, ledger, place_of
from mi6_tui.ingest.reread import Reread
from mi6_tui.judge.fold import order_of
from mi6_tui.judge.rules import RULES
from mi6_tui.model import Claim, Event, EventType, Session
from mi6_tui.report import out
from mi6_tui.storage import Storage

TOPICS: Final = ("status", "context", "tokens", "cost")
_STATUS: Final = (
    "status",
    "status_shown",
    "status_detail",
    "status_rule",
    "status_reason",
    "status_since",
    "status_source",
    "status_confidence",
    "status_until",
)
_TOKENS: Final = (
    "tokens_input",
    "tokens_output",
    "tokens_cache_read",
    "tokens_cache_write",
    "tokens_cache_write_1h",
    "tokens_reasoning",
)
_COST: Final = ("cost_usd", "cost_estimated_usd", "price_id", "price_terms")
_SUMS: Final = (
    "cost_usd",
    "cost_recorded_usd",
    "cost_estimated_usd",
    "unpriced_requests",
    "incomplete_requests",
    "cost_client_usd",
)


class Explanation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What `--json` prints: the topics that were asked for."""

    session_id: str
    framework: str | None
    name: str | None
    status: dict[str, Any] | None = None
    context: dict[str, Any] | None = None
    tokens: dict[str, Any] | None = None
    cost: dict[str, Any] | None = None
    witnesses: Witnesses | None = None
    """With tokens and cost: what each witness says of them."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("session", metavar="ID", help="its id, the start of it, or its process id")
    parser.add_argument("topic", nargs="?", choices=TOPICS, help="only this (default: all of them)")
    arguments.add_json(parser, "one object, a key for each topic; unknown is null")
    arguments.add_no_scan(parser)


def run(args: argparse.Namespace) -> int:
    """Explain."""
    topics = (args.topic,) if args.topic else TOPICS
    with opened(args) as storage:
        catch_up(storage, args)
        try:
            session = find_session(storage, args.session)
        except NotFoundError:
            told = _only_telemetry(storage, args.session)
            if told is None:
                raise
            return _show(told, args)
        claims = storage.claims(*session.key) if "status" in topics else []
        book = ledger(storage, session) if topics != ("status",) else None
        words = witnesses(storage, session, book.requests) if book is not None else None
    told = {
        "session_id": session.session_id,
        "framework": session.framework,
        "name": session.name,
    }
    if "status" in topics:
        told["status"] = _status(session, claims)
    if book is not None:
        told |= _topics(session, book, topics)
    if words is not None and topics != ("context",):
        told["witnesses"] = msgspec.to_builtins(words)
    return _show(told, args)


def _show(told: dict[str, Any], args: argparse.Namespace) -> int:
    if args.json:
        out.json(told)
    else:
        out.lines(sentences(told, fit=out.fit()))
    return DONE


def _only_telemetry(storage: Storage, session_id: str) -> dict[str, Any] | None:
    """What is known of a session of which nothing but telemetry tells; None: not even that."""
    words = witnesses(storage, session_id, ())
    if not words.sums and not words.stated:
        return None
    return {
        "session_id": session_id,
        "framework": words.framework,
        "name": None,
        "witnesses": msgspec.to_builtins(words),
    }


def _status(session: Session, claims: Sequence[Claim]) -> dict[str, Any]:
    """The verdict, the rule behind it, and the latest word of each witness, newest first."""
    rule = RULES.get(session.status_rule or "")
    return {name: getattr(session, name) for name in _STATUS} | {
        "would_change": rule.changes if rule is not None else None,
        "seen_at": session.seen_at,
        "witnesses": [
            {name: getattr(claim, name) for name in ("witness", "kind", "detail", "subject", "at", "pid")}
            for claim in sorted(claims, key=lambda claim: -claim.at)
        ],
    }


def _topics(session: Session, book: Ledger, topics: Iterable[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "context" in topics:
        found["context"] = msgspec.to_builtins(_context(session, book.files))
    if "tokens" in topics:
        found["tokens"] = _tokens(book)
    if "cost" in topics:
        sums = {name: getattr(session, name) for name in _SUMS}
        found["cost"] = {"requests": [_request(entry, _COST) for entry in book.requests], "row": sums}
    return found


def _tokens(book: Ledger) -> dict[str, Any]:
    return {
        "requests": [
            _request(entry, _TOKENS)
            | {
                "incomplete": entry.incomplete,
                "repeats": [
                    msgspec.to_builtins(repeat.place) | {"session_id": repeat.session_id, "why": repeat.why}
                    for repeat in entry.repeats
                ],
            }
            for entry in book.requests
        ],
        "elsewhere": [
            {"key": other.key, **msgspec.to_builtins(other.place)}
            | {"lines": other.lines, "owner": other.owner, "why": other.why}
            for other in book.elsewhere
        ],
        "files": [
            {name: getattr(file, name) for name in ("path", "lines", "malformed", "skipped", "problem")}
            for file in book.files
        ],
        "sums": book.sums,
        "row": book.row,
        "differences": list(book.differences),
        "explanation": book.explanation,
    }


def _request(entry: Entry, names: Iterable[str]) -> dict[str, Any]:
    event = entry.request
    common = ("timestamp", "model", "is_sidechain", "agent_id", "key")
    told: dict[str, Any] = {name: getattr(event, name) for name in (*common, *names)}
    told.update(msgspec.to_builtins(entry.place))
    return told


class _Context(msgspec.Struct, frozen=True, kw_only=True):
    """What fills the window, and who says so."""

    context: int | None
    context_window: int | None
    told_by: str | None
    """`ApiRequest` or `Compaction`; None: no line of the transcripts says it."""
    timestamp: int | None = None
    place: Place | None = None
    model: str | None = None
    tokens_input: int | None = None
    tokens_cache_read: int | None = None
    tokens_cache_write: int | None = None
    context_size: int | None = None
    """What the client itself calls the size; None: it is the sum of the parts."""


def _context(session: Session, files: Iterable[Reread]) -> _Context:
    """The last request or compaction of the main chain that tells the number in the session's row."""
    told = [
        event
        for file in files
        for event in file.events
        if event.session_id == session.session_id and event.on_main_chain and _filled(event) is not None
    ]
    last = max(told, key=order_of, default=None)
    known = _Context(context=session.context, context_window=session.context_window, told_by=None)
    if last is None or _filled(last) != session.context:
        return known
    sizes = ("tokens_input", "tokens_cache_read", "tokens_cache_write", "context_size")
    parts = {name: getattr(last, name) for name in sizes}
    return msgspec.structs.replace(
        known,
        told_by=last.event_type,
        timestamp=last.timestamp,
        place=place_of(last),
        model=last.model,
        **parts,
    )


def _filled(event: Event) -> int | None:
    if event.event_type == EventType.COMPACTION or event.context_size is not None:
        return event.context_size
    return event.prompt_tokens
