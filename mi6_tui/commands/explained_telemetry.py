"""What transcript, hooks and telemetry say of a session's requests, side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from mi6_tui.ingest.ledger import Entry
from mi6_tui.judge.drift import Drift, Sums, drift, sums_by_witness
from mi6_tui.judge.evidence import authority_of
from mi6_tui.model import Event, EventQuery, Session
from mi6_tui.report import units
from mi6_tui.report.cells import clean
from mi6_tui.report.table import Cell, Column, render
from mi6_tui.storage import Storage

_SHOWN: Final = 5
_COLUMNS: Final = (
    Column(header="WITNESS"),
    Column(header="REQUESTS", right=True),
    Column(header="INPUT", right=True),
    Column(header="OUTPUT", right=True),
    Column(header="READ", right=True),
    Column(header="WRITE", right=True),
    Column(header="COST", right=True),
    Column(header="PROMPTS", right=True),
    Column(header="TOOLS", right=True),
    Column(header="ERRORS", right=True),
)
_NUMBERS: Final = (
    "api_request_count",
    "tokens_input",
    "tokens_output",
    "tokens_cache_read",
    "tokens_cache_write",
)
_REST: Final = ("prompts", "tool_calls", "api_errors")


class Stated(msgspec.Struct, frozen=True, kw_only=True):
    """How a session stood by its client's own count: no part of any sum. Unknown is None."""

    machine_id: str
    at: int
    """ms."""
    model: str | None
    cost_usd: float | None
    context_tokens: int | None
    context_window_size: int | None


class Witnesses(msgspec.Struct, frozen=True, kw_only=True):
    """What each of them says."""

    sums: tuple[Sums, ...]
    drift: Drift | None
    """Between the requests that count and telemetry; None: no telemetry told of the session."""
    framework: str | None = None
    """By telemetry."""
    stated: tuple[Stated, ...] = ()
    """What the client told its status line last."""


def witnesses(storage: Storage, session: Session | str, requests: Sequence[Entry]) -> Witnesses:
    """Of a session and the requests that its row is made of; by its id alone if nothing else knows it."""
    counted = [entry.request for entry in requests]
    session_id = session if isinstance(session, str) else session.session_id
    # Subagents of some clients speak under a name of their own.
    names = {session_id, *(event.agent_id for event in counted if event.agent_id)}
    heard = storage.telemetry(sorted(names))
    told = [record for record in heard if record.kind != "status"]
    events: list[Event] = []
    if not isinstance(session, str):
        found = storage.query(EventQuery().with_session(session_id))
        events = [event for event in found if event.machine_id == session.machine_id]
    whose = authority_of(counted[0].source) if counted else None
    return Witnesses(
        sums=tuple(sums_by_witness(events, told, whose)),
        drift=drift(counted, told) if told else None,
        framework=heard[0].framework if heard else None,
        stated=tuple(
            msgspec.convert(record, Stated, from_attributes=True)
            for record in heard
            if record.kind == "status" and record.session_id == session_id
        ),
    )


def told_by_witnesses(told: Mapping[str, Any], fit: int | None) -> Iterable[str]:
    """Lines for a person; none where neither telemetry nor a status line told of the session."""
    for stated in told["stated"]:
        yield _line("status line", _stated(stated))
    apart = told["drift"]
    if apart is None:
        return
    yield _line("witnesses", "what each says; one counts (*), telemetry never does")
    yield from render(_COLUMNS, [_row(sums) for sums in told["sums"]], fit=fit)
    if all(sums["witness"].startswith("otel") for sums in told["sums"]):
        yield _line("", "nothing but telemetry knows of this session: it is in no list and in no sum")
    ways = (("by id", "matched_by_id"), ("by numbers", "matched_by_numbers"), ("by time", "matched_by_time"))
    yield _line("matched", ", ".join(f"{apart[name]} {way}" for way, name in ways if apart[name]) or "none")
    yield from _differences(apart["differences"])
    if apart["only_counted"]:
        yield _line("not told", f"{_some(apart['only_counted'])}: telemetry is silent on what counts")
    if apart["only_told"]:
        names = [_request(request) for request in apart["only_told"]]
        yield _line("not counted", f"{_some(names)}: telemetry alone tells of it")
    if apart["clock_ahead"]:
        yield _line("clock", f"{apart['clock_ahead']} records were dated in the future when they came")


def _stated(stated: Mapping[str, Any]) -> str:
    parts = [f"{units.moment(stated['at'])}, in no sum:"]
    cost, used, size = (stated[name] for name in ("cost_usd", "context_tokens", "context_window_size"))
    parts.append("cost unknown" if cost is None else f"cost ${cost:.4f}")
    share = f" ({used * 100 // size}%)" if used is not None and size else ""
    return f"{' '.join(parts)}, context {_number(used)} of {_number(size)}{share}"


def _row(sums: Mapping[str, Any]) -> list[Cell]:
    cost = sums["cost_usd"]
    return [
        Cell(sums["witness"] + (" *" if sums["counted"] else "")),
        *(Cell(_number(sums[name])) for name in _NUMBERS),
        Cell(units.UNKNOWN if cost is None else f"${cost:.4f}"),
        *(Cell(_number(sums[name])) for name in _REST),
    ]


def _differences(found: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    for name, times in Counter(one["field"] for one in found).items():
        ours = [one for one in found if one["field"] == name]
        less = sum(one["told"] - one["counted"] for one in ours)
        yield _line("drift", f"{name}: {times} requests, telemetry says {less:+,.10g} in all")


def _request(request: Mapping[str, Any]) -> str:
    known = (request.get("request_id"), request.get("model"), request.get("what"))
    return " ".join(part for part in known if part) or units.moment(request["at"])


def _some(names: Sequence[str | None]) -> str:
    shown = ", ".join(name or units.UNKNOWN for name in names[:_SHOWN])
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return f"{len(names):,} ({shown}{more})"


def _number(number: int | None) -> str:
    return units.UNKNOWN if number is None else f"{number:,}"


def _line(label: str, text: str) -> str:
    return f"{label:12}  {clean(text)}"
