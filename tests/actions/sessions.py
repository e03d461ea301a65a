"""Sessions and claims in a few words."""

from __future__ import annotations

import os
from typing import Any

from mi6_tui.ingest.live.processes import Process
from mi6_tui.model import Claim, Session

HERE = os.uname().nodename


def session(**values: Any) -> Session:
    """A session of this machine."""
    facts: dict[str, Any] = {
        "machine_id": HERE,
        "session_id": "s",
        "framework": "claude",
        "first_started_at": 0,
        "last_started_at": 0,
        "last_activity": 0,
    }
    return Session(**{**facts, **values})


def seen(holder: Process, **values: Any) -> list[Claim]:
    """That a witness saw the process of session `s` alive."""
    facts: dict[str, Any] = {
        "machine_id": HERE,
        "session_id": "s",
        "witness": "process",
        "kind": "alive",
        "at": 1,
        "pid": holder.pid,
        "process": holder.identity,
    }
    return [Claim(**{**facts, **values})]
