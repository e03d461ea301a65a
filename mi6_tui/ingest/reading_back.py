"""The full text behind stored events, read where their pointers lead; nothing is recorded.

Only the lines that are asked for are read, whatever the size of their file; of a compressed file all that
comes before them, and of a document all of it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from typing import Final, cast

import msgspec

from mi6_tui import frameworks
from mi6_tui.errors import Mi6Error, TranscriptError
from mi6_tui.frameworks.base import DatabaseFramework, Framework, Kind
from mi6_tui.ingest.compressed import spans_of
from mi6_tui.ingest.discover import Root
from mi6_tui.ingest.problem import problem_of
from mi6_tui.ingest.remote.address import machine_of
from mi6_tui.ingest.tail import LINE_LIMIT, open_regular
from mi6_tui.model import Event

TEXT_LIMIT: Final = 200_000
"""Characters of one text; of a longer one the beginning is told."""
_COMPRESSED: Final = ".zst"
_CHANGED: Final = "the transcript has changed there"
_BUSY: Final = "the client is writing"
_NOWHERE: Final = "no transcript holds it"

Read = Callable[[int, int, int], bytes]
"""Reads a descriptor's bytes: how many, from where; as `os.pread`."""


class Passage(msgspec.Struct, frozen=True):
    """What an event says, as far as it could be read."""

    text: str
    problem: str = ""
    """Why it is only what the store kept, in a few words; empty if it was read."""
    left_out: int = 0
    """Characters behind the ones told."""


def read_back(events: Iterable[Event], read: Read = os.pread) -> list[Passage]:
    """The full text of each event, in their order; what cannot be read is told by what is stored."""
    wanted = list(events)
    by_place: dict[tuple[str | None, str | None], list[int]] = {}
    for number, event in enumerate(wanted):
        by_place.setdefault((event.framework, event.transcript_path), []).append(number)
    found: dict[int, Passage] = {}
    for (framework, path), numbers in by_place.items():
        passages = _of_file(framework, path, [wanted[number] for number in numbers], read)
        found.update(zip(numbers, passages, strict=True))
    return [found[number] for number in range(len(wanted))]


def _of_file(name: str | None, path: str | None, events: Sequence[Event], read: Read) -> list[Passage]:
    if path is None or name not in frameworks.names():
        return _stored(events, _NOWHERE)
    if (machine := machine_of(path)) is not None:
        return _stored(events, f"it is on {machine}")
    framework = frameworks.framework(name)
    try:
        path, kind = _place(framework, path)
        if kind == "database":
            texts = cast(DatabaseFramework, framework).rows_in_full(path, events)
            return _stored(events, _BUSY) if texts is None else _passages(events, texts)
        lines = _lines(path, kind, events, read)
    except OSError as error:
        return _stored(events, problem_of(path, error).reason)
    except Mi6Error as error:
        return _stored(events, error.message)
    texts = [
        None if line is None else framework.in_full(line, event)
        for line, event in zip(lines, events, strict=True)
    ]
    return _passages(events, texts)


def _place(framework: Framework, path: str) -> tuple[str, Kind]:
    """Where the file is by now, and how it is read: its client may have compressed it."""
    for found in (path, path + _COMPRESSED):
        kind = Root(framework, found, named=True).kind(())
        if kind is not None and os.path.lexists(found):
            return found, kind
    if os.path.lexists(path):
        raise TranscriptError(f"no transcript of {framework.name}")
    raise FileNotFoundError(2, os.strerror(2), path)


def _lines(path: str, kind: Kind, events: Sequence[Event], read: Read) -> list[bytes | None]:
    """The line of each event; None where none can be."""
    spans = [_span(event) for event in events]
    descriptor, status = open_regular(path)
    try:
        if kind == "document":
            document = read(descriptor, min(status.st_size, LINE_LIMIT), 0)
            return [None if span is None else document for span in spans]
        if kind == "compressed":
            known = spans_of(descriptor, [span for span in spans if span is not None])
            return [None if span is None else known.get(span) for span in spans]
        return [None if span is None else _line(descriptor, span, read) for span in spans]
    finally:
        os.close(descriptor)


def _span(event: Event) -> tuple[int, int] | None:
    offset, length = event.byte_offset, event.byte_length
    return None if offset is None or not length or length > LINE_LIMIT else (offset, length)


def _line(descriptor: int, span: tuple[int, int], read: Read) -> bytes | None:
    """The bytes of a line, if a line begins there."""
    offset, length = span
    before = min(offset, 1)
    data = read(descriptor, length + before, offset - before)
    if len(data) < length + before or (before and data[:1] != b"\n"):
        return None
    return data[before:]


def _passages(events: Sequence[Event], texts: Sequence[str | None]) -> list[Passage]:
    return [
        Passage(event.text, _CHANGED) if text is None else _bounded(text)
        for event, text in zip(events, texts, strict=True)
    ]


def _bounded(text: str) -> Passage:
    if len(text) <= TEXT_LIMIT:
        return Passage(text)
    return Passage(text[:TEXT_LIMIT], left_out=len(text) - TEXT_LIMIT)


def _stored(events: Iterable[Event], problem: str) -> list[Passage]:
    return [Passage(event.text, problem) for event in events]
