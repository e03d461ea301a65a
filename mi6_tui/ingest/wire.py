"""Messages on a pipe, which knows bytes only: each behind its length."""

from __future__ import annotations

import struct
from typing import Final

_LENGTH: Final = struct.Struct("<I")


def framed(message: bytes) -> bytes:
    """`message` as it is sent."""
    return _LENGTH.pack(len(message)) + message


class Inbox:
    """What has arrived."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def add(self, data: bytes) -> None:
        """The next bytes."""
        self._bytes += data

    def take(self) -> bytes | None:
        """The next whole message; None if it is not all there."""
        start = _LENGTH.size
        if len(self._bytes) < start:
            return None
        end = start + _LENGTH.unpack_from(self._bytes)[0]
        if len(self._bytes) < end:
            return None
        message = bytes(self._bytes[start:end])
        del self._bytes[:end]
        return message
