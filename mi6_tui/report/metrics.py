"""The store and this process in figures, for programs that watch: as JSON, and as Prometheus reads it."""

from __future__ import annotations

import resource
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import msgspec

from mi6_tui import __version__
from mi6_tui.clock import now_ms
from mi6_tui.doctor.own import OwnCost
from mi6_tui.ingest.loopback.site import JSON, Answer, Request, Route
from mi6_tui.ingest.tally import Tally
from mi6_tui.model import EventQuery, SessionQuery, StorageStatsQuery, UsageQuery, UsageRow
from mi6_tui.model.limits import LIMITS, Limit, is_over, limits_of
from mi6_tui.storage import Storage

KEPT: Final = 1.0
"""Seconds that figures are good for: whoever asks more often gets the same."""
_TEXT: Final = "text/plain; version=0.0.4; charset=utf-8"
ENDED: Final = "ended"
_UNKNOWN: Final = "unknown"


class Process(msgspec.Struct, frozen=True, kw_only=True):
    """What this program uses itself."""

    pid: int
    cpu_seconds: float
    memory_bytes: int
    """That are resident."""
    threads: int
    wakeups: int
    """How often one of its threads had waited and went on."""
    read_bytes: int | None
    """From files, pipes and sockets; None where the system does not say."""


class Telemetered(msgspec.Struct, frozen=True, kw_only=True):
    """What the OpenTelemetry receiver took since the start."""

    requests: int
    records: int
    unused: int


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """Everything, at one moment. Times in ms since the epoch."""

    at: int
    version: str
    session_count: int
    active_session_count: int
    sessions_by_status: dict[str, int]
    """`status_shown` of sessions that have not ended, and `ended`."""
    usage: UsageRow
    """Of all requests."""
    usage_by_framework: tuple[UsageRow, ...]
    last_event_id: int
    """How many events were ever recorded."""
    newest_event_at: int | None
    lag_seconds: float | None
    """How much later than it happened the newest event was recorded, at most; None: no transcript told it."""
    scan: Tally
    process: Process
    otel: Telemetered | None
    """None: it was not asked for."""
    refused: dict[str, int]
    """Requests that no port of this process answered, by kind."""
    limits: tuple[Limit, ...]
    """What the providers allow, as the clients were last told."""


