"""Other processes that read ahead: the same rows as without, whatever becomes of them."""

from __future__ import annotations

import gzip
import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import zstandard

from mi6_tui import frameworks
from mi6_tui.frameworks.base import Kind
from mi6_tui.ingest import helpers, reading
from mi6_tui.ingest.catalogue import Known
from mi6_tui.ingest.helpers import Helpers, helpers_for
from mi6_tui.ingest.progress import Progress, ScanReport
from mi6_tui.ingest.run import Work
from mi6_tui.ingest.scanner import Scanner
from mi6_tui.ingest.turn import TURN_BYTES, Source
from mi6_tui.storage.sqlite import SqliteStorage
from tests.ingest.growth import NOW, contents, final_files

DATA = Path(__file__).parents[1] / "data"
REPOSITORY = Path(__file__).parents[2]
CLIENTS = ("claude", "codex", "copilot", "gemini")
LARGE = "-work-large/11111111-1111-4111-8111-111111111111.jsonl"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Transcripts of all clients, one of them compressed, one of several turns."""
    home = tmp_path / "home"
    for client in CLIENTS[1:]:
        below = DATA / client / "home"
        for path in sorted(below.rglob("*.jsonl.gz")):
            data, name = gzip.decompress(path.read_bytes()), str(path.relative_to(below)).removesuffix(".gz")
            write(home / name, data)
    for name, data in final_files().items():
        write(home / ".claude" / "projects" / name, data)
    write(home / ".claude" / "projects" / LARGE, large())
    rollout = min((home / ".codex").rglob("*.jsonl"))
    write(rollout.with_name(f"{rollout.name}.zst"), zstandard.compress(rollout.read_bytes()))
    rollout.unlink()
    return home


def write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (NOW / 1000 - 9999, NOW / 1000 - 9999))


def large() -> bytes:
    """More than two turns can read."""
    return b"".join(prompt(number, "word " * 10_000) for number in range(2 * TURN_BYTES // 50_000 + 10))


def prompt(number: int, words: str) -> bytes:
    """A line of the large session."""
    line = {
        "type": "user",
        "uuid": f"u{number}",
        "sessionId": Path(LARGE).stem,
        "timestamp": "2026-11-01T10:00:00.000Z",
        "message": {"role": "user", "content": words},
    }
    return json.dumps(line).encode() + b"\n"


@pytest.fixture
def helped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Helpers also for little, and as on a machine with three processors."""
    monkeypatch.setattr(helpers, "WORTH_HELP", 1)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2}, raising=False)


def ticking() -> Iterator[float]:
    seconds = 0.0
    while True:
        yield (seconds := seconds + 1)


def scan(home: Path, store: Path, **options: object) -> tuple[ScanReport, object]:
    """One scan: what it says, and what is in the store then."""
    storage = SqliteStorage(store, clock=lambda: NOW)
    seconds = ticking()
    scanner = Scanner(
        storage,
        [frameworks.framework(name) for name in CLIENTS],
        "box",
        env={},
        home=home,
        clock=lambda: NOW,
        monotonic=lambda: next(seconds),
    )
    try:
        report = scanner.scan_once(**options)  # type: ignore[arg-type]
        positions = [position for _, position in storage.query_transcript_positions()]
        return report, (contents(storage, home), positions)
    finally:
        storage.close()


def children() -> list[psutil.Process]:
    """Of this process, zombies included."""
    return psutil.Process().children()


def test_the_rows_are_those_of_a_scan_by_one_process(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, helped: None
) -> None:
    seen: set[int] = set()
    report, ours = scan(
        home, tmp_path / "ours.db", on_progress=lambda _: seen.update(child.pid for child in children())
    )
    assert len(seen) == 2
    assert children() == [], "not even as zombies"
    monkeypatch.setattr(helpers, "WORTH_HELP", 10**12)
    alone, expected = scan(home, tmp_path / "alone.db", on_progress=lambda _: seen.clear())
    assert ours == expected
    told = ("files", "bytes", "lines", "events", "requests", "malformed", "skipped", "sessions", "problems")
    assert [getattr(report, name) for name in told] == [getattr(alone, name) for name in told]
    assert report.bytes == sum(path.stat().st_size for path in home.rglob("*") if path.is_file())


