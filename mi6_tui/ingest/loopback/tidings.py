"""What the ports of `scan --follow` took and refused, in a file beside the store, for who asks meanwhile."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from mi6_tui.log import logger
from mi6_tui.plain_file import read_plain
from mi6_tui.unfinished import remove_abandoned, unfinished

_PAUSE: Final = 1.0
"""Seconds in which all that happens is written at once."""
_LONGEST: Final = 64 << 10
"""Bytes."""


class Tidings(msgspec.Struct, frozen=True, kw_only=True):
    """Since the process started. Times in ms."""

    pid: int
    since: int
    at: int
    """When this was written."""
    ended: bool
    ports: dict[str, int]
    """By what they are for."""
    otel_requests: int = 0
    otel_records: int = 0
    """That were kept."""
    otel_unused: int = 0
    refused: dict[str, int]
    """Requests that were not answered, by reason."""


def tidings_of(store: Path) -> Tidings | None:
    """The latest about a store; None if there are none, or none that can be read."""
    try:
        # It is made anew each time, and never as a link.
        return msgspec.json.decode(read_plain(_file(store), _LONGEST, os.O_NOFOLLOW), type=Tidings)
    except (OSError, msgspec.MsgspecError):
        return None


def in_words(told: Tidings) -> str:
    """What was taken and refused, in one line without times."""
    parts = []
    if told.otel_requests or "OTLP" in told.ports:
        parts.append(
            f"took {told.otel_requests} OTLP requests with {told.otel_records} records of use"
            f" and {told.otel_unused} others"
        )
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(told.refused.items()))
    parts.append(f"refused {sum(told.refused.values())} ({kinds})" if kinds else "refused none")
    return ", ".join(parts)


class Teller:
    """Keeps the file up to date while the server runs; `look` says how things stand."""

    def __init__(self, store: Path, look: Callable[[], Tidings]) -> None:
        self._file = _file(store)
        self._look = look
        self._due = False

    def news(self) -> None:
        """Something was taken or refused: write soon. Called in the server's loop."""
        if not self._due:
            import asyncio  # late: who only reads what was told needs no loop

            self._due = True
            asyncio.get_running_loop().call_later(_PAUSE, self._write_soon)

    def _write_soon(self) -> None:
        self._due = False
        self.write(self._look())

    def write(self, told: Tidings) -> None:
        """Write now. What cannot be written is told the log; it is only told to people."""
        new = unfinished(self._file)
        try:
            remove_abandoned(self._file)
            handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            with os.fdopen(handle, "wb") as out:
                out.write(msgspec.json.encode(told))
            new.replace(self._file)
        except OSError as error:
            logger().warning("ports: %s", error)
            new.unlink(missing_ok=True)


def _file(store: Path) -> Path:
    return store.with_name(f"{store.name}.ports")
