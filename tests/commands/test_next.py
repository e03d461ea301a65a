"""`next`: who most needs the user, for status bars."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mi6_tui.clock import now_ms
from mi6_tui.commands.next import GLYPHS, line
from mi6_tui.commands.schema import TYPES
from mi6_tui.model import Batch, Event, EventType, Session, SessionFact
from mi6_tui.report.cells import width
from mi6_tui.storage.sqlite import SqliteStorage
from tests.commands.conftest import Cli
from tests.commands.test_terminal import on_terminal

MINUTE = 60_000
HERE = os.uname().nodename


class Sessions:
    """Puts sessions into the store that the program reads."""

    def __init__(self, path: Path) -> None:
        self._store = SqliteStorage(path)
        self._order = 0
        self.now = now_ms()

    def close(self) -> None:
        self._store.close()

    def add(self, session: str, kind: str, ago: int, **fields: Any) -> None:
        """A session that was asked something a minute before `kind` happened, `ago` ms ago."""
        usual: dict[str, Any] = {
            "machine_id": HERE,
            "session_id": session,
            "framework": "claude",
            "cwd": f"/work/{session}",
            "source": "hook",
        }
        prompt = json.dumps({"prompt": f"Please {session}"})
        for event in (
            {
                "event_type": EventType.USER_PROMPT_SUBMIT,
                "timestamp": self.now - ago - MINUTE,
                "payload": prompt,
            },
            {"event_type": kind, "timestamp": self.now - ago, **fields},
        ):
            self._store.insert(Event(**usual | event))

    def fact(self, session: str, name: str, value: str) -> None:
        """Something that is known of a session; the latest holds."""
        self._order += 1
        known = SessionFact(
            machine_id=HERE, session_id=session, name=name, value=value, timestamp=1, order=(self._order, 0)
        )
        self._store.record(Batch(facts=(known,)))


@pytest.fixture
def sessions(cli: Cli) -> Iterator[Sessions]:
    made = Sessions(cli.store)
    yield made
    made.close()


@pytest.fixture
def several(sessions: Sessions) -> Sessions:
    """Two that wait, one in error, one whose turn ended, one at work, one that is over."""
    sessions.add("late", EventType.PERMISSION_REQUEST, 1 * MINUTE, tool_name="Edit")
    sessions.add(
        "api",
        EventType.PERMISSION_REQUEST,
        4 * MINUTE + 20_000,
        tool_name="Bash",
        payload=json.dumps({"command": "npm test"}),
    )
    sessions.add("broken", EventType.API_ERROR, 2 * MINUTE, outcome="rate limit")
    sessions.add("quiet", EventType.STOP, 20 * MINUTE)
    sessions.add("works", EventType.PRE_TOOL_USE, 1_000, tool_name="Bash")
    sessions.add("over", EventType.SESSION_END, 30 * MINUTE)
    return sessions


def test_the_one_that_waits_longest_in_one_line(cli: Cli, several: Sessions) -> None:
    told = cli.ok("next")
    assert told.startswith("◆ waiting 4m  api: permission: Bash")
    assert told.endswith("  (3 more)\n")
    assert told.count("\n") == 1


def test_json_is_the_session_and_how_many_there_are(cli: Cli, several: Sessions) -> None:
    told = cli.json("next")
    msgspec.convert(told, TYPES["next"])
    assert told.pop("waiting") == {"waiting": 2, "error": 1, "your turn": 1}
    assert told == cli.json("session", "api")


def test_an_error_comes_before_a_turn_that_ended(cli: Cli, sessions: Sessions) -> None:
    sessions.add("quiet", EventType.STOP, 20 * MINUTE)
    assert cli.ok("next") == "○ your turn 20m  quiet: Please quiet\n"
    sessions.add("broken", EventType.API_ERROR, 3 * MINUTE, outcome="rate limit")
    assert cli.ok("next") == "▲ error 3m  broken: rate limit  (1 more)\n"


@pytest.mark.parametrize("args", [("next",), ("next", "--json"), ("next", "--focus"), ("next", "--no-scan")])
def test_nobody_needs_the_user(cli: Cli, sessions: Sessions, args: tuple[str, ...]) -> None:
    sessions.add("works", EventType.PRE_TOOL_USE, 1_000, tool_name="Bash")
    sessions.add("over", EventType.SESSION_END, 30 * MINUTE)
    done = cli.run(*args)
    assert (done.returncode, done.stdout, done.stderr) == (3, "", "")


def test_on_a_terminal_it_says_that_nobody_needs_the_user(cli: Cli) -> None:
    with on_terminal(cli, "next") as screen:
        assert screen.finish() == 3
    assert screen.seen == b"mi6-tui: no session needs you\r\n"


def test_a_headless_run_that_ended_is_not_waited_for(cli: Cli, sessions: Sessions) -> None:
    sessions.add("run", EventType.STOP, 5 * MINUTE)
    sessions.fact("run", "entrypoint", "sdk-cli")
    assert cli.run("next").returncode == 3


def test_the_line_fits_the_terminal_and_foreign_text_is_tame(cli: Cli, sessions: Sessions) -> None:
    hostile = "\x1b]0;owned\x07" + "修复登录页面 " * 30
    payload = json.dumps({"command": hostile})
    for session in ("one", "two"):
        sessions.add(session, EventType.PERMISSION_REQUEST, 5 * MINUTE, tool_name="Bash", payload=payload)
    with on_terminal(cli, "next", columns=50) as screen:
        assert screen.finish() == 0
    told = screen.seen.decode().rstrip("\r\n")
    assert sum(2 if char > "⺀" else 1 for char in told) <= 50
    assert told.endswith("(1 more)")
    assert not set(screen.seen) & {0x1B, 0x07}
    assert width(cli.ok("next").rstrip("\n")) <= 120


@pytest.mark.parametrize("cells", [1, 5, 10, 20, 40, 80])
@pytest.mark.parametrize("shown", list(GLYPHS))
def test_no_line_is_wider_than_it_may_be(cells: int, shown: str) -> None:
    session = Session(
        machine_id="m",
        session_id="x" * 100,
        first_started_at=0,
        last_started_at=0,
        last_activity=0,
        status_shown=shown,
        status_since=5_000,
    )
    told = line([session] * 1_000, 0, cells)
    assert 0 < width(told) <= cells
    if cells >= 40:
        assert told.startswith(f"{GLYPHS[shown]} {shown} 0s  xxx")
        assert told.endswith("xx…  (999 more)")


def test_focus_says_what_is_known_of_a_terminal_it_cannot_go_to(cli: Cli, sessions: Sessions) -> None:
    sessions.add("api", EventType.STOP, MINUTE, pid=4_711)
    assert "nothing tells its terminal, process 4711, in the folder /work/api" in cli.fails(
        1, "next", "--focus"
    )
    sessions.fact("api", "terminal", "kitty 3")
    assert "it runs in kitty 3, process 4711" in cli.fails(1, "next", "--focus")
    for hostile in ("tmux relative %1", "tmux /a\x1b[31m %1;kill-server", "tmux", "tmux /x", "\x1b]0;x\x07"):
        sessions.fact("api", "terminal", hostile)
        told = cli.fails(1, "next", "--focus")
        assert told.isprintable()


def test_focus_leaves_other_machines_alone(cli: Cli, sessions: Sessions) -> None:
    sessions.add("api", EventType.STOP, MINUTE, machine_id="elsewhere")
    assert "runs on another machine, elsewhere" in cli.fails(1, "next", "--focus")


def loaded(tmp_path: Path, *argv: str) -> set[str]:
    """The modules that a command has loaded at its end."""
    code = (
        "import sys\nfrom mi6_tui.cli import main\n"
        f"main([*{argv!r}, '--json', '--db', {str(tmp_path / 'mi6.db')!r}])\n"
        "print(file=sys.stderr)\nprint(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run((sys.executable, "-c", code), capture_output=True, text=True, check=True)
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("scan", [(), ("--no-scan",)])
def test_it_loads_no_more_than_the_list_of_sessions(tmp_path: Path, scan: tuple[str, ...]) -> None:
    assert loaded(tmp_path, "next", *scan) - loaded(tmp_path, "sessions", *scan) == {"mi6_tui.commands.next"}
