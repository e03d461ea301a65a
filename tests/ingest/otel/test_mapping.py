"""What real clients sent, as numbers that the API they spoke to had billed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mi6_tui.ingest.otel import json as otlp_json
from mi6_tui.ingest.otel.mapping import Mapped, mapped
from mi6_tui.model import Telemetry
from tests.ingest.otel.recorded import Sent, log, protobuf, sent

NOW = 1_800_000_000_000
_TOKENS = ("tokens_input", "tokens_output", "tokens_cache_read", "tokens_cache_write", "tokens_reasoning")


def _read(one: Sent) -> Mapped:
    return mapped(otlp_json.decode(one.json, one.signal), one.signal, "m", one.at)


def _one(body: dict[str, Any]) -> Telemetry:
    (record,) = _all(body)
    return record


def _all(body: dict[str, Any]) -> tuple[Telemetry, ...]:
    return mapped(otlp_json.decode(json.dumps(body).encode(), "logs"), "logs", "m", NOW).records


def _told(client: str, session: str, kind: str) -> list[Telemetry]:
    return [
        record
        for one in sent(client)
        for record in _read(one).records
        if record.session_id.startswith(session) and record.kind == kind
    ]


# As the API billed them, by the start of the session's id: requests, then fresh input, output, cache reads,
# cache writes, reasoning; None is what the client does not say.
_BILLED = {
    ("claude", "6d2dfec0"): (4, 22, 459, 59_073, 3_985, None),
    ("claude", "551ecc64"): (5, 25, 292, 36_627, 22_114, None),
    ("claude", "000be495"): (0, None, None, None, None, None),
    ("claude", "505134c3"): (4, 22, 459, 59_073, 3_985, None),
    ("codex", "01a2070a-b4a9"): (4, 2_256, 423, 44_544, 0, 64),
    ("codex", "01a2070a-bc7c"): (0, None, None, None, None, None),
    ("gemini", "5dd1fbea"): (5, 3_950, 533, 34_800, None, 90),
    ("copilot", "0ce4cd3d"): (4, 3_550, 423, 34_800, None, 90),
}


def _sums(records: list[Telemetry]) -> tuple[int | None, ...]:
    known = [[v for r in records if (v := getattr(r, name)) is not None] for name in _TOKENS]
    return tuple(sum(values) if values else None for values in known)


@pytest.mark.parametrize(("client", "session"), _BILLED)
def test_requests_are_what_was_billed(client: str, session: str) -> None:
    records = _told(client, session, "request")
    assert (len(records), *_sums(records)) == _BILLED[client, session]
    assert {record.framework for record in records} <= {client}


def test_claudes_metrics_say_the_same_as_its_records() -> None:
    for session in ("6d2dfec0", "551ecc64", "505134c3"):
        records, sums = _told("claude", session, "request"), _told("claude", session, "sum")
        assert _sums(sums)[:4] == _sums(records)[:4]
        for told in (records, sums):
            dollars = sum(record.cost_usd or 0 for record in told)
            assert dollars == pytest.approx(0.071388 if session == "551ecc64" else 0.0205, abs=1e-3)


def test_prompts_tools_and_errors_are_heard_without_their_texts() -> None:
    counts = {
        client: [len(_told(client, "", kind)) for kind in ("prompt", "tool", "error")]
        for client in ("claude", "codex", "gemini", "copilot")
    }
    assert counts == {
        "claude": [5, 8, 1],
        "codex": [2, 6, 6],
        "gemini": [1, 3, 0],
        "copilot": [0, 0, 0],
    }
    (error,) = _told("claude", "000be495", "error")
    assert (error.what, error.request_id) == ("Internal server error", "req_b2972fca882c41479ce3d3d3")
    prompt = _one(log("claude_code.user_prompt", session__id="s", prompt="secret"))
    assert "secret" not in repr(prompt)


def test_secrets_in_an_error_are_masked() -> None:
    text = "no access for somebody@example.com with this key " + "x" * 10_000
    what = _one(log("claude_code.api_error", session__id="s", error=text)).what
    assert what is not None and len(what) == 200
    assert "somebody" not in what and what.startswith("no access for [masked")


def test_protobuf_says_the_same() -> None:
    pytest.importorskip("opentelemetry.proto")
    from mi6_tui.ingest.otel import protobuf as otlp_protobuf

    for one in sent():
        again = mapped(otlp_protobuf.decode(protobuf(one), one.signal), one.signal, "m", one.at)
        assert again == _read(one)


def test_a_request_has_one_identity_however_often_it_is_told() -> None:
    once = log("claude_code.api_request", session__id="s", request_id="r", input_tokens=1)
    again = log("claude_code.api_request", at=NOW + 5, session__id="s", request_id="r", input_tokens=1)
    assert _one(once).identity == _one(again).identity
    for other in (
        log("claude_code.api_request", session__id="t", request_id="r"),
        log("claude_code.api_request", session__id="s", request_id="q"),
        log("claude_code.api_request", session__id="s"),
        log("claude_code.api_error", session__id="s", request_id="r"),
    ):
        assert _one(other).identity != _one(once).identity


def test_without_a_name_a_record_is_known_by_all_it_says() -> None:
    fields: dict[str, Any] = {"event__kind": "response.completed", "conversation__id": "s"}
    numbers = {"input_token_count": 10, "cached_token_count": 4, "output_token_count": 3}
    once = _one(log("codex.sse_event", **fields, **numbers))
    assert (once.tokens_input, once.tokens_cache_read, once.tokens_output) == (6, 4, 3)
    assert _one(log("codex.sse_event", **fields, **numbers)) == once
    later = _one(log("codex.sse_event", at=NOW + 1, **fields, **numbers))
    assert later.identity != once.identity


@pytest.mark.parametrize("session", ["", " ", "a b", "x" * 201, "é", "a\n", 7])
def test_a_session_that_is_none_is_not_kept(session: Any) -> None:
    assert _all(log("claude_code.api_request", session__id=session) if session != 7 else _seven()) == ()
    assert _all(log("claude_code.api_request")) == ()


def _seven() -> dict[str, Any]:
    body = log("claude_code.api_request")
    record = body["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0]
    record["attributes"] = [{"key": "session.id", "value": {"intValue": 7}}]
    return body


@pytest.mark.parametrize(
    "number", ["-1", "NaN", "Infinity", "1e400", "x", "", "99999999999999999999", "9" * 5000, "true"]
)
def test_a_number_that_is_none_is_unknown(number: str) -> None:
    told = log("claude_code.api_request", session__id="s", input_tokens=number, cost_usd=number)
    record = _one(told)
    assert record.tokens_input is None
    assert record.cost_usd in (None, 99999999999999999999.0) and record.cost_usd is None


def test_parts_larger_than_the_whole_leave_the_rest_unknown() -> None:
    record = _one(
        log("gemini_cli.api_response", session__id="s", input_token_count=5, cached_content_token_count=6)
    )
    assert (record.tokens_input, record.tokens_cache_read) == (None, 6)


def test_a_time_is_taken_from_where_it_is_told() -> None:
    told = {"conversation__id": "s", "http__response__status_code": 500}
    stamped = log("codex.api_request", at=0, **told, event__timestamp="2026-11-23T06:14:31.859Z")
    assert _one(stamped).at == 1_795_414_471_859
    assert _one(log("codex.api_request", at=0, **told)).at == NOW
    assert _one(log("codex.api_request", at=0, **told, event__timestamp="yesterday")).at == NOW


def test_a_clock_in_the_future_is_seen() -> None:
    soon, far = (
        _one(log("claude_code.user_prompt", at=NOW + ahead, session__id="s")) for ahead in (60_000, 60_001)
    )
    assert (soon.ahead, far.ahead) == (False, True)
    assert far.at == NOW + 60_001
