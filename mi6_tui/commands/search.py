"""`search`: prompts, replies and commands by their words."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import Final, get_args

from mi6_tui.clock import now_ms
from mi6_tui.commands import arguments
from mi6_tui.commands.find import find_session
from mi6_tui.commands.store import catch_up, opened
from mi6_tui.errors import DONE, NOTHING_FOUND, UsageError
from mi6_tui.model import Hit, SearchQuery
from mi6_tui.model.search import Kind, Order
from mi6_tui.report import out, times, units
from mi6_tui.report.cells import ELLIPSIS, clean, cut, pad, width
from mi6_tui.storage import Storage

_DEFAULT_LIMIT: Final = 50
_GAP: Final = "  "
_AGE_CELLS: Final = 4
_PROJECT_CELLS: Final = 12
_NAME_CELLS: Final = 24
_SHOWN_CELLS: Final = 60
"""Cells of a question that found nothing."""
_ROOM_FOR_NAME: Final = 100
"""Cells of a terminal's line from which on the session's name stands in it."""
_BOLD: Final = "\x1b[1m{}\x1b[0m"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "text",
        metavar="TEXT",
        nargs="+",
        help="words; in quotes of the shell also '\"some words\" in this order', 'begin*', 'this -without'",
    )
    parser.add_argument("--session", metavar="ID", help="in one session: its id, the start of it, or its pid")
    parser.add_argument("--framework", metavar="F", help="of one client, for example claude")
    parser.add_argument("--kind", choices=get_args(Kind), help="only these")
    parser.add_argument(
        "--since", metavar="TIME", help="from a day (2026-11-23), a moment, or an age (7d) on"
    )
    parser.add_argument("--until", metavar="TIME", help="to a day (that day included), a moment, or an age")
    parser.add_argument("--sort", choices=get_args(Order), default="newest", help="order (default: newest)")
    parser.add_argument(
        "--limit",
        metavar="N",
        type=arguments.natural,
        default=_DEFAULT_LIMIT,
        help=f"at most N (default: {_DEFAULT_LIMIT})",
    )
    arguments.add_json(parser, "a list of objects; unknown is null, times are ms")
    arguments.add_no_scan(parser)


def run(args: argparse.Namespace) -> int:
    """Search."""
    if not "".join(args.text).strip():
        raise UsageError("there are no words to search for", "give some")
    now = now_ms()
    with opened(args) as storage:
        catch_up(storage, args)
        hits = storage.search(_query(storage, args, now))
    if args.json:
        out.json(hits)
    else:
        out.lines(_lines(hits, now, fit=out.fit(), colour=out.colour()))
    if hits:
        return DONE
    asked = cut(clean(" ".join(args.text)), _SHOWN_CELLS)
    out.note(f"nothing matches {asked!r}; words are found whole, `begin*` finds longer ones")
    return NOTHING_FOUND


def _query(storage: Storage, args: argparse.Namespace, now: int) -> SearchQuery:
    return SearchQuery(
        text=" ".join(args.text),
        session_id=find_session(storage, args.session).session_id if args.session is not None else None,
        framework=args.framework,
        kind=args.kind,
        since=times.instant(args.since, None, now) if args.since else None,
        until=times.instant(args.until, None, now, end=True) if args.until else None,
        order=args.sort,
        limit=args.limit,
    )


def _lines(hits: Sequence[Hit], now: int, *, fit: int | None, colour: bool) -> Iterator[str]:
    """Age, project, session and what was found, a line each."""
    for hit in hits:
        session = clean(hit.session_id)
        words = [
            pad(units.span(now - hit.timestamp), _AGE_CELLS, right=True),
            _filled(hit.project or units.UNKNOWN, _PROJECT_CELLS),
            session if fit is None else _filled(units.short_id(session), units.SHORT_ID),
        ]
        if fit is None or fit >= _ROOM_FOR_NAME:
            words.append(_filled(hit.name, _NAME_CELLS))
        head = _GAP.join((*words, ""))
        if fit is None:
            yield head + _emphasised(hit, None, colour=colour)
        else:
            yield cut(head, fit) + _emphasised(hit, fit - width(head), colour=colour)


def _filled(text: str, cells: int) -> str:
    return pad(cut(clean(text), cells), cells)


def _emphasised(hit: Hit, room: int | None, *, colour: bool) -> str:
    """The snippet in at most `room` cells (None: whole), what was found in bold."""
    begin = 0
    if room is not None and hit.marks and width(hit.snippet) > room:
        begin = max(0, hit.marks[0][0] - room // 4)
    pieces = [(ELLIPSIS if begin else "", False)]
    for start, stop in hit.marks:
        pieces += [(hit.snippet[begin:start], False), (hit.snippet[start:stop], True)]
        begin = stop
    pieces.append((hit.snippet[begin:], False))
    shown = []
    for text, marked in pieces:
        # Between two signs, so that the blanks at its edges stay.
        piece = clean(f"|{text}|")[1:-1]
        if room is not None:
            piece = cut(piece, room)
            room -= width(piece)
        shown.append(_BOLD.format(piece) if marked and colour and piece else piece)
    return "".join(shown)
