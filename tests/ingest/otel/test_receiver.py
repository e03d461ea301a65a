"""The receiver by HTTP: what real clients send, and what nobody should."""

from __future__ import annotations

import gzip
import json
import resource
import sys
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from mi6_tui.ingest.loopback.server import Server
from mi6_tui.ingest.loopback.site import Site
from mi6_tui.ingest.otel.receiver import MOST_BYTES, MOST_UNPACKED, Receiver
from mi6_tui.storage.sqlite import SqliteStorage
from tests.ingest.loopback.clients import Reply, ask
from tests.ingest.otel.recorded import log, protobuf, sent

NOW = 1_796_000_000_000
JSON, PROTOBUF = "application/json", "application/x-protobuf"
ONE = json.dumps(log("claude_code.api_request", at=NOW, session__id="s", request_id="r")).encode()


class Served:
    """A receiver over a store, and the port where it is asked."""

    def __init__(self, storage: SqliteStorage) -> None:
        self.storage = storage
        self.writes = True
        self.receiver = Receiver(storage, "m", may_write=lambda: self.writes, clock=lambda: NOW)
        self.server = Server([Site(0, self.receiver.routes(), None, MOST_BYTES)])

    def send(self, body: bytes, path: str = "/v1/logs", kind: str = JSON, **headers: str) -> Reply:
        return ask(self.server.ports[0], path, body, Content_Type=kind, **headers)

    def kept(self) -> int:
        return len(self.storage.telemetry(["s"]))


@contextmanager
def _served(path: Path) -> Iterator[Served]:
    with closing(SqliteStorage(path)) as storage:
        served = Served(storage)
        with served.server.running():
            yield served


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with _served(tmp_path / "mi6.db") as served:
        yield served


def test_all_that_real_clients_sent_is_taken(served: Served) -> None:
    for one in sent():
        reply = served.send(one.json, one.path)
        assert (reply.status, reply.headers["Content-Type"], reply.body) == (200, JSON, b"{}")
    heard = served.receiver.heard
    assert (heard.requests, served.server.refused) == (36, {})
    assert heard.records == len(_everything(served.storage)) > 50


def _everything(storage: SqliteStorage) -> list[Any]:
    names = [
        value["value"].get("stringValue", "")
        for one in sent()
        for text in [one.json]
        for value in _attributes(json.loads(text))
        if value["key"] in ("session.id", "conversation.id", "gen_ai.conversation.id")
    ]
    return storage.telemetry(sorted(set(names)))


def _attributes(told: Any) -> Iterator[dict[str, Any]]:
    for value in told.values() if isinstance(told, dict) else told if isinstance(told, list) else ():
        yield from _attributes(value)
    if isinstance(told, dict):
        yield from told.get("attributes") or ()


@pytest.mark.parametrize("packed", [False, True])
def test_protobuf_packed_and_again_is_the_same_store(packed: bool, served: Served, tmp_path: Path) -> None:
    pytest.importorskip("opentelemetry.proto")
    headers = {"Content-Encoding": "gzip"} if packed else {}
    for one in sent():
        assert served.send(one.json, one.path).status == 200
    with _served(tmp_path / "other.db") as other:
        for one in [*sent(), *reversed(sent())]:
            body = protobuf(one)
            reply = other.send(gzip.compress(body) if packed else body, one.path, PROTOBUF, **headers)
            assert (reply.status, reply.body) == (200, b"")
        assert _everything(other.storage) == _everything(served.storage)


def test_a_batch_that_is_replayed_is_kept_once(served: Served) -> None:
    for _ in range(3):
        assert served.send(ONE).status == 200
    assert served.kept() == 1


@pytest.mark.parametrize(
    ("kind", "status", "body", "headers"),
    [
        ("type", 415, ONE, {"kind": "text/plain"}),
        ("type", 415, ONE, {"kind": "application/x-www-form-urlencoded"}),
        ("type", 415, ONE, {"kind": ""}),
        ("encoding", 415, ONE, {"Content_Encoding": "br"}),
        ("encoding", 415, ONE, {"Content_Encoding": "gzip, gzip"}),
        ("origin", 403, ONE, {"Origin": "https://evil.example", "kind": "text/plain"}),
        ("host", 403, ONE, {"Host": "evil.example"}),
        ("large", 413, b" " * (MOST_BYTES + 1), {}),
        ("gzip", 400, ONE, {"Content_Encoding": "gzip"}),
        ("gzip", 400, b"", {"Content_Encoding": "gzip"}),
        ("gzip", 400, gzip.compress(ONE)[:-4], {"Content_Encoding": "gzip"}),
        ("gzip", 400, gzip.compress(ONE) * 2, {"Content_Encoding": "gzip"}),
        ("gzip", 400, zlib.compress(ONE), {"Content_Encoding": "gzip"}),
        ("malformed", 400, b"", {}),
        ("malformed", 400, ONE[:-1], {}),
        ("malformed", 400, b"[]", {}),
        ("malformed", 400, b'"text"', {}),
        ("malformed", 400, b"\xff\xfe", {}),
        ("malformed", 400, b'{"resourceLogs":"all"}', {}),
        ("malformed", 400, b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[null]}]}]}', {}),
        ("malformed", 400, b'{"resourceLogs":' + b"[" * 10_000 + b"]" * 10_000 + b"}", {}),
        ("malformed", 400, b'{"x":' + b'{"x":' * 10_000 + b"1" + b"}" * 10_000 + b"}", {}),
        ("malformed", 400, b'{"resourceLogs":[' + b"{}," * 600_000 + b"{}]}", {}),
    ],
)
def test_what_cannot_be_taken_is_refused_with_a_reason(
    kind: str, status: int, body: bytes, headers: dict[str, str], served: Served
) -> None:
    reply = served.send(body, **headers)
    assert (reply.status, reply.json["code"]) == (status, status)
    assert served.server.refused == {kind: 1}
    assert served.kept() == 0
    assert served.send(ONE).status == 200
    assert served.kept() == 1


