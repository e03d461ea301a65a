"""The clipboard: the bytes that terminals read, the programs that fill it."""

from __future__ import annotations

import base64
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mi6_tui.actions.clipboard import LIMIT, copy, sequence
from mi6_tui.actions.errors import ActionError
from tests.actions.recorded import Recorded
from tests.actions.tmux import Tmux

OSC_52 = re.compile(r"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07")


def test_the_bytes() -> None:
    assert sequence("hé", {}) == "\x1b]52;c;aMOp\x07"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=3000))
def test_whatever_it_is_nothing_of_it_ends_the_sequence(text: str) -> None:
    (content,) = OSC_52.fullmatch(sequence(text, {})).groups()  # type: ignore[union-attr]
    assert base64.b64decode(content).decode() == text
    # tmux undoes the doubling; the first of the two it may read itself.
    within = sequence(text, {"TMUX": "/x,1,0"})
    plain, _, wrapped = within.partition("\x1bPtmux;")
    assert plain == sequence(text, {})
    assert wrapped.endswith("\x1b\\")
    assert wrapped[:-2].replace("\x1b\x1b", "\x1b") == plain
    # GNU screen takes pieces of at most 256 characters, and hands on what is in them.
    pieces = re.findall(r"\x1bP(.*?)\x1b\\", sequence(text, {"STY": "1.x"}), re.DOTALL)
    assert max(map(len, pieces)) <= 256
    assert "".join(pieces) == plain


def test_what_terminals_drop_is_not_sent() -> None:
    sequence("x" * LIMIT, {})
    with pytest.raises(ActionError, match="more than a terminal's clipboard takes"):
        sequence("é" * (LIMIT // 2 + 1), {})


@pytest.mark.parametrize(
    ("programs", "env", "platform", "called"),
    [
        (("pbcopy", "wl-copy", "xclip"), {}, "darwin", ["pbcopy"]),
        (("pbcopy", "wl-copy", "xclip"), {"WAYLAND_DISPLAY": "w", "DISPLAY": ":0"}, "linux", ["wl-copy"]),
        (("xclip",), {"DISPLAY": ":0"}, "linux", ["xclip", "-selection", "clipboard"]),
        (("xsel",), {"DISPLAY": ":0"}, "linux", ["xsel", "--clipboard", "--input"]),
    ],
)
def test_the_program_of_this_machine(
    recorded: Recorded, programs: tuple[str, ...], env: dict[str, str], platform: str, called: list[str]
) -> None:
    for name in programs:
        recorded.add(name)
    assert copy("a\nb é", {**recorded.env, **env}, platform)
    assert recorded.calls == [called]
    assert recorded.last["input"] == "a\nb é"


def test_the_next_is_tried_where_one_fails(recorded: Recorded) -> None:
    recorded.add("wl-copy", code=1)
    recorded.add("xclip")
    assert copy("x", {**recorded.env, "WAYLAND_DISPLAY": "w", "DISPLAY": ":0"}, "linux")
    assert [call[0] for call in recorded.calls] == ["wl-copy", "xclip"]


@pytest.mark.parametrize("env", [{}, {"SSH_CONNECTION": "1 2 3 4", "DISPLAY": ":10"}])
def test_the_clipboard_of_a_machine_that_nobody_sits_at_is_left_alone(
    recorded: Recorded, env: dict[str, str]
) -> None:
    recorded.add("xclip")
    assert not copy("x", {**recorded.env, **env}, "linux")
    assert recorded.calls == []


def test_tmux_keeps_it_too(tmux: Tmux) -> None:
    pane = tmux.pane("new-session", "-d", "-s", "one")
    env = {**tmux.env, "TMUX": f"{tmux.socket},1,0", "TMUX_PANE": pane, "SSH_TTY": "/dev/pts/0"}
    assert copy("claude --resume x", env, "linux")
    assert tmux("show-buffer") == "claude --resume x"
