"""The clocks and the terminal of the bench."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import Final

import pytest

from mi6_tui.bench.terminal import Terminal, left_alone
from mi6_tui.bench.timing import Contender, Timed, peak, percentile, resident, time_in_turn

ENV = {"PATH": os.environ["PATH"]}


def test_contenders_take_turns_and_the_first_round_does_not_count() -> None:
    prepared: list[str] = []
    contenders = [
        Contender(name, (sys.executable, "-c", "pass"), ENV, lambda name=name: prepared.append(name))  # type: ignore[misc]
        for name in ("a", "b")
    ]
    timed = time_in_turn(contenders, 2)
    assert {name: run.outputs for name, run in timed.items()} == {"a": (b"", b""), "b": (b"", b"")}
    assert prepared == ["a", "b"] * 3
    assert {name: len(run.seconds) for name, run in timed.items()} == {"a": 2, "b": 2}
    assert all(seconds > 0 for run in timed.values() for seconds in run.seconds)


def test_a_command_that_fails_is_no_measurement() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        time_in_turn([Contender("bad", (sys.executable, "-c", "raise SystemExit(3)"), ENV)], 1)


def test_what_a_command_is_given_and_prints_goes_through() -> None:
    code = "import sys; print(sys.stdin.read().upper(), end='')"
    timed = time_in_turn([Contender("echo", (sys.executable, "-c", code), ENV, given=b"word")], 1)["echo"]
    assert timed.outputs == (b"WORD",)
    assert len(timed.cpu) == 1 and timed.cpu[0] > 0


def test_a_command_that_does_not_wait_for_its_stdin_is_no_failure() -> None:
    given = b"x" * 1_000_000
    timed = time_in_turn([Contender("deaf", (sys.executable, "-c", "pass"), ENV, given=given)], 1)
    assert timed["deaf"].outputs == (b"",)


def test_the_peak_is_that_of_the_command_alone() -> None:
    ballast = bytearray(200_000_000)
    ballast[::4096] = b"x" * len(ballast[::4096])
    assert peak((sys.executable, "-c", "pass"), ENV) < 60_000_000
    assert peak((sys.executable, "-c", "x = b'x' * 90_000_000"), ENV) > 90_000_000
    del ballast


_TWO: Final = """
import subprocess, sys
child = "import sys; x = b'x' * 60_000_000; print(flush=True); sys.stdin.read()"
both = [subprocess.Popen([sys.executable, "-c", child], stdin=-1, stdout=-1) for _ in range(2)]
for one in both: one.stdout.readline()
print("both", flush=True)
sys.stdin.read()
for one in both: one.communicate()
"""


def test_what_lives_at_once_is_weighed_together() -> None:
    argv = (sys.executable, "-c", _TWO)
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None and parent.stdout.readline() == b"both\n"
        found = resident(parent.pid)
        parent.communicate()
    assert 120_000_000 < found < 250_000_000
    assert resident(parent.pid) == 0


def test_a_command_that_fails_has_no_peak() -> None:
    with pytest.raises(subprocess.CalledProcessError) as caught:
        peak((sys.executable, "-c", "raise SystemExit('no such thing')"), ENV)
    assert b"no such thing" in caught.value.stderr


def test_median_and_percentiles() -> None:
    assert Timed("x", (3.0, 1.0, 2.0), (1.0, 5.0, 0.5), ()).median == 2.0
    assert Timed("x", (3.0,), (1.0, 5.0, 0.5), ()).median_cpu == 1.0
    assert percentile([4.0, 3.0, 2.0, 1.0], 0.5) == 2.0
    assert percentile([float(value) for value in range(1, 101)], 0.99) == 99.0
    assert percentile([float(value) for value in range(1, 21)], 0.95) == 19.0
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
        (used,) = left_alone([terminal], settle=0.0, seconds=0.1)
        pid = terminal.pid
        assert terminal.rss() > 1_000_000
    assert used.cpu >= 0
    assert used.written is None or used.written >= 0
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


_SLOW_PANE: Final = """
import sys, time
print("ready", flush=True)
for number, line in enumerate(sys.stdin):
    print(f"row {number}", flush=True)
    time.sleep(0.1)
    print(f"pane {number}", flush=True)
"""


def test_the_answer_to_a_key_holds_its_mark() -> None:
    with Terminal((sys.executable, "-c", _SLOW_PANE), ENV) as terminal:
        terminal.wait_for(b"ready")
        for number in range(2):
            assert terminal.answer(b"x\n", re.compile(b"row %d" % number)) > 0
            terminal.wait_for(b"pane %d" % number)
        # 0.1 s is what the program itself waits, so that it cannot be less.
        assert terminal.answer(b"x\n", re.compile(b"pane 2")) > 0.1


_NEWS: Final = """
import sys, time
print("> row 0 old", flush=True)
for number, line in enumerate(sys.stdin, 1):
    print(f"> row {number - 1} new", flush=True)
    time.sleep(0.1)
    print(f"> row {number} old", flush=True)
"""


def test_a_mark_that_stands_for_what_it_stood_for_before_is_no_answer() -> None:
    with Terminal((sys.executable, "-c", _NEWS), ENV) as terminal:
        terminal.wait_for(b"old")
        for number in range(2, 5, 2):
            assert terminal.answer(b"x\n", re.compile(rb"> row (\d+)")) > 0.1
            assert terminal.answer(b"x\n", re.compile(rb"> row")) > 0
            terminal.wait_for(b"> row %d old" % number)


def test_a_key_that_paints_something_else_is_not_answered() -> None:
    with Terminal((sys.executable, "-c", _SLOW_PANE), ENV) as terminal:
        terminal.wait_for(b"ready")
        with pytest.raises(TimeoutError, match="did not paint b'never'"):
            terminal.answer(b"x\n", re.compile(b"never"), timeout=0.3)


def test_programs_are_left_alone_together() -> None:
    writer = (
        "import sys; print('ready', flush=True); [print('x' * 1000) for _ in range(1000)]; sys.stdin.read()"
    )
    argv = (sys.executable, "-c", writer)
    with Terminal(argv, ENV) as one, Terminal(argv, ENV) as other:
        for terminal in (one, other):
            terminal.wait_for(b"ready")
        used = left_alone([one, other], settle=0.2, seconds=0.1)
    assert len(used) == 2
    with pytest.raises(EOFError), Terminal((sys.executable, "-c", "pass"), ENV) as ended:
        left_alone([ended], settle=30.0, seconds=0.0)


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
