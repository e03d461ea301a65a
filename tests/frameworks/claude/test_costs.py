"""What changes a price, and the client's own sum of dollars as a check on ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from mi6_tui.model import Batch, EventType, SessionQuery
from mi6_tui.storage.sqlite import SqliteStorage
from tests.frameworks.claude.support import assistant, decode, of_type, read, sample_files, user

NOT_ALIKE = {
    # The request that wrote the summary of a compaction stands in no file.
    "8305ea3f": (0.089178, 0.111426),
    "cbd68cca": (0.0034362, 0.0145602),
    # Refused replies stand in no file.
    "f50f4a67": (None, 0.019496),
    # A reply that was cut: what we count of it is a lower bound.
    "2fc76eff": (0.093861, 0.095041),
    # The client counted nothing of a reply that was cut, we what was sent for it.
    "241b832a": (0.007368, 0.0),
    # It was killed before it could write its sum; the next run knew nothing of it.
    "402a7e22": (0.086493, 0.076745),
    # A fork goes on with the sum of its parent, whose requests are the parent's.
    "ca9d481b": (0.0034908, 0.0871328),
}
"""Of recorded sessions: dollars of their requests by the price table, and by the client."""


def test_estimates_are_what_the_client_computed(tmp_path: Path) -> None:
    with closing(SqliteStorage(tmp_path / "mi6.db")) as store:
        for path, lines in sample_files().items():
            found = decode(lines, path)
            store.record(Batch(events=tuple(found.events), facts=tuple(found.facts)))
        sessions = store.list_sessions(SessionQuery())
    assert sum(session.unpriced_requests for session in sessions) == 0
    known = {
        session.session_id[:8]: (session.cost_usd, session.cost_client_usd)
        for session in sessions
        if session.cost_client_usd is not None
    }
    alike = [one for one, (ours, theirs) in known.items() if (ours or 0.0) == theirs]
    assert len(alike) >= 40
    assert {one: costs for one, costs in known.items() if one not in alike} == NOT_ALIKE


USAGE = {
    "input_tokens": 10,
    "output_tokens": 5,
    "cache_read_input_tokens": 0,
    "cache_creation_input_tokens": 0,
}


@pytest.mark.parametrize(
    ("more", "terms"),
    [
        ({}, None),
        ({"speed": "standard", "service_tier": "standard", "inference_geo": "not_available"}, None),
        ({"inference_geo": "global", "server_tool_use": {"web_search_requests": 0}}, None),
        ({"speed": "fast"}, '{"speed":"fast"}'),
        ({"inference_geo": "us", "speed": "fast"}, '{"speed":"fast","inference_geo":"us"}'),
        ({"service_tier": "batch"}, '{"service_tier":"batch"}'),
        ({"server_tool_use": {"web_search_requests": 3}}, '{"web_search_requests":3}'),
        ({"speed": None, "inference_geo": 7, "server_tool_use": [], "service_tier": ""}, None),
        ({"server_tool_use": {"web_search_requests": -1}}, None),
        ({"server_tool_use": {"web_search_requests": "2"}}, None),
    ],
)
def test_what_changes_the_price(more: dict[str, Any], terms: str | None) -> None:
    (found,) = of_type(read(assistant(usage=USAGE | more)).events, EventType.API_REQUEST)
    assert found.price_terms == terms


def client_costs(*records: dict[str, Any]) -> Iterator[int]:
    for fact in read(user("Hello"), *records).facts:
        if fact.name == "cost_client_nano_usd":
            assert isinstance(fact.value, int)
            yield fact.value


def state(cost: Any) -> dict[str, Any]:
    return {
        "type": "cost-state",
        "sessionId": "11111111-2222-4333-8444-555555555555",
        "totalCostUSD": cost,
    }


@pytest.mark.parametrize(
    ("cost", "nano"),
    [
        (0.076745, [76_745_000]),
        (0, [0]),
        (2, [2_000_000_000]),
        (-0.1, []),
        ("0.5", []),
        (None, []),
        ([], []),
        (1e300, []),
        (True, []),
    ],
)
def test_the_clients_own_sum(cost: Any, nano: list[int]) -> None:
    assert list(client_costs(state(cost))) == nano


def test_the_last_sum_holds_and_is_part_of_none(tmp_path: Path) -> None:
    found = read(user("Hello"), state(0.5), assistant(usage=USAGE), state(0.75))
    with closing(SqliteStorage(tmp_path / "mi6.db")) as store:
        store.record(Batch(events=tuple(found.events), facts=tuple(reversed(found.facts))))
        (session,) = store.list_sessions(SessionQuery())
    assert (session.cost_client_usd, session.cost_usd) == (0.75, 0.00014)
