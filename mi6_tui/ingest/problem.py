"""Something that could not be read; a part of the report, never the end of a scan."""

from __future__ import annotations

import os

import msgspec


class Problem(msgspec.Struct, frozen=True):
    """What went wrong, and with which file or folder; `path` is None when it is the store."""

    path: str | None
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}" if self.path else self.reason


def problem_of(path: str, error: OSError) -> Problem:
    """The error in the system's own words, without numbers and repeated paths."""
    return Problem(as_text(path), error.strerror or type(error).__name__)


def as_text(path: str) -> str:
    """A path to be told: bytes that are no UTF-8, which Python keeps as lone surrogates, are replaced."""
    return os.fsencode(path).decode(errors="replace")