@pytest.mark.parametrize("seed", range(6))
def test_helpers_that_are_killed_at_any_moment_lose_nothing(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, helped: None, seed: int
) -> None:
    chance = random.Random(seed)
    killed: list[int] = []

    def kill(_: Progress) -> None:
        for child in children():
            if child.status() != psutil.STATUS_ZOMBIE and chance.random() < 0.2:
                child.kill()
                killed.append(child.pid)

    _, ours = scan(home, tmp_path / "ours.db", on_progress=kill)
    assert killed
    assert children() == []
    monkeypatch.setattr(helpers, "WORTH_HELP", 10**12)
    assert ours == scan(home, tmp_path / "alone.db")[1]


def test_a_file_that_grows_while_helpers_read_it_is_read_once(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, helped: None
) -> None:
    live = home / ".claude" / "projects" / LARGE
    grown: list[Progress] = []

    def grow(progress: Progress) -> None:
        with live.open("ab") as file:
            file.write(prompt(1000 + len(grown), "more"))
        grown.append(progress)

    first, _ = scan(home, tmp_path / "ours.db", on_progress=grow)
    second, ours = scan(home, tmp_path / "ours.db")
    monkeypatch.setattr(helpers, "WORTH_HELP", 10**12)
    alone, expected = scan(home, tmp_path / "alone.db")
    assert ours == expected
    assert len(grown) > 10
    assert first.lines + second.lines == alone.lines


def test_helpers_that_hang_are_given_up(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, helped: None
) -> None:
    monkeypatch.setattr(helpers, "PATIENCE", 0.001)
    monkeypatch.setattr(helpers, "SILENCE", 0.1)

    def halt(_: Progress) -> None:
        for child in children():
            child.suspend()

    report, _ = scan(home, tmp_path / "ours.db", on_progress=halt)
    assert report.files == report.files_total > 10
    assert children() == []


def test_a_scan_that_is_stopped_leaves_no_process_and_goes_on_where_it_was(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, helped: None
) -> None:
    stop = threading.Event()
    first, _ = scan(home, tmp_path / "ours.db", on_progress=lambda _: stop.set(), stop=stop)
    assert children() == []
    second, ours = scan(home, tmp_path / "ours.db")
    monkeypatch.setattr(helpers, "WORTH_HELP", 10**12)
    alone, expected = scan(home, tmp_path / "alone.db")
    assert ours == expected
    assert first.lines < alone.lines
    assert first.lines + second.lines == alone.lines


