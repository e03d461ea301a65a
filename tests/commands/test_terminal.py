"""The program on a terminal: the bare command, colours and widths."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import sqlite3
import struct
import subprocess
import termios
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager

import pytest

from mi6_tui.tui.terminal import ASIDE
from tests.commands.conftest import PROGRAM, Cli
from tests.commands.transcripts import write_session


class Screen:
    """A pseudo terminal with the program on it; everything it wrote is in `seen`."""

    def __init__(self, argv: Sequence[str], env: dict[str, str], columns: int) -> None:
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.before = termios.tcgetattr(self.slave)
        self.process = subprocess.Popen(
            argv, env=env, stdin=self.slave, stdout=self.slave, stderr=self.slave, start_new_session=True
        )
        self.seen = b""

    def read_until(self, text: bytes) -> None:
        """Wait until `text` was written; the test's timeout is the limit."""
        while text not in self.seen:
            self.seen += os.read(self.master, 1 << 16)

    def finish(self) -> int:
        """The exit code, once everything it wrote is read."""
        while self.process.poll() is None or select.select([self.master], [], [], 0)[0]:
            if select.select([self.master], [], [], 0.05)[0]:
                self.seen += os.read(self.master, 1 << 16)
        return self.process.wait()

    def is_restored(self) -> bool:
        """Whether the terminal's modes are those from before."""
        return termios.tcgetattr(self.slave) == self.before


@contextmanager
def on_terminal(
    cli: Cli, *args: str, columns: int = 80, env: Mapping[str, str] | None = None
) -> Iterator[Screen]:
    screen = Screen((*PROGRAM, *args), {**cli.env, "TERM": "xterm-256color", **(env or {})}, columns)
    try:
        yield screen
    finally:
        screen.process.kill()
        screen.process.wait()
        os.close(screen.master)
        os.close(screen.slave)


@pytest.mark.parametrize("args", [(), ("demo",)])
def test_the_dashboard_starts_and_q_gives_the_terminal_back(cli: Cli, args: tuple[str, ...]) -> None:
    write_session(cli.home, "a1")
    with on_terminal(cli, *args) as screen:
        screen.read_until(b"quit")
        assert not screen.is_restored()
        os.write(screen.master, b"q")
        assert screen.finish() == 0
        assert screen.is_restored()
        assert screen.seen.count(b"\x1b[?1049h") == screen.seen.count(b"\x1b[?1049l") == 1
        assert b"Traceback" not in screen.seen


