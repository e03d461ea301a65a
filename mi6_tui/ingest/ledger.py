"""The requests behind a session's numbers: each with its witness, and what was told but not counted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from mi6_tui import frameworks
from mi6_tui.ingest.reread import Reread, reread
from mi6_tui.judge.evidence import authority_of
from mi6_tui.judge.fold import TOKENS
from mi6_tui.model import Event, EventQuery, Session
from mi6_tui.storage import Storage

_MEASURED = ("tokens_input", "tokens_output", "tokens_cache_read", "tokens_cache_write")
SUMS = ("api_request_count", "incomplete_requests", *TOKENS)
"""The sums of a session row that its requests add up to."""


class Place(msgspec.Struct, frozen=True):
    """Where a line lies."""

    transcript_path: str | None
    byte_offset: int | None


class Repeat(msgspec.Struct, frozen=True):
    """A line that tells of a request again."""

    place: Place
    session_id: str
    why: str
    """Why it does not count."""


class Entry(msgspec.Struct, frozen=True):
    """A request that counts. `incomplete` says what its numbers miss; None: nothing."""

    request: Event
    place: Place
    incomplete: str | None
    repeats: tuple[Repeat, ...]


class Elsewhere(msgspec.Struct, frozen=True):
    """A request that the session's files tell of, and that counts for another session, or no longer."""

    key: str | None
    place: Place
    """Of the first line that tells of it here."""
    lines: int
    owner: str | None
    """Session that it counts for; None: it is not in the store."""
    why: str


class Ledger(msgspec.Struct, frozen=True, kw_only=True):
    """All of it. `differences` names the sums of the requests that are not those of the session's row."""

    requests: tuple[Entry, ...]
    elsewhere: tuple[Elsewhere, ...]
    files: tuple[Reread, ...]
    sums: dict[str, int]
    row: dict[str, int]
    differences: tuple[str, ...]
    explanation: str | None


def ledger(storage: Storage, session: Session) -> Ledger:
    """The ledger of a session; its transcripts are read again, as far as they still exist."""
    query = EventQuery().with_session(session.session_id).order_by_timestamp().ascending()
    events = [event for event in storage.query(query) if event.machine_id == session.machine_id]
    counted = _counted(events)
    files = tuple(_read_again(session, events))
    told = _Told((line for file in files for line in _requests_of(file, session)), counted)
    sums = _sums(counted)
    row = {name: getattr(session, name) for name in SUMS}
    differences = tuple(name for name in SUMS if sums[name] != row[name])
    return Ledger(
        requests=tuple(_entry(event, told.of(event)) for event in counted),
        elsewhere=tuple(_elsewhere(storage, told.others(counted))),
        files=files,
        sums=sums,
        row=row,
        differences=differences,
        explanation=_explanation(sums, row) if differences else None,
    )


def repeats(session: Session, requests: Sequence[Event]) -> dict[int, tuple[Repeat, ...]]:
    """The lines that tell again of a session's `requests`, by id; its transcripts are read again.

    Of what no transcript tells (any more) nothing is said.
    """
    files = _read_again(session, requests)
    told = _Told((line for file in files for line in _requests_of(file, session)), requests)
    lines = {request.id or 0: (request, told.of(request)) for request in requests}
    return {number: _entry(request, found).repeats for number, (request, found) in lines.items() if found}


def bytes_to_read(session: Session, requests: Sequence[Event]) -> int:
    """Size of the files that `repeats` would read."""
    total = 0
    for path in {session.transcript_path, *(request.transcript_path for request in requests)}:
        with suppress(OSError):
            total += Path(path).stat().st_size if path is not None else 0
    return total


def _counted(events: Sequence[Event]) -> list[Event]:
    """The requests of the one witness that the row's sums are from."""
    requests: dict[str, list[Event]] = {"transcript": [], "otel": [], "hook": []}
    for event in events:
        if event.is_api_request:
            requests[authority_of(event.source)].append(event)
    if any(authority_of(event.source) == "transcript" for event in events):
        return requests["transcript"]
    return requests["otel"] or requests["hook"]


def _read_again(session: Session, events: Iterable[Event]) -> Iterable[Reread]:
    paths = dict.fromkeys([session.transcript_path, *(event.transcript_path for event in events)])
    if session.framework not in frameworks.names():
        return
    client = frameworks.framework(session.framework)
    for path in paths:
        if path is not None:
            yield reread(path, client, session.machine_id)


