"""The scanner beside the dashboard: a real one, on real files, and what the screen says of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from mi6_tui.frameworks import framework
from mi6_tui.ingest.follow import ScannerState
from mi6_tui.ingest.lock import WriterLock
from mi6_tui.ingest.problem import Problem
from mi6_tui.ingest.progress import Progress, ScanReport
from mi6_tui.ingest.scanner import Scanner
from mi6_tui.log import open_log
from mi6_tui.model import SessionQuery
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui import worker
from mi6_tui.tui.app import Mi6App
from mi6_tui.tui.worker import ScanNews, ScanView, ScanWorker
from tests.tui.conftest import NOW, Start, screen_text, until
from tests.tui.looking import home

PROGRESS = Progress(
    files_done=12, files_total=840, bytes_done=50, bytes_total=100, lines=9, events=8, path=None, elapsed=3.0
)


def prompt_line(session_id: str, words: str) -> str:
    """What Claude Code writes for a prompt."""
    return json.dumps(
        {
            "type": "user",
            "uuid": f"u-{words}",
            "parentUuid": None,
            "sessionId": session_id,
            "timestamp": "2026-11-23T14:02:00.000Z",
            "cwd": "/src/greet",
            "isSidechain": False,
            "message": {"role": "user", "content": words},
        }
    )


async def test_a_live_dashboard_fills_from_a_transcript(
    storage: SqliteStorage, store_path: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "projects" / "-src-greet"
    folder.mkdir(parents=True)

    def make() -> Scanner:
        lock = WriterLock(store_path.with_name("mi6.db.lock"))
        env, clients = {"CLAUDE_CONFIG_DIR": str(tmp_path)}, (framework("claude"),)
        return Scanner(
            storage, clients, "host", env=env, home=tmp_path, lock=lock, watch=False, clock=lambda: NOW
        )

    app = Mi6App(storage, make_scanner=make, clock=lambda: NOW)
    async with app.run_test(size=(120, 35)) as pilot:
        (folder / "3b2f0d2e-0000-4000-8000-000000000001.jsonl").write_text(
            prompt_line("3b2f0d2e-0000-4000-8000-000000000001", "greet the moon") + "\n"
        )
        await until(pilot, lambda: any("greet the moon" in line for line in screen_text(pilot)))


async def test_the_footer_says_how_the_scan_stands(start: Start) -> None:
    async with start() as pilot:
        screen = home(pilot)
        screen.take_scan(ScanView(progress=PROGRESS))
        assert "scan 12/840 files ━━━━──── about 3 s left" in screen.footer.text
        screen.take_scan(ScanView(state=ScannerState(role="writer")))
        assert "scan" not in screen.footer.text
        screen.take_scan(ScanView(state=ScannerState(role="reader", holder=123)))
        assert "reading; pid 123 writes" in screen.footer.text
        screen.take_scan(ScanView(state=ScannerState(role="reader")))
        assert "another mi6-tui writes" in screen.footer.text


async def test_a_first_scan_is_not_called_empty(start: Start) -> None:
    async with start() as pilot:
        home(pilot).take_scan(ScanView(progress=PROGRESS))
        await pilot.pause()
        assert any("Reading your transcripts" in line for line in screen_text(pilot))
        home(pilot).take_scan(ScanView())
        await pilot.pause()
        assert any("No sessions yet." in line for line in screen_text(pilot))


async def test_problems_are_a_banner(start: Start) -> None:
    async with start() as pilot:
        screen = home(pilot)
        screen.take_scan(ScanView(problems=("/a: Permission denied", "/b [/x]: Permission denied")))
        await pilot.pause()
        assert "▲ /b [/x]: Permission denied (and 1 more)" in screen_text(pilot)[1]
        screen.take_scan(ScanView(state=ScannerState(role="reader", reason="the file is write-protected")))
        await pilot.pause()
        assert "write-protected" in screen_text(pilot)[1]
        screen.take_scan(ScanView())
        assert not screen.banner.display


class Loop:
    """A scanner that says a few things and ends."""

    def run(
        self,
        stop: threading.Event,
        *,
        on_progress: Callable[[Progress], None] | None = None,
        on_problem: Callable[[Problem], None] | None = None,
        on_state: Callable[[ScannerState], None] | None = None,
        on_recorded: Callable[[ScanReport], None] | None = None,
    ) -> None:
        assert on_progress and on_problem and on_state and on_recorded
        on_state(ScannerState(role="writer"))
        on_progress(PROGRESS)
        on_problem(Problem("/x", "Permission denied"))
        on_recorded(ScanReport())
        raise ZeroDivisionError("by nothing")


def test_what_a_scanner_says_becomes_one_view_and_its_failure_is_told() -> None:
    views: list[ScanView] = []
    woken: list[bool] = []
    done = threading.Event()

    def post(news: ScanNews) -> None:
        views.append(news.view)
        if "stopped" in "".join(news.view.problems):
            done.set()

    worker = ScanWorker(Loop, post, lambda: woken.append(True))
    worker.start()
    assert done.wait(20)
    worker.stop()
    assert views[-1].state == ScannerState(role="writer")
    assert views[-1].progress == PROGRESS
    assert views[-1].problems == (
        "/x: Permission denied",
        "the scanner stopped: ZeroDivisionError: by nothing",
    )
    assert len(woken) == 2


class Late:
    """A scanner that is not done when it is told to end, and finds the store closed."""

    def __init__(self, storage: SqliteStorage, closed: threading.Event) -> None:
        self._storage = storage
        self._closed = closed

    def run(self, stop: threading.Event, **callbacks: object) -> None:
        assert self._closed.wait(20)
        self._storage.list_sessions(SessionQuery())


def test_a_scanner_that_is_not_done_before_the_store_is_closed_has_not_failed(
    storage: SqliteStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "logger", lambda: open_log(tmp_path, {}))
    views: list[ScanView] = []
    closed = threading.Event()
    late = ScanWorker(lambda: Late(storage, closed), lambda news: views.append(news.view), lambda: None)
    late.start()
    late._stop.set()
    storage.close()
    closed.set()
    late.stop()
    assert not late._thread.is_alive()
    assert views == [] and not list(tmp_path.glob("*.log"))


def test_trouble_with_the_store_is_over_when_a_state_is_told() -> None:
    views: list[ScanView] = []
    worker = ScanWorker(Loop, lambda news: views.append(news.view), lambda: None)
    worker._on_problem(Problem(None, "the store is locked"))
    worker._on_problem(Problem("/x", "Permission denied"))
    worker._on_state(ScannerState(role="writer"))
    assert views[-1].problems == ("/x: Permission denied",)


def test_the_latest_problems_are_kept() -> None:
    views: list[ScanView] = []
    worker = ScanWorker(Loop, lambda news: views.append(news.view), lambda: None)
    for number in range(25):
        worker._on_problem(Problem(f"/{number}", "Permission denied"))
    assert views[-1].problems == tuple(f"/{number}: Permission denied" for number in range(5, 25))


def test_finished_progress_is_no_progress() -> None:
    views: list[ScanView] = []
    worker = ScanWorker(Loop, lambda news: views.append(news.view), lambda: None)
    worker._on_progress(PROGRESS)
    worker._on_progress(msgspec.structs.replace(PROGRESS, files_done=840))
    assert [view.progress for view in views] == [PROGRESS, None]