def test_whoever_dies_takes_its_helpers_along(home: Path, tmp_path: Path) -> None:
    code = (
        "import os\n"
        "from mi6_tui.ingest.helpers import Helpers\n"
        "with Helpers(2) as found:\n"
        "    print(*(helper._process.pid for helper in found._helpers), flush=True)\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run((sys.executable, "-c", code), capture_output=True, text=True, cwd=REPOSITORY)
    assert done.returncode == -signal.SIGKILL
    orphans = [psutil.Process(int(pid)) for pid in done.stdout.split() if psutil.pid_exists(int(pid))]
    _, alive = psutil.wait_procs(orphans, timeout=30)
    assert alive == []


def test_ctrl_c_reaches_no_helper() -> None:
    with Helpers(1):
        (child,) = children()
        assert os.getpgid(child.pid) == child.pid != os.getpgid(0)


def test_nothing_in_the_working_directory_is_run(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    for name in ("msgspec.py", "mi6_tui.py", "struct.py"):
        write(here / name, f"open({str(tmp_path / 'run')!r}, 'w')".encode())
    monkeypatch.chdir(here)
    answers = turns([work(path, "claude") for path in sorted((home / ".claude").rglob("*.jsonl"))])
    assert all(turn is not None for turn in answers)
    assert not (tmp_path / "run").exists()


def work(path: Path, client: str, kind: Kind = "lines") -> Work:
    size = path.stat().st_size if path.exists() else 100
    return Work(Known(str(path), frameworks.framework(client), kind, size, 0), None)


def turns(todo: list[Work]) -> list[object]:
    """What one helper makes of it."""
    waiting, found = iter(todo), []
    with Helpers(1) as helpers_:
        helpers_.feed(lambda: next(waiting, None), 10**9, "box", NOW)
        while helpers_.busy:
            if (done := helpers_.wait()) is not None:
                found.append(done)
                helpers_.feed(lambda: next(waiting, None), 10**9, "box", NOW)
    assert [done[0] for done in found] == todo
    return [done[1] for done in found]


SILENT = 9.5
"""Seconds that a helper is waited for without a word."""


class Clock:
    """Moves when it is moved, and by `step` each time that it is read."""

    def __init__(self, step: float = 0.0) -> None:
        self.now = 0.0
        self.step = step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def test_a_silent_helper_is_waited_for_by_the_clock_however_often_it_is_asked(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(helpers, "PATIENCE", 0.0)
    todo, clock = work(home / ".claude" / "projects" / LARGE, "claude"), Clock()
    with Helpers(1, clock) as helpers_:
        (child,) = children()
        child.suspend()
        waiting = iter([todo])
        helpers_.feed(lambda: next(waiting, None), 10**9, "box", NOW)
        assert [helpers_.wait() for _ in range(500)] == [None] * 500
        clock.step = 3600.0  # all of them were suspended
        assert helpers_.wait() is None
        clock.step = 1.0
        assert [helpers_.wait() for _ in range(round(helpers.SILENCE) - 2)] == [None] * 8
        assert children() == [child]
        assert helpers_.wait() == (todo, None)
        assert children() == []
        assert not helpers_.busy


IN_PIECES = """
import fcntl, os, struct, termios
import msgspec
from mi6_tui.ingest.wire import Inbox, framed
from mi6_tui.ingest.worker import _answer
tasks = Inbox()
while (message := tasks.take()) is None:
    tasks.add(os.read(0, 1 << 16))
answer = framed(msgspec.msgpack.encode(_answer(message)))
size = max(1, len(answer) // 1000)
for place in range(0, len(answer), size):
    os.write(1, answer[place : place + size])
    while struct.unpack("i", fcntl.ioctl(1, termios.FIONREAD, bytes(4))) != (0,):
        os.sched_yield()
os.read(0, 1)
"""
"""A helper that sends each piece of a turn when the one before it was taken."""


def test_a_turn_may_come_in_any_number_of_pieces(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helpers, "PATIENCE", 60.0)  # so long that each wait ends with a piece
    monkeypatch.setattr(helpers, "_CODE", IN_PIECES)
    todo, found = work(min((home / ".claude").rglob("*.jsonl")), "claude"), None
    with Helpers(1, Clock(step=SILENT)) as helpers_:
        waiting = iter([todo])
        helpers_.feed(lambda: next(waiting, None), 10**9, "box", NOW)
        while found is None:
            found = helpers_.wait()
    assert found[0] == todo
    assert found[1] is not None


def test_a_helper_reads_as_this_process_does(home: Path) -> None:
    todo = [work(path, "claude") for path in sorted((home / ".claude").rglob("*.jsonl"))]
    todo += [work(path, "codex") for path in sorted((home / ".codex").rglob("*.jsonl"))]
    todo += [work(path, "codex", "compressed") for path in sorted((home / ".codex").rglob("*.zst"))]
    expected = []
    for known, _ in todo:
        source = Source(
            path=known.path,
            framework=known.framework,
            machine_id="box",
            position=None,
            budget=TURN_BYTES,
            now=NOW,
        )
        expected.append(reading.take_turn(known.kind, source))
    assert turns(todo) == expected


def test_what_a_helper_cannot_do_comes_back_undone(tmp_path: Path) -> None:
    odd = tmp_path / os.fsdecode(b"caf\xe9.jsonl")
    odd.write_bytes(b"{}\n")
    good = tmp_path / "good.jsonl"
    good.write_bytes(b"{}\n")
    waiting = iter([work(tmp_path / "missing.jsonl", "claude"), work(odd, "claude"), work(good, "claude")])
    found = {}
    with Helpers(1) as helpers_:
        helpers_.feed(lambda: next(waiting, None), 10**9, "box", NOW)
        while helpers_.busy:
            if (done := helpers_.wait()) is not None:
                found[Path(done[0].known.path).name] = done[1] is not None
    assert found == {"missing.jsonl": False, odd.name: False, "good.jsonl": True}


def test_no_process_for_little_work_or_on_one_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1}, raising=False)
    with helpers_for(helpers.WORTH_HELP - 1):
        assert children() == []
    with helpers_for(helpers.WORTH_HELP):
        assert len(children()) == 1
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3}, raising=False)
    with helpers_for(10**12):
        assert children() == []


def test_a_worker_ends_with_its_input_and_answers_nonsense_with_nothing() -> None:
    command = (sys.executable, "-c", "from mi6_tui.ingest.worker import main; main()")
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=REPOSITORY
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"\x03\0\0\0abc" + b"\xff\0\0\0cut")
        process.stdin.flush()
        assert process.stdout.read(5) == b"\x01\0\0\0\xc0"
        assert process.communicate(timeout=30) == (b"", b"")
        assert process.returncode == 0
