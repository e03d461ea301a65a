"""GitHub Copilot CLI: `<home>/session-state/<session>/events.jsonl`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from mi6_tui.frameworks.base import Decoder, Framework, Kind
from mi6_tui.frameworks.copilot.lines import NAME
from mi6_tui.frameworks.hooks import Hooks
from mi6_tui.frameworks.live import Program, Registry
from mi6_tui.model import Event


class Copilot:
    """Where the client keeps its transcripts, and who reads them."""

    name = NAME
    program = Program(names=frozenset({"copilot"}), resume=("copilot", "--resume={id}"))
    editors = frozenset({"apply_patch", "create", "edit", "str_replace", "str_replace_editor"})

    def roots(self, env: Mapping[str, str], home: Path) -> list[Path]:
        """Below `COPILOT_HOME`, else below `.copilot` in `home`."""
        named = env.get("COPILOT_HOME", "").strip()
        return [(Path(named) if named else home / ".copilot") / "session-state"]

    def descends(self, parts: tuple[str, ...]) -> bool:
        """Whether a folder may hold transcripts; `parts` is its path below a root."""
        return len(parts) <= 1

    def kind(self, parts: tuple[str, ...]) -> Kind | None:
        """How a file is read, None if it is no transcript; `parts` is its path below a root."""
        return "lines" if len(parts) == 2 and parts[1] == "events.jsonl" else None

    def recognises(self, head: bytes) -> bool:
        """Whether the first bytes of a file look like a transcript of this client."""
        return b'"session.start"' in head and b'"parentId":' in head

    def decoder(self, path: str, machine_id: str, state: bytes | None) -> Decoder:
        """A decoder for the file at `path`, at its start or where `state` left off."""
        from mi6_tui.frameworks.copilot.decoder import CopilotDecoder  # late: most looks find nothing new

        return CopilotDecoder(path, machine_id, state)

    def in_full(self, line: bytes, event: Event) -> str | None:
        """What an event says in full, from its line."""
        from mi6_tui.frameworks.copilot.words import in_full  # late: only who looks closely needs it

        return in_full(line, event)

    def hooks(self) -> Hooks:
        """Its hooks."""
        from mi6_tui.frameworks.copilot.hooks import HOOKS  # late: most runs need none

        return HOOKS

    def registry(self) -> Registry:
        """The locks on the sessions that are open."""
        from mi6_tui.frameworks.copilot.locks import REGISTRY

        return REGISTRY


FRAMEWORK: Final[Framework] = Copilot()
