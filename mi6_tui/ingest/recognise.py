"""Whose a file is that the user named and that several clients could have written."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final

from mi6_tui.frameworks.base import Framework, Kind
from mi6_tui.ingest.compressed import head_of
from mi6_tui.ingest.tail import open_regular

_HEAD: Final = 4096


class Recogniser:
    """Remembers what it found, so that a file is opened until it is recognised, and no more."""

    def __init__(self) -> None:
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
            if framework.recognises(_head(path, kind)):
                self._known[path] = framework
                return framework
        return claimants[0][0]


def _head(path: str, kind: Kind) -> bytes:
    """The first bytes of a file, expanded; none if it cannot be read: whoever reads it will say why."""
    try:
        descriptor, _ = open_regular(path)
    except OSError:
        return b""
    with open(descriptor, "rb") as file:
        try:
            return head_of(file, _HEAD) if kind == "compressed" else os.pread(descriptor, _HEAD, 0)
        except OSError:
            return b""
