"""Alerts on limits and budgets: told once a window, shown as long as it is so, nothing that is unknown."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from mi6_tui.config import Settings
from mi6_tui.model import Batch, EventType
from mi6_tui.model.limits import reading
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.allowances import Above, Allowances, AskAllowances, in_short, rules_of
from tests.tui.conftest import NOW, Clock, app_of, look, screen_text
from tests.tui.makers import event
from tests.tui.test_telling import Run, run, settings, toasts  # noqa: F401 (fixtures)

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
ALERT = '[alerts."five hours"]\nlimit = { provider = "claude", window = "5h", above = 80 }\n'


def told(used: float, at: int = NOW, **values: Any) -> Batch:
    """What Claude Code was told of its five hours, which end an hour after NOW."""
    usual: dict[str, Any] = {
        "framework": "claude", "machine_id": "devbox", "name": None, "slot": "five_hour:a",
        "window_minutes": 300, "resets_at": NOW + HOUR, "source": "status line",
    }  # fmt: skip
    return Batch(telemetry=(reading(used_percent=used, at=at, **(usual | values)),))


def spent(dollars: float, ago: int, project: str = "web") -> Batch:
    """A request so many seconds before NOW."""
    kind = EventType.API_REQUEST
    made = event(kind, project, ago, key=f"{project}:{ago}", cost_usd=dollars, cwd=f"/p/{project}",
                 tokens_input=1, tokens_output=1, tokens_cache_read=0, tokens_cache_write=0)  # fmt: skip
    return Batch(events=(made,))


def above(storage: SqliteStorage, now: int = NOW, **tables: Any) -> list[tuple[str, str]]:
    rules = rules_of(Settings.model_validate(tables))
    assert rules is not None
    found = AskAllowances(rules, now, UTC).ask(storage, None)
    assert found is not None
    return [(one.alert, one.told) for one in found]


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        ({"provider": "claude", "window": "5h", "above": 80}, True),
        ({}, True),
        ({"above": 84.5}, False),
        ({"provider": "codex"}, False),
        ({"window": "7d"}, False),
        ({"window": "300m"}, True),
    ],
)
def test_which_limits_a_rule_is_about(
    storage: SqliteStorage, writer: SqliteStorage, limit: dict[str, Any], expected: bool
) -> None:
    writer.record(told(84.5))
    found = above(storage, alerts={"a": {"limit": limit}})
    assert found == ([("a", "claude 5 h: 84 % used, resets 15:02")] if expected else [])


def test_of_a_window_that_ended_nothing_is_known(storage: SqliteStorage, writer: SqliteStorage) -> None:
    writer.record(told(99))
    alerts: dict[str, Any] = {"a": {"limit": {}}}
    assert len(above(storage, NOW + HOUR - 1, alerts=alerts)) == 1
    assert above(storage, NOW + HOUR, alerts=alerts) == []


def test_budgets(storage: SqliteStorage, writer: SqliteStorage) -> None:
    # NOW is Monday the 23rd, 14:02.
    for batch in (spent(9, 60), spent(6, 15 * 3600), spent(4, 60, "docs")):
        writer.record(batch)
    budgets = {"day": 14, "week": 100, "month": 20, "project": {"web": 16}}
    alerts = {of: {"budget": {"of": of, "above": 90}} for of in ("day", "week", "month", "web")}
    assert above(storage, alerts=alerts, budgets=budgets) == [
        ("day", "budget of the day: $13.00 of $14.00 (93 %)"),
        ("month", "budget of the month: $19.00 of $20.00 (95 %)"),
        ("web", "budget of web: $15.00 of $16.00 (94 %)"),
    ]
    assert above(storage, NOW + DAY, alerts={"day": alerts["day"]}, budgets=budgets) == []


def test_without_such_rules_nothing_is_asked() -> None:
    assert rules_of(Settings.model_validate({"alerts": {"a": {"query": "cost>3"}}})) is None


def one(period: str = "until 15:00", alert: str = "a", percent: float = 90.0) -> Above:
    return Above(alert, "claude 5 h", percent, period, f"so much {period}")


def test_each_is_told_once_a_window() -> None:
    watch = Allowances()

    def notes(*above: Above) -> list[tuple[str, str]]:
        return [(note.title, note.body) for note in watch.look(above)]

    assert notes(one("old")) == []
    assert notes(one("old"), one()) == [("a", "so much until 15:00")]
    assert notes(one()) == notes() == notes(one()) == []
    assert notes(one("until 20:00"), one(alert="b")) == [
        ("a", "so much until 20:00"),
        ("b", "so much until 15:00"),
    ]
    # Where nobody knows when it ends, it is over when it is no longer so.
    assert notes(one("")) == [("a", "so much ")]
    assert notes(one("")) == notes() == []
    assert notes(one("")) == [("a", "so much ")]


def test_in_short() -> None:
    assert in_short(()) == ()
    assert in_short((one(), one(alert="b"))) == ("claude 5 h 90 %", "claude 5 h 90 %")
    # Two machines, or two accounts.
    assert in_short((one(percent=95), one(percent=85))) == ("claude 5 h 95 %", "claude 5 h 95 %")
    both = (one(), Above("b", "budget of the day", 120.4, "", ""))
    assert in_short(both) == ("claude 5 h 90 %, budget of the day 120 %", "2 limits")


async def test_the_dashboard_tells_and_shows_it(
    run: Run,  # noqa: F811
    settings: Path,  # noqa: F811
    writer: SqliteStorage,
    clock: Clock,
) -> None:
    settings.write_text(ALERT)
    writer.record(told(79))
    async with run() as pilot:

        async def again() -> str:
            app_of(pilot).look_for_alerts()
            await look(pilot)
            app_of(pilot).look_for_alerts()
            await look(pilot)
            return screen_text(pilot)[0]

        assert "claude 5 h" not in await again() and toasts(pilot) == []
        writer.record(told(83, NOW + 1))
        assert "◆ claude 5 h 83 %" in await again()
        assert toasts(pilot) == ["five hours | claude 5 h: 83 % used, resets 15:02"]
        writer.record(told(95, NOW + 2))
        assert "◆ claude 5 h 95 %" in await again() and len(toasts(pilot)) == 1
        clock.now += HOUR
        assert "claude 5 h" not in await again()
        writer.record(told(85, clock.now, resets_at=clock.now + 5 * HOUR))
        assert "◆ claude 5 h 85 %" in await again()
        assert len(toasts(pilot)) == 2
        settings.write_text("")
        app_of(pilot).look_at_settings()
        await look(pilot)
        app_of(pilot).home._look_for_silence()  # type: ignore[union-attr]
        await pilot.pause()
        assert "claude 5 h" not in screen_text(pilot)[0]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[alerts.a]\n", "alerts.a: it needs one of query, limit and budget"),
        ('[alerts.a]\nquery = "cost>3"\nlimit = {}\n', "alerts.a: it needs one of query, limit and budget"),
        (
            '[alerts.a]\nlimit = { window = "5" }\n',
            'settings.toml:2: alerts.a.limit.window: write a window as "5h"',
        ),
        ("[alerts.a]\nlimit = { above = 101 }\n", "settings.toml:2: alerts.a.limit.above: "),
        (
            '[alerts.a]\nlimit = { provider = "claud" }\n',
            "settings.toml:2: alerts.a.limit.provider: nobody is called 'claud', did you mean claude?",
        ),
        (
            '[alerts.a]\nbudget = { of = "day" }\n',
            "settings.toml:2: alerts.a.budget.of: [budgets] says nothing of 'day'",
        ),
        (
            '[alerts.a]\nbudget = { of = "day" }\n[budgets]\nproject = { day = 5 }\n',
            "settings.toml:2: alerts.a.budget.of: [budgets] says nothing of 'day'",
        ),
    ],
)
async def test_what_cannot_be_meant_is_pointed_at(
    run: Run,  # noqa: F811
    settings: Path,  # noqa: F811
    text: str,
    why: str,
) -> None:
    settings.write_text(text)
    async with run() as pilot:
        file = app_of(pilot)._settings
        assert file is not None and why in file.problem
