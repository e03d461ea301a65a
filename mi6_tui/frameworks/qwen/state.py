"""What a decoder must remember to go on anywhere in a file as if it had read it in one run."""

from __future__ import annotations

import msgspec

from mi6_tui.frameworks.line_decoder import Times
from mi6_tui.frameworks.qwen.usage import Numbers
from mi6_tui.frameworks.tool_calls import Calls


class State(Times, omit_defaults=True):
    """Memory of one file."""

    session: str | None = None
    agent: str | None = None
    """The subagent whose file it is."""
    began: bool = False
    cwd: str | None = None
    model: str | None = None
    told: dict[str, str] = msgspec.field(default_factory=dict)
    """What was told of the session."""
    calls: Calls = msgspec.field(default_factory=dict)
    pending: tuple[str, Numbers] | None = None
    """Identity and numbers of the last response whose reply is still to come."""
