"""The truth is complete, and the figures made of it are right."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from tests.status.agreement import agreement
from tests.status.replay import RECORDINGS, happenings, last_names, transcript
from tests.status.truth import TAIL, Span, truth_of
from tests.status.world import Shown

WORDS = {"waiting", "error", "working", "background", "your turn", "idle", "ended"}


@pytest.mark.parametrize("recording", RECORDINGS)
def test_each_truth_is_whole(recording: str) -> None:
    spans = [span for told in truth_of(recording).values() for span in told]
    assert {word for span in spans for word in span.words} <= WORDS
    assert all(span.evidence for span in spans)
    for told in truth_of(recording).values():
        assert all(span.begin <= span.end for span in told)
        assert all(before.end <= after.begin for before, after in pairwise(told)), "one truth at a time"


@pytest.mark.parametrize("recording", RECORDINGS)
def test_each_end_has_its_tail_unless_the_session_goes_on(recording: str) -> None:
    for told in truth_of(recording).values():
        for span, after in pairwise((*told, None)):
            if span is not None and span.words == ("ended",):
                assert span.end - span.begin == TAIL or (after is not None and after.begin == span.end)


@pytest.mark.parametrize("recording", RECORDINGS)
def test_a_log_is_in_the_order_of_time(recording: str) -> None:
    times = [it["at"] for it in happenings(recording)]
    assert times == sorted(times)


@pytest.mark.parametrize("recording", RECORDINGS)
def test_a_log_tells_of_every_line(recording: str) -> None:
    lines: Counter[str] = Counter()
    for it in happenings(recording):
        if "grow" in it:
            lines[last_names(recording).get(it["grow"], it["grow"])] += it["lines"]
    assert lines == {file: len(transcript(recording, file)) for file in lines}


def _span(begin: int, end: int, *words: str) -> Span:
    return Span(
        scenario="s", scenario_began=0, begin=begin, end=end, words=words, detail="", evidence="by hand"
    )


def _said(at: int, word: str) -> Shown:
    return Shown(at=at, word=word, detail="", rule="", source="")


def test_the_figures() -> None:
    """Of ten seconds 0.5 have no row, 0.4 + 1 are wrong, and of those 0.25 are only late."""
    truth = {"a": [_span(0, 4_000, "working"), _span(4_000, 8_000, "waiting"), _span(8_000, 10_000, "ended")]}
    words = [(500, "working"), (4_400, "waiting"), (6_000, "your turn"), (7_000, "waiting"), (8_000, "ended")]
    shown = {"a": [_said(at, word) for at, word in words]}
    result = agreement(truth, shown)
    assert result.total == 9_500
    assert result.raw == pytest.approx(8_100 / 9_500)
    assert result.lenient == pytest.approx(8_350 / 9_500)
    assert result.missed_waiting == 150 + 1_000
    assert result.false_waiting == 0
    assert result.confusion() == {("waiting", "working"): 400, ("waiting", "your turn"): 1_000}
    assert [(gap.begin, gap.end) for gap in result.gaps()] == [(6_000, 7_000), (4_250, 4_400)]


def test_a_false_waiting_and_a_truth_that_allows_two_words() -> None:
    truth = {"a": [_span(0, 1_000, "working"), _span(1_000, 2_000, "your turn", "ended")]}
    shown = {"a": [_said(0, "waiting"), _said(600, "working"), _said(1_000, "ended")]}
    result = agreement(truth, shown)
    assert (result.false_waiting, result.missed_waiting) == (600, 0)
    assert result.raw == result.lenient == pytest.approx(0.7)


def test_the_end_of_what_was_shown_too_long_is_late_only_for_a_while() -> None:
    truth = {"a": [_span(0, 1_000, "waiting"), _span(1_000, 2_000, "working")]}
    result = agreement(truth, {"a": [_said(0, "waiting")]})
    assert result.raw == pytest.approx(0.5)
    assert result.lenient == pytest.approx(0.625)
    assert result.false_waiting == 750
