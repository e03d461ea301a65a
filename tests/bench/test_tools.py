"""The clocks and the terminal of the bench."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from mi6_tui.bench.terminal import Terminal
from mi6_tui.bench.timing import Contender, Timed, peak, percentile, time_in_turn

ENV = {"PATH": os.environ["PATH"]}


def test_contenders_take_turns_and_the_first_round_does_not_count() -> None:
    prepared: list[str] = []
    contenders = [
        Contender(name, (sys.executable, "-c", "pass"), ENV, lambda name=name: prepared.append(name))  # type: ignore[misc]
        for name in ("a", "b")
    ]
    timed = time_in_turn(contenders, 2)
    assert prepared == ["a", "b"] * 3
    assert {name: len(run.seconds) for name, run in timed.items()} == {"a": 2, "b": 2}
    assert all(seconds > 0 for run in timed.values() for seconds in run.seconds)


def test_a_command_that_fails_is_no_measurement() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        time_in_turn([Contender("bad", (sys.executable, "-c", "raise SystemExit(3)"), ENV)], 1)


def test_what_a_command_is_given_and_prints_goes_through() -> None:
    code = "import sys; print(sys.stdin.read().upper(), end='')"
    timed = time_in_turn([Contender("echo", (sys.executable, "-c", code), ENV, given=b"word")], 1)["echo"]
    assert timed.output == b"WORD"
    assert len(timed.cpu) == 1 and timed.cpu[0] > 0


def test_a_command_that_does_not_wait_for_its_stdin_is_no_failure() -> None:
    given = b"x" * 1_000_000
    timed = time_in_turn([Contender("deaf", (sys.executable, "-c", "pass"), ENV, given=given)], 1)
    assert timed["deaf"].output == b""


def test_the_peak_is_that_of_the_command_alone() -> None:
    ballast = bytearray(200_000_000)
    ballast[::4096] = b"x" * len(ballast[::4096])
    assert peak((sys.executable, "-c", "pass"), ENV) < 60_000_000
    assert peak((sys.executable, "-c", "x = b'x' * 90_000_000"), ENV) > 90_000_000
    del ballast


def test_median_and_percentiles() -> None:
    assert Timed("x", (3.0, 1.0, 2.0), (1.0, 5.0, 0.5), b"").median == 2.0
    assert Timed("x", (3.0,), (1.0, 5.0, 0.5), b"").median_cpu == 1.0
    assert percentile([5.0, 1.0, 3.0, 2.0, 4.0], 0.5) == 3.0
    assert percentile([1.0, 2.0], 0.99) == 2.0
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


_PROGRAM = """
import shutil, sys
size = shutil.get_terminal_size()
print(f"{size.columns}x{size.lines}", flush=True)
print("typed", sys.stdin.readline().strip(), flush=True)
sys.stdin.readline()
"""


def test_a_program_in_the_terminal_is_seen_typed_at_and_weighed() -> None:
    with Terminal((sys.executable, "-c", _PROGRAM), ENV, columns=97, rows=31) as terminal:
        assert terminal.wait_for(b"97x31") > 0
        terminal.press(b"hello\n")
        terminal.wait_for(b"typed hello")
        used = terminal.idle(settle=0.0, seconds=0.1)
        pid = terminal.pid
    assert used.rss > 1_000_000
    assert 0 <= used.cpu < 1
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_the_answer_to_a_key_is_what_it_paints_and_not_what_was_painted_before() -> None:
    code = "import sys\nprint('ready', flush=True)\nfor line in sys.stdin: print('heard', flush=True)"
    with Terminal((sys.executable, "-c", code), ENV) as terminal:
        terminal.wait_for(b"ready")
        assert 0 < terminal.answer(b"x\n") < 5
        terminal.drain(0.0)


def test_a_program_that_ends_is_not_waited_for() -> None:
    with (
        Terminal((sys.executable, "-c", "print('last words')"), ENV) as terminal,
        pytest.raises(EOFError, match="last words"),
    ):
        terminal.wait_for(b"never")


def test_what_is_never_painted_times_out() -> None:
    with (
        Terminal((sys.executable, "-c", "input()"), ENV) as terminal,
        pytest.raises(TimeoutError, match="never"),
    ):
        terminal.wait_for(b"never", timeout=0.05)
