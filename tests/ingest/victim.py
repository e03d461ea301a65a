"""A process that scans and tells each step on stdout, so that a test can kill it at that step.

Arguments: the folder that holds everything, then `once` or `follow`.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from mi6_tui.frameworks import framework
from mi6_tui.ingest import recorder
from mi6_tui.ingest.lock import WriterLock
from mi6_tui.ingest.scanner import Scanner
from mi6_tui.model import Batch
from mi6_tui.storage.sqlite import SqliteStorage
from tests.ingest.growth import NOW


class TellingStorage(SqliteStorage):
    """Says when a transaction begins and when it is done."""

    def record(self, batch: Batch) -> Sequence[int]:
        print("recording", flush=True)
        ids = super().record(batch)
        print("recorded", flush=True)
        return ids


def main() -> None:
    folder, mode = Path(sys.argv[1]), sys.argv[2]
    recorder.BATCH_FILES = 1  # type: ignore[misc]
    storage = TellingStorage(folder / "mi6.db", clock=lambda: NOW)
    lock = WriterLock(folder / "mi6.db.lock")
    scanner = Scanner(
        storage, [framework("claude")], "box", env={}, home=folder / "home", lock=lock, clock=lambda: NOW
    )
    print("ready", flush=True)
    if mode == "once":
        scanner.scan_once()
    else:
        scanner.run(threading.Event())
    print("done", flush=True)


if __name__ == "__main__":
    main()
