"""Codex CLI: `<home>/sessions/YYYY/MM/DD/rollout-<time>-<thread>.jsonl`, archived and compressed ones too."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from mi6_tui.frameworks.base import Decoder, Framework, Kind
from mi6_tui.frameworks.codex.lines import NAME
from mi6_tui.frameworks.hooks import Hooks
from mi6_tui.frameworks.live import Program
from mi6_tui.model import Event

_DEPTH: Final = 3
"""`YYYY/MM/DD` is the deepest folder."""


class Codex:
    """Where the client keeps its transcripts, and who reads them."""

    name = NAME
    program = Program(names=frozenset({"codex"}), resume=("codex", "resume", "{id}"))
    editors = frozenset({"apply_patch"})

    def roots(self, env: Mapping[str, str], home: Path) -> list[Path]:
        """The folders of live and of archived threads in `CODEX_HOME`, else under `home`."""
        named = env.get("CODEX_HOME", "").strip()
        base = Path(named) if named else home / ".codex"
        return [base / "sessions", base / "archived_sessions"]

    def descends(self, parts: tuple[str, ...]) -> bool:
        """Whether a folder may hold transcripts; `parts` is its path below a root."""
        return len(parts) <= _DEPTH and all(part.isascii() and part.isdigit() for part in parts)

    def kind(self, parts: tuple[str, ...]) -> Kind | None:
        """How a file is read, None if it is no transcript; `parts` is its path below a root."""
        name = parts[-1] if parts else ""
        if not name.startswith("rollout-") or not self.descends(parts[:-1]):
            return None
        if name.endswith(".jsonl"):
            return "lines"
        return "compressed" if name.endswith(".jsonl.zst") else None

    def recognises(self, head: bytes) -> bool:
        """Whether the first bytes of a file look like a transcript of this client."""
        return b'"session_meta"' in head and b'"payload"' in head

    def decoder(self, path: str, machine_id: str, state: bytes | None) -> Decoder:
        """A decoder for the file at `path`, at its start or where `state` left off."""
        from mi6_tui.frameworks.codex.decoder import CodexDecoder  # late: most looks find nothing new

        return CodexDecoder(path, machine_id, state)

    def in_full(self, line: bytes, event: Event) -> str | None:
        """What an event says in full, from its line."""
        from mi6_tui.frameworks.codex.words import in_full  # late: only who looks closely needs it

        return in_full(line, event)

    def hooks(self) -> Hooks:
        """Its hooks."""
        from mi6_tui.frameworks.codex.hooks import HOOKS  # late: most runs need none

        return HOOKS

    def registry(self) -> None:
        """It keeps none that tells a session."""


FRAMEWORK: Final[Framework] = Codex()
