"""Tokens by minute: every request counts once, by the witness that counts for its session."""

from __future__ import annotations

from mi6_tui.model import Source
from mi6_tui.model.rates import Rate
from mi6_tui.storage.conformance.base import MINUTE, NOW, Group, make_event, request
from mi6_tui.storage.protocol import Storage

_START = NOW // MINUTE * MINUTE
_OF_ONE = 100 + 20 + 1_000 + 10
"""Tokens of a `request`."""


class RateConformance(Group):
    """`rates`."""

    def test_an_empty_store_has_none(self, storage: Storage) -> None:
        found = storage.rates(_START, _START + 3 * MINUTE)
        assert (found.sessions, found.total) == ({}, Rate((0, 0, 0)))

    def test_requests_fall_into_their_minutes(self, storage: Storage) -> None:
        for ms in (-1, 0, 59_999, 60_000, 150_000, 180_000):
            storage.insert(request(timestamp=_START + ms))
        storage.insert(request(session_id="t", timestamp=_START, tokens_cache_read=None))
        storage.insert(make_event(timestamp=_START))
        found = storage.rates(_START, _START + 3 * MINUTE)
        assert found.sessions == {
            ("m", "s"): Rate((2 * _OF_ONE, _OF_ONE, _OF_ONE)),
            ("m", "t"): Rate((130, 0, 0)),
        }
        assert found.total.minutes == (2 * _OF_ONE + 130, _OF_ONE, _OF_ONE)

    def test_minutes_are_counted_from_the_beginning_and_the_last_may_be_short(self, storage: Storage) -> None:
        for ms in (29_999, 30_000, 89_999, 90_000, 99_999, 100_000):
            storage.insert(request(timestamp=_START + ms))
        found = storage.rates(_START + 30_000, _START + 100_000)
        assert found.sessions == {("m", "s"): Rate((2 * _OF_ONE, 2 * _OF_ONE))}
        assert storage.rates(_START, _START).total == Rate(())

    def test_a_repeat_and_a_correction_do_not_add_up(self, storage: Storage) -> None:
        for tokens, version in ((20, "1"), (20, "1"), (70, "2")):
            storage.insert(request(key="k", version=version, timestamp=_START, tokens_output=tokens))
        assert storage.rates(_START, _START + MINUTE).total.minutes == (_OF_ONE + 50,)

    def test_of_two_witnesses_the_better_one_counts(self, storage: Storage) -> None:
        for source in (Source.HOOK, Source.OTEL):
            storage.insert(request(timestamp=_START, source=source))
        assert storage.rates(_START, _START + MINUTE).total.minutes == (_OF_ONE,)
        storage.insert(request(timestamp=_START, tokens_output=21))
        assert storage.rates(_START, _START + MINUTE).total.minutes == (_OF_ONE + 1,)

    def test_a_request_of_which_a_number_is_missing_is_told(self, storage: Storage) -> None:
        storage.insert(request(timestamp=_START, tokens_output=None, tokens_incomplete=True))
        storage.insert(request(timestamp=_START))
        found = storage.rates(_START, _START + MINUTE)
        assert found.total == Rate((2 * _OF_ONE - 20,), incomplete=1)
