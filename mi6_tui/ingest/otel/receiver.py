"""Takes OTLP over HTTP and notes what it tells. It answers when that stands in the store, and not before."""

from __future__ import annotations

import importlib.util
import zlib
from collections.abc import Callable, Iterable, Mapping
from typing import Final

import msgspec

from mi6_tui.clock import now_ms
from mi6_tui.ingest.loopback.site import JSON, Answer, RefusedError, Request, Route
from mi6_tui.ingest.otel import json
from mi6_tui.ingest.otel.mapping import mapped
from mi6_tui.ingest.otel.records import OtlpError, Record, Signal
from mi6_tui.model import Batch
from mi6_tui.storage.protocol import Storage

MOST_BYTES: Final = 4 << 20
"""Of a request as it is sent."""
MOST_UNPACKED: Final = 16 << 20
_MOST_RATIO: Final = 200
"""By which telemetry may shrink; texts of one letter shrink by more."""
_RATIO_FROM: Final = 1 << 20
PROTOBUF: Final = "application/x-protobuf"
_SIGNALS: Final[tuple[Signal, ...]] = ("logs", "metrics", "traces")


class Heard(msgspec.Struct):
    """What was taken so far."""

    requests: int = 0
    records: int = 0
    """That were kept; told again they are counted again."""
    unused: int = 0
    """That name no session, or say nothing that is kept."""


class Receiver:
    """Records what clients tell in `storage`, as long as `may_write` says so."""

    def __init__(
        self,
        storage: Storage,
        machine_id: str,
        *,
        may_write: Callable[[], bool] = lambda: True,
        clock: Callable[[], int] = now_ms,
    ) -> None:
        self.heard = Heard()
        self._storage = storage
        self._machine_id = machine_id
        self._may_write = may_write
        self._clock = clock

    def routes(self) -> Mapping[str, Route]:
        """One for each kind of telemetry."""
        return {f"/v1/{signal}": Route("POST", self._taker(signal), checks=_readable) for signal in _SIGNALS}

    def _taker(self, signal: Signal) -> Callable[[Request], Answer]:
        def take(request: Request) -> Answer:
            kind = request.content_type
            try:
                records = _decoded(_unpacked(request), signal, kind)
            except OtlpError as error:
                raise RefusedError("malformed", 400, error.message) from error
            self._note(records, signal)
            return Answer(body=b"{}" if kind == JSON else b"", content_type=kind)

        return take

    def _note(self, records: Iterable[Record], signal: Signal) -> None:
        told = mapped(records, signal, self._machine_id, self._clock())
        if not self._may_write():
            raise RefusedError("store", 503, "another process writes the store now", ("Retry-After", "5"))
        if told.records:
            self._storage.record(Batch(telemetry=told.records))
        self.heard.requests += 1
        self.heard.records += len(told.records)
        self.heard.unused += told.unused


def _readable(request: Request) -> None:
    """RefusedError if a body of this kind cannot be read."""
    if request.content_type not in (JSON, PROTOBUF):
        raise RefusedError("type", 415, f"send {JSON} or {PROTOBUF}")
    if request.content_type == PROTOBUF and not _reads_protobuf():
        raise RefusedError(
            "type", 415, "protobuf needs `pip install mi6-tui[otel]`; or send JSON (http/json)"
        )
    if request.headers.get("content-encoding", "identity") not in ("identity", "gzip"):
        raise RefusedError("encoding", 415, "only gzip is unpacked")


def _reads_protobuf() -> bool:
    try:
        return importlib.util.find_spec("opentelemetry.proto") is not None
    except ImportError:
        return False


def _decoded(body: bytes, signal: Signal, kind: str) -> Iterable[Record]:
    if kind == JSON:
        return json.decode(body, signal)
    from mi6_tui.ingest.otel import protobuf  # late: it is an extra

    return protobuf.decode(body, signal)


def _unpacked(request: Request) -> bytes:
    """The body without its compression. RefusedError if it is broken, or grows too much."""
    body = request.body
    if request.headers.get("content-encoding", "identity") == "identity":
        return body
    unpacker = zlib.decompressobj(wbits=31)
    most = max(_RATIO_FROM, min(MOST_UNPACKED, len(body) * _MOST_RATIO))
    try:
        data = unpacker.decompress(body, most)
    except zlib.error as error:
        raise RefusedError("gzip", 400, "it is not packed by gzip") from error
    if not unpacker.eof and (unpacker.unconsumed_tail or len(data) >= most):
        raise RefusedError("gzip", 413, "it is too large, unpacked")
    if not unpacker.eof or unpacker.unused_data:
        raise RefusedError("gzip", 400, "it is not one whole file of gzip")
    return data
