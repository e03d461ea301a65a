"""Machines that push, one server, a network between, and somebody who kills them all."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from random import Random
from statistics import quantiles
from typing import Final

import msgspec

from mi6_tui.model import SessionQuery, UsageQuery
from mi6_tui.model.usage import UsageRow
from mi6_tui.storage import Storage
from mi6_tui.storage.postgres import PostgresStorage
from mi6_tui.storage.sqlite import SqliteStorage
from tests.fleet.machine import Machine
from tests.fleet.watching import Dashboard, Reader
from tests.storage.postgres.proxy import Proxy
from tests.storage.postgres.server import PostgresServer

KILLS: Final = ("server", "pusher", "network")
_NUMBERS: Final = (
    "framework",
    "title",
    "first_started_at",
    "last_activity",
    "tool_call_count",
    "api_request_count",
    "tokens_input",
    "tokens_output",
    "tokens_cache_read",
    "tokens_cache_write",
    "cost_usd",
)


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a run came to."""

    events: int
    kills: dict[str, int]
    seconds: float
    per_second: float
    lag_ms: tuple[int, int, int]
    """Median, 95th percentile and largest, from the record on the machine to the reader."""
    calm_lag_ms: tuple[int, int, int] | None
    """The same of the events that were recorded when all others had arrived."""
    pushers_cpu: float
    dashboard_cpu: float | None
    dashboard_bytes: int | None
    """Its memory at the end."""
    wrong: tuple[str, ...]
    """Whatever is missing, doubled or otherwise than on its machine."""


def play(
    server: PostgresServer,
    database: str,
    folder: Path,
    *,
    machines: int,
    events: int,
    kills: Sequence[str],
    seed: int = 1,
    dashboard: bool = False,
    calm: int = 0,
) -> Report:
    """Let each machine push `events` events while things are killed, then `calm` further ones in peace."""
    names = [f"m{number}" for number in range(1, machines + 1)]
    total, began = machines * events, time.monotonic()
    with ExitStack() as stack:
        network = stack.enter_context(closing(Proxy(server.socket)))
        PostgresStorage(server.url(database)).close()
        fleet = [Machine(name, folder, network.url(database)) for name in names]
        reader = stack.enter_context(closing(Reader(server.url(database), names, events + calm)))
        watcher = None
        if dashboard:
            watcher = stack.enter_context(closing(Dashboard(server.url(database), folder)))
        for machine in fleet:
            next(machine.record(0, 0), None)
            machine.push()
        recorders = [
            threading.Thread(target=lambda machine=machine: list(machine.record(0, events)))
            for machine in fleet
        ]
        for recorder in recorders:
            recorder.start()
        _kill_all(kills, Random(seed), server, network, fleet, reader, total)
        reader.wait_for(total)
        seconds = time.monotonic() - began
        for recorder in recorders:
            recorder.join()
        lags = list(reader.lags)
        if calm:
            _calmly(fleet, reader, events, calm)
        wrong = [] if watcher is None or watcher.runs else ["the dashboard ended"]
        cpu, memory = (watcher.cpu, watcher.memory) if watcher is not None else (None, None)
        for machine in fleet:
            if (code := machine.stop()) != -15:
                wrong.append(f"the pusher of {machine.name} ended with {code}: {machine.said}")
        reader.close()
        wrong += reader.wrong + _differences(server.url(database), fleet, reader)
        return Report(
            events=total + machines * calm,
            kills={kind: kills.count(kind) for kind in KILLS},
            seconds=round(seconds, 1),
            per_second=round(total / seconds),
            lag_ms=_summed_up(lags),
            calm_lag_ms=_summed_up(reader.lags[total:]) if calm else None,
            pushers_cpu=round(sum(machine.pusher_cpu for machine in fleet), 1),
            dashboard_cpu=cpu,
            dashboard_bytes=memory,
            wrong=tuple(wrong),
        )


def _kill_all(
    kills: Sequence[str],
    chance: Random,
    server: PostgresServer,
    network: Proxy,
    fleet: Sequence[Machine],
    reader: Reader,
    total: int,
) -> None:
    """One after the other, spread over all that is pushed."""
    for number, kind in enumerate(kills):
        reader.wait_for(total * (number + 1) // (len(kills) + 2))
        if kind == "server":
            server.stop("immediate")
            server.start()
        elif kind == "pusher":
            victim = chance.choice(fleet)
            victim.kill()
            victim.push()
        else:
            network.cut()


def _calmly(fleet: Sequence[Machine], reader: Reader, first: int, count: int) -> None:
    """A few events at a time, each when the ones before were seen."""
    for number in range(first, first + count):
        before = reader.seen
        for machine in fleet:
            list(machine.record(number, 1))
        reader.wait_for(before + len(fleet))


def _differences(url: str, fleet: Sequence[Machine], reader: Reader) -> list[str]:
    found = [f"{reader.missing()} events were never seen"] if reader.missing() else []
    if any(one >= other for one, other in zip(reader.ids, reader.ids[1:], strict=False)):
        found.append("ids did not ascend")
    with closing(PostgresStorage(url)) as shared:
        if shared.count() != len(reader.ids) or shared.last_event_id() != reader.ids[-1]:
            found.append(f"{shared.count()} events in the store, {len(reader.ids)} seen")
        usage = []
        for machine in fleet:
            with closing(SqliteStorage(machine.store)) as local:
                usage.append(_sums(local))
                if _numbers(local, machine.name) != _numbers(shared, machine.name):
                    found.append(f"sessions of {machine.name} differ")
        if [sum(each) for each in zip(*usage, strict=True)] != _sums(shared):
            found.append("the sums of all requests differ")
    return found


def _numbers(storage: Storage, name: str) -> list[tuple[object, ...]]:
    rows = storage.list_sessions(SessionQuery(machine_id=name))
    return sorted((row.session_id, *(getattr(row, field) for field in _NUMBERS)) for row in rows)


def _sums(storage: Storage) -> list[int]:
    total: UsageRow = storage.usage(UsageQuery(by="model")).total
    return [total.api_request_count, total.tokens_input, total.tokens_output, total.tokens_cache_read]


def _summed_up(lags: Sequence[int]) -> tuple[int, int, int]:
    cuts = quantiles(lags, n=20)
    return round(cuts[9]), round(cuts[18]), max(lags)
