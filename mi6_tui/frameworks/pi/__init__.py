"""Pi: `<agent>/sessions/<folder>/<time>_<session>.jsonl`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from mi6_tui.frameworks.base import Decoder, Framework, Kind
from mi6_tui.frameworks.hooks import Hooks
from mi6_tui.frameworks.live import Program
from mi6_tui.model import Event

NAME: Final = "pi"
_FILE: Final = r"\d{4}-\d\d-\d\dT[\d-]+Z_[\w.-]+\.jsonl"


def agent_folder(env: Mapping[str, str], home: Path) -> Path:
    """Where the client keeps everything: `PI_CODING_AGENT_DIR`, else below `home`."""
    named = env.get("PI_CODING_AGENT_DIR", "").strip()
    if named == "~" or named.startswith("~/"):
        return home / named[2:]
    return Path(named) if named else home / ".pi" / "agent"


class Pi:
    """Where the client keeps its transcripts, and who reads them."""

    name = NAME
    program = Program(names=frozenset({"pi", "pi-coding-agent"}), resume=("pi", "--session", "{id}"))
    editors = frozenset({"edit", "write"})

    def roots(self, env: Mapping[str, str], home: Path) -> list[Path]:
        """`PI_CODING_AGENT_SESSION_DIR`, where sessions lie without folders, and the usual place."""
        named = env.get("PI_CODING_AGENT_SESSION_DIR", "").strip()
        usual = agent_folder(env, home) / "sessions"
        return [Path(named), usual] if named else [usual]

    def descends(self, parts: tuple[str, ...]) -> bool:
        """Whether a folder may hold transcripts; `parts` is its path below a root."""
        return len(parts) <= 1

    def kind(self, parts: tuple[str, ...]) -> Kind | None:
        """How a file is read, None if it is no transcript; `parts` is its path below a root."""
        return "lines" if len(parts) in (1, 2) and re.fullmatch(_FILE, parts[-1]) else None

    def recognises(self, head: bytes) -> bool:
        """Whether the first bytes of a file look like a transcript of this client."""
        return head.startswith(b'{"type":"session"') and b'"cwd":' in head

    def decoder(self, path: str, machine_id: str, state: bytes | None) -> Decoder:
        """A decoder for the file at `path`, at its start or where `state` left off."""
        from mi6_tui.frameworks.pi.decoder import PiDecoder  # late: most looks find nothing new

        return PiDecoder(path, machine_id, state)

    def in_full(self, line: bytes, event: Event) -> str | None:
        """What an event says in full, from its line."""
        from mi6_tui.frameworks.pi.words import in_full  # late: only who looks closely needs it

        return in_full(line, event)

    def hooks(self) -> Hooks:
        """Its hooks."""
        from mi6_tui.frameworks.pi.hooks import HOOKS  # late: most runs need none

        return HOOKS

    def registry(self) -> None:
        """It keeps none."""


FRAMEWORK: Final[Framework] = Pi()
