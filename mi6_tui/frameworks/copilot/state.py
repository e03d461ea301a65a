"""What a decoder must remember to go on anywhere in a file as if it had read it in one run."""

from __future__ import annotations

from typing import Final

import msgspec

_OPEN_TOOLS: Final = 256
_MODELS: Final = 256
"""No session asks as many: those beyond count as a model without a name."""
_LARGEST: Final = 10**12


class Tool(msgspec.Struct, array_like=True, frozen=True):
    """A tool call that has no result yet."""

    name: str | None = None
    command: str | None = None
    """Of a shell call."""
    preview: str | None = None
    at: int = 0
    """ms."""


class Counted(msgspec.Struct, array_like=True):
    """What was counted of one model. Tokens; `input` holds cache reads and writes, as the client counts."""

    requests: int = 0
    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0
    reasoning: int = 0

    def add(self, other: Counted) -> None:
        """Add every number of `other`."""
        for name in self.__struct_fields__:
            setattr(self, name, min(_LARGEST, getattr(self, name) + getattr(other, name)))

    def beyond(self, other: Counted) -> Counted:
        """What this has above `other`; a number that is lower counts as 0."""
        return Counted(
            *(max(0, getattr(self, name) - getattr(other, name)) for name in self.__struct_fields__)
        )

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in self.__struct_fields__)


class State(msgspec.Struct, omit_defaults=True):
    """Memory of one file. Times in ms."""

    session: str | None = None
    first: int | None = None
    """First time in the file."""
    last: int | None = None
    """Time of the last line that has one: lines without inherit it."""
    latest: int = 0
    """Largest time so far."""
    model: str | None = None
    """In use on the main chain."""
    cwd: str | None = None
    branch: str | None = None
    facts: dict[str, str | int] = {}
    """By name: the value last told."""
    tools: dict[str, Tool] = {}
    """Calls without a result, oldest first."""
    answered: bool = False
    """Whether the last reply on the main chain asked for no tool."""
    records: bool = False
    """Whether the client writes a usage record for each request: its replies then need no counting."""
    run: str = ""
    """Id of the line with which the present process began to write."""
    recorded: dict[str, Counted] = {}
    """By model: requests of this run that have a usage record."""
    lumped: dict[str, Counted] = {}
    """By model: requests of this run that have none."""
    before: dict[str, Counted] = {}
    """By model: all that was counted before this run."""

    def note_time(self, at: int) -> None:
        """Note the time of a line (ms)."""
        self.last, self.latest = at, max(self.latest, at)
        if self.first is None:
            self.first = self.latest = at

    def open_tool(self, tool_id: str, tool: Tool) -> None:
        """Remember a call; beyond a bound the oldest is forgotten."""
        self.tools[tool_id] = tool
        if len(self.tools) > _OPEN_TOOLS:
            del self.tools[next(iter(self.tools))]

    def tell(self, name: str, value: str | int) -> bool:
        """Note a fact; False if it was the last one told."""
        if self.facts.get(name) == value:
            return False
        self.facts[name] = value
        return True

    def begin_run(self, run: str) -> None:
        """Another process goes on with the session."""
        for sums in (self.recorded, self.lumped):
            for model, counted in sums.items():
                add(self.before, model, counted)
        self.run, self.recorded, self.lumped = run, {}, {}
        self.answered = False


def note(sums: dict[str, Counted], model: str, counted: Counted) -> None:
    """Set one model's sum, if there is room for it."""
    if model in sums or len(sums) < _MODELS:
        sums[model] = counted


def add(sums: dict[str, Counted], model: str, counted: Counted) -> Counted:
    """Add to one model's sum, and give it back."""
    if model not in sums and len(sums) >= _MODELS:
        model = ""
    total = sums.setdefault(model, Counted())
    total.add(counted)
    return total
