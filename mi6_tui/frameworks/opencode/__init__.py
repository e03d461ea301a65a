"""opencode: one SQLite database for all sessions, `<data>/opencode/opencode.db`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from mi6_tui.errors import TranscriptError
from mi6_tui.frameworks.base import Answer, DatabaseFramework, Decoder, Kind
from mi6_tui.frameworks.hooks import Hooks
from mi6_tui.frameworks.live import Program
from mi6_tui.model import Event

NAME: Final = "opencode"
_DATABASE: Final = r"opencode(?:-[\w.-]+)?\.db"
"""Release channels other than the usual one have their own database."""
_MAGIC: Final = b"SQLite format 3\0"


class OpenCode:
    """Where the client keeps its database, and who reads it."""

    name = NAME
    program = Program(names=frozenset({"opencode"}), resume=("opencode", "-s", "{id}"))
    editors = frozenset({"edit", "multiedit", "patch", "write", "apply_patch"})

    def roots(self, env: Mapping[str, str], home: Path) -> list[Path]:
        """The data folder; `OPENCODE_DB` names the database itself, from there or absolutely."""
        data = Path(env.get("XDG_DATA_HOME") or home / ".local" / "share") / "opencode"
        named = env.get("OPENCODE_DB", "")
        return [data / named if named and named != ":memory:" else data]

    def descends(self, parts: tuple[str, ...]) -> bool:
        """The folders beside the database hold logs and snapshots, no transcripts."""
        return False

    def kind(self, parts: tuple[str, ...]) -> Kind | None:
        """How a file is read; the root itself is a file only if it was named as the database."""
        named = not parts
        return "database" if named or (len(parts) == 1 and re.fullmatch(_DATABASE, parts[0])) else None

    def recognises(self, head: bytes) -> bool:
        """Whether the first bytes of a file are those of a database."""
        return head.startswith(_MAGIC)

    def decoder(self, path: str, machine_id: str, state: bytes | None) -> Decoder:
        """A database has no lines."""
        raise TranscriptError(f"{path} is a database", "it is asked, not read line by line")

    def ask(self, path: str, machine_id: str, cursor: bytes | None) -> Answer | None:
        """What is new in the database at `path` since `cursor`; None while the client is changing it."""
        from mi6_tui.frameworks.opencode.ask import ask  # late: most people have no such database

        return ask(path, machine_id, cursor)

    def in_full(self, line: bytes, event: Event) -> None:
        """A database has no lines."""

    def rows_in_full(self, path: str, events: Sequence[Event]) -> list[str | None] | None:
        """What events say in full, from their rows."""
        from mi6_tui.frameworks.opencode.words import in_full  # late: as in `ask`

        return in_full(path, events)

    def hooks(self) -> Hooks:
        """Its hooks."""
        from mi6_tui.frameworks.opencode.hooks import HOOKS  # late: most runs need none

        return HOOKS

    def registry(self) -> None:
        """It keeps none that tells a session."""


FRAMEWORK: Final[DatabaseFramework] = OpenCode()
