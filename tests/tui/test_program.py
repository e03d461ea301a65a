"""The user's own program: a real one, that says what it was told."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

from mi6_tui.tui.notify import Note
from mi6_tui.tui.program import AT_ONCE, Programs, variables
from tests.tui.makers import session

WRITES = "import os, sys; open(sys.argv[1], 'w').write(repr(dict(os.environ)))"
KNOWN = session(
    "s1",
    title="Port\x1b[31m the parser",
    status_shown="waiting",
    status_detail="permission: Bash npm test",
    cwd="/src/two  spaces",
    framework="claude",
)
NOTE = Note(title="waiting · greet", body="Port the parser: permission", shown="waiting", session=KNOWN)
TOLD = {
    "MI6_SESSION": "s1",
    "MI6_STATUS": "waiting",
    "MI6_REASON": "permission: Bash npm test",
    "MI6_NAME": "Port the parser",
    "MI6_CWD": "/src/two  spaces",
    "MI6_FRAMEWORK": "claude",
}


class Failures:
    """What went wrong."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def __call__(self, why: str) -> None:
        self.told.append(why)


def ended() -> None:
    """Wait until every program has ended."""
    for thread in [thread for thread in threading.enumerate() if thread.name == "program"]:
        thread.join()


def wait(path: Path) -> str:
    """What a program writes into the pipe at `path` once it ran."""
    return path.read_text()


def test_what_it_is_told() -> None:
    assert variables(NOTE) == TOLD
    assert variables(Note(title="5 sessions need you", body="5 waiting", shown="waiting")) == {
        "MI6_SESSION": "",
        "MI6_STATUS": "waiting",
        "MI6_REASON": "5 waiting",
        "MI6_NAME": "5 sessions need you",
        "MI6_CWD": "",
        "MI6_FRAMEWORK": "",
    }


def test_a_real_program_finds_it_in_its_environment(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    failures = Failures()
    programs = Programs(failures)
    programs.start((sys.executable, "-c", WRITES, str(pipe)), variables(NOTE))
    told = eval(wait(pipe))  # what the program printed with repr
    assert {name: told[name] for name in TOLD} == TOLD
    assert failures.told == []


def test_no_text_makes_it_fail_to_start(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    hostile = session("s1", title="\0\ud83d", cwd="/\0\ud83d\udcff", status_detail="\0" * 9000)
    note = Note(title="\0", body="", shown="waiting", session=hostile)
    Programs(Failures()).start((sys.executable, "-c", WRITES, str(pipe)), variables(note))
    assert eval(wait(pipe))["MI6_CWD"] == "/??"


def test_its_failure_is_told_once() -> None:
    failures = Failures()
    programs = Programs(failures)
    for _ in range(2):
        programs.start(("/nowhere/[bold]", "x"), {})
        ended()
    assert failures.told == [
        "notifications.command: /nowhere/[bold] cannot be started: No such file or directory"
    ]
    programs.start(("sh", "-c", "exit 3"), {})
    ended()
    assert failures.told[1:] == ["notifications.command: sh ended with 3"]


def test_a_program_that_never_ends_does_not_pile_up(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    failures = Failures()
    programs = Programs(failures)
    reads = ("sh", "-c", 'cat "$0" > /dev/null', str(pipe))
    for _ in range(AT_ONCE + 1):
        programs.start(reads, {})
    assert failures.told == ["notifications.command: sh still runs 4 times, so it is not started again"]
    held = threading.Thread(target=_let_go, args=(pipe,))
    held.start()
    ended()
    held.join()
    assert len(failures.told) == 1


def _let_go(pipe: Path) -> None:
    """Until all that read from `pipe` are gone: each ends with the end of a writer."""
    while any(thread.name == "program" for thread in threading.enumerate()):
        try:
            os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
        except OSError:
            continue
