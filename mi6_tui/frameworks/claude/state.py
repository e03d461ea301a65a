"""What a decoder must remember to go on anywhere in a file as if it had read it in one run."""

from __future__ import annotations

from typing import Final

import msgspec

_OPEN_TOOLS: Final = 256
_ENDED_AGENTS: Final = 64
_EARLY_LINES: Final = 32
_EARLY_LENGTH: Final = 64 * 1024


class Tool(msgspec.Struct, array_like=True, frozen=True):
    """A tool call that has no result yet."""

    name: str | None = None
    command: str | None = None
    """Of a shell call."""
    subagent_type: str | None = None


class State(msgspec.Struct, omit_defaults=True):
    """Memory of one file. Times in ms."""

    session: str | None = None
    """Session of the last line that named one."""
    first: int | None = None
    """First time in the file."""
    last: int | None = None
    """Time of the last line that has one: lines without inherit it."""
    latest: int = 0
    """Largest time so far."""
    model: str | None = None
    """Of the last reply on the main chain."""
    uuid: str | None = None
    """Of the last line that has one."""
    facts: dict[str, tuple[str, str]] = {}
    """By name: session and value last told."""
    tools: dict[str, Tool] = {}
    """Calls without a result, oldest first."""
    ended: dict[str, None] = {}
    """Tool ids of the subagents whose end was told, oldest first."""
    early: list[tuple[int, bytes]] = []
    """Lines that stand before the first time in the file and wait for it."""

    def open_tool(self, tool_id: str, tool: Tool) -> None:
        """Remember a call; beyond a bound the oldest is forgotten."""
        self.tools[tool_id] = tool
        if len(self.tools) > _OPEN_TOOLS:
            del self.tools[next(iter(self.tools))]

    def end_agent(self, tool_id: str) -> bool:
        """Note a subagent's end; False if it was told already."""
        if tool_id in self.ended:
            return False
        self.ended[tool_id] = None
        if len(self.ended) > _ENDED_AGENTS:
            del self.ended[next(iter(self.ended))]
        return True

    def tell(self, session: str, name: str, value: str) -> bool:
        """Note a fact; False if it was the last one told."""
        if self.facts.get(name) == (session, value):
            return False
        self.facts[name] = (session, value)
        return True

    def keep_early(self, offset: int, line: bytes) -> bool:
        """Put a line aside until a time is known; False if there is no room."""
        if len(self.early) >= _EARLY_LINES or len(line) > _EARLY_LENGTH:
            return False
        self.early.append((offset, line))
        return True
