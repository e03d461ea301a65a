"""A backlog that a process of its own reads: whatever becomes of it, all is read, and once."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import psutil
import pytest

from mi6_tui.bench.corpus import Corpus, make_corpus
from mi6_tui.commands import apart
from mi6_tui.frameworks import framework
from mi6_tui.ingest.apart import Sharing
from mi6_tui.ingest.follow import ScannerState
from mi6_tui.ingest.lock import WriterLock
from mi6_tui.ingest.progress import Progress
from mi6_tui.ingest.scanner import Scanner
from mi6_tui.model import SessionQuery
from mi6_tui.paths import Paths, machine_id, paths
from mi6_tui.stop import Stop
from mi6_tui.storage.sqlite import SqliteStorage

FILES = 40
"""Of some 130 kB each: enough to be told of."""
WORTH = 1 << 20
PATIENCE = 60
START = 1_793_000_000_000


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Corpus:
    for name, folder in (("HOME", "home"), ("MI6_TUI_HOME", "state"), ("CLAUDE_CONFIG_DIR", "home/.claude")):
        monkeypatch.setenv(name, str(tmp_path / folder))
    monkeypatch.delenv("MI6_TUI_DB", raising=False)
    return make_corpus(tmp_path / "home", files=FILES, start=START)


@pytest.fixture
def where(corpus: Corpus) -> Paths:
    return paths()


@pytest.fixture
def storage(where: Paths) -> Iterator[SqliteStorage]:
    storage = SqliteStorage(where.store)
    yield storage
    storage.close()


class Scan:
    """A scan until its thread follows on, which it does when everything is read; and the processes it had."""

    def __init__(
        self, where: Paths, storage: SqliteStorage, argv: tuple[str, ...], worth: int = WORTH
    ) -> None:
        self.stop = Stop()
        self.processes: set[psutil.Process] = set()
        self.handed_over = 0
        """How often the thread gave way."""
        self.started: Callable[[], object] = lambda: None
        """Called when the process is ready, before it is told to begin."""
        self.met: Callable[[], object] = lambda: None
        """Called when the process tells how far it is."""
        self._where, self._storage = where, storage
        self._sharing = Sharing(self._scanner, argv, worth)

    def _scanner(self) -> Scanner:
        self.handed_over += 1
        return Scanner(
            self._storage,
            (framework("claude"),),
            machine_id(),
            lock=WriterLock(self._where.writer_lock),
            watch=False,
            # So much time goes by that every file is told of: nothing is left to how fast this machine is.
            monotonic=count(0.0, 0.2).__next__,
        )

    def run(self) -> None:
        self.handed_over = -1
        limit = threading.Timer(PATIENCE, self.stop.set)
        limit.start()
        try:
            self._sharing.run(self.stop, on_progress=self._progress, on_state=self._state)
        finally:
            limit.cancel()

    def _progress(self, progress: Progress) -> None:
        found = self._sharing._apart
        if found is not None:
            process = psutil.Process(found._process.pid)
            if process in self.processes:
                self.met()
            else:
                self.processes.add(process)
                # However slow it starts: the thread has not read everything by then.
                assert found._poll(PATIENCE)
                self.started()

    def _state(self, state: ScannerState) -> None:
        assert state.role == "writer"
        self.stop.set()


def counted(storage: SqliteStorage) -> tuple[int, int, int]:
    sessions = storage.list_sessions(SessionQuery())
    requests = sum(session.api_request_count for session in sessions)
    return len(sessions), requests, sum(session.tokens_output for session in sessions)


def test_a_process_reads_a_backlog(corpus: Corpus, where: Paths, storage: SqliteStorage) -> None:
    scan = Scan(where, storage, apart.command(where))
    scan.run()
    assert (len(scan.processes), scan.handed_over) == (1, 1)
    assert counted(storage) == (FILES, corpus.requests, corpus.tokens_output)
    assert not any(process.is_running() for process in scan.processes)


def test_a_process_that_is_killed_is_not_tried_again(
    corpus: Corpus, where: Paths, storage: SqliteStorage
) -> None:
    scan = Scan(where, storage, apart.command(where))
    killed: list[psutil.Process] = []

    def kill() -> None:
        killed.extend(scan.processes)
        killed[0].kill()

    scan.met = kill
    scan.run()
    assert (len(set(killed)), len(scan.processes), scan.handed_over) == (1, 1, 1)
    assert counted(storage) == (FILES, corpus.requests, corpus.tokens_output)


@pytest.mark.parametrize("argv", [("/bin/false",), ("/no/such/program",)])
def test_without_a_process_the_thread_reads_all(
    corpus: Corpus, where: Paths, storage: SqliteStorage, argv: tuple[str, ...]
) -> None:
    scan = Scan(where, storage, argv)
    scan.run()
    assert counted(storage) == (FILES, corpus.requests, corpus.tokens_output)


def test_a_little_is_read_without_a_process(corpus: Corpus, where: Paths, storage: SqliteStorage) -> None:
    scan = Scan(where, storage, apart.command(where), worth=corpus.bytes + 1)
    scan.run()
    assert (len(scan.processes), scan.handed_over) == (0, 0)
    assert counted(storage) == (FILES, corpus.requests, corpus.tokens_output)


def test_it_ends_when_the_scan_is_to_stop(where: Paths, storage: SqliteStorage) -> None:
    scan = Scan(where, storage, apart.command(where))
    scan.met = scan.stop.set
    scan.run()
    assert len(scan.processes) == 1
    assert not any(process.is_running() for process in scan.processes)


def test_it_never_begins_once_the_scan_is_to_stop(
    corpus: Corpus, where: Paths, storage: SqliteStorage, tmp_path: Path
) -> None:
    begun = tmp_path / "begun"
    scan = Scan(where, storage, ("/bin/sh", "-c", f"printf x; read line && : > '{begun}'"))
    scan.started = scan.stop.set
    scan.run()
    assert (len(scan.processes), scan.handed_over) == (1, 0)
    assert not any(process.is_running() for process in scan.processes)
    assert not begun.exists()


STARTED = """
import sys
from mi6_tui.ingest.apart import _Apart
found = _Apart(sys.argv[1:])
assert found._poll(60)
print(found._process.pid, flush=True)
found._stdin.write(b"\\n")
sys.stdin.read()
"""


def test_whoever_dies_takes_it_along(where: Paths) -> None:
    argv = (sys.executable, "-c", STARTED, *apart.command(where))
    started = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ)
    with started:
        assert started.stdout is not None
        process = psutil.Process(int(started.stdout.readline()))
        started.kill()
    process.wait(PATIENCE)
