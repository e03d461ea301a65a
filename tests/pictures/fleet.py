"""The demo as if its sessions were those of three machines."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from mi6_tui.ingest.demo import Demo
from mi6_tui.model import Batch, Claim, Event, Machine, SessionFact, Way
from mi6_tui.storage import Storage

_NAMES = ("laptop", "build-01", "ci.example.org")
_Told = TypeVar("_Told", Event, SessionFact, Claim)


def fill_fleet(storage: Storage, now: int) -> None:
    """Record it as it stands at `now` (ms): one machine's clock is wrong, one tells nothing any more."""
    told = Demo(now).until(now)
    places: dict[str, str] = {}
    everything: list[Event | SessionFact | Claim] = [*told.events, *told.facts, *told.claims]
    for one in everything:
        places.setdefault(one.session_id, _NAMES[len(places) % len(_NAMES)])

    def moved(told: tuple[_Told, ...]) -> tuple[_Told, ...]:
        return tuple(msgspec.structs.replace(one, machine_id=places[one.session_id]) for one in told)

    storage.record(Batch(events=moved(told.events), facts=moved(told.facts), claims=moved(told.claims)))
    storage.rejudge(now)
    laptop, build, ci = _NAMES
    storage.see_machine(Machine(machine_id=laptop, seen_at=now - 4_000, skew_ms=80, way=Way.PUSH))
    storage.see_machine(Machine(machine_id=build, seen_at=now - 41_000, skew_ms=12_300, way=Way.PUSH))
    storage.see_machine(
        Machine(machine_id=ci, seen_at=now - 7_500_000, way=Way.REMOTE, problem="no route to host")
    )
