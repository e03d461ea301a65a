"""The ports that `scan --follow` answers at: OpenTelemetry, and figures about itself."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from mi6_tui import __version__
from mi6_tui.clock import now_ms
from mi6_tui.errors import StoreLockedError, UsageError
from mi6_tui.ingest.lock import WriterLock
from mi6_tui.ingest.loopback.ports import health
from mi6_tui.ingest.loopback.server import Server
from mi6_tui.ingest.loopback.site import RefusedError, Site
from mi6_tui.ingest.loopback.tidings import Teller, Tidings
from mi6_tui.ingest.tally import Tally
from mi6_tui.paths import machine_id
from mi6_tui.report import out
from mi6_tui.report.metrics import Metrics
from mi6_tui.storage import Storage

TOKEN: Final = "MI6_TUI_OTEL_TOKEN"  # noqa: S105 - the name of a variable
_LONGEST: Final = 4096


@contextmanager
def serving(
    args: argparse.Namespace, storage: Storage, lock: WriterLock | None, tally: Tally
) -> Iterator[None]:
    """Listen as the command line says, until the block is left.

    UsageError, PortError, or StoreLockedError if another process writes: what is told can be kept by the
    writer alone.
    """
    token = _token(args.otel_token_file)
    receiver = None
    sites: list[Site] = []
    alive = {"/health": health(os.getpid(), __version__)}
    if args.otel is not None:
        from mi6_tui.ingest.otel.receiver import MOST_BYTES, Receiver  # late: few ask for it

        if lock is not None and not lock.try_acquire():
            process = f"process {lock.holder()}" if lock.holder() else "another process"
            raise StoreLockedError(
                f"{process} writes the store, and the writer alone takes telemetry",
                "end it first, or start that one with --otel",
            )
        receiver = Receiver(storage, machine_id(), may_write=lambda: lock is None or lock.held)
        sites.append(Site(args.otel, {**receiver.routes(), **alive}, token, MOST_BYTES))
    heard = (lambda: receiver.heard) if receiver is not None else None
    server: Server
    if args.metrics is not None:
        metrics = Metrics(storage, tally, heard=heard, refused=lambda: server.refused)
        sites.append(Site(args.metrics, {**metrics.routes(), **alive}, token))
    names = [name for name, port in (("OTLP", args.otel), ("metrics", args.metrics)) if port is not None]
    since = now_ms()

    def look(*, ended: bool = False) -> Tidings:
        ports = dict(zip(names, server.ports, strict=True))
        return _tidings(ports, since, ended, heard() if heard is not None else None, server.refused)

    teller = Teller(storage.path, look) if storage.path is not None else None
    server = Server(sites, on_refused=_tell, on_news=teller.news if teller is not None else None)
    try:
        with server.running():
            for name, port in zip(names, server.ports, strict=True):
                out.note(f"{name} at http://127.0.0.1:{port}")
            if teller is not None:
                teller.write(look())
            yield
    finally:
        if server.ports:
            told = look(ended=True)
            _sum_up(told)
            if teller is not None:
                teller.write(told)


def _tidings(
    ports: dict[str, int], since: int, ended: bool, heard: Any, refused: Mapping[str, int]
) -> Tidings:
    told = {name: getattr(heard, name) for name in ("requests", "records", "unused")} if heard else {}
    return Tidings(
        pid=os.getpid(),
        since=since,
        at=now_ms(),
        ended=ended,
        ports=ports,
        refused=dict(refused),
        **{f"otel_{name}": number for name, number in told.items()},
    )


def _token(file: Path | None) -> str | None:
    """What requests must bear; None: nothing."""
    if file is None:
        return os.environ.get(TOKEN) or None
    try:
        with file.open("rb") as opened:
            token = opened.read(_LONGEST + 1).decode("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the token in {file} cannot be read", "it is one line of ASCII") from error
    if not token or len(token) > _LONGEST or "\n" in token:
        raise UsageError(f"{file} holds no token", "it is one line of ASCII")
    return token


def _tell(refusal: RefusedError) -> None:
    """The first of a kind alone: whoever sends much must not fill the screen."""
    out.note(f"refused a request ({refusal.kind}): {refusal.message}; more of the kind are only counted")


def _sum_up(told: Tidings) -> None:
    parts: list[str] = []
    if "OTLP" in told.ports:
        parts.append(f"took {told.otel_requests} OTLP requests with {told.otel_records} records of use")
    if told.refused:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(told.refused.items()))
        parts.append(f"refused {sum(told.refused.values())} ({kinds})")
    if parts:
        out.note("; ".join(parts))
