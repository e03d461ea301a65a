"""Why a session stands as it does, as lines of pieces. Pure: a session and its witnesses in, lines out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo
from typing import Final

from mi6_tui.judge.rules import RULES
from mi6_tui.model import Claim, Session
from mi6_tui.tui import status, text

Line = tuple[tuple[str, str], ...]
_HEAD: Final = 17
_WITNESS: Final = 12
_TIMES: Final = 18
"""Cells of a witness's time and age."""
_LEAST: Final = 20


def why_lines(
    session: Session, claims: Sequence[Claim], zone: tzinfo | None, *, now: int, width: int
) -> list[Line]:
    """The verdict, what it follows from, what would change it, and a line for each witness; `now` in ms."""
    room = max(_LEAST, width - _HEAD - 1)
    lines: list[Line] = []
    for name, words, ink in _verdict(session, zone, now):
        for number, part in enumerate(text.wrapped(words, room)):
            lines.append(((f" {'' if number else name:<{_HEAD - 1}}", "quiet"), (part, ink)))
    lines += [(), _witness_line("Witness", "says", "since", "ago", width, ("head", "head", "head"))]
    newest_first = sorted(claims, key=lambda claim: (-claim.at, claim.witness))
    lines += [_claim_line(claim, session, zone, now, width) for claim in newest_first]
    if not claims:
        lines.append(((" none that is remembered", "quiet"),))
    return lines


def _verdict(session: Session, zone: tzinfo | None, now: int) -> Iterator[tuple[str, str, str]]:
    shown = session.status_shown or "unknown"
    label, detail = status.label(session), status.detail(session)
    told = label if shown in label else f"{label} · {shown}"
    yield "Status", told, status.ink(shown)
    if detail and detail not in label:
        yield "Detail", detail, "plain"
    rule = RULES.get(session.status_rule or "")
    if rule is not None:
        yield "Rule", f"{session.status_rule}: {rule.means}", "plain"
    reason = text.clean(session.status_reason)
    if reason and (rule is None or reason != rule.means):
        yield "Reason", reason, "plain"
    if session.status_since is not None:
        at = text.time_of_day(session.status_since, zone)
        yield "Since", f"{at}, {text.age(now - session.status_since)} ago", "plain"
    source = text.clean(session.status_source) or "nobody"
    yield "Decided by", f"{source}, {text.clean(session.status_confidence) or 'low'} confidence", "plain"
    if rule is not None:
        yield "What changes it", rule.changes, "plain"
    if session.status_until is not None and session.status_until > now:
        yield "", f"else the clock, in {text.age(session.status_until - now)}", "plain"


def _claim_line(claim: Claim, session: Session, zone: tzinfo | None, now: int, width: int) -> Line:
    says = [claim.kind.replace("_", " "), text.clean(claim.detail, 80), text.clean(claim.subject, 200)]
    if claim.pid is not None:
        says.append(f"pid {claim.pid}")
    decides = claim.witness == session.status_source
    return _witness_line(
        text.clean(claim.witness, _WITNESS),
        "  ".join(part for part in says if part),
        text.time_of_day(claim.at, zone),
        text.age(now - claim.at),
        width,
        ("name" if decides else "quiet", "turn" if decides else "plain", "quiet"),
    )


def _witness_line(who: str, says: str, at: str, age: str, width: int, inks: tuple[str, str, str]) -> Line:
    room = max(1, width - 1 - _WITNESS - _TIMES)
    return (
        (" " + text.fit(who, _WITNESS), inks[0]),
        (text.fit(says, room), inks[1]),
        (f"  {at:<8} {age:>6} ", inks[2]),
    )
