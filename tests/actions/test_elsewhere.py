"""Sessions of other machines: what is run to see them here, and what is never made of hostile words."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from mi6_tui.actions.elsewhere import attach_command
from mi6_tui.actions.errors import FocusError
from tests.actions.sessions import session

FAR = "build-01"


def command(terminal: str | None, address: str | None = "me@build-01") -> tuple[str, ...]:
    return attach_command(session(machine_id=FAR, terminal=terminal), address)


@pytest.mark.parametrize(
    ("terminal", "line"),
    [
        (
            "tmux /tmp/tmux-7/default %3",
            "tmux -S /tmp/tmux-7/default select-window -t %3 ';' select-pane -t %3 ';' attach-session -t %3",
        ),
        ("zellij my work 3", "zellij attach -- 'my work'"),
        ("screen 1234.pts-0", "screen -x 1234.pts-0"),
    ],
)
def test_multiplexers_are_attached_to(terminal: str, line: str) -> None:
    assert command(terminal) == ("ssh", "-t", "--", "me@build-01", line)


@pytest.mark.parametrize(
    "socket", ["/tmp/a b;touch owned", "/tmp/$(touch owned)", "/tmp/`touch owned`", "/tmp/'x' \"y\" &"]
)
def test_a_hostile_name_is_one_word_there(socket: str, tmp_path: Path) -> None:
    line = command(f"tmux {socket} %3")[-1]
    # What the shell there makes of it, told by a program in tmux's place.
    told = f"import sys; print(sys.argv[2] == {socket!r})"
    words = shlex.join((sys.executable, "-c", told)) + line.removeprefix("tmux")
    done = subprocess.run(["/bin/sh", "-c", words], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("terminal", "why"),
    [
        (None, "nothing tells in which terminal"),
        ("kitty 4", "in kitty 4"),
        ("tmux", "in tmux"),
        ("tmux /tmp/a\nb %3", "in tmux /tmp/a b %3"),
        ("iTerm.app", "in iTerm.app"),
    ],
)
def test_other_terminals_are_named(terminal: str | None, why: str) -> None:
    with pytest.raises(FocusError) as caught:
        command(terminal)
    assert caught.value.message == (
        f"'s' runs on build-01, {why}: only tmux, zellij and screen can be attached to"
    )


def test_without_an_address_the_line_to_write_is_told() -> None:
    with pytest.raises(FocusError) as caught:
        attach_command(session(machine_id='a"b', terminal="screen 1"), None)
    assert str(caught.value) == (
        "'s' runs on another machine, a\"b; "
        'say in the settings how to get there: [machines."a\\"b"] ssh = "user@host"'
    )


@pytest.mark.parametrize("address", ["-oProxyCommand=touch owned", "me@host; touch owned", ""])
def test_an_address_that_is_none_is_not_tried(address: str) -> None:
    with pytest.raises(FocusError, match="cannot be reached"):
        command("screen 1", address)
