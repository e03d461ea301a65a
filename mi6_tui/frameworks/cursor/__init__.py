"""Cursor, in the editor and in the terminal: `.cursor/projects/<folder>/agent-transcripts/`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from mi6_tui.frameworks.base import Decoder, Framework, Kind
from mi6_tui.frameworks.hooks import Hooks
from mi6_tui.frameworks.live import Program
from mi6_tui.model import Event

NAME: Final = "cursor"
_FOLDER: Final = "agent-transcripts"
_SUBAGENTS: Final = "subagents"


class Cursor:
    """Where the client keeps its transcripts, and who reads them."""

    name = NAME
    # Not the editor: one process of it holds all of its sessions.
    program = Program(names=frozenset({"cursor-agent"}), resume=("cursor-agent", "--resume={id}"))
    editors = frozenset({"ApplyPatch", "EditNotebook", "StrReplace", "Write"})

    def roots(self, env: Mapping[str, str], home: Path) -> list[Path]:
        """`.cursor/projects` below `home`; the client has no variable for it."""
        return [home / ".cursor" / "projects"]

    def descends(self, parts: tuple[str, ...]) -> bool:
        """Whether a folder may hold transcripts; `parts` is its path below a root."""
        if len(parts) <= 3:
            return parts[1:2] in ((), (_FOLDER,))
        return self._holds_subagents(parts)

    def _holds_subagents(self, parts: tuple[str, ...]) -> bool:
        return len(parts) == 4 and parts[1] == _FOLDER and parts[3] == _SUBAGENTS

    def kind(self, parts: tuple[str, ...]) -> Kind | None:
        """How a file is read, None if it is no transcript; `parts` is its path below a root."""
        if len(parts) < 3 or parts[1] != _FOLDER or not parts[-1].endswith(".jsonl"):
            return None
        in_own_folder = len(parts) == 4 and parts[3] == f"{parts[2]}.jsonl"
        return "lines" if len(parts) == 3 or in_own_folder or self._holds_subagents(parts[:-1]) else None

    def recognises(self, head: bytes) -> bool:
        """Whether the first bytes of a file look like a transcript of this client."""
        return head.startswith(b'{"role":"') and b'"message":{"content":' in head

    def decoder(self, path: str, machine_id: str, state: bytes | None) -> Decoder:
        """A decoder for the file at `path`, at its start or where `state` left off."""
        from mi6_tui.frameworks.cursor.decoder import CursorDecoder  # late: most looks find nothing new

        return CursorDecoder(path, machine_id, state)

    def in_full(self, line: bytes, event: Event) -> str | None:
        """What an event says in full, from its line."""
        from mi6_tui.frameworks.cursor.words import in_full  # late: only who looks closely needs it

        return in_full(line, event)

    def hooks(self) -> Hooks:
        """Its hooks."""
        from mi6_tui.frameworks.cursor.hooks import HOOKS  # late: most runs need none

        return HOOKS

    def registry(self) -> None:
        """It keeps none."""


FRAMEWORK: Final[Framework] = Cursor()
