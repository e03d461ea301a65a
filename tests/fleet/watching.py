"""One who watches the shared store: by a cursor that must miss nothing, and by the real dashboard."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

import psutil

from mi6_tui.clock import now_ms
from mi6_tui.errors import StorageError
from mi6_tui.model import EventQuery
from mi6_tui.storage.postgres import PostgresStorage
from tests.fleet.machine import number_of

_PAGE: Final = 2_000


class Reader:
    """Follows the store by `after_id`, as any client does, in a thread; the server may go and come back."""

    def __init__(self, url: str, names: Sequence[str], events: int) -> None:
        self.seen = 0
        self.ids: list[int] = []
        self.lags: list[int] = []
        """ms from when an event was recorded on its machine to when it was read here."""
        self.wrong: list[str] = []
        self._url = url
        self._times = {name: bytearray(events) for name in names}
        self._stop = threading.Event()
        self.news = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="reader")
        self._thread.start()

    def _run(self) -> None:
        version = -1
        with closing(PostgresStorage(self._url, read_only=True)) as storage:
            while not self._stop.is_set():
                try:
                    seen, version = version, storage.data_version()
                    while seen != version and self._page(storage):
                        pass
                except StorageError:
                    version = -1
                self._stop.wait(0.02)

    def _page(self, storage: PostgresStorage) -> bool:
        after = self.ids[-1] if self.ids else 0
        page = storage.query(EventQuery().order_by_id().with_after_id(after).with_limit(_PAGE))
        now = now_ms()
        for event in page:
            name, number = number_of(event.key or "")
            self.ids.append(event.id or 0)
            self.lags.append(now - event.timestamp)
            self._times[name][number] += 1
            if self._times[name][number] > 1:
                self.wrong.append(f"{event.key} came twice")
        with self.news:
            self.seen += len(page)
            self.news.notify_all()
        return bool(page)

    def wait_for(self, number: int) -> None:
        """Until so many events were seen."""
        with self.news:
            while self.seen < number:
                self.news.wait(1)
                if not self._thread.is_alive():
                    raise AssertionError("the reader died")

    def missing(self) -> int:
        """How many events of those that all machines recorded were not seen."""
        return sum(times.count(0) for times in self._times.values())

    def close(self) -> None:
        """Look no more."""
        self._stop.set()
        self._thread.join()


class Dashboard:
    """The real dashboard on a terminal that takes whatever it paints."""

    def __init__(self, url: str, folder: Path) -> None:
        self.painted = 0
        self._terminal, inside = pty.openpty()
        self._process = subprocess.Popen(
            (sys.executable, "-m", "mi6_tui", "--db", url),
            env=os.environ | _plain(folder),
            stdin=inside,
            stdout=inside,
            stderr=inside,
            start_new_session=True,
        )
        os.close(inside)
        self._drain = threading.Thread(target=self._read, name="terminal")
        self._drain.start()

    def _read(self) -> None:
        try:
            while piece := os.read(self._terminal, 1 << 16):
                self.painted += len(piece)
        except OSError:
            return  # the program has let go of the terminal

    @property
    def cpu(self) -> float:
        """Seconds of processor time so far."""
        times = psutil.Process(self._process.pid).cpu_times()
        return float(times.user + times.system)

    @property
    def memory(self) -> int:
        """Bytes in memory."""
        return int(psutil.Process(self._process.pid).memory_info().rss)

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(60)
        self._drain.join()
        os.close(self._terminal)


def _plain(folder: Path) -> Mapping[str, str]:
    home = folder / "watcher"
    return {"HOME": str(folder), "MI6_TUI_HOME": str(home), "TERM": "xterm-256color", "LINES": "40"}
