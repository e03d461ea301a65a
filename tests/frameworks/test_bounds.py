"""What clients say of themselves is bounded and clean, whatever they write."""

from __future__ import annotations

import msgspec
import pytest

from mi6_tui.frameworks.base import Decoded
from mi6_tui.frameworks.bounds import bounded
from mi6_tui.model.telemetry import Telemetry

RECORD = Telemetry(
    machine_id="m", session_id="s", framework="codex", identity="i", kind="limit", at=1_800_000_000_000,
    received_at=1_800_000_000_500, request_id="r", model="gpt", what="primary", used_percent=12.5,
    window_minutes=300, resets_at=1_800_000_300_000, tokens_input=10, cost_usd=0.25, duration_ms=7,
)  # fmt: skip


def passed(record: Telemetry) -> Telemetry:
    decoded = Decoded(telemetry=[record])
    bounded(decoded)
    (found,) = decoded.telemetry
    return found


def test_what_is_ordinary_stays() -> None:
    assert passed(RECORD) is RECORD


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("model", "x" * 10_000, "x" * 512),
        ("what", "a\x1b[31mb", "a\N{REPLACEMENT CHARACTER}[31mb"),
        ("request_id", "two\nlines", "two\N{REPLACEMENT CHARACTER}lines"),
        ("tokens_input", 10**13, None),
        ("tokens_output", -(10**13), None),
        ("duration_ms", 10**12, 10**12),
        ("cost_usd", 1e300, None),
        ("used_percent", 1e300, None),
        ("resets_at", 10**16, None),
    ],
)
def test_each_field_has_its_bound(name: str, value: str | float, kept: str | float | None) -> None:
    found = passed(msgspec.structs.replace(RECORD, **{name: value}))
    assert found == msgspec.structs.replace(RECORD, **{name: kept})


def test_long_identities_are_cut_and_still_tell_two_apart() -> None:
    one, other = (passed(msgspec.structs.replace(RECORD, identity="x" * 5000 + end)) for end in "ab")
    assert max(len(one.identity), len(other.identity)) <= 1024
    assert one.identity != other.identity