class Metrics:
    """Looks at `storage` when somebody asks, and not otherwise. For one thread."""

    def __init__(
        self,
        storage: Storage,
        tally: Tally,
        *,
        heard: Callable[[], Any] | None = None,
        refused: Callable[[], Mapping[str, int]] = dict,
        clock: Callable[[], int] = now_ms,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._storage = storage
        self._tally = tally
        self._heard = heard
        self._refused = refused
        self._clock = clock
        self._monotonic = monotonic
        self._own = OwnCost()
        self._kept: Snapshot | None = None
        self._stale = 0.0

    def routes(self) -> Mapping[str, Route]:
        """`/metrics` and `/snapshot.json`."""
        return {"/metrics": Route("GET", self._as_text), "/snapshot.json": Route("GET", self._as_json)}

    def _as_text(self, _: Request) -> Answer:
        return Answer(body=prometheus(self.snapshot()).encode(), content_type=_TEXT)

    def _as_json(self, _: Request) -> Answer:
        return Answer(body=msgspec.json.encode(self.snapshot()), content_type=JSON)

    def snapshot(self) -> Snapshot:
        """At most a second old. StorageError."""
        now = self._monotonic()
        if self._kept is None or now >= self._stale:
            self._kept, self._stale = self._look(), now + KEPT
        return self._kept

    def _look(self) -> Snapshot:
        storage = self._storage
        stats = storage.storage_stats(StorageStatsQuery())
        active = storage.list_sessions(SessionQuery().active_only())
        statuses = Counter(session.status_shown or _UNKNOWN for session in active)
        statuses[ENDED] = stats.session_count - len(active)
        usage = storage.usage(UsageQuery(by="framework"))
        newest = next(iter(storage.query(EventQuery().with_limit(1))), None)
        position = None
        if newest is not None and newest.transcript_path is not None:
            position = storage.get_transcript_position(newest.transcript_path)
        late = max(0, position.updated_at - newest.timestamp) / 1000 if newest and position else None
        heard = self._heard() if self._heard is not None else None
        return Snapshot(
            at=self._clock(),
            version=__version__,
            session_count=stats.session_count,
            active_session_count=stats.active_session_count,
            sessions_by_status=dict(statuses),
            usage=usage.total,
            usage_by_framework=usage.rows,
            last_event_id=storage.last_event_id(),
            newest_event_at=newest.timestamp if newest is not None else None,
            lag_seconds=late,
            scan=msgspec.structs.replace(self._tally),
            process=self._process(),
            otel=heard and msgspec.convert(heard, Telemetered, from_attributes=True),
            refused=dict(self._refused()),
            limits=tuple(limits_of(storage.telemetry((LIMITS,)), self._clock())),
        )

    def _process(self) -> Process:
        own = self._own.look()
        return Process(
            pid=own.pid,
            cpu_seconds=time.process_time(),
            memory_bytes=own.memory,
            threads=own.threads,
            wakeups=resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw,
            read_bytes=own.read,
        )


Sample = tuple[Mapping[str, str], float | None]
"""Labels and value; without a value there is no sample."""
Family = tuple[str, str, str, list[Sample]]
"""Name, type, help, samples."""


def prometheus(snapshot: Snapshot) -> str:
    """The same in Prometheus' text format, version 0.0.4."""
    lines: list[str] = []
    for name, kind, told, samples in _families(snapshot):
        known = [(labels, value) for labels, value in samples if value is not None]
        if known:
            lines += [f"# HELP mi6_tui_{name} {told}", f"# TYPE mi6_tui_{name} {kind}"]
            lines += [f"mi6_tui_{name}{_labels(labels)} {value!r}" for labels, value in known]
    return "\n".join(lines) + "\n"


def _families(now: Snapshot) -> Iterator[Family]:
    yield "info", "gauge", "The program.", [({"version": now.version}, 1)]
    statuses = [({"status": status}, count) for status, count in sorted(now.sessions_by_status.items())]
    yield "sessions", "gauge", "Sessions by the status that is shown.", [*statuses]
    yield from _of_usage(now.usage_by_framework)
    yield "events_total", "counter", "Events ever recorded.", [({}, now.last_event_id)]
    newest = None if now.newest_event_at is None else now.newest_event_at / 1000
    yield "newest_event_timestamp_seconds", "gauge", "When the newest event happened.", [({}, newest)]
    yield "lag_seconds", "gauge", "How late the newest event was recorded, at most.", [({}, now.lag_seconds)]
    yield from _of_scan(now.scan)
    yield from _of_process(now.process)
    if now.otel is not None:
        otel = now.otel
        yield "otel_requests_total", "counter", "OTLP requests taken.", [({}, otel.requests)]
        records: list[Sample] = [({"kept": "yes"}, otel.records), ({"kept": "no"}, otel.unused)]
        yield "otel_records_total", "counter", "OTLP records taken.", records
    refused = [({"kind": kind}, count) for kind, count in sorted(now.refused.items())]
    yield "refused_total", "counter", "Requests refused.", [*refused]
    yield from _of_limits(now.limits, now.at)


def _of_limits(limits: tuple[Limit, ...], now: int) -> Iterator[Family]:
    """No use is told of a window that ended: nobody knows that of the next one."""
    told: list[tuple[dict[str, str], Limit]] = []
    for limit in limits:
        labels = {
            "framework": limit.framework,
            "machine": limit.machine_id,
            "name": limit.name or limit.framework,
        }
        told.append((labels | {"window_minutes": str(limit.window_minutes or "")}, limit))
    used: list[Sample] = [(to, None if is_over(limit, now) else limit.used_percent) for to, limit in told]
    yield "limit_used_percent", "gauge", "How much of a provider's limit is used.", used
    at: list[Sample] = [(to, limit.at / 1000) for to, limit in told]
    yield "limit_told_timestamp_seconds", "gauge", "When a client was told of it.", at
    reset: list[Sample] = [(to, limit.resets_at / 1000 if limit.resets_at else None) for to, limit in told]
    yield "limit_reset_timestamp_seconds", "gauge", "When it begins anew.", reset


def _of_usage(rows: tuple[UsageRow, ...]) -> Iterator[Family]:
    """Gauges: a request that is read again, priced anew or forgotten corrects them, also downwards."""
    named = [({"framework": row.key or _UNKNOWN}, row) for row in rows]
    kinds = ("input", "output", "cache_read", "cache_write")
    tokens = [
        (labels | {"kind": kind}, getattr(row, f"tokens_{kind}")) for labels, row in named for kind in kinds
    ]
    cost = [
        (labels | {"source": source}, getattr(row, f"cost_{source}_usd"))
        for labels, row in named
        for source in ("recorded", "estimated")
    ]
    yield "requests", "gauge", "Requests to models.", [(to, row.api_request_count) for to, row in named]
    yield "tokens", "gauge", "Tokens of all requests.", [*tokens]
    yield "cost_usd", "gauge", "Dollars of the requests whose cost is known.", [*cost]
    unpriced: list[Sample] = [(to, row.unpriced_requests) for to, row in named]
    yield "unpriced_requests", "gauge", "Requests that nobody knows the cost of.", unpriced
    incomplete: list[Sample] = [(to, row.incomplete_requests) for to, row in named]
    yield "incomplete_requests", "gauge", "Requests that miss a token number.", incomplete


def _of_scan(scan: Tally) -> Iterator[Family]:
    yield "writer", "gauge", "1 if this process writes the store.", [({}, int(scan.writer))]
    yield "scans_total", "counter", "Looks that found something.", [({}, scan.sweeps)]
    yield "scan_seconds", "gauge", "How long the last of them took.", [({}, scan.seconds)]
    yield "scan_read_bytes_total", "counter", "Bytes of transcripts read.", [({}, scan.bytes)]
    yield "scan_lines_total", "counter", "Lines of transcripts read.", [({}, scan.lines)]
    bad: list[Sample] = [({"why": "malformed"}, scan.malformed), ({"why": "too_long"}, scan.skipped)]
    yield "scan_bad_lines_total", "counter", "Lines that could not be read.", bad


def _of_process(own: Process) -> Iterator[Family]:
    yield "cpu_seconds_total", "counter", "Processor time of this process.", [({}, own.cpu_seconds)]
    yield "memory_bytes", "gauge", "Resident memory of this process.", [({}, own.memory_bytes)]
    yield "threads", "gauge", "Threads of this process.", [({}, own.threads)]
    yield "wakeups_total", "counter", "How often a thread of it woke up.", [({}, own.wakeups)]
    yield "read_bytes_total", "counter", "Bytes this process read, of anything.", [({}, own.read_bytes)]


def _labels(labels: Mapping[str, str]) -> str:
    escaped = {
        name: value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
        for name, value in labels.items()
    }
    return "{" + ",".join(f'{name}="{value}"' for name, value in escaped.items()) + "}" if escaped else ""
