"""What is said of a database, by what its server and its machines told."""

from __future__ import annotations

from typing import Any

import pytest

from mi6_tui.doctor.database import database_checks
from mi6_tui.model import Machine, Way
from mi6_tui.storage.about import About, Inbox, Table

NOW = 1_795_442_531_000
HOUR = 3_600_000
WELL = About(
    shown="postgresql://db/mi6",
    version="18.1",
    user="mi6",
    rights="all",
    unseen=(),
    standby=False,
    bytes=1,
    encrypted="TLSv1.3",
    local=False,
    at=NOW,
    skew_ms=1999,
    migrations=("m001_initial",),
    missing=(),
    newer=(),
    tables=(),
    inbox=Inbox(waiting=3, oldest=NOW - 599_000, refused=0, reason=None),
)


def odd(machines: list[Machine] | None = None, **facts: Any) -> list[tuple[str, str, str]]:
    """Name, level and words of each check that is not ok."""
    values = {name: getattr(WELL, name) for name in About.__struct_fields__} | facts
    found = list(database_checks(About(**values), machines or [], NOW))
    assert all(check.advice for check in found if check.level != "ok")
    return [(check.name, check.level, check.told) for check in found if check.level != "ok"]


def table(rows: int, dead: int) -> Table:
    vacuumed = NOW - 3 * HOUR
    return Table(
        name="events", rows=rows, bytes=1, index_bytes=1, dead_rows=dead, vacuumed=vacuumed, analyzed=None
    )


def machine(name: str, **more: Any) -> Machine:
    return Machine(machine_id=name, seen_at=NOW - 1000, way=Way.PUSH, **more)


def test_all_is_well() -> None:
    assert odd([machine("desk", skew_ms=-1999)]) == []
    assert odd(encrypted=None, local=True, tables=(table(50_000, 12_000),), inbox=None, migrations=None) == []


@pytest.mark.parametrize(
    ("facts", "name", "level", "told"),
    [
        ({"encrypted": None}, "encryption", "warning", "none: whoever listens to the network between"),
        ({"rights": "none"}, "rights", "failed", "user mi6 may neither look nor send"),
        ({"rights": "no store"}, "rights", "warning", "there is no store in that database"),
        ({"unseen": ("usage",)}, "rights", "failed", "user mi6 may not read usage"),
        ({"newer": ("m900_more",)}, "schema", "failed", "made by a newer mi6-tui (m900_more)"),
        ({"missing": ("m002",)}, "schema", "failed", "lacks m002"),
        ({"missing": ("m002",), "rights": "look"}, "schema", "warning", "lacks m002"),
        ({"twins": ("box",)}, "machine box", "warning", "two stores have sent under this name within a day"),
        ({"skew_ms": 2000}, "clock", "warning", "this machine's clock is 2 s ahead of the server's"),
        ({"skew_ms": -300_001}, "clock", "failed", "this machine's clock is 300 s behind the server's"),
        (
            {"inbox": Inbox(waiting=3, oldest=NOW - 660_000, refused=0, reason=None)},
            *("inbox", "failed", "3 parcels wait, the first for 11 minutes"),
        ),
        (
            {"inbox": Inbox(waiting=0, oldest=None, refused=2, reason="no parcel")},
            *("inbox", "warning", "put aside, for they could not be merged: 2, the last: no parcel"),
        ),
        (
            {"tables": (table(40_000, 10_001),)},
            *("table events", "warning", "10001 dead rows beside 40000, vacuumed 3 h ago"),
        ),
    ],
)
def test_what_is_odd_is_told(facts: dict[str, Any], name: str, level: str, told: str) -> None:
    ((found, how, said),) = odd(**facts)
    assert (found, how, said[: len(told)]) == (name, level, told)


def test_machines() -> None:
    found = odd([machine(f"m{number}", skew_ms=9_000) for number in range(7)])
    assert [name for name, _, _ in found] == [*(f"machine m{number}" for number in range(5)), "machines"]
    assert found[-1][2] == "2 more have a clock that is off"
    assert [told for _, _, told in odd(twins=tuple("abcdefg"))[4:]] == [
        "two stores have sent under this name within a day",
        "2 more names have two stores",
    ]
    assert odd([machine("far", problem="no route to host")]) == [
        ("machine far", "warning", "no route to host")
    ]
