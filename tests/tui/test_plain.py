"""Terminals without colours, or with nothing but ASCII."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from mi6_tui.bench.terminal import Terminal
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui import status, text
from mi6_tui.tui.app import Mi6App
from mi6_tui.tui.plain import as_ascii
from tests.tui.conftest import NOW, press, screen_text
from tests.tui.makers import asking, working

COLOUR = re.compile(r"\x1b\[(?:[\d;:]*;)?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])[\d;:]*m")


@given(st.text())
def test_ascii_is_as_wide_as_what_it_stands_for(words: str) -> None:
    shown = text.clean(words)
    assert as_ascii(shown).isascii()
    assert len(as_ascii(shown)) == cell_len(shown)


def test_every_state_has_a_sign_of_its_own_in_ascii() -> None:
    signs = [as_ascii(status.glyph(shown)) for shown in status.SHOWN]
    assert len(set(signs)) == len(signs)


def test_bars_and_curves_can_be_told_apart_in_ascii() -> None:
    filled, rest = text.bar(0.5, 10)
    assert {*as_ascii(filled)}.isdisjoint({*as_ascii(rest)})
    assert len({*as_ascii("▁▂▃▄▅▆▇█")}) >= 7


def test_accents_go_and_wide_characters_keep_their_cells() -> None:
    assert as_ascii("été · 日本") == "ete . ????"


@pytest.mark.parametrize("by", ["setting", "environment"])
async def test_every_screen_is_drawn_in_ascii(storage: SqliteStorage, tmp_path: Path, by: str) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text("[dashboard]\nascii = true\n" if by == "setting" else "")
    env = {"MI6_TUI_ASCII": "1"} if by == "environment" else {}
    storage.record(asking("a"))
    storage.record(working("b", title="日本 ✨ été"))
    app = Mi6App(storage, clock=lambda: NOW, settings=settings, env=env, live=False)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await press(pilot)
        for keys in ((), ("question_mark",), ("colon",), ("t",), ("comma",), ("M",)):
            await press(pilot, *keys)
            app.notify("a note · with signs …")
            await pilot.pause()
            drawn = "\n".join(screen_text(pilot))
            assert drawn.isascii(), {letter for letter in drawn if not letter.isascii()}
            await press(pilot, *(("escape",) if keys else ()))


async def test_ascii_comes_and_goes_with_the_setting(storage: SqliteStorage, tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    storage.record(asking("a"))
    app = Mi6App(storage, clock=lambda: NOW, settings=settings, env={}, live=False)
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot)
        for on in (True, False):
            settings.write_text(f"[dashboard]\nascii = {str(on).lower()}\n")
            app.look_at_settings()
            await pilot.pause()
            drawn = "\n".join(screen_text(pilot))
            assert ("◆" not in drawn) is on
            assert drawn.isascii() is on


async def test_without_colours_the_selected_row_has_its_mark(
    storage: SqliteStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    for name in ("a", "b"):
        storage.record(working(name))
    app = Mi6App(storage, clock=lambda: NOW, env={}, live=False)
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot)
        strips = pilot.app.screen._compositor.render_strips()
        styles = [segment.style for strip in strips for segment in strip if segment.style is not None]
        assert all(style.color is None and style.bgcolor is None for style in styles)
        (marked,) = [strip for strip in strips if strip.text.startswith("▌")]
        assert any(segment.style is not None and segment.style.bold for segment in marked)


@pytest.mark.parametrize("no_colour", [False, True])
def test_no_colour_reaches_the_terminal(
    storage: SqliteStorage, store_path: Path, tmp_path: Path, no_colour: bool
) -> None:
    storage.record(asking("a"))
    storage.close()
    env = {"HOME": str(tmp_path), "COLORTERM": "truecolor", "MI6_TUI_HOME": str(tmp_path / "home")}
    argv = (sys.executable, "-m", "mi6_tui", "--db", str(store_path))
    with Terminal(argv, env | ({"NO_COLOR": "1"} if no_colour else {})) as terminal:
        terminal.wait_for(b"permission", timeout=100)
        terminal.press(b"?")
        terminal.wait_for(b"Keys: sessions", timeout=100)
        painted = terminal._seen.decode(errors="replace")
    assert "permission" in painted
    assert bool(COLOUR.search(painted)) is not no_colour


def test_a_dumb_terminal_is_refused(tmp_path: Path) -> None:
    script = f"TERM=dumb {sys.executable} -m mi6_tui; echo left with $?"
    with Terminal(("/bin/sh", "-c", script), {"HOME": str(tmp_path), "PATH": os.defpath}) as terminal:
        terminal.wait_for(b"TERM is dumb", timeout=100)
        terminal.wait_for(b"`mi6-tui sessions` prints the list", timeout=100)
        terminal.wait_for(b"left with 2", timeout=100)
