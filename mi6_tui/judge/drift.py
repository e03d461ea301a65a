"""What each witness says that a session's requests used, and where two of them differ."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import msgspec

from mi6_tui.judge.evidence import authority_of
from mi6_tui.model import Event, EventType, Telemetry

TOKENS: Final = ("tokens_input", "tokens_output", "tokens_cache_read", "tokens_cache_write")
_ALIKE: Final = 300_000
"""ms that two tellings of the same numbers may be apart and still be of one request."""
_NEAR: Final = 10_000
"""The same where the numbers differ."""
_SAME_DOLLARS: Final = 1e-6


class Sums(msgspec.Struct, frozen=True, kw_only=True):
    """What one witness told. Unknown is None."""

    witness: str
    """`transcript`, `hook`, `otel` (its records) or `otel metrics` (its sums)."""
    counted: bool
    """Whether the session's row is made of its requests."""
    api_request_count: int | None
    """None: it tells sums alone."""
    tokens_input: int | None
    tokens_output: int | None
    tokens_cache_read: int | None
    tokens_cache_write: int | None
    cost_usd: float | None
    """As the client counts it; of a transcript that names no dollars the estimate."""
    prompts: int | None
    tool_calls: int | None
    api_errors: int | None


class Difference(msgspec.Struct, frozen=True):
    """A number of one request of which two witnesses say different things."""

    key: str | None
    """Of the request that counts."""
    request_id: str | None
    """As telemetry calls it."""
    field: str
    counted: float
    told: float


class Drift(msgspec.Struct, frozen=True, kw_only=True):
    """The requests that count beside those that telemetry told of."""

    matched_by_id: int
    matched_by_numbers: int
    """Those that telemetry has no id for, and that used the same tokens at about the same time."""
    matched_by_time: int
    """Those that it has no id for, of one model at about the same time, whose tokens differ."""
    differences: tuple[Difference, ...]
    only_counted: tuple[str | None, ...]
    """Keys of the requests that telemetry did not tell of."""
    only_told: tuple[Telemetry, ...]
    """Requests that only telemetry tells of: in no sum."""
    clock_ahead: int
    """Records that were dated in the future when they came."""


Pair = tuple[Event, Telemetry]


def sums_by_witness(events: Iterable[Event], told: Sequence[Telemetry], counted: str | None) -> list[Sums]:
    """What transcript, hooks and telemetry say; a witness that says nothing of it is left out."""
    spoken: dict[str, list[Event]] = {}
    for event in events:
        spoken.setdefault(authority_of(event.source), []).append(event)
    found = [_of_events(name, spoken[name], counted) for name in ("transcript", "hook") if name in spoken]
    records = [record for record in told if record.kind != "sum"]
    metrics = [record for record in told if record.kind == "sum"]
    if records:
        found.append(_of_records("otel", records))
    if metrics:
        found.append(_of_records("otel metrics", metrics))
    return found


def _of_events(witness: str, events: Sequence[Event], counted: str | None) -> Sums:
    requests = [event for event in events if event.is_api_request]
    kinds = [event.event_type for event in events]
    return Sums(
        witness=witness,
        counted=witness == counted,
        api_request_count=len(requests),
        cost_usd=_sum(_cost(request) for request in requests),
        prompts=kinds.count(EventType.USER_PROMPT_SUBMIT),
        tool_calls=kinds.count(EventType.POST_TOOL_USE),
        api_errors=kinds.count(EventType.API_ERROR),
        **_tokens(requests),
    )


def _of_records(witness: str, told: Sequence[Telemetry]) -> Sums:
    kinds = [record.kind for record in told]
    sums = "sum" in kinds
    return Sums(
        witness=witness,
        counted=False,
        api_request_count=None if sums else kinds.count("request"),
        cost_usd=_sum(record.cost_usd for record in told),
        prompts=None if sums else kinds.count("prompt"),
        tool_calls=None if sums else kinds.count("tool"),
        api_errors=None if sums else kinds.count("error"),
        **_tokens(told),
    )


