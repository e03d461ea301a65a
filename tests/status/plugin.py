"""What our plugin for opencode hands on of the client's events; the plugin itself needs the client to run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Plugin:
    """One client's plugin: it keeps repeats to itself, and names the session that a person started."""

    def __init__(self) -> None:
        self._latest: dict[str, str] = {}
        self._parents: dict[str, str] = {}

    def handed_on(self, event: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The payload of an event; None if it is kept."""
        told = event["properties"]
        session = told.get("sessionID") or told["info"]["id"]
        if parent := told.get("info", {}).get("parentID"):
            self._parents[session] = parent
        if event["type"] == "session.status" and self._is_repeated(session, told["status"]["type"]):
            return None
        root = session
        while root in self._parents:
            root = self._parents[root]
        return event if root == session else {**event, "root": root}

    def _is_repeated(self, session: str, status: str) -> bool:
        before = self._latest.get(session)
        self._latest[session] = status
        return status != "retry" and status == before
