"""Amp: `<data>/amp/threads/T-<id>.json`, one document a thread, as long as the client keeps threads here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from mi6_tui.frameworks.base import Decoder, Framework, Kind
from mi6_tui.frameworks.hooks import Hooks
from mi6_tui.frameworks.live import Program
from mi6_tui.model import Event

NAME: Final = "amp"
_FILE: Final = r"T-[\w-]+\.json"


class Amp:
    """Where the client keeps its threads, and who reads them."""

    name = NAME
    program = Program(names=frozenset({"amp"}), resume=("amp", "threads", "continue", "{id}"))
    editors = frozenset({"apply_patch", "create_file", "edit_file"})

    def roots(self, env: Mapping[str, str], home: Path) -> list[Path]:
        """Below the folder for data."""
        return [_folder(env, "XDG_DATA_HOME", home / ".local" / "share") / "threads"]

    def descends(self, parts: tuple[str, ...]) -> bool:
        """All threads lie in one folder."""
        return not parts

    def kind(self, parts: tuple[str, ...]) -> Kind | None:
        """How a file is read, None if it is no thread; `parts` is its path below a root."""
        return "document" if len(parts) == 1 and re.fullmatch(_FILE, parts[0]) else None

    def recognises(self, head: bytes) -> bool:
        """Whether the first bytes of a file look like a thread."""
        return b'"T-' in head and b'"created"' in head

    def decoder(self, path: str, machine_id: str, state: bytes | None) -> Decoder:
        """A decoder for the file at `path`."""
        from mi6_tui.frameworks.amp.decoder import AmpDecoder  # late: most looks find nothing new

        return AmpDecoder(path, machine_id)

    def in_full(self, line: bytes, event: Event) -> str | None:
        """What an event says in full, from its thread."""
        from mi6_tui.frameworks.amp.words import in_full  # late: only who looks closely needs it

        return in_full(line, event)

    def hooks(self) -> Hooks:
        """Its hooks."""
        from mi6_tui.frameworks.amp.hooks import HOOKS  # late: most runs need none

        return HOOKS

    def registry(self) -> None:
        """It keeps none."""


def settings_folder(env: Mapping[str, str], home: Path) -> Path:
    """Where its settings are, and its plugins."""
    return _folder(env, "XDG_CONFIG_HOME", home / ".config")


def _folder(env: Mapping[str, str], variable: str, usual: Path) -> Path:
    named = env.get(variable, "").strip()
    return (Path(named) if named else usual) / NAME


FRAMEWORK: Final[Framework] = Amp()
