"""Alerts on queries: told when a session begins to match, once, and not for what was so before."""

from __future__ import annotations

from pathlib import Path

from mi6_tui.query import parse
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.alerts import Alerts
from tests.tui.conftest import NOW, Clock, app_of, look
from tests.tui.makers import session, working
from tests.tui.test_telling import Run, run, settings, toasts  # noqa: F401 (fixtures)

MINUTE = 60_000


def told(alerts: Alerts, *rows: object, now: int = NOW) -> list[tuple[str, str]]:
    return [(note.title, note.body) for note in alerts.look(rows, now)]  # type: ignore[arg-type]


def test_what_matches_at_first_is_old_and_what_begins_to_is_told_once() -> None:
    alerts = Alerts({"dear": parse("cost>3")})
    old, new = session("old", cost_usd=9.0, title="Old"), session("new", cost_usd=1.0, title="New")
    assert told(alerts, old, new) == []
    assert told(alerts, old, new.with_(cost_usd=4.0)) == [("dear", "New")]
    assert told(alerts, old, new.with_(cost_usd=5.0)) == []
    assert told(alerts, old, new) == []
    assert told(alerts, old, new.with_(cost_usd=5.0)) == [("dear", "New")]


def test_a_query_about_time_is_met_by_waiting() -> None:
    alerts = Alerts({"late": parse("waiting>5m")})
    row = session("a", status_shown="waiting", status_since=NOW, title="Asks")
    assert told(alerts, row) == []
    assert told(alerts, row, now=NOW + 5 * MINUTE) == []
    assert told(alerts, row, now=NOW + 5 * MINUTE + 1) == [("late", "Asks")]


def test_many_at_once_are_told_as_one() -> None:
    alerts = Alerts({"dear": parse("cost>3"), "any": parse("cost>1000")})
    rows = [session(name, cost_usd=0.0, title=name) for name in "abcde"]
    assert told(alerts, *rows) == []
    assert told(alerts, *(row.with_(cost_usd=4.0) for row in rows)) == [("dear", "5 sessions: a, b, c, …")]


async def test_the_dashboard_tells_it(
    run: Run,  # noqa: F811
    settings: Path,  # noqa: F811
    writer: SqliteStorage,
    clock: Clock,
) -> None:
    settings.write_text('[alerts.silent]\nquery = "idle>10m"\n')
    writer.record(working("a"))
    async with run() as pilot:
        await look(pilot)
        app_of(pilot).look_for_alerts()
        await pilot.pause()
        assert toasts(pilot) == []
        clock.now += 30 * MINUTE
        app_of(pilot).look_for_alerts()
        await pilot.pause()
        assert len(toasts(pilot)) == 1
        assert "silent" in toasts(pilot)[0]


async def test_a_query_that_is_none_is_pointed_at(run: Run, settings: Path) -> None:  # noqa: F811
    settings.write_text('[alerts.silent]\nquery = "cots>3"\n')
    async with run() as pilot:
        app = app_of(pilot)
        assert app._settings is not None
        assert "settings.toml:2: alerts.silent.query: column 1 of" in app._settings.problem.replace(
            str(settings), settings.name
        )
        assert "did you mean cost?" in app._settings.problem