@pytest.mark.parametrize("size", [1 << 24, 1 << 30])
def test_a_bomb_is_not_unpacked(size: int, served: Served) -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(b" " * (1 << 20)) for _ in range(size >> 20)) + packer.flush()
    assert len(bomb) < MOST_BYTES
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    reply = served.send(bomb, Content_Encoding="gzip")
    assert (reply.status, reply.json["message"]) == (413, "it is too large, unpacked")
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown * (1024 if sys.platform == "linux" else 1) < 4 * MOST_UNPACKED


def test_truncated_and_wrong_protobuf_is_refused(served: Served) -> None:
    pytest.importorskip("opentelemetry.proto")
    whole = protobuf(next(one for one in sent("gemini") if one.signal == "logs"))
    for body in (whole[:-1], whole[: len(whole) // 2], ONE, b"\xff" * 100, b"\x0a" * 10_000):
        assert served.send(body, kind=PROTOBUF).status == 400
    deep = b""
    for _ in range(2_000):  # a value in a list in a value ...
        deep = b"\x2a" + _length(deep) + deep
        deep = b"\x0a" + _length(deep) + deep
    for name in (b"\x2a", b"\x12", b"\x12", b"\x0a"):  # body, log record, scope, resource
        deep = name + _length(deep) + deep
    assert served.send(deep, kind=PROTOBUF).status == 400
    assert served.send(b"\x0a\x00" * (MOST_BYTES // 2), kind=PROTOBUF).status == 200
    assert served.server.refused == {"malformed": 6}


def _length(data: bytes) -> bytes:
    number, written = len(data), b""
    while number > 127:
        written += bytes([number & 127 | 128])
        number >>= 7
    return written + bytes([number])


def test_without_the_extra_protobuf_is_declined_with_what_to_do(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("opentelemetry", "opentelemetry.proto"):
        monkeypatch.setitem(sys.modules, name, None)
    reply = served.send(b"", kind=PROTOBUF)
    assert reply.status == 415
    assert "pip install mi6-tui[otel]" in reply.json["message"]
    assert served.send(ONE).status == 200


def test_only_the_writer_stores(served: Served) -> None:
    served.writes = False
    reply = served.send(ONE)
    assert (reply.status, reply.headers["Retry-After"]) == (503, "5")
    assert (served.kept(), served.server.refused) == (0, {"store": 1})
    served.writes = True
    assert served.send(ONE).status == 200
    assert served.kept() == 1


def test_odd_values_are_passed_over(served: Served) -> None:
    odd: list[Any] = [
        None,
        {},
        {"arrayValue": {"values": [{"stringValue": "x"}]}},
        {"kvlistValue": {"values": []}},
        {"bytesValue": "AA=="},
        {"doubleValue": "NaN"},
        {"intValue": "many"},
    ]
    body = json.loads(ONE)
    record = body["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0]
    record["attributes"] += [{"key": f"odd{number}", "value": value} for number, value in enumerate(odd)]
    record["attributes"] += [{"key": "input_tokens", "value": {"doubleValue": 7.0}}, {}]
    assert served.send(json.dumps(body).encode()).status == 200
    (kept,) = served.storage.telemetry(["s"])
    assert (kept.request_id, kept.tokens_input) == ("r", 7)


@pytest.mark.parametrize(
    ("at", "kept_at"), [(2**64 - 1, 18_446_744_073_709), (2**64, NOW), (10**30, NOW), (-5, NOW), ("x", NOW)]
)
def test_a_time_that_cannot_be_is_when_it_came(at: Any, kept_at: int, served: Served) -> None:
    body = json.loads(ONE)
    body["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0]["timeUnixNano"] = str(at)
    assert served.send(json.dumps(body).encode()).status == 200
    (kept,) = served.storage.telemetry(["s"])
    assert (kept.at, kept.ahead) == (kept_at, kept_at != NOW)
