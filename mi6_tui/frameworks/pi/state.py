"""What a decoder must remember to go on anywhere in a file as if it had read it in one run."""

from __future__ import annotations

import msgspec

from mi6_tui.frameworks.line_decoder import Times
from mi6_tui.frameworks.tool_calls import Calls


class State(Times, omit_defaults=True):
    """Memory of one file."""

    session: str | None = None
    cwd: str | None = None
    model: str | None = None
    calls: Calls = msgspec.field(default_factory=dict)
    failed: tuple[str, str, str | None] | None = None
    """Id, identity and error of the last reply, if it failed."""
    in_turn: bool = False
