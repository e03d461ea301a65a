"""One family of errors: each says what is wrong, what to do, and which code the program ends with."""

from __future__ import annotations

from typing import ClassVar, Final

DONE: Final = 0
FAILED: Final = 1
BAD_USAGE: Final = 2
NOTHING_FOUND: Final = 3
REFUSED: Final = 4
INTERRUPTED: Final = 130


class Mi6Error(Exception):
    """Base of every error meant for the user. `hint` is what to do about it, in a few words."""

    exit_code: ClassVar[int] = FAILED

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}; {self.hint}" if self.hint else self.message


class ModelError(Mi6Error, ValueError):
    """A value that cannot be: refused where it is made."""


class UsageError(Mi6Error):
    """The command line asks for something that does not exist."""

    exit_code = BAD_USAGE


class NotFoundError(Mi6Error):
    """Nothing matches."""

    exit_code = NOTHING_FOUND


class StorageError(Mi6Error):
    """The store cannot be opened, read or written."""


class StoreLockedError(StorageError):
    """Another process holds the store longer than the busy timeout."""


class StoreReplacedError(StoreLockedError):
    """Another file stands in the place of the store that was open; the next try meets that one."""


class ReadOnlyError(StorageError):
    """The store may be looked at but not written."""

    exit_code = REFUSED


class NewerStoreError(StorageError):
    """The store was written by a newer version of this program."""

    exit_code = REFUSED


class TranscriptError(Mi6Error):
    """A transcript cannot be read."""
