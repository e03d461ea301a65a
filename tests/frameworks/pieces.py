"""Ways to read a transcript's lines: in one run, in pieces, and whole through the store."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import hypothesis.strategies as st

from mi6_tui.frameworks.base import Decoded, Framework, Line
from mi6_tui.ingest.scanner import Scanner
from mi6_tui.model import Batch, Event, EventQuery, Session, SessionFact, SessionQuery
from mi6_tui.storage.sqlite import SqliteStorage

NOW = 1_795_416_000_000
"""ms; a quarter of an hour after the recordings."""


def as_lines(data: bytes) -> list[Line]:
    """The complete lines of a file's bytes, with their offsets."""
    found, offset = [], 0
    for line in data.split(b"\n")[:-1]:
        found.append((offset, line))
        offset += len(line) + 1
    return found


def jsonl(records: Iterable[dict[str, Any] | bytes]) -> bytes:
    """A file of these records."""
    raw = (record if isinstance(record, bytes) else json.dumps(record).encode() for record in records)
    return b"".join(line + b"\n" for line in raw)


def sample_files(folder: Path) -> dict[str, bytes]:
    """The recorded transcripts in `folder`: path, as the client named it, to its bytes."""
    return {
        f"/{path.relative_to(folder)}".removesuffix(".gz"): gzip.decompress(path.read_bytes())
        for path in sorted(folder.rglob("*.jsonl.gz"))
    }


def in_pieces(framework: Framework, path: str, lines: Sequence[Line], cuts: list[int]) -> Decoded:
    """The lines read in runs that end at `cuts`, each by a decoder that only has the last one's memory."""
    whole = Decoded()
    memory = None
    for start, end in zip([0, *cuts], [*cuts, len(lines)], strict=True):
        decoder = framework.decoder(path, "devbox", memory)
        piece = decoder.decode(lines[start:end])
        memory = decoder.state()
        whole.events += piece.events
        whole.facts += piece.facts
        whole.malformed += piece.malformed
        for kind, number in piece.unknown.items():
            whole.unknown[kind] = whole.unknown.get(kind, 0) + number
    return whole


class Told(NamedTuple):
    """What must not depend on where a file is cut."""

    events: list[Event]
    facts: list[SessionFact]
    malformed: int
    unknown: dict[str, int]
    active: dict[str, tuple[int, int]]
    """First and last time (ms) at which anything is told of each session."""


def told(decoded: Decoded) -> Told:
    """All that a decoder said, in that form."""
    times: dict[str, list[int]] = {}
    everything: list[Event | SessionFact] = [*decoded.events, *decoded.facts]
    for one in everything:
        times.setdefault(one.session_id, []).append(one.timestamp)
    return Told(
        decoded.events,
        [fact for fact in decoded.facts if fact.name != "last_activity"],
        decoded.malformed,
        decoded.unknown,
        {session_id: (min(found), max(found)) for session_id, found in times.items()},
    )


def of_type(events: Iterable[Event], event_type: str) -> list[Event]:
    """The events of one type."""
    return [event for event in events if event.event_type == event_type]


def store(framework: Framework, home: Path, database: Path) -> tuple[list[Event], list[Session]]:
    """What the store holds after a scan of `home`, twice."""
    storage = SqliteStorage(database, clock=lambda: NOW)
    try:
        for _ in range(2):
            scanner = Scanner(
                storage, [framework], "devbox", env={}, home=home, watch=False, clock=lambda: NOW
            )
            scanner.scan_once()
        events = storage.query(EventQuery().order_by_id())
        return list(events), list(storage.list_sessions(SessionQuery()))
    finally:
        storage.close()


def sessions_in_order(
    framework: Framework, files: dict[str, bytes], database: Path, seed: int | None
) -> list[Session]:
    """The sessions of files whose events and facts are recorded in any order, one part twice."""
    decoded = [framework.decoder(path, "devbox", None).decode(as_lines(data)) for path, data in files.items()]
    events = [event for one in decoded for event in one.events]
    facts = [fact for one in decoded for fact in one.facts]
    if seed is not None:
        chance = random.Random(seed)
        chance.shuffle(events)
        chance.shuffle(facts)
        events += events[: len(events) // 3]
    storage = SqliteStorage(database, clock=lambda: NOW)
    try:
        for start in range(0, len(events), 100):
            storage.record(Batch(events=tuple(events[start : start + 100])))
        storage.record(Batch(facts=tuple(facts)))
        found = storage.list_sessions(SessionQuery())
        return sorted((one.with_(revision=0) for one in found), key=lambda one: one.key)
    finally:
        storage.close()


def write(home: Path, files: dict[str, bytes]) -> None:
    """Put files below a home."""
    for name, content in files.items():
        path = home / name.removeprefix("/home/dev").lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)
"""Any JSON value."""


def spoiled(data: st.DataObject, line: bytes) -> bytes:
    """A real line with any value anywhere."""
    record = json.loads(line)
    holder = record
    for _ in range(data.draw(st.integers(0, 5), label="depth")):
        values = holder.values() if isinstance(holder, dict) else holder
        inner = [value for value in values if isinstance(value, dict | list) and value]
        if not inner:
            break
        holder = data.draw(st.sampled_from(inner), label="inner")
    place = data.draw(st.sampled_from(sorted(holder) if isinstance(holder, dict) else range(len(holder))))
    holder[place] = data.draw(VALUES, label="value")
    return json.dumps(record).encode()


def check(decoded: Decoded) -> None:
    """Every event can be stored: no NUL, no lone surrogate."""
    for event in decoded.events:
        assert "\0" not in repr(event.text)
        for value in (event.session_id, event.key, event.preview, event.payload, event.cwd, event.model):
            if value is not None:
                value.encode()
                assert "\0" not in value
    for fact in decoded.facts:
        assert "\0" not in str(fact.value)
        assert not isinstance(fact.value, int) or abs(fact.value) < 2**63
