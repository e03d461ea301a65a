from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import pytest

from mi6_tui.errors import UsageError
from mi6_tui.report.times import instant, zone

NOW = 1_795_392_000_000
BERLIN = ZoneInfo("Europe/Berlin")


def ms(*parts: int, where: tzinfo = UTC) -> int:
    return int(datetime(*parts, tzinfo=where).timestamp() * 1000)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("text", "where", "end", "expected"),
    [
        ("2026-11-22", UTC, False, ms(2026, 11, 22)),
        ("2026-11-22", UTC, True, ms(2026, 11, 23)),
        ("20261122", UTC, True, ms(2026, 11, 23)),
        ("2026-W47-7", UTC, True, ms(2026, 11, 23)),
        ("2026-11-22", BERLIN, False, ms(2026, 11, 21, 23)),
        # The day on which the clocks go back has 25 hours.
        ("2026-10-25", BERLIN, False, ms(2026, 10, 24, 22)),
        ("2026-10-25", BERLIN, True, ms(2026, 10, 25, 23)),
        ("2026-11-22T14:30", BERLIN, True, ms(2026, 11, 22, 13, 30)),
        ("2026-11-22 14:30", UTC, False, ms(2026, 11, 22, 14, 30)),
        ("2026-11-22T14:30+05:45", BERLIN, False, ms(2026, 11, 22, 8, 45)),
        (" 7d ", BERLIN, False, NOW - 7 * 86_400_000),
        ("12h", UTC, True, NOW - 12 * 3_600_000),
        ("2w", UTC, False, NOW - 14 * 86_400_000),
    ],
)
def test_times_as_people_write_them(text: str, where: tzinfo, end: bool, expected: int) -> None:
    assert instant(text, where, NOW, end=end) == expected


@pytest.mark.parametrize("text", ["", "yesterday", "7x", "2026-13-01", "2026-02-30", "-7d", "7", "٧d"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is no time"):
        instant(text, UTC, NOW)


@pytest.mark.parametrize("name", ["Mars/Olympus", "../../etc/passwd", "", "/etc/localtime", "Europe"])
def test_a_zone_nobody_knows_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="no time zone is called"):
        zone(name)


def test_zones() -> None:
    assert zone("Europe/Berlin") == BERLIN
    assert zone(None) is None