def test_a_terminal_without_unicode_keeps_its_columns(cli: Cli) -> None:
    plain = {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    with on_terminal(cli, "demo", env=plain) as screen:
        screen.read_until(b"quit")
        assert b"\\u25" not in screen.seen
        assert b"? permission" in screen.seen
        os.write(screen.master, b"q")
        assert screen.finish() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_ends_the_dashboard_and_gives_the_terminal_back(cli: Cli, number: signal.Signals) -> None:
    with on_terminal(cli) as screen:
        screen.read_until(b"quit")
        screen.process.send_signal(number)
        assert screen.finish() == 128 + number
        assert screen.is_restored()
        assert screen.seen.count(b"\x1b[?1049h") == screen.seen.count(b"\x1b[?1049l") == 1
        assert b"Traceback" not in screen.seen


def test_a_terminal_that_is_gone_ends_the_dashboard(cli: Cli) -> None:
    with on_terminal(cli) as screen:
        screen.read_until(b"quit")
        with open(os.devnull, "rb") as nothing:
            os.dup2(nothing.fileno(), screen.master)
        screen.process.send_signal(signal.SIGHUP)  # as the system does to whoever the terminal belongs to
        assert screen.process.wait(20) > 0


def test_marks_that_could_not_be_written_are_told_at_the_end(cli: Cli) -> None:
    write_session(cli.home, "a1", prompt="Port the parser")
    with on_terminal(cli) as screen:
        screen.read_until(b"Nothing is running")
        os.write(screen.master, b"a")
        screen.read_until(b"Port the parser")
        with closing(sqlite3.connect(cli.store, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            os.write(screen.master, b".q")
            assert screen.finish() == 1
        assert screen.is_restored()
        assert b"1 mark could not be written" in screen.seen.rpartition(b"\x1b[?1049l")[2]


@pytest.mark.parametrize(("args", "kept"), [((), True), (("--read-only",), False)])
def test_queries_are_remembered_unless_nothing_may_be_written(
    cli: Cli, args: tuple[str, ...], kept: bool
) -> None:
    with on_terminal(cli, *args) as screen:
        screen.read_until(b"No sessions yet")
        os.write(screen.master, b"/")
        screen.read_until(b"0 of 0")
        os.write(screen.master, b"branch~feat\r")
        screen.read_until(b"Esc shows all")
        os.write(screen.master, b"q")
        assert screen.finish() == 0
    assert (cli.store.parent / "typed").exists() == kept


def test_ctrl_z_suspends_and_coming_back_paints_everything_again(cli: Cli) -> None:
    with on_terminal(cli, "demo") as screen:
        screen.read_until(b"quit")
        os.write(screen.master, b"\x1a")
        screen.read_until(b"\x1b[?1049l")
        _, status = os.waitpid(screen.process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        assert screen.is_restored()
        screen.seen = b""
        screen.process.send_signal(signal.SIGCONT)
        for text in (b"need you", b"Session", b"quit"):
            screen.read_until(text)
        os.write(screen.master, b"q")
        assert screen.finish() == 0
        assert screen.is_restored()


def test_to_be_told_to_continue_without_a_stop_changes_nothing(cli: Cli) -> None:
    with on_terminal(cli, "demo") as screen:
        screen.read_until(b"quit")
        screen.seen = b""
        screen.process.send_signal(signal.SIGCONT)
        screen.read_until(b"\x1b[?1049h")
        screen.process.terminate()  # a key of this very moment would be dropped with what was typed before
        assert screen.finish() == 128 + signal.SIGTERM
        assert screen.is_restored()


def test_keys_that_come_before_the_demo_can_read_them_are_not_seen(cli: Cli) -> None:
    with on_terminal(cli, env={"TMPDIR": str(cli.home)}) as screen:
        screen.read_until(b"No sessions yet")
        screen.seen = b""
        os.write(screen.master, b"D")
        screen.read_until(b"\x1b[?1049l\x1b[?25h\x1b[?1004l" + ASIDE.encode())
        os.write(screen.master, b"5jjjkkk")
        screen.read_until(b"system")  # the demo reads them, all the same
        assert b"5jjj" not in screen.seen
        screen.seen = b""
        os.write(screen.master, b"q")
        screen.read_until(b"No sessions yet")
        os.write(screen.master, b"q")
        assert screen.finish() == 0
        assert screen.is_restored()


def test_a_table_fits_the_terminal_and_state_has_colour_beside_its_word(cli: Cli) -> None:
    with on_terminal(cli, "sessions") as empty:
        assert empty.finish() == 0
    write_session(cli.home, "0123456789", prompt="修复登录页面 " * 30)
    with on_terminal(cli, "sessions", columns=60) as screen:
        assert screen.finish() == 0
    lines = re.sub(r"\x1b\[[\d;]*m", "", screen.seen.decode()).splitlines()
    assert "\x1b[2m" in screen.seen.decode(), "what has ended is drawn quietly"
    assert "01234567  " in lines[1] and "修复登录" in lines[1] and "…" in lines[1]
    assert "0123456789" not in lines[1]
    assert all(sum(2 if char > "⺀" else 1 for char in line) <= 60 for line in lines)


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_colour_can_be_declined(cli: Cli, env: dict[str, str]) -> None:
    write_session(cli.home, "a1")
    with on_terminal(cli, "sessions", env=env) as screen:
        assert screen.finish() == 0
    assert b"\x1b" not in screen.seen


def test_foreign_control_characters_do_not_reach_the_terminal(cli: Cli) -> None:
    write_session(cli.home, "a1", prompt="\x1b]0;owned\x07\x1b[2J\x9b31mhello")
    for command in (("sessions",), ("session", "a1"), ("events",)):
        with on_terminal(cli, *command, env={"NO_COLOR": "1"}) as screen:
            assert screen.finish() == 0
        assert b"hello" in screen.seen
        assert not set(screen.seen) & {0x1B, 0x07}
        assert "\x9b" not in screen.seen.decode()
