"""OTLP requests in JSON."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from mi6_tui.ingest.otel.records import MOST_ATTRIBUTES, OtlpError, Record, Scalar, Signal

_MOST_PARTS: Final = 400_000
"""Objects in a request: each costs far more memory than it takes bytes."""
_Number = int | str
"""64 bits stand in quotes with some exporters and without with others."""


class _Value(msgspec.Struct, rename="camel"):
    string_value: str | None = None
    bool_value: bool | None = None
    int_value: _Number | None = None
    double_value: float | str | None = None


class _Attribute(msgspec.Struct):
    key: str = ""
    value: _Value | None = None


class _Log(msgspec.Struct, rename="camel"):
    time_unix_nano: _Number = 0
    observed_time_unix_nano: _Number = 0
    body: _Value | None = None
    attributes: list[_Attribute] | None = None


class _Point(msgspec.Struct, rename="camel"):
    start_time_unix_nano: _Number = 0
    time_unix_nano: _Number = 0
    as_int: _Number | None = None
    as_double: float | str | None = None
    attributes: list[_Attribute] | None = None


class _Sum(msgspec.Struct, rename="camel"):
    aggregation_temporality: int | str = 0
    data_points: list[_Point] | None = None


class _Metric(msgspec.Struct):
    name: str = ""
    sum: _Sum | None = None


class _Span(msgspec.Struct, rename="camel"):
    name: str = ""
    start_time_unix_nano: _Number = 0
    end_time_unix_nano: _Number = 0
    attributes: list[_Attribute] | None = None


class _Scope(msgspec.Struct, rename="camel"):
    log_records: list[_Log] | None = None
    metrics: list[_Metric] | None = None
    spans: list[_Span] | None = None


class _Resource(msgspec.Struct, rename="camel"):
    scope_logs: list[_Scope] | None = None
    scope_metrics: list[_Scope] | None = None
    scope_spans: list[_Scope] | None = None


class _Request(msgspec.Struct, rename="camel"):
    resource_logs: list[_Resource] | None = None
    resource_metrics: list[_Resource] | None = None
    resource_spans: list[_Resource] | None = None


_decoder: Final = msgspec.json.Decoder(_Request)
_LONGEST: Final = 40
"""Characters of a number."""
_CUMULATIVE: Final = (2, "2", "AGGREGATION_TEMPORALITY_CUMULATIVE")


def decode(body: bytes, signal: Signal) -> Iterator[Record]:
    """The records in `body`. OtlpError if it is no such request."""
    if body.count(b"{") > _MOST_PARTS:
        raise OtlpError(f"it has more than {_MOST_PARTS:,} parts")
    try:
        request = _decoder.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise OtlpError("it is no OTLP request in JSON") from error
    if signal == "logs":
        return _logs(_scopes(request.resource_logs, "scope_logs"))
    if signal == "metrics":
        return _points(_scopes(request.resource_metrics, "scope_metrics"))
    return _spans(_scopes(request.resource_spans, "scope_spans"))


def _scopes(resources: list[_Resource] | None, name: str) -> Iterator[_Scope]:
    for resource in resources or ():
        yield from getattr(resource, name) or ()


def _logs(scopes: Iterable[_Scope]) -> Iterator[Record]:
    for scope in scopes:
        for log in scope.log_records or ():
            yield Record(
                name=(log.body and log.body.string_value) or "",
                at=_time(log.time_unix_nano),
                observed=_time(log.observed_time_unix_nano),
                attributes=_attributes(log.attributes),
            )


def _points(scopes: Iterable[_Scope]) -> Iterator[Record]:
    for scope in scopes:
        for metric in scope.metrics or ():
            for point in (metric.sum and metric.sum.data_points) or ():
                yield Record(
                    name=metric.name,
                    at=_time(point.time_unix_nano),
                    start=_time(point.start_time_unix_nano),
                    value=_float(point.as_double if point.as_int is None else point.as_int),
                    cumulative=metric.sum is not None and metric.sum.aggregation_temporality in _CUMULATIVE,
                    attributes=_attributes(point.attributes),
                )


def _spans(scopes: Iterable[_Scope]) -> Iterator[Record]:
    for scope in scopes:
        for span in scope.spans or ():
            yield Record(
                name=span.name,
                at=_time(span.end_time_unix_nano),
                start=_time(span.start_time_unix_nano),
                attributes=_attributes(span.attributes),
            )


def _attributes(told: list[_Attribute] | None) -> dict[str, Scalar]:
    found: dict[str, Scalar] = {}
    for attribute in (told or ())[:MOST_ATTRIBUTES]:
        if (value := _scalar(attribute.value)) is not None:
            found[attribute.key] = value
    return found


def _scalar(value: _Value | None) -> Scalar | None:
    if value is None:
        return None
    if value.string_value is not None:
        return value.string_value
    if value.bool_value is not None:
        return value.bool_value
    return _whole(value.int_value) if value.int_value is not None else _float(value.double_value)


def _time(value: _Number) -> int:
    """In 64 bits without a sign, as the format has it; a time that cannot be is 0: not told."""
    time = _whole(value) or 0
    return time if 0 <= time < 2**64 else 0


def _whole(value: _Number) -> int | None:
    if isinstance(value, int):
        return value
    try:
        return int(value[:_LONGEST])
    except ValueError:
        return None


def _float(value: float | str | None) -> float | None:
    if value is None:
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