def _requests_of(file: Reread, session: Session) -> Iterable[Event]:
    """What a file tells of requests; of a database, which holds everybody's, only what is the session's."""
    for event in file.events:
        if event.is_api_request and (event.byte_offset is not None or event.session_id == session.session_id):
            yield event


class _Told:
    """The lines that tell of requests, by whom they tell of."""

    def __init__(self, lines: Iterable[Event], counted: Iterable[Event]) -> None:
        self._by_key: dict[str | None, list[Event]] = {}
        self._by_twin: dict[str, list[Event]] = {}
        self._loose = {event.twin_key for event in counted if event.is_sidechain}
        """Twin keys that count: a subagent tells of them."""
        for line in lines:
            self._by_key.setdefault(line.key, []).append(line)
            if line.twin_key is not None:
                self._by_twin.setdefault(line.twin_key, []).append(line)
                if line.is_sidechain:
                    self._loose.add(line.twin_key)

    def of(self, event: Event) -> list[Event]:
        """The lines that tell of the request `event`."""
        lines = [] if event.key is None else self._by_key.get(event.key, [])
        if event.twin_key in self._loose:
            twins = self._by_twin.get(event.twin_key or "", [])
            lines = lines + [line for line in twins if line.key != event.key]
        return lines

    def others(self, counted: Iterable[Event]) -> list[list[Event]]:
        """The lines that tell of other requests than those counted, by request."""
        own = {id(line) for event in counted for line in self.of(event)}
        return [lines for lines in self._by_key.values() if not any(id(line) in own for line in lines)]


def _entry(event: Event, lines: Iterable[Event]) -> Entry:
    place = place_of(event)
    repeats = (Repeat(place_of(line), line.session_id, _why(line, event)) for line in lines)
    return Entry(event, place, _missing(event), tuple(repeat for repeat in repeats if repeat.place != place))


def place_of(event: Event) -> Place:
    """Where the line lies that the event was read from."""
    return Place(event.transcript_path, event.byte_offset)


def _why(line: Event, event: Event) -> str:
    if line.session_id != event.session_id:
        return f"a copy, told for session {line.session_id}"
    if line.is_sidechain and not event.is_sidechain:
        return "told again by a subagent"
    if line.key != event.key:
        return "the same message under another request id"
    if line.transcript_path != event.transcript_path:
        return "told again in another file"
    return "another line of the same reply"


def _missing(event: Event) -> str | None:
    if not event.tokens_incomplete:
        return None
    unknown = [name for name in _MEASURED if getattr(event, name) is None]
    if unknown:
        return f"not told: {', '.join(unknown)}"
    if event.outcome is None:
        return "the reply has no stop reason: its output is a lower bound"
    return "its numbers contradict each other, or do not cover all of it"


def _elsewhere(storage: Storage, told: Sequence[Sequence[Event]]) -> Iterable[Elsewhere]:
    owners = _owners(storage, [lines[0] for lines in told])
    for lines in told:
        first = lines[0]
        owner = owners.get(first.key) or owners.get(first.twin_key)
        why = "a copy" if owner else "deleted from the store, or not read yet"
        yield Elsewhere(first.key, place_of(first), len(lines), owner, why)


def _owners(storage: Storage, lines: Sequence[Event]) -> dict[str | None, str]:
    """Sessions by key and by twin key."""
    names = {name for line in lines for name in (line.key, line.twin_key) if name is not None}
    if not names or storage.read_only is not None:
        return {}
    owners: dict[str | None, str] = {}
    for event in storage.query(EventQuery().with_identities(tuple(sorted(names)))):
        owners[event.key] = event.session_id
        if event.twin_key is not None:
            owners.setdefault(event.twin_key, event.session_id)
    return owners


def _sums(requests: Sequence[Event]) -> dict[str, int]:
    sums = {name: sum(getattr(request, name) or 0 for request in requests) for name in TOKENS}
    incomplete = sum(request.tokens_incomplete for request in requests)
    return {"api_request_count": len(requests), "incomplete_requests": incomplete, **sums}


def _explanation(sums: dict[str, int], row: dict[str, int]) -> str:
    gone = row["api_request_count"] - sums["api_request_count"]
    if gone > 0:
        return f"{gone} requests were deleted by `mi6-tui gc`; their numbers stay in the row"
    return "the row is wrong: `mi6-tui verify` says which side the transcripts are on"
