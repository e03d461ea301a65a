"""The process behind a page: one dashboard, which draws for a browser instead of a terminal."""

from __future__ import annotations

import asyncio
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, cast

import msgspec

DRIVER: Final = "mi6_tui.tui.browser:BrowserDriver"
_BEGIN: Final = b"__GANGLION__\n"
"""The first line of Textual's driver for browsers; framed packets follow."""
_WIDEST, _HIGHEST = 600, 300
"""Cells: what is larger than a wall of screens is no window, but memory."""
_PATIENCE: Final = 3.0
"""Seconds that a dashboard may take to end when asked."""


class Behind:
    """A running dashboard."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._input = cast(asyncio.StreamWriter, process.stdin)
        self._output = cast(asyncio.StreamReader, process.stdout)

    @classmethod
    async def start(cls, command: Sequence[str], env: Mapping[str, str], size: tuple[int, int]) -> Behind:
        """Start `command` with a window of so many columns and lines; its stderr is ours. OSError."""
        columns, lines = _bounded(*size)
        told = {
            "TEXTUAL_DRIVER": DRIVER,
            "TEXTUAL_COLOR_SYSTEM": "truecolor",
            "TERM": "xterm-256color",
            "COLUMNS": str(columns),
            "ROWS": str(lines),
        }
        # Not in the terminal's foreground: its keys are for the server, which then ends all dashboards.
        return cls(
            await asyncio.create_subprocess_exec(
                *command, stdin=PIPE, stdout=PIPE, env={**env, **told}, process_group=0
            )
        )

    async def show(self, write: Callable[[bytes], Awaitable[None]]) -> None:
        """Hand over what it draws, until it ends."""
        with suppress(asyncio.IncompleteReadError):
            await self._output.readuntil(_BEGIN)
            while True:
                kind, size = await self._output.readexactly(1), await self._output.readexactly(4)
                payload = await self._output.readexactly(int.from_bytes(size, "big"))
                # The other kinds ask the browser to open pages and to save files.
                if kind == b"D":
                    await write(payload)

    async def hear(self, message: str | bytes) -> str | None:
        """Take what the page's script says; the answer if one is due. What makes no sense is passed over."""
        try:
            said: Any = msgspec.json.decode(message)
        except (msgspec.DecodeError, RecursionError):
            return None
        match said:
            case ["stdin", str(typed)]:
                await self._tell(b"D", typed.encode("utf-8", "replace"))
            case ["resize", {"width": int(columns), "height": int(lines)}]:
                columns, lines = _bounded(columns, lines)
                await self._say({"type": "resize", "width": columns, "height": lines})
            case ["focus" | "blur" as what]:
                await self._say({"type": what})
            case ["ping", str(at)]:
                return msgspec.json.encode(("pong", at)).decode()
        return None

    async def end(self) -> None:
        """Ask it to end, and see to it that it does."""
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(_PATIENCE):
                    await self._say({"type": "quit"})
                    self._input.close()
                    # It may be about to draw, and would wait for ever for somebody who looks.
                    while await self._output.read(1 << 16):
                        pass
                    await self._process.wait()
        finally:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()

    async def _say(self, meta: Mapping[str, object]) -> None:
        await self._tell(b"M", msgspec.json.encode(meta))

    async def _tell(self, kind: bytes, payload: bytes) -> None:
        # That it ended is told by its output.
        with suppress(ConnectionError, RuntimeError):
            self._input.write(kind + len(payload).to_bytes(4, "big") + payload)
            await self._input.drain()


def _bounded(columns: int, lines: int) -> tuple[int, int]:
    return min(max(columns, 1), _WIDEST), min(max(lines, 1), _HIGHEST)
