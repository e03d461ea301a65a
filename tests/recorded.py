"""A home with everything that the clients recorded, and a store that has read it."""

from __future__ import annotations

import gzip
from pathlib import Path

from mi6_tui import frameworks
from mi6_tui.ingest.scanner import Scanner
from mi6_tui.storage.sqlite import SqliteStorage
from tests.frameworks.opencode.support import recorded

_DATA = Path(__file__).parent / "data"
RECORDED_AT = 1_795_416_000_000
"""ms; a quarter of an hour after the recordings."""
MACHINE = "devbox"


def furnish(home: Path) -> None:
    """Put the transcripts where the clients keep them."""
    for client in set(frameworks.names()) - {"opencode"}:
        source = _DATA / client / "home"
        for packed in source.rglob("*.gz"):
            plain = home / packed.relative_to(source).with_suffix("")
            plain.parent.mkdir(parents=True, exist_ok=True)
            plain.write_bytes(gzip.decompress(packed.read_bytes()))
    recorded(home / ".local/share/opencode/opencode.db")


def read_all(storage: SqliteStorage, home: Path, now: int = RECORDED_AT) -> None:
    """Scan the home into the store, once."""
    clients = [frameworks.framework(name) for name in frameworks.names()]
    Scanner(storage, clients, MACHINE, env={}, home=home, watch=False, clock=lambda: now).scan_once()
