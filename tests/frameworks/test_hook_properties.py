"""Whatever a hook is handed: no decoder raises, and what it makes of it is bounded and clean."""

from __future__ import annotations

import json
import random
from functools import cache
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mi6_tui.frameworks import names
from mi6_tui.frameworks.hook_events import PAYLOAD_LIMIT
from mi6_tui.model import PREVIEW_LIMIT
from tests.frameworks.hook_calling import decode
from tests.ingest.spool.hooking import Recorded, recorded

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
HOSTILE = "\x1b]0;x\x07\u202e../../[red]\n\x00\ud800" * 200


@cache
def shapes(client: str) -> list[Recorded]:
    """One real call of each event, and of each set of fields."""
    found = {(one.event, *sorted(one.stdin)): one for one in recorded(client)}
    return list(found.values())


def spoiled(found: Any, chance: random.Random, values: list[Any]) -> Any:
    """The same, with some of its values replaced."""
    if chance.random() < 0.15:
        return chance.choice(values)
    if isinstance(found, dict):
        return {name: spoiled(value, chance, values) for name, value in found.items()}
    if isinstance(found, list):
        return [spoiled(value, chance, values) for value in found]
    return found


@given(client=st.sampled_from(names()), seed=st.integers(0, 2**32), values=st.lists(JSON, max_size=4))
def test_real_calls_with_wrong_values(client: str, seed: int, values: list[Any]) -> None:
    chance = random.Random(seed)
    one = chance.choice(shapes(client))
    payload = json.dumps(spoiled(one.stdin, chance, [*values, HOSTILE, None, [], {}])).encode()
    for event in decode(client, payload, one.event):
        assert len((event.payload or "").encode()) <= PAYLOAD_LIMIT
        assert len(event.preview or "") <= PREVIEW_LIMIT
        for text in (event.cwd, event.transcript_path):
            assert text is None or (text.startswith("/") and text.isprintable() and len(text) <= 4096)
        for text in (event.session_id, event.agent_id, event.tool_use_id, event.spawned_agent_id):
            assert text is None or (text.isascii() and "/" not in text and len(text) <= 128)
        for text in (event.tool_name, event.outcome, event.model, event.permission_mode):
            assert text is None or (len(text) <= 100 and "\x1b" not in text and "\n" not in text)
        assert "\x1b" not in f"{event.preview}{event.payload}{event.metadata}"
        event.preview and event.preview.encode()


@given(client=st.sampled_from(names()), payload=st.binary(max_size=300))
def test_any_bytes(client: str, payload: bytes) -> None:
    assert decode(client, payload, "Stop") == []


@given(client=st.sampled_from(names()), seed=st.integers(0, 2**32), cut=st.floats(0, 1))
def test_a_call_cut_short_says_nothing(client: str, seed: int, cut: float) -> None:
    one = random.Random(seed).choice(shapes(client))
    payload = one.payload[: int(len(one.payload) * cut * 0.999)]
    assert decode(client, payload, one.event) == []
