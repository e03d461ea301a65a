"""How often the sweep looks, and that it never takes more than its share of time."""

from __future__ import annotations

from mi6_tui.ingest.schedule import Clockwork, Intervals, beat

EVERY = Intervals()


def test_everything_is_due_at_first() -> None:
    clockwork = Clockwork(EVERY)
    assert clockwork.hot_due(0)
    assert clockwork.discovery_due(0)
    assert clockwork.delay(0) == 0
    assert clockwork.rejudge_due(0)
    assert not clockwork.rejudge_due(0)


def test_quiet_files_are_looked_at_less_often_until_something_happens() -> None:
    clockwork = Clockwork(EVERY)
    now, waits = 0.0, []
    for _ in range(12):
        clockwork.hot_done(now, now, changed=False)
        step = next(tenth for tenth in range(1, 100) if clockwork.hot_due(now + tenth / 10))
        waits.append(step / 10)
        now += step / 10
    assert waits == sorted(waits)
    assert waits[-1] == EVERY.hot_slowest
    clockwork.hot_done(now, now, changed=True)
    assert clockwork.hot_due(now + EVERY.hot)


def test_a_slow_sweep_is_repeated_the_more_rarely() -> None:
    clockwork = Clockwork(EVERY)
    clockwork.discovery_done(0, 1, hinted=False)
    assert not clockwork.discovery_due(EVERY.idle_share)
    assert clockwork.discovery_due(1 + EVERY.idle_share)


def test_a_watcher_makes_the_sweep_slow() -> None:
    clockwork = Clockwork(EVERY)
    clockwork.watched = True
    clockwork.discovery_done(0, 0, hinted=False)
    clockwork.hot_done(0, 0, changed=True)
    assert not clockwork.discovery_due(EVERY.discovery_watched - 1)
    assert not clockwork.hot_due(EVERY.hot_watched - 1)


def test_hints_bring_the_walk_forward_but_not_without_end() -> None:
    clockwork = Clockwork(EVERY)
    clockwork.discovery_done(0, 0.1, hinted=False)
    clockwork.hinted(0.2)
    assert not clockwork.discovery_due(1.0)
    assert clockwork.discovery_due(1.1)


def test_a_walk_after_a_hint_is_repeated_once_soon() -> None:
    clockwork = Clockwork(EVERY)
    clockwork.discovery_done(0, 0, hinted=True)
    assert clockwork.discovery_due(EVERY.second_look)
    clockwork.discovery_done(EVERY.second_look, EVERY.second_look, hinted=False)
    assert not clockwork.discovery_due(EVERY.second_look * 2)


def test_a_walk_that_only_makes_sure_takes_a_tenth_of_that_share() -> None:
    clockwork = Clockwork(EVERY)
    clockwork.watched = True
    clockwork.discovery_done(0, 1, hinted=False)
    assert not clockwork.discovery_due(EVERY.idle_share_watched)
    assert clockwork.discovery_due(1 + EVERY.idle_share_watched)


def test_what_recurs_shares_its_moments() -> None:
    assert [beat(now, 2.0) for now in (0.0, 0.3, 1.999, 2.0, 5.1)] == [2.0, 2.0, 2.0, 4.0, 6.0]
    clockwork = Clockwork(EVERY)
    clockwork.watched = True
    clockwork.discovery_done(100.2, 100.21, hinted=False)
    clockwork.hot_done(100.2, 100.21, changed=False)
    assert clockwork.rejudge_due(100.2)
    moments = {100.2 + clockwork.delay(100.2)}
    for now in (102.0, 104.0):
        assert clockwork.rejudge_due(now)
        moments.add(now + clockwork.delay(now))
    assert moments == {102.0, 104.0, 105.0}
