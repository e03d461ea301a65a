"""Qwen Code: `.qwen/projects/<folder>/chats/<session>.jsonl`, and its subagents' files beside them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from mi6_tui.frameworks.base import Decoder, Framework, Kind
from mi6_tui.frameworks.hooks import Hooks
from mi6_tui.frameworks.live import Program, Registry
from mi6_tui.model import Event

NAME: Final = "qwen"
_SUBAGENTS: Final = "subagents"


def config_folder(env: Mapping[str, str], home: Path) -> Path:
    """Where its settings are: `QWEN_HOME`, else `.qwen` below `home`."""
    return _named(env, "QWEN_HOME", home) or home / ".qwen"


def runtime_folder(env: Mapping[str, str], home: Path) -> Path:
    """Where it writes: `QWEN_RUNTIME_DIR`, else where its settings are."""
    return _named(env, "QWEN_RUNTIME_DIR", home) or config_folder(env, home)


def _named(env: Mapping[str, str], variable: str, home: Path) -> Path | None:
    named = env.get(variable, "").strip()
    if named == "~" or named.startswith("~/"):
        return home / named[2:]
    return Path(named) if named else None


class Qwen:
    """Where the client keeps its transcripts, and who reads them."""

    name = NAME
    program = Program(names=frozenset({"qwen", "qwen-code"}), resume=("qwen", "--resume", "{id}"))
    editors = frozenset({"edit", "notebook_edit", "write_file"})

    def roots(self, env: Mapping[str, str], home: Path) -> list[Path]:
        """The projects, and where older versions kept them."""
        folder = runtime_folder(env, home)
        return [folder / "projects", folder / "tmp"]

    def descends(self, parts: tuple[str, ...]) -> bool:
        """Whether a folder may hold transcripts; `parts` is its path below a root."""
        if len(parts) <= 2:
            return parts[1:] in ((), ("chats",), (_SUBAGENTS,))
        return len(parts) == 3 and parts[1] == _SUBAGENTS

    def kind(self, parts: tuple[str, ...]) -> Kind | None:
        """How a file is read, None if it is no transcript; `parts` is its path below a root."""
        if not parts or not parts[-1].endswith(".jsonl"):
            return None
        chat = len(parts) == 3 and parts[1] == "chats"
        subagent = len(parts) == 4 and parts[1] == _SUBAGENTS and parts[3].startswith("agent-")
        return "lines" if chat or subagent else None

    def recognises(self, head: bytes) -> bool:
        """Whether the first bytes of a file look like a transcript of this client."""
        return b'"sessionId":' in head and (b'"parts":' in head or b'"systemPayload":' in head)

    def decoder(self, path: str, machine_id: str, state: bytes | None) -> Decoder:
        """A decoder for the file at `path`, at its start or where `state` left off."""
        from mi6_tui.frameworks.qwen.decoder import QwenDecoder  # late: most looks find nothing new

        return QwenDecoder(path, machine_id, state)

    def in_full(self, line: bytes, event: Event) -> str | None:
        """What an event says in full, from its line."""
        from mi6_tui.frameworks.qwen.words import in_full  # late: only who looks closely needs it

        return in_full(line, event)

    def hooks(self) -> Hooks:
        """Its hooks."""
        from mi6_tui.frameworks.qwen.hooks import HOOKS  # late: most runs need none

        return HOOKS

    def registry(self) -> Registry:
        """The registry of its running sessions."""
        from mi6_tui.frameworks.qwen.registry import REGISTRY

        return REGISTRY


FRAMEWORK: Final[Framework] = Qwen()
