"""Sessions and events in a few words."""

from __future__ import annotations

from typing import Any

from mi6_tui.model import Batch, Event, EventType, Session, SessionFact, Source
from tests.tui.conftest import NOW

MACHINE = "host"


def session(name: str = "s1", **values: Any) -> Session:
    """A session row as the store would give it."""
    facts: dict[str, Any] = {
        "machine_id": MACHINE,
        "session_id": name,
        "first_started_at": NOW - 3_600_000,
        "last_started_at": NOW - 3_600_000,
        "last_activity": NOW - 60_000,
        "status_shown": "working",
        "status_detail": "thinking",
        "status_since": NOW - 60_000,
        "revision": 1,
    }
    return Session(**{**facts, **values})


def event(kind: str, session_id: str = "s1", ago: int = 0, **values: Any) -> Event:
    """An event `ago` seconds before NOW."""
    facts: dict[str, Any] = {
        "machine_id": MACHINE,
        "session_id": session_id,
        "timestamp": NOW - ago * 1000,
        "event_type": kind,
        "source": Source.TRANSCRIPT,
        "framework": "claude",
    }
    return Event(**{**facts, **values})


def working(session_id: str, ago: int = 10, title: str | None = None) -> Batch:
    """A session that began to work on a prompt `ago` seconds before NOW."""
    prompt = event(EventType.USER_PROMPT_SUBMIT, session_id, ago, key=f"{session_id}:{ago}", preview="go")
    return Batch(events=(prompt,), facts=(titled(session_id, title),) if title is not None else ())


def asking(session_id: str, ago: int = 5) -> Batch:
    """The session asks for a permission."""
    kind = EventType.PERMISSION_REQUEST
    return Batch(
        events=(
            event(kind, session_id, ago, key=f"{session_id}:ask:{ago}", source=Source.HOOK, tool_name="Bash"),
        )
    )


def ended(session_id: str, ago: int = 1) -> Batch:
    """The session says goodbye."""
    return Batch(events=(event(EventType.SESSION_END, session_id, ago, key=f"{session_id}:end:{ago}"),))


def titled(session_id: str, title: str) -> SessionFact:
    """What the client calls the session."""
    return fact(session_id, "title", title)


def fact(session_id: str, name: str, value: str | int | None) -> SessionFact:
    """Something said of the session an hour before NOW."""
    return SessionFact(
        machine_id=MACHINE,
        session_id=session_id,
        name=name,
        value=value,
        timestamp=NOW - 3_600_000,
        order=(NOW - 3_600_000, 0),
    )
