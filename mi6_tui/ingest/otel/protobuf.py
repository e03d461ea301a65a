"""OTLP requests in protobuf. Needs the extra `otel`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality

from mi6_tui.ingest.otel.records import MOST_ATTRIBUTES, OtlpError, Record, Scalar, Signal

MOST_BYTES: Final = 4 << 20
"""Of a request: two bytes of it may become an object of a hundred."""
_REQUESTS: Final = {
    "logs": ExportLogsServiceRequest,
    "metrics": ExportMetricsServiceRequest,
    "traces": ExportTraceServiceRequest,
}


def decode(body: bytes, signal: Signal) -> Iterator[Record]:
    """The records in `body`. OtlpError if it is no such request."""
    if len(body) > MOST_BYTES:
        raise OtlpError(f"it is larger than {MOST_BYTES >> 20} MB, unpacked")
    request: Any = _REQUESTS[signal]()
    try:
        request.ParseFromString(body)
    except (DecodeError, RecursionError) as error:
        raise OtlpError("it is no OTLP request in protobuf") from error
    return {"logs": _logs, "metrics": _points, "traces": _spans}[signal](request)


def _logs(request: Any) -> Iterator[Record]:
    for resource in request.resource_logs:
        for scope in resource.scope_logs:
            for log in scope.log_records:
                yield Record(
                    name=log.body.string_value,
                    at=log.time_unix_nano,
                    observed=log.observed_time_unix_nano,
                    attributes=_attributes(log.attributes),
                )


def _points(request: Any) -> Iterator[Record]:
    for resource in request.resource_metrics:
        for scope in resource.scope_metrics:
            for metric in scope.metrics:
                yield from _sum(metric) if metric.WhichOneof("data") == "sum" else ()


def _sum(metric: Any) -> Iterator[Record]:
    kind = metric.sum.aggregation_temporality
    for point in metric.sum.data_points:
        value = float(point.as_int if point.WhichOneof("value") == "as_int" else point.as_double)
        yield Record(
            name=metric.name,
            at=point.time_unix_nano,
            start=point.start_time_unix_nano,
            value=value if math.isfinite(value) else None,
            cumulative=kind == AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE,
            attributes=_attributes(point.attributes),
        )


def _spans(request: Any) -> Iterator[Record]:
    for resource in request.resource_spans:
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield Record(
                    name=span.name,
                    at=span.end_time_unix_nano,
                    start=span.start_time_unix_nano,
                    attributes=_attributes(span.attributes),
                )


def _attributes(told: Iterable[KeyValue]) -> dict[str, Scalar]:
    found: dict[str, Scalar] = {}
    for attribute in islice(told, MOST_ATTRIBUTES):
        if (value := _scalar(attribute.value)) is not None:
            found[attribute.key] = value
    return found


def _scalar(value: AnyValue) -> Scalar | None:
    kind = value.WhichOneof("value")
    if kind not in ("string_value", "bool_value", "int_value", "double_value"):
        return None
    scalar: Scalar = getattr(value, kind)
    return None if isinstance(scalar, float) and not math.isfinite(scalar) else scalar
