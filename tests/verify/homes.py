"""Recorded homes of real clients, unpacked where a test wants them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[1] / "data"


def unpack(client: str, home: Path) -> list[Path]:
    """Write the client's recorded files below `home`; the transcripts among them."""
    source = DATA / client / "home"
    written = []
    for packed in sorted(source.rglob("*.gz")):
        path = (home / packed.relative_to(source)).with_suffix("")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.decompress(packed.read_bytes()))
        written.append(path)
    return written


def write_lines(path: Path, *lines: dict[str, Any] | str) -> Path:
    """A file of these objects (or raw texts), one a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_text("".join(f"{text}\n" for text in texts))
    return path
