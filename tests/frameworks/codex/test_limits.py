"""Rate limits in rollouts."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from mi6_tui.model import Batch, Telemetry
from mi6_tui.model.limits import LIMITS
from mi6_tui.storage.sqlite import SqliteStorage
from tests.frameworks.codex.support import PARENT, decode, meta, raw, read, record

AT = 1_788_256_800_000
"""ms; 2026-09-01 10:00:00 UTC, when the rollouts of the tests begin."""
HOUR = 3_600_000


def window(used: Any = 62.5, minutes: Any = 300, **more: Any) -> dict[str, Any]:
    return {"used_percent": used, "window_minutes": minutes, **more}


def told(second: float, **limits: Any) -> dict[str, Any]:
    rates = {"limit_id": "codex", "limit_name": None, "primary": None, "secondary": None, **limits}
    return record("event_msg", second, {"type": "token_count", "info": None, "rate_limits": rates})


def shown(records: list[Telemetry]) -> list[tuple[Any, ...]]:
    return [(one.what, one.used_percent, one.window_minutes, one.resets_at, one.at - AT) for one in records]


def test_both_windows_are_noted() -> None:
    both = told(
        5,
        primary=window(resets_at=AT // 1000 + 7200),
        secondary=window(7, 10_080, resets_at=AT // 1000 + 86_400),
    )
    found = read(meta(), both)
    assert shown(found.telemetry) == [
        ("codex", 62.5, 300, AT + 2 * HOUR, 5000),
        ("codex", 7.0, 10_080, AT + 24 * HOUR, 5000),
    ]
    assert {(one.session_id, one.framework, one.machine_id, one.kind) for one in found.telemetry} == {
        (LIMITS, "codex", "devbox", "limit")
    }
    assert (found.unknown, found.malformed) == ({}, 0)


def test_only_the_last_of_a_day_is_kept_and_older_clients_say_it_otherwise() -> None:
    found = read(
        meta(),
        told(5, primary=window(10, resets_in_seconds=60)),
        told(9, primary=window(11, resets_in_seconds=56)),
        told(7, primary=window(99, resets_in_seconds=58)),
    )
    assert shown(found.telemetry) == [("codex", 11.0, 300, AT + 65_000, 9000)]


@pytest.mark.parametrize(
    "limits",
    [
        {},
        {"primary": {}},
        {"primary": []},
        {"primary": window("62")},
        {"primary": window(True)},
        {"primary": window(-1)},
        {"primary": window(1e300)},
        {"primary": window(10**400)},
        {"primary": window(None)},
    ],
)
def test_what_is_no_reading_is_none(limits: dict[str, Any]) -> None:
    assert read(meta(), told(5, **limits)).telemetry == []


@pytest.mark.parametrize(
    "more",
    [
        {"minutes": "300", "resets_at": "soon"},
        {"minutes": 0, "resets_at": -1},
        {"minutes": 10**9, "resets_at": 10**15},
        {"minutes": 300.5, "resets_in_seconds": 10**15},
        {"minutes": None, "resets_at": 0},
    ],
)
def test_what_cannot_be_is_unknown(more: dict[str, Any]) -> None:
    assert shown(read(meta(), told(5, primary=window(**more))).telemetry) == [
        ("codex", 62.5, None, None, 5000)
    ]


def test_what_a_fork_has_from_its_parent_says_nothing_new() -> None:
    copied = told(1, primary=window(50))
    found = read(meta(1, forked_from_id=PARENT), meta(1, thread=PARENT), copied)
    assert found.telemetry == []


def test_order_cuts_and_repeats_do_not_matter(tmp_path: Path) -> None:
    lines = raw(meta(), *(told(second, primary=window(second)) for second in (3, 9, 5, 9, 1)))
    answers = []
    for number, runs in enumerate(
        ([lines], [lines[:3], lines[3:]], [[one] for one in lines[::-1]], [lines] * 2)
    ):
        storage = SqliteStorage(tmp_path / f"{number}.db")
        for run in runs:
            storage.record(Batch(telemetry=tuple(decode(run).telemetry)))
        answers.append([(one.at, one.used_percent) for one in storage.telemetry((LIMITS,))])
        storage.close()
    assert answers == [[(AT + 9000, 9.0)]] * 4


def test_of_one_moment_the_same_reading_stays(tmp_path: Path) -> None:
    reset = AT // 1000 + 7200
    tied = [
        told(5, primary=window(*said, **more))
        for said in ((9, 300), (100, 300), (9, None))
        for more in ({}, {"resets_at": reset})
    ]
    for number, (one, other) in enumerate(permutations(tied, 2)):
        together, apart = (SqliteStorage(tmp_path / f"{number}{name}.db") for name in "ab")
        together.record(Batch(telemetry=tuple(read(meta(), one, other).telemetry)))
        for line in (other, one):
            apart.record(Batch(telemetry=tuple(read(meta(), line).telemetry)))
        assert together.telemetry((LIMITS,)) == apart.telemetry((LIMITS,)) != []
        together.close()
        apart.close()
