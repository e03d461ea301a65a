"""The bytes that a terminal is sent besides what it paints."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mi6_tui.tui.terminal import message, understood


@pytest.mark.parametrize(
    ("env", "how"),
    [
        ({"TERM": "xterm-kitty"}, "osc99"),
        ({"TERM": "tmux-256color", "KITTY_WINDOW_ID": "1", "TERM_PROGRAM": "tmux"}, "osc99"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, "osc9"),
        ({"TERM": "xterm-256color", "LC_TERMINAL": "iTerm2"}, "osc9"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, "osc777"),
        ({"TERM": "xterm-ghostty"}, "osc777"),
        ({"TERM": "foot"}, "osc777"),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7600"}, "osc777"),
        ({"TERM": "xterm-kitty", "VTE_VERSION": "7600"}, "osc99"),
        ({"TERM": "linux"}, "none"),
        ({}, "none"),
    ],
)
def test_terminals_are_known_by_what_they_say_of_themselves(env: dict[str, str], how: str) -> None:
    assert understood(env) == how


@pytest.mark.parametrize(
    ("how", "sent"),
    [
        ("osc9", "\x1b]9;mi6: waiting: fix; it\x07"),
        ("osc99", "\x1b]99;i=mi6-s-1:d=0:p=title;waiting\x07\x1b]99;i=mi6-s-1:d=1:p=body;fix; it\x07"),
        ("osc777", "\x1b]777;notify;waiting;fix, it\x07"),
        ("none", ""),
        ("auto", ""),
    ],
)
def test_each_way_has_its_bytes(how: str, sent: str) -> None:
    assert message(how, "waiting", "fix; it", about="s/1", env={}) == sent  # type: ignore[arg-type]


def test_multiplexers_hand_it_on() -> None:
    env = {"TMUX": "/tmp/tmux-0/default,1,0"}
    assert message("osc9", "a", "b", about="s", env=env) == "\x1bPtmux;\x1b\x1b]9;mi6: a: b\x07\x1b\\"
    assert message("osc99", "a", "b", about="s", env=env) == (
        "\x1bPtmux;\x1b\x1b]99;i=mi6-s:d=0:p=title;a\x07\x1b\\\x1bPtmux;\x1b\x1b]99;i=mi6-s:d=1:p=body;b\x07\x1b\\"
    )
    assert message("osc9", "a", "b", about="s", env={"STY": "1.pts"}) == "\x1bP\x1b]9;mi6: a: b\x07\x1b\\"


@given(st.text(), st.text(), st.text(), st.sampled_from(["osc9", "osc99", "osc777"]))
def test_no_text_ends_a_sequence_or_begins_one(title: str, body: str, about: str, how: str) -> None:
    hostile = "\x1b\\\x07\x9c\x1b]0;x\x07"
    sent = message(how, hostile + title, body + hostile, about=about + hostile, env={})  # type: ignore[arg-type]
    parts = sent.split("\x07")
    assert parts.pop() == ""
    assert len(parts) == (2 if how == "osc99" else 1)
    for part in parts:
        assert part.startswith("\x1b]")
        assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in part[2:])
    assert sum(len(part.encode()) for part in parts) < 1600
