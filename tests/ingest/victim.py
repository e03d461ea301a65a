"""A process that scans and tells each transaction on stdout, so that a test can kill it there."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from mi6_tui.frameworks import framework
from mi6_tui.ingest.lock import WriterLock
from mi6_tui.ingest.scanner import Scanner
from mi6_tui.model import Batch
from mi6_tui.stop import Stop
from mi6_tui.storage.sqlite import SqliteStorage
from tests.ingest.growth import NOW

REPOSITORY = Path(__file__).parents[2]


@contextmanager
def victim(folder: Path) -> Iterator[tuple[subprocess.Popen[str], IO[str]]]:
    """The process over `folder`/home; killed at the end if it still runs."""
    command = [sys.executable, "-m", "tests.ingest.victim", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout
        finally:
            process.send_signal(signal.SIGKILL)


class TellingStorage(SqliteStorage):
    """Says when a transaction is done."""

    def record(self, batch: Batch) -> Sequence[int]:
        ids = super().record(batch)
        print("recorded", flush=True)
        return ids


def main() -> None:
    folder = Path(sys.argv[1])
    storage = TellingStorage(folder / "mi6.db", clock=lambda: NOW)
    lock = WriterLock(folder / "mi6.db.lock")
    client = framework("claude")
    Scanner(storage, [client], "box", env={}, home=folder / "home", lock=lock, clock=lambda: NOW).run(Stop())


if __name__ == "__main__":
    main()
