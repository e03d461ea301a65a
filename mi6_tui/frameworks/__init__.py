"""The clients this program understands; each is a folder here and a line in the table below."""

from __future__ import annotations

from importlib import import_module
from typing import Final, cast

from mi6_tui.errors import UsageError
from mi6_tui.frameworks.base import Framework

_MODULES: Final = {
    "claude": "mi6_tui.frameworks.claude",
    "codex": "mi6_tui.frameworks.codex",
    "opencode": "mi6_tui.frameworks.opencode",
    "copilot": "mi6_tui.frameworks.copilot",
    "gemini": "mi6_tui.frameworks.gemini",
    "qwen": "mi6_tui.frameworks.qwen",
    "cursor": "mi6_tui.frameworks.cursor",
    "pi": "mi6_tui.frameworks.pi",
    "amp": "mi6_tui.frameworks.amp",
}


def names() -> tuple[str, ...]:
    """The names of all clients."""
    return tuple(_MODULES)


def framework(name: str) -> Framework:
    """The client of that name; UsageError if there is none."""
    module = _MODULES.get(name)
    if module is None:
        raise UsageError(f"no framework is called {name!r}", f"known: {', '.join(_MODULES)}")
    return cast(Framework, import_module(module).FRAMEWORK)
