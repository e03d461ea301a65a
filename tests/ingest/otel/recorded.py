"""What four real clients sent: every record that is of use, a few others, without their texts."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any, NamedTuple

from mi6_tui.ingest.otel.records import Signal

DATA = Path(__file__).parents[2] / "data" / "otel"
CLIENTS = ("claude", "codex", "gemini", "copilot")


class Sent(NamedTuple):
    """One request: when it came (ms), its path, what it said."""

    at: int
    path: str
    body: dict[str, Any]

    @property
    def signal(self) -> Signal:
        return self.path.rpartition("/")[2]  # type: ignore[return-value]

    @property
    def json(self) -> bytes:
        return json.dumps(self.body).encode()


def sent(*clients: str) -> list[Sent]:
    """All requests of these clients, in the order they came."""
    lines = [
        json.loads(line)
        for client in clients or CLIENTS
        for line in gzip.decompress((DATA / f"{client}.jsonl.gz").read_bytes()).splitlines()
    ]
    return [Sent(line["t"], line["path"], line["body"]) for line in lines]


def protobuf(one: Sent) -> bytes:
    """The same in protobuf, by the official library's own reading of the JSON."""
    from google.protobuf import json_format
    from opentelemetry.proto.collector.logs.v1 import logs_service_pb2 as logs
    from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics
    from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as traces

    message: Any = {
        "logs": logs.ExportLogsServiceRequest,
        "metrics": metrics.ExportMetricsServiceRequest,
        "traces": traces.ExportTraceServiceRequest,
    }[one.signal]()
    written: bytes = json_format.ParseDict(one.body, message, ignore_unknown_fields=True).SerializeToString()
    return written


def log(name: str, at: int = 1_800_000_000_000, **attributes: Any) -> dict[str, Any]:
    """A request with one log record called `name`; `__` in an attribute's name stands for a dot."""
    told = [
        {"key": key.replace("__", "."), "value": {"stringValue": str(value)}}
        for key, value in attributes.items()
    ]
    record = {"timeUnixNano": str(at * 1_000_000), "body": {"stringValue": name}, "attributes": told}
    return {"resourceLogs": [{"scopeLogs": [{"logRecords": [record]}]}]}
