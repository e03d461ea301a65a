"""Whose a file is that the user named and that several clients could have written."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import Final

from mi6_tui.frameworks.base import Framework, Kind
from mi6_tui.ingest.compressed import Stream, head_of
from mi6_tui.ingest.tail import LocalFile, Opener

_HEAD: Final = 4096


class Recogniser:
    """Remembers what it found, so that a file is opened until it is recognised, and no more."""

    def __init__(self, opener: Opener = LocalFile) -> None:
        self._opener = opener
        self._known: dict[str, Framework] = {}

    def framework(self, path: str, claimants: Sequence[tuple[Framework, Kind]]) -> Framework:
        """The last claimant that recognises the file; the first of all if none does.

        A client that took over the format of another is told from it by what it does besides, and was added
        later.
        """
        known = self._known.get(path)
        if known is not None:
            return known
        for framework, kind in reversed(claimants):
            if framework.recognises(self._head(path, kind)):
                self._known[path] = framework
                return framework
        return claimants[0][0]

    def _head(self, path: str, kind: Kind) -> bytes:
        """The first bytes of a file, expanded; none if it cannot be read: whoever reads it will say why."""
        try:
            with closing(self._opener(path)) as file:
                return head_of(Stream(file), _HEAD) if kind == "compressed" else file.read(_HEAD, 0)
        except OSError:
            return b""
