"""What others wrote does nothing to the terminal, wherever it is shown."""

from __future__ import annotations

import json
import re

import pytest

from tests.commands.transcripts import write_session
from tests.terminal import walking
from tests.terminal.terminal import Terminal
from tests.terminal.walking import PAGES, commands_of, show_page, try_all

HOSTILE = {
    "brackets": "[bold]x[/bold] [/] [link='a']b[/link] [@click=app.quit]press[/]",
    "escapes": "\x1b[2J\x1b[31mred\x1b[0m\x1b[?1049l\x1b[?25l\x1b[1;1Howned\x9b31m",
    "title": "\x1b]0;owned\x07\x1b]2;owned\x1b\\ \x1b]52;c;b3duZWQ=\x07",
    "controls": "a\rb\bc\x00d\x0be\x7ff\x84g",
    "arabic": "\u202eأصلح ترتيب\u202c الصفوف \u2066في\u2069 الجدول",
    "joined": "👩‍💻👨‍👩‍👧‍👦🏳️‍🌈 e\u0301\u0302\u0303 \u200b\u200d\ufeff 修复",
    "surrogate": "\ud800 lone",
    "long": "x" * 1_000_000,
    "lines": "one\n\n\n\ntwo\ttab\u2028three\u2029four",
}
"""By what it is about: what a user might have typed."""


@pytest.mark.parametrize(("width", "height"), [(80, 24), (200, 50)])
def test_hostile_text_walks_through_every_page(terminal: Terminal, width: int, height: int) -> None:
    for number, (name, text) in enumerate(HOSTILE.items()):
        path = write_session(terminal.home, f"{number:08}-{name}", prompt=f"{name} {text}")
        path.write_text(path.read_text().replace('"text": "Hello."', f'"text": {json.dumps(text)}'))
    terminal.start(width=width, height=height)
    terminal("select-pane", "-T", "mine")
    terminal.see("(?i)quit")
    terminal.press("a")
    terminal.see("brackets")
    check_calm(terminal)
    for _ in HOSTILE:
        terminal.press("Enter")
        for command in commands_of("A session"):
            if command.label not in ("next", "previous"):
                terminal.press(walking.tmux_key(command.keys.split(",")[0]))
        check_calm(terminal)
        for _ in range(4):
            terminal.press("Escape")
        terminal.press("1", "j")
    for key in PAGES:
        show_page(terminal, key)
        if key == "4":
            terminal.press(*"owned")
            terminal.see("owned")
        try_all(terminal, PAGES[key].capitalize())
        check_calm(terminal)
    terminal.press("C-c")
    assert terminal.finish() == 0
    terminal.check_restored()
    terminal.check_quiet()


def check_calm(terminal: Terminal) -> None:
    """No sequence took effect: the program still has its screen, nobody has a new title."""
    assert terminal.state.startswith("1 "), "the alternate screen was left"
    assert "owned" not in terminal("display-message", "-p", "#{pane_title}")
    assert '"owned"' not in terminal("list-buffers")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", "\n".join(terminal.lines))
    assert len(terminal.lines) == terminal.size[1]