def _tokens(told: Sequence[Event] | Sequence[Telemetry]) -> dict[str, Any]:
    return {name: _sum(getattr(one, name) for one in told) for name in TOKENS}


def _sum(values: Iterable[Any]) -> Any:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _cost(request: Event) -> float | None:
    return request.cost_usd if request.cost_usd is not None else request.cost_estimated_usd


def drift(requests: Sequence[Event], told: Sequence[Telemetry]) -> Drift:
    """Match what counts with what telemetry told: by id, else by numbers and time, else by time."""
    events = sorted(requests, key=lambda event: event.timestamp)
    records = sorted((record for record in told if record.kind == "request"), key=lambda record: record.at)
    by_id = _by_id(events, records)
    events, records = _left(events, records, by_id)
    # What has a name of its own is what that names, and nothing that only looks like it.
    nameless = [record for record in records if record.request_id is None]
    by_numbers = _nearest(events, nameless, _same_numbers, _ALIKE)
    events, records = _left(events, records, by_numbers)
    _, nameless = _left((), nameless, by_numbers)
    by_time = _nearest(events, nameless, _same_model, _NEAR)
    events, records = _left(events, records, by_time)
    pairs = [*by_id, *by_numbers, *by_time]
    return Drift(
        matched_by_id=len(by_id),
        matched_by_numbers=len(by_numbers),
        matched_by_time=len(by_time),
        differences=tuple(found for pair in pairs for found in _differences(*pair)),
        only_counted=tuple(event.key for event in events),
        only_told=tuple(records),
        clock_ahead=sum(record.ahead for record in told),
    )


def _left(
    events: Sequence[Event], records: Sequence[Telemetry], pairs: Sequence[Pair]
) -> tuple[list[Event], list[Telemetry]]:
    """What is in none of the pairs."""
    paired = {id(one) for pair in pairs for one in pair}
    return (
        [event for event in events if id(event) not in paired],
        [record for record in records if id(record) not in paired],
    )


def _by_id(events: Sequence[Event], records: Sequence[Telemetry]) -> list[Pair]:
    """Those whose key holds the id that telemetry names."""
    named = {part: event for event in events for part in (event.key or "").split(":")}
    pairs: dict[int, Pair] = {}
    for record in records:
        if record.request_id is not None and (event := named.get(record.request_id)) is not None:
            pairs.setdefault(id(event), (event, record))
    return list(pairs.values())


def _nearest(
    events: Sequence[Event],
    records: Sequence[Telemetry],
    alike: Callable[[Event, Telemetry], bool],
    most: int,
) -> list[Pair]:
    """Those that are alike and at most so many ms apart, the nearest first; both are given by time."""
    times = [record.at for record in records]
    near: list[tuple[int, int, int]] = []
    for place, event in enumerate(events):
        first = bisect_left(times, event.timestamp - most)
        last = bisect_right(times, event.timestamp + most)
        near += [
            (abs(event.timestamp - times[number]), place, number)
            for number in range(first, last)
            if alike(event, records[number])
        ]
    places: set[int] = set()
    numbers: set[int] = set()
    pairs: list[Pair] = []
    for _, place, number in sorted(near):
        if place not in places and number not in numbers:
            places.add(place)
            numbers.add(number)
            pairs.append((events[place], records[number]))
    return pairs


def _same_model(event: Event, record: Telemetry) -> bool:
    return event.model is None or record.model is None or event.model == record.model


def _same_numbers(event: Event, record: Telemetry) -> bool:
    return _same_model(event, record) and not any(
        getattr(event, name) != getattr(record, name) for name in TOKENS if getattr(record, name) is not None
    )


def _differences(event: Event, record: Telemetry) -> Iterable[Difference]:
    for name in TOKENS:
        counted, told = getattr(event, name), getattr(record, name)
        if counted is not None and told is not None and counted != told:
            yield Difference(event.key, record.request_id, name, counted, told)
    cost = _cost(event)
    if cost is not None and record.cost_usd is not None and abs(cost - record.cost_usd) > _SAME_DOLLARS:
        yield Difference(event.key, record.request_id, "cost_usd", cost, record.cost_usd)
