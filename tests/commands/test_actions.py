"""Actions of the program as a user starts it: what the terminal is sent, and what read-only leaves undone."""

from __future__ import annotations

import base64
import os
import re

import pytest

from tests.commands.conftest import Cli
from tests.commands.test_terminal import on_terminal


def osc_52(seen: bytes) -> list[str]:
    found = re.findall(rb"\x1b\]52;c;([A-Za-z0-9+/=]+)\x07", seen)
    return [base64.b64decode(content).decode() for content in found]


def test_the_terminal_is_sent_the_bytes(cli: Cli) -> None:
    with on_terminal(cli, "demo") as screen:
        screen.read_until(b"quit")
        os.write(screen.master, b"y")
        screen.read_until(b"resume command")
        os.write(screen.master, b"i")
        screen.read_until(b"\x1b]52;c;")
        screen.read_until(b"sent to the clipboard")
        os.write(screen.master, b"q")
        assert screen.finish() == 0
    ids = [one["session_id"] for one in cli.json("demo")]
    (copied,) = osc_52(screen.seen)
    assert copied in ids


@pytest.mark.parametrize("args", [("--read-only", "demo"), ("demo", "--read-only"), ("--read-only",)])
def test_read_only_on_the_command_line(cli: Cli, args: tuple[str, ...]) -> None:
    with on_terminal(cli, *args, columns=120) as screen:
        screen.read_until(b"quit")
        os.write(screen.master, b"x")
        screen.read_until(b"read-only: nothing outside")
        os.write(screen.master, b"q")
        assert screen.finish() == 0


def test_read_only_goes_to_no_terminal_either(cli: Cli) -> None:
    assert "read-only" in cli.fails(4, "--read-only", "next", "--focus")
