"""What Claude Code told its status line in a recorded session, and what is made of nonsense."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mi6_tui.frameworks import framework
from mi6_tui.frameworks.claude.status_line import decode
from mi6_tui.frameworks.hooks import StatusLined
from mi6_tui.model import Telemetry
from mi6_tui.model.limits import LIMITS

FIRST, LAST = (
    (Path(__file__).parents[2] / "data" / "hooks" / "status" / "claude.jsonl").read_bytes().splitlines()
)
SESSION = "5f48c6ce-3268-45c1-8ba7-a280fb052672"
AT = 1_795_725_942_000


def told(**fields: Any) -> list[Telemetry]:
    return decode(json.dumps({"session_id": "s", **fields}).encode(), "devbox", AT)


def limits(**windows: Any) -> list[tuple[str | None, int | None, float | None, int | None]]:
    _, *found = told(rate_limits=windows)
    return [(one.what, one.window_minutes, one.used_percent, one.resets_at) for one in found]


def test_before_the_first_reply_nothing_is_known() -> None:
    (status,) = decode(FIRST, "devbox", AT)
    assert (status.kind, status.session_id, status.model) == ("status", SESSION, "claude-opus-5-5")
    assert (status.cost_usd, status.context_tokens, status.context_window_size) == (0.0, None, 1_000_000)


def test_after_a_reply() -> None:
    status, five, week = decode(LAST, "devbox", AT)
    assert (status.cost_usd, status.context_tokens, status.context_window_size) == (0.0008, 100, 1_000_000)
    assert (status.at, status.machine_id, status.framework) == (AT, "devbox", "claude")
    found = [(one.used_percent, one.window_minutes, one.resets_at, one.source) for one in (five, week)]
    assert found == [
        (42.0, 300, 1_795_730_400_000, "status line"),
        (87.3, 10_080, 1_795_982_400_000, "status line"),
    ]
    assert five.session_id == week.session_id == LIMITS
    assert SESSION not in five.identity + week.identity


def test_a_sum_beyond_all_numbers_is_unknown() -> None:
    (status,) = told(cost={"total_cost_usd": 10**400})
    assert status.cost_usd is None


def test_a_nul_that_no_store_keeps_is_left_out() -> None:
    (status,) = told(session_id="a\0b", model={"id": "m\0"})
    assert (status.session_id, status.model) == ("ab", "m")


def test_each_session_has_readings_of_its_own() -> None:
    other = LAST.replace(SESSION.encode(), b"another")
    identities = [one.identity for payload in (LAST, other) for one in decode(payload, "devbox", AT)]
    assert len(set(identities)) == 6
    assert [one.identity for one in decode(LAST, "devbox", AT + 60_000)] == identities[:3]


def test_a_limit_on_spending() -> None:
    assert limits(spend_limit={"used_percentage": 50, "resets_at": None}) == [
        ("spend limit", None, 50.0, None)
    ]


@pytest.mark.parametrize("used", [None, "42", True, -1, 1001, {}, 1e400, 10**400, -(10**400)])
def test_what_is_no_percentage_is_left_out(used: object) -> None:
    good = {"used_percentage": 1}
    assert limits(five_hour={"used_percentage": used}, seven_day=good) == [(None, 10_080, 1.0, None)]


@pytest.mark.parametrize("moment", [None, "2026-11-26T20:00:00Z", 1.5, -1, AT // 1000 + 6 * 3600 + 1, 2**62])
def test_what_cannot_be_the_end_of_its_window_is_unknown(moment: object) -> None:
    assert limits(five_hour={"used_percentage": 1, "resets_at": moment}) == [(None, 300, 1.0, None)]


@pytest.mark.parametrize("payload", [b"", b"[]", b"{}", b'{"session_id":""}', b'{"session_id":7}', b"\xff"])
def test_what_tells_of_no_session(payload: bytes) -> None:
    assert decode(payload, "devbox", AT) == []


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                (
                    "five_hour",
                    "spend_limit",
                    "used_percentage",
                    "resets_at",
                    "current_usage",
                    "total_cost_usd",
                    "id",
                )
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(
        st.sampled_from(("model", "cost", "context_window", "rate_limits", "session_id")), _VALUES, max_size=5
    )
)
def test_nonsense_never_raises(fields: dict[str, Any]) -> None:
    for one in told(**fields):
        assert one.used_percent is None or 0 <= one.used_percent <= 1000


def test_the_registry_knows_who_has_a_status_line() -> None:
    assert isinstance(framework("claude").hooks(), StatusLined)
    assert not isinstance(framework("codex").hooks(), StatusLined)
