"""What the recorded sessions really did, at each instant, written down by hand.

`tests/data/status/CLIENT.toml` holds it: scenarios of the recording, in them sessions, of each session spans
`[from, word, detail, evidence]`. A span lasts until the next one; `from` counts seconds from the start of
the scenario's process. The word is one that the dashboard shows; `a|b` says that the evidence allows both.

The evidence is what the driver of the recording did and saw (prompts and keys, signals, screens, exits), what
the mock API saw (a request, the last byte of its reply), and how long a command takes. Never a hook, a
registry or a transcript: those are the witnesses that are judged by this. The rules:

working     from Enter, or from the start of a process with its prompt on the command line, to the last byte
            of the reply that ends the turn; through tools, retries, compaction, and helpers that the turn
            waits for
waiting     from the screen that first shows a prompt or a dialog to the key that answers it. From the last
            byte of the reply that asks to that screen (0.3 s where none was taken) working is right as well.
            A dialog that the user opened is waiting as well as what was before
background  from a turn's last byte, while helpers or a shell that it started run, to the last byte of the
            helper's reply, or the shell's duration; from there to the request of the turn which that starts,
            working is right as well
error       from the last answer of the API, where the run fails, to the exit
your turn   from the last byte that ends a turn, or the Esc that stops it; nobody looks, so it never gets idle
idle        from the start of a process without a prompt, or from /clear, to the first Enter. In a resumed
            conversation your turn is right as well
ended       from the exit of the process as the driver saw it, from SIGKILL, from /clear. A client takes up to
            half a second to leave: from the last byte of a headless run, from the last key, or from any other
            signal on, what was before and your turn are right as well
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import msgspec

DATA = Path(__file__).parents[1] / "data" / "status"
TAIL = 2_000
"""ms for which the end of a session is looked at."""


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """A time in which the truth is the same; times in ms."""

    scenario: str
    scenario_began: int
    begin: int
    end: int
    words: tuple[str, ...]
    """What may be shown; more than one where the evidence cannot tell."""
    detail: str
    evidence: str


class _Session(msgspec.Struct, frozen=True):
    id: str
    spans: list[tuple[float, str, str, str]]


class _Scenario(msgspec.Struct, frozen=True):
    name: str
    began: float
    session: list[_Session]


class _Table(msgspec.Struct, frozen=True):
    scenario: list[_Scenario]


@cache
def truth_of(recording: str) -> dict[str, tuple[Span, ...]]:
    """The spans of each session of a recording, in the order of time, with gaps where nobody looks."""
    table = msgspec.convert(tomllib.loads((DATA / f"{recording}.toml").read_text("utf-8")), _Table)
    told: dict[str, list[Span]] = {}
    for scenario in table.scenario:
        for session in scenario.session:
            told.setdefault(session.id, []).extend(_spans(scenario, session))
    return {session_id: _without_overlap(spans) for session_id, spans in told.items()}


def _spans(scenario: _Scenario, session: _Session) -> list[Span]:
    began = round(scenario.began * 1000)
    starts = [began + round(begin * 1000) for begin, *_ in session.spans]
    ends = [*starts[1:], starts[-1] + TAIL]
    return [
        Span(
            scenario=scenario.name,
            scenario_began=began,
            begin=begin,
            end=end,
            words=tuple(words.split("|")),
            detail=detail,
            evidence=evidence,
        )
        for begin, end, (_, words, detail, evidence) in zip(starts, ends, session.spans, strict=True)
    ]


def _without_overlap(spans: Sequence[Span]) -> tuple[Span, ...]:
    """A session that is resumed within its tail is no longer looked at for its end."""
    ordered = sorted(spans, key=lambda span: span.begin)
    limits = [*(span.begin for span in ordered[1:]), ordered[-1].end]
    return tuple(
        msgspec.structs.replace(span, end=min(span.end, limit))
        for span, limit in zip(ordered, limits, strict=True)
    )
