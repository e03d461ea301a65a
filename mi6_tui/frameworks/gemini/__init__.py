"""Gemini CLI: `.gemini/tmp/<project>/chats/session-*.jsonl`, older `.json`, and subagents' files below."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from mi6_tui.frameworks.base import Decoder, Framework, Kind
from mi6_tui.frameworks.gemini.lines import NAME
from mi6_tui.frameworks.hooks import Hooks
from mi6_tui.frameworks.live import Program
from mi6_tui.model import Event

_FOLDER: Final = "chats"
_SESSION: Final = "session-"


class Gemini:
    """Where the client keeps its transcripts, and who reads them."""

    name = NAME
    program = Program(names=frozenset({"gemini", "gemini.js"}), resume=("gemini", "--resume", "{id}"))
    editors = frozenset({"edit", "replace", "write_file"})

    def roots(self, env: Mapping[str, str], home: Path) -> list[Path]:
        """Below `GEMINI_CLI_HOME`, which stands for the user's home, else below `home`."""
        named = env.get("GEMINI_CLI_HOME", "").strip()
        return [(Path(named) if named else home) / ".gemini" / "tmp"]

    def descends(self, parts: tuple[str, ...]) -> bool:
        """Whether a folder may hold transcripts; `parts` is its path below a root."""
        return len(parts) <= 3 and parts[1:2] in ((), (_FOLDER,))

    def kind(self, parts: tuple[str, ...]) -> Kind | None:
        """How a file is read, None if it is no transcript; `parts` is its path below a root."""
        if len(parts) not in (3, 4) or parts[1] != _FOLDER:
            return None
        subagent = len(parts) == 4
        if parts[-1].endswith(".jsonl") and (subagent or parts[-1].startswith(_SESSION)):
            return "lines"
        old = parts[-1].endswith(".json") and parts[-1].startswith(_SESSION) and not subagent
        return "document" if old else None

    def recognises(self, head: bytes) -> bool:
        """Whether the first bytes of a file look like a transcript of this client."""
        return b'"sessionId":' in head and b'"projectHash":' in head

    def decoder(self, path: str, machine_id: str, state: bytes | None) -> Decoder:
        """A decoder for the file at `path`, at its start or where `state` left off."""
        from mi6_tui.frameworks.gemini.decoder import GeminiDecoder  # late: most looks find nothing new

        return GeminiDecoder(path, machine_id, state)

    def in_full(self, line: bytes, event: Event) -> str | None:
        """What an event says in full, from its line."""
        from mi6_tui.frameworks.gemini.words import in_full  # late: only who looks closely needs it

        return in_full(line, event)

    def hooks(self) -> Hooks:
        """Its hooks."""
        from mi6_tui.frameworks.gemini.hooks import HOOKS  # late: most runs need none

        return HOOKS

    def registry(self) -> None:
        """It keeps none that tells a session."""


FRAMEWORK: Final[Framework] = Gemini()
