"""Hook calls from real files into a real store: each once, in order, and the files gone afterwards."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mi6_tui.clock import now_ms
from mi6_tui.frameworks import framework
from mi6_tui.ingest.problem import Problem
from mi6_tui.ingest.spool import folder as spool_folder
from mi6_tui.ingest.spool.side import MOST_BYTES, MOST_FILES, Spool
from mi6_tui.model import EventQuery, SessionQuery
from mi6_tui.storage.sqlite import SqliteStorage
from tests.ingest.conftest import Clock
from tests.ingest.spool.hooking import REPOSITORY, Recorded, line, put, recorded, run

SESSION = "8305ea3f-be22-428a-ae5f-19ab502d3133"
CLIENTS = ("claude", "claude-headless", "codex", "gemini", "copilot", "opencode")


def nowhere(cwd: str, at: int) -> None:
    return None


def call(event: str = "Stop", session: str = SESSION, **more: object) -> bytes:
    return json.dumps({"session_id": session, "hook_event_name": event, "cwd": "/p", **more}).encode()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "spool"
    made.mkdir(mode=0o700)
    return made


@pytest.fixture
def look(folder: Path, store: SqliteStorage, clock: Clock) -> Callable[[], tuple[int, list[Problem]]]:
    side = Spool(folder, store, "box", nowhere)

    def once() -> tuple[int, list[Problem]]:
        problems: list[Problem] = []
        return side.look(clock(), problems.append), problems

    return once


Look = Callable[[], tuple[int, list[Problem]]]


def test_a_call_becomes_an_event_and_its_file_goes(
    folder: Path, store: SqliteStorage, look: Look, clock: Clock
) -> None:
    told = {"CLAUDE_PID": "4711", "ppid": "12", "TMUX": "/tmp/tmux-1/default,7,0", "TMUX_PANE": "%3"}
    put(folder, "99", call(), at=clock() - 5000, CLAUDE_CODE_ENTRYPOINT="cli", **told)
    assert look() == (1, [])
    assert list(folder.iterdir()) == []
    (event,) = store.query(EventQuery())
    assert (event.event_type, event.session_id, event.machine_id) == ("Stop", SESSION, "box")
    assert (event.timestamp, event.pid, event.source, event.cwd) == (clock() - 5000, 4711, "hook", "/p")
    session = store.get_session(SESSION)
    assert session is not None
    assert (session.terminal, session.entrypoint) == ("tmux /tmp/tmux-1/default %3", "cli")
    assert session.n_hook_events == 1


def test_the_same_file_again_changes_nothing(
    folder: Path, store: SqliteStorage, look: Look, clock: Clock
) -> None:
    for round_ in range(2):
        put(folder, "99", call(), at=clock() - 5000)
        assert look() == (1 - round_, [])
    # A process id comes again, at another time.
    put(folder, "99", call(), at=clock() - 4000)
    assert look() == (1, [])
    assert store.count() == 2


def test_variables_of_one_client_say_nothing_of_another_it_started(
    folder: Path, store: SqliteStorage, look: Look, clock: Clock
) -> None:
    put(folder, "1", call(), at=clock(), framework="codex", CLAUDE_PID="4711", ppid="12")
    assert look() == (1, [])
    assert store.query(EventQuery())[0].pid == 12


@pytest.mark.parametrize("pid", ["0", "1", "-4", "99999999999", "2147483648", "4711x", "", "٣"])
def test_what_is_no_process_of_a_client(
    folder: Path, store: SqliteStorage, look: Look, clock: Clock, pid: str
) -> None:
    put(folder, "1", call(), at=clock(), ppid=pid)
    assert look() == (1, [])
    assert store.query(EventQuery())[0].pid is None


def test_a_call_from_the_future_counts_as_now(
    folder: Path, store: SqliteStorage, look: Look, clock: Clock
) -> None:
    put(folder, "1", call(), at=clock() + 3_600_000)
    assert look() == (1, [])
    assert store.query(EventQuery())[0].timestamp == clock()


def test_calls_are_read_oldest_first(folder: Path, store: SqliteStorage, look: Look, clock: Clock) -> None:
    for name, at in (("500", 3), ("7", 1), ("60", 2), ("9", 2), ("1000", 2)):
        put(folder, name, call(prompt=name, event="UserPromptSubmit"), at=clock() - 10 + at)
    assert look() == (5, [])
    told = [json.loads(event.payload or "")["prompt"] for event in store.query(EventQuery().order_by_id())]
    assert told == ["7", "9", "60", "1000", "500"]


def test_more_than_a_piece(folder: Path, store: SqliteStorage, look: Look, clock: Clock) -> None:
    for number in range(700):
        put(folder, str(number), call(session=f"s{number % 9}"), at=clock() - number)
    assert look() == (700, [])
    assert store.count() == 700
    assert len(store.list_sessions(SessionQuery())) == 9
    assert list(folder.iterdir()) == []


def test_git_context_is_noted_with_the_time_it_was_seen(
    folder: Path, store: SqliteStorage, clock: Clock
) -> None:
    asked: list[tuple[str, int]] = []

    def git(cwd: str, at: int) -> tuple[str | None, str | None]:
        asked.append((cwd, at))
        return "/p/.git", "owner/name"

    put(folder, "1", call(), at=clock() - 7)
    put(folder, "2", call(event="PreToolUse", agent_id="a1", cwd="/elsewhere"), at=clock() - 6)
    Spool(folder, store, "box", git).look(clock(), lambda problem: None)
    assert asked == [("/p", clock() - 7)]
    session = store.get_session_by_key("box", SESSION)
    assert session is not None
    assert (session.local_git_dir, session.github_repo) == ("/p/.git", "owner/name")


def test_without_a_spool_there_is_nothing_to_do(tmp_path: Path, store: SqliteStorage, clock: Clock) -> None:
    side = Spool(tmp_path / "none", store, "box", nowhere)
    assert side.folders() == ()
    assert side.look(clock(), lambda problem: pytest.fail(str(problem))) == 0
    assert spool_folder.counts(tmp_path / "none") == spool_folder.Counts(waiting=0, dropped=0, quarantined=0)


def test_its_folder_is_watched(folder: Path, tmp_path: Path, store: SqliteStorage) -> None:
    link = tmp_path / "link"
    link.symlink_to(folder)
    assert Spool(link, store, "box", nowhere).folders() == (str(folder.resolve()),)


def test_without_news_nothing_is_written(
    folder: Path, store: SqliteStorage, look: Look, clock: Clock
) -> None:
    put(folder, "1", call(), at=clock())
    look()
    before = (store.path.stat().st_mtime_ns, Path(f"{store.path}-wal").stat().st_mtime_ns)
    assert look() == (0, [])
    assert before == (store.path.stat().st_mtime_ns, Path(f"{store.path}-wal").stat().st_mtime_ns)


_DIES = """
import os, signal, sys
from pathlib import Path
from mi6_tui.ingest.spool.side import Spool
from mi6_tui.storage.sqlite import SqliteStorage

