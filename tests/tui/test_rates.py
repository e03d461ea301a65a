"""Tokens a minute and today's dollars: counted by hand, asked for only when they may differ."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone

from mi6_tui.model import Batch, EventType
from mi6_tui.model.rates import Rate
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.columns import Live
from mi6_tui.tui.feed import Feed, FeedTick, Question
from mi6_tui.tui.fleet import Fleet
from mi6_tui.tui.living import Living
from mi6_tui.tui.rates import MINUTES, NAME, Flow, RatePulse, RatesQuestion
from tests.tui.conftest import NOW
from tests.tui.makers import MACHINE, event, session, titled

_HOUR = 3_600_000
_DAY = 24 * _HOUR
_MIDNIGHT = NOW // _DAY * _DAY
"""UTC."""


def requests(writer: SqliteStorage) -> None:
    """Of `s1` 1,110 tokens now and 59 s ago, 10 some 10 minutes ago; of `s2` 5 an hour ago, 7 yesterday."""
    told = [
        ("s1", 0, 100, 1_000, 0.5),
        ("s1", 59, 100, 1_000, 0.25),
        ("s1", 600, 0, 0, 0.125),
        ("s2", 3_600, 5, None, 2.0),
        ("s2", 15 * 3_600, 7, None, 64.0),
    ]
    events = tuple(
        event(
            EventType.API_REQUEST,
            session_id,
            ago,
            key=f"{session_id}:{ago}",
            model="m",
            tokens_input=fresh,
            tokens_output=None if read is None else 10,
            tokens_cache_read=read,
            cost_usd=dollars,
        )
        for session_id, ago, fresh, read, dollars in told
    )
    writer.record(Batch(events=events))


def test_an_answer_counted_by_hand(storage: SqliteStorage, writer: SqliteStorage) -> None:
    requests(writer)
    flow = RatesQuestion(NOW + 1, _MIDNIGHT).ask(storage, None)
    assert flow is not None
    minutes = [0] * 14
    minutes[13], minutes[3] = 2 * 1_110, 10
    assert flow.rates.sessions == {(MACHINE, "s1"): Rate(tuple(minutes))}
    assert flow.rates.total == Rate(tuple(minutes))
    assert flow.rates.total.per_minute(5) == 2 * 1_110 / 5
    assert flow.today is not None
    assert (flow.today.cost_usd, flow.today.api_request_count) == (2.875, 4)


def test_it_is_asked_once(storage: SqliteStorage) -> None:
    question = RatesQuestion(NOW, _MIDNIGHT)
    assert question.ask(storage, frozenset()) is None
    assert question.ask(storage, frozenset({(MACHINE, "s1")})) is None


class Asked:
    """What the feed was asked."""

    def __init__(self) -> None:
        self.questions: list[RatesQuestion | None] = []

    def __call__(self, name: str, question: Question | None) -> None:
        assert name == NAME
        assert question is None or isinstance(question, RatesQuestion)
        self.questions.append(question)

    def times(self) -> list[int]:
        return [one.until - 1 - NOW for one in self.questions if one is not None]


def flow_of(*tokens: int, today: int = 1) -> FeedTick:
    from mi6_tui.model import UsageRow
    from mi6_tui.model.rates import Rates

    sessions = {(MACHINE, "s1"): Rate(tokens)} if tokens else {}
    return FeedTick(answers={NAME: Flow(Rates(0, MINUTES, sessions), UsageRow(api_request_count=today))})


def second_by_second(pulse: RatePulse, first: int, last: int) -> None:
    for second in range(first, last + 1):
        pulse.tick(NOW + second * 1000)


def test_while_nothing_happens_nothing_is_asked() -> None:
    asked = Asked()
    pulse = RatePulse(asked, UTC)
    second_by_second(pulse, 0, 2)
    assert pulse.take(flow_of()) is not None
    second_by_second(pulse, 3, 500)
    assert asked.times() == [0]


def test_it_is_asked_soon_after_a_change_and_at_most_every_three_seconds() -> None:
    asked = Asked()
    pulse = RatePulse(asked, UTC)
    pulse.tick(NOW)
    pulse.take(flow_of())
    for second in range(1, 11):
        assert pulse.take(FeedTick((session("s1"),))) is None
        pulse.tick(NOW + second * 1000)
    assert asked.times() == [0, 3_000, 6_000, 9_000]
    second_by_second(pulse, 11, 100)
    assert asked.times() == [0, 3_000, 6_000, 9_000, 12_000]


def test_what_an_empty_store_answered_is_asked_again_at_once() -> None:
    asked = Asked()
    pulse = RatePulse(asked, UTC)
    pulse.tick(NOW)
    empty = pulse.take(flow_of(today=0))
    assert empty is not None
    assert empty.today is not None
    second_by_second(pulse, 1, 100)
    assert asked.times() == [0], "an empty store at rest is left alone"
    unsure = pulse.take(FeedTick((session("s1"),)))
    assert unsure is not None
    assert unsure.today is None
    pulse.tick(NOW + 101_000)
    assert pulse.take(flow_of(today=0)) is not None
    assert pulse.take(FeedTick((session("s1"),))) is None, "this store had sessions when it was asked"
    pulse.tick(NOW + 102_000)
    pulse.take(flow_of(today=1))
    assert pulse.take(FeedTick((session("s1"),))) is None
    second_by_second(pulse, 103, 200)
    assert asked.times() == [0, 101_000, 102_000, 105_000]


def test_rates_fall_though_nothing_happens() -> None:
    asked = Asked()
    pulse = RatePulse(asked, UTC)
    pulse.tick(NOW)
    pulse.take(flow_of(0, 5))
    second_by_second(pulse, 1, 50)
    assert len(asked.times()) == 3
    pulse.take(flow_of())
    second_by_second(pulse, 51, 200)
    assert len(asked.times()) == 3


def test_a_new_day_begins_at_the_users_midnight() -> None:
    asked = Asked()
    zone = timezone(timedelta(hours=9))  # 23:02:11 there
    pulse = RatePulse(asked, zone)
    pulse.tick(NOW)
    pulse.take(flow_of())
    pulse.tick(NOW + _HOUR - 200_000)
    assert len(asked.questions) == 1
    pulse.tick(NOW + _HOUR)
    first, second = asked.questions
    assert first is not None
    assert second is not None
    assert (first.midnight, second.midnight) == (_MIDNIGHT - 9 * _HOUR, _MIDNIGHT + 15 * _HOUR)


def test_what_is_not_shown_is_not_asked() -> None:
    asked = Asked()
    pulse = RatePulse(asked, UTC)
    pulse.stop()
    pulse.tick(NOW)
    pulse.take(flow_of())
    pulse.stop()
    pulse.stop()
    assert [one is None for one in asked.questions] == [False, True]
    pulse.tick(NOW + 1)
    assert len(asked.questions) == 3


def test_through_the_feed_to_the_columns(storage: SqliteStorage, writer: SqliteStorage) -> None:
    feed = Feed(storage, lambda tick: None)
    living = Living(RatePulse(feed.ask, UTC), None, Fleet(feed.ask, lambda: NOW))
    requests(writer)
    living.tick(NOW, (), ())
    tick = feed.look()
    assert tick is not None
    keys = [(MACHINE, "s1"), (MACHINE, "s2")]
    assert living.of(keys) == dict.fromkeys(keys, Live())
    flow = living.take(tick)
    assert flow is not None
    assert living.of(keys) == {
        keys[0]: Live(rate=flow.rates.sessions[keys[0]]),
        keys[1]: Live(rate=Rate((0,) * 14)),
    }
    writer.record(Batch(facts=(titled("s1", "other"),)))
    tick = feed.look()
    assert tick is not None
    assert NAME not in tick.answers
    assert living.take(tick) is None
    living.tick(NOW + 5_000, (), ())
    tick = feed.look()
    assert tick is not None
    assert living.take(tick) is not None
    living.pause()
    assert feed.look() is None
