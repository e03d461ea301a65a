"""One call of a hook, decoded."""

from __future__ import annotations

import json
from typing import Any

from mi6_tui.frameworks import framework
from mi6_tui.frameworks.hooks import HookCall
from mi6_tui.model import Event
from tests.ingest.spool.hooking import Recorded, recorded

AT = 1_800_000_000_000


def decode(client: str, payload: dict[str, Any] | bytes, event: str = "", **more: Any) -> list[Event]:
    """What a call says."""
    client = client.removesuffix("-headless")
    data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    call = HookCall(
        framework=client, name="99.1", event=event, payload=data, **({"at": AT, "pid": 4711} | more)
    )
    return framework(client).hooks().decode(call, "box")


def told(client: str, scenario: str, **more: Any) -> list[Event]:
    """What the calls of one recorded scenario say, in their order."""
    calls = [one for one in recorded(client) if one.scenario == scenario]
    assert calls
    return [event for one in calls for event in decode(client, one.payload, one.event, **(_of(one) | more))]


def _of(one: Recorded) -> dict[str, Any]:
    attended = {"0": False, "1": True}.get(one.env.get("CLAUDE_CODE_SESSION_ATTENDED", ""))
    return {"at": one.at, "attended": attended, "entrypoint": one.env.get("CLAUDE_CODE_ENTRYPOINT")}


def briefly(events: list[Event]) -> list[str]:
    """Type, tool and outcome of each in a few words; a subagent's are marked."""
    told = [
        (">" if event.is_sidechain else "", event.event_type, event.tool_name, event.outcome)
        for event in events
    ]
    return [" ".join(word for word in words if word) for words in told]