class Dying(SqliteStorage):
    left = int(sys.argv[3])
    def record(self, batch):
        type(self).left -= 1
        if sys.argv[4] == "before" and self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        ids = super().record(batch)
        if sys.argv[4] == "after" and self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return ids

spool = Spool(Path(sys.argv[1]), Dying(sys.argv[2]), "box", lambda cwd, at: ("/g", "o/n"))
spool.look(int(sys.argv[5]), print)
"""


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("piece", [1, 2])
def test_killed_around_a_transaction_nothing_is_lost_or_doubled(
    folder: Path, store: SqliteStorage, look: Look, clock: Clock, moment: str, piece: int
) -> None:
    for number in range(600):
        put(folder, str(number), call(session=f"s{number % 7}"), at=clock() - number)
    command = (sys.executable, "-c", _DIES, str(folder), str(store.path), str(piece), moment, str(clock()))
    killed = subprocess.run(command, cwd=REPOSITORY, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert len(list(folder.iterdir())) == 600 - 256 * (piece - 1)
    assert store.count() == 256 * (piece - (moment == "before"))
    look()
    assert store.count() == 600
    assert list(folder.iterdir()) == []


def test_what_is_too_much_is_dropped_oldest_first_and_counted(
    folder: Path, store: SqliteStorage, look: Look, clock: Clock
) -> None:
    for number in range(3):
        # Sparse: large in name only.
        file = put(folder, f"large{number}", call(), at=clock() - 100 + number)
        os.truncate(file, MOST_BYTES // 2 - 100)
        os.utime(file, ns=(0, (clock() - 100 + number) * 1_000_000))
    put(folder, "small", call(), at=clock())
    new, problems = look()
    assert new == 1
    assert [problem.reason for problem in problems] == [
        "1 hook calls were too many to keep",
        "no hook call: it is larger than 16 MB, and 1 more",
    ]
    assert spool_folder.counts(folder) == spool_folder.Counts(waiting=0, dropped=1, quarantined=2)


def test_more_files_than_are_kept(folder: Path, look: Look, clock: Clock) -> None:
    for number in range(MOST_FILES + 5):
        (folder / str(number)).touch()
        os.utime(folder / str(number), ns=(0, (clock() - 1000) * 1_000_000 + number))
    assert [str(problem) for problem in look()[1]] == [f"{folder}: 5 hook calls were too many to keep"]
    assert not any((folder / str(number)).exists() for number in range(5))
    assert (folder / "5").exists()
    assert spool_folder.counts(folder).dropped == 5


def test_counts_of_the_script_and_of_the_reader_add_up(folder: Path, clock: Clock) -> None:
    (folder / ".dropped").write_text("  2500\n17\nnonsense\n-3\n")
    put(folder, "1", call(), at=clock())
    (folder / ".unfinished").touch()
    assert spool_folder.counts(folder) == spool_folder.Counts(waiting=1, dropped=2517, quarantined=0)


# What clients really called, through the script and the spool, against a count of our own.


def expected(client: str, calls: list[Recorded]) -> Counter[str]:
    """Events of each session, counted from the payloads: one a call, but for what this says."""
    found: Counter[str] = Counter()
    tools: set[tuple[str, str, str]] = set()
    for one in calls:
        told = one.stdin
        session = (
            told.get("session_id") or told.get("sessionId") or told.get("properties", {}).get("sessionID")
        )
        if client == "opencode":
            session = told.get("root") or told["properties"].get("info", {}).get("parentID") or session
        if client == "copilot" and told.get("agentId") == session:
            session = told["parentAgentId"]
        if one.event in _UNUSED or session is None:
            continue
        ended = {
            "PostToolUse": "end",
            "PostToolUseFailure": "end",
            "PostToolBatch": "end",
            "PreToolUse": "call",
        }
        if one.event in ended:
            # Whoever tells the start or the end of a tool tells the same.
            for tool in told.get("tool_calls", [told]):
                tools.add((session, tool["tool_use_id"], ended[one.event]))
        else:
            found[session] += 1
    found.update(session for session, _, _ in tools)
    return found


_UNUSED = {
    "ConfigChange",
    "CwdChanged",
    "DirectoryAdded",
    "FileChanged",
    "PreModelRequest",
    "PreModelSwitch",
    "Setup",
    "TaskCompleted",
    "TaskCreated",
    "UserPromptExpansion",
    "WorktreeCreate",
    "WorktreeRemove",
}


@pytest.mark.parametrize("client", CLIENTS)
def test_recorded_calls_through_script_and_spool(
    folder: Path, store: SqliteStorage, look: Look, clock: Clock, client: str
) -> None:
    calls = recorded(client)
    name = client.removesuffix("-headless")
    for one in calls:
        before = set(folder.iterdir())
        command = line(folder, framework=name, event=one.event if name in ("copilot", "opencode") else "")
        assert run(command, one.payload, env=one.env) == (0, b"")
        (file,) = set(folder.iterdir()) - before
        # Names of processes come again within a test: the time is the recorded one.
        os.utime(file, ns=(0, one.at * 1_000_000))
    clock.ms = max(one.at for one in calls) + 1000
    _, problems = look()
    assert len(list(folder.glob("[!.q]*"))) == 0
    by_session = Counter(event.session_id for event in store.query(EventQuery()))
    assert by_session == expected(name, calls)
    unused = sum(one.event in _UNUSED for one in calls)
    assert spool_folder.counts(folder).quarantined == unused
    assert len(problems) == (unused > 0)
    assert all(len((event.payload or "").encode()) <= 2048 for event in store.query(EventQuery()))
    assert set(framework(name).hooks().events).isdisjoint(_UNUSED)


def test_hooks_that_come_while_the_spool_is_worked_off(folder: Path, store: SqliteStorage) -> None:
    side = Spool(folder, store, "box", nowhere)
    problems: list[Problem] = []
    with ThreadPoolExecutor(8) as pool:
        payloads = [call("UserPromptSubmit", session=f"s{n % 5}", prompt=f"prompt {n}") for n in range(120)]
        ends = [pool.submit(run, line(folder), payload) for payload in payloads]
        while not all(end.done() for end in ends):
            side.look(now_ms(), problems.append)
    side.look(now_ms(), problems.append)
    told = [json.loads(event.payload or "")["prompt"] for event in store.query(EventQuery())]
    assert sorted(told) == sorted(f"prompt {n}" for n in range(120))
    assert problems == []
    assert list(folder.iterdir()) == []
