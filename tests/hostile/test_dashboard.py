"""Every place of the dashboard over hostile sessions: whole lines, and nothing that steers the terminal."""

from __future__ import annotations

import os
import re
import select
import socket
import time
import unicodedata
from pathlib import Path
from typing import Final

import pytest
from textual.pilot import Pilot

from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.commands import groups
from tests.commands.conftest import Cli
from tests.commands.test_terminal import on_terminal
from tests.hostile.fleet import STEERING, WORDS, fill
from tests.tui.conftest import NOW, Start, app_of

_LEFT_OUT: Final = (
    "quit", "suspend", "focus", "terminal", "resume", "github", "kill", "demo", "copy", "copy menu",
    "copy this", "yes", "no, never", "do it", "keep",
)  # fmt: skip
"""What leaves the program, does something to the world outside, or is decided for good."""
_PAGES: Final = {
    "2": "Events",
    "3": "Usage",
    "4": "Search",
    "5": "System",
    "comma": "Settings",
    "M": "Messages",
}
_MODALS: Final = {"colon": "Commands", "t": "Themes", "question_mark": "Help", "c": "Columns"}
_HIDDEN: Final = re.compile("[\xad\u180e\u200b-\u200f\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]")


_FEW: Final = {str(number): text for number, text in enumerate(WORDS)}


def check_painted(pilot: Pilot[None]) -> None:
    """Each line fills the terminal, whoever counts its cells, and holds nothing that steers or hides."""
    width, height = pilot.app.size
    strips = pilot.app.screen._compositor.render_strips()
    assert len(strips) == height
    for strip in strips:
        text = strip.text
        assert strip.cell_length == width, text
        assert _cells(text) == width, text
        assert not STEERING.search(text) and "\n" not in text, repr(text)
        # What the user wrote himself and is changing keeps its joiners.
        assert not _HIDDEN.search(text) or text.startswith((" name ", " tags ")), repr(text)


def _cells(text: str) -> int:
    """Cells of a text by the tables of Unicode alone."""
    return sum(_wide(char) for char in text)


def _wide(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf") or 0x1160 <= ord(char) < 0x1200:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _keys(title: str) -> list[str]:
    commands = dict(groups())[title]
    return [command.keys.split(",")[0] for command in commands if command.label not in _LEFT_OUT]


async def _try(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    app_of(pilot).pull()
    await pilot.pause()
    check_painted(pilot)


async def test_every_place_over_hostile_sessions(start: Start, storage: SqliteStorage) -> None:
    fill(storage, NOW - 1000, "host", _FEW)
    async with start(80, 24) as pilot:
        check_painted(pilot)
        await _try(pilot, "a")
        for key in ("p", "d", "c", "escape", *("ctrl+g",) * 5, "s", "w", "escape"):
            await _try(pilot, key)
        for key in _keys("Sessions"):
            await _try(pilot, key)
            if key in ("enter", "slash", "r", "number_sign", "V", "w", "c"):
                await _try(pilot, "escape")
        for key in (*_PAGES, *_MODALS):
            await _try(pilot, "escape", "escape", "1")
            await _try(pilot, key)
            if key in ("4", "colon"):
                await _try(pilot, *"owned")
            for inner in _keys({**_PAGES, **_MODALS}[key]):
                await _try(pilot, inner)
                if inner in ("enter", "slash", "e"):
                    await _try(pilot, "escape")
        assert app_of(pilot).is_running


async def test_each_hostile_session_in_each_tab(start: Start, storage: SqliteStorage) -> None:
    fill(storage, NOW - 1000, "host", _FEW)
    async with start(100, 30) as pilot:
        await _try(pilot, "a")
        for _ in _FEW:
            await _try(pilot, "enter")
            for _ in range(7):
                await _try(pilot, "tab", "end")
                await _try(pilot, "enter")
            await _try(pilot, "escape", "escape", "1", *("down",) * 6)


# What Textual and we ourselves send: nothing of it can come from a text, for an escape is in none.
_SENT: Final = re.compile(
    rb"""
    \x1b\[[0-9;]*m                  # colours
    | \x1b\[[0-9;]*H                # places
    | \x1b\[[0-9;]*[ABCDJKX]        # steps, and what is cleared
    | \x1b\[\?[0-9;]+[hl]           # modes
    | \x1b\[\?[0-9;]+\$p | \x1b\[\?u # what it asks for
    | \x1b\[[>=<][0-9;]*u           # keys
    | \x1b\[2[23];[0-9]t            # its title put by, and back
    | \x1b\[[0-9]?\ q               # a cursor
    | \x1b\[6n | \x1b\[>0?q | \x1b\[c
    | \x1b\][0-9;]*;\?(?:\x07|\x1b\\)
    | \x1b\]22;[a-z]+(?:\x07|\x1b\\) # the mouse's pointer
    | \x1b\]2;[^\x00-\x1f\x7f]*\x07   # a title
    | \x1b[78>=]
    | \r | \n | \x07 | \x08
    """,
    re.VERBOSE,
)


_PRESSED: Final = (*"adp", "j" * 6, "\r", *("\t",) * 6, *"q23", "4owned", "\x1b[27u5", *"1?q")


@pytest.mark.parametrize("ascii_only", [False, True])
def test_the_bytes_on_the_terminal(tmp_path: Path, ascii_only: bool) -> None:
    cli = Cli(tmp_path)
    cli.store.parent.mkdir()
    now = time.time_ns() // 1_000_000
    storage = SqliteStorage(cli.store, clock=lambda: now)
    fill(storage, now, socket.gethostname())
    storage.close()
    (cli.home / "state" / "settings.toml").write_text("[dashboard]\ntitle = true\n")
    env = {"MI6_TUI_ASCII": "1"} if ascii_only else {}
    with on_terminal(cli, columns=120, env=env) as screen:
        screen.read_until(b"quit")
        for keys in _PRESSED:
            os.write(screen.master, keys.encode())
            while select.select([screen.master], [], [], 0.1)[0]:
                screen.seen += os.read(screen.master, 1 << 16)
        os.write(screen.master, b"\x03")
        screen.finish()
    rest = _SENT.sub(b"", screen.seen)
    text = rest.decode()
    found = STEERING.search(text)
    assert found is None, ascii(text[max(0, found.start() - 80) : found.end() + 80])
    assert b"owned\x07" not in screen.seen
