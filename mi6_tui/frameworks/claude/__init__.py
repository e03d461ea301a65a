"""Claude Code: `<config>/projects/<folder>/<session>.jsonl`, and its subagents' files beside them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from mi6_tui.frameworks.base import Decoder, Framework, Kind
from mi6_tui.frameworks.claude.lines import NAME
from mi6_tui.frameworks.hooks import Hooks
from mi6_tui.frameworks.live import Program, Registry
from mi6_tui.model import Event

_SET_ASIDE: Final = re.compile(r"\.orphaned|\.superseded")
_DEPTH: Final = 5
"""`<folder>/<session>/subagents/workflows/<run>` is the deepest folder with transcripts."""


class Claude:
    """Where the client keeps its transcripts, and who reads them."""

    name = NAME
    program = Program(names=frozenset({"claude"}), resume=("claude", "--resume", "{id}"))
    editors = frozenset({"Edit", "MultiEdit", "NotebookEdit", "Write"})

    def roots(self, env: Mapping[str, str], home: Path) -> list[Path]:
        """`CLAUDE_CONFIG_DIR` (may name several folders, by commas), else the usual ones under `home`."""
        named = [part.strip() for part in env.get("CLAUDE_CONFIG_DIR", "").split(",") if part.strip()]
        configs = [_expand(part, home) for part in named] or [home / ".claude", home / ".config" / "claude"]
        return [config / "projects" for config in configs]

    def descends(self, parts: tuple[str, ...]) -> bool:
        """Whether a folder may hold transcripts; `parts` is its path below a root."""
        below = parts[2:]
        return len(parts) <= _DEPTH and below[:2] == ("subagents", "workflows")[: len(below[:2])]

    def kind(self, parts: tuple[str, ...]) -> Kind | None:
        """How a file is read, None if it is no transcript; `parts` is its path below a root."""
        name = parts[-1] if parts else ""
        if not name.endswith(".jsonl") or name == "journal.jsonl" or _SET_ASIDE.search(name):
            return None
        beside = len(parts) in (4, 6) and self.descends(parts[:-1])
        return "lines" if len(parts) == 2 or beside else None

    def recognises(self, head: bytes) -> bool:
        """Whether the first bytes of a file look like a transcript of this client."""
        foreign = b'"projectHash":' in head or b'"type":"session.start"' in head
        return b'"sessionId":' in head and b'"type":' in head and not foreign

    def decoder(self, path: str, machine_id: str, state: bytes | None) -> Decoder:
        """A decoder for the file at `path`, at its start or where `state` left off."""
        from mi6_tui.frameworks.claude.decoder import ClaudeDecoder  # late: most looks find nothing new

        return ClaudeDecoder(path, machine_id, state)

    def in_full(self, line: bytes, event: Event) -> str | None:
        """What an event says in full, from its line."""
        from mi6_tui.frameworks.claude.words import in_full  # late: only who looks closely needs it

        return in_full(line, event)

    def hooks(self) -> Hooks:
        """Its hooks."""
        from mi6_tui.frameworks.claude.hooks import HOOKS  # late: most runs need none

        return HOOKS

    def registry(self) -> Registry:
        """The registry of its running sessions."""
        from mi6_tui.frameworks.claude.registry import REGISTRY

        return REGISTRY


def _expand(text: str, home: Path) -> Path:
    return home / text[1:].lstrip("/") if text == "~" or text.startswith("~/") else Path(text)


FRAMEWORK: Final[Framework] = Claude()
