"""How fast a scan is, and how long it will take."""

from __future__ import annotations

import pytest

from mi6_tui.ingest.progress import Meter, Progress


class Told:
    """A meter on a clock that is set by hand, over a scan of `total` bytes; and what it told."""

    def __init__(self, total: int) -> None:
        self.now = 100.0
        self.seen: list[Progress] = []
        self._total = total
        self._meter = Meter(self.seen.append, lambda: self.now)

    def show(self, after: float, done: int, *, last: bool = False) -> Progress:
        self.now += after
        self._meter.show(files=(0, 1), size=(done, self._total), lines=0, events=0, path=None, last=last)
        return self.seen[-1]


def test_at_first_nobody_knows() -> None:
    told = Told(10_000)
    assert (told.show(0.0, 0).rate, told.seen[0].seconds_left) == (None, None)
    early = told.show(0.5, 500)
    assert early.rate == pytest.approx(1000)
    assert early.seconds_left is None, "half a second foretells nothing"
    assert told.show(0.5, 1000).seconds_left == pytest.approx(9)


def test_the_rate_is_that_of_the_last_seconds() -> None:
    told = Told(100_000)
    for second in range(1, 31):
        told.show(1.0, second * 1000)
    for second in range(1, 21):
        told.show(1.0, 30_000 + second * 100)
    slow = told.seen[-1]
    assert slow.rate is not None
    assert 100 < slow.rate < 130, "over all it was 640"
    assert slow.seconds_left == pytest.approx(68_000 / slow.rate)


def test_one_pause_does_not_upset_it() -> None:
    told = Told(100_000)
    for second in range(1, 21):
        told.show(1.0, second * 1000)
    pause = told.show(1.0, 20_000)
    assert pause.rate is not None
    assert 750 < pause.rate < 1000


def test_at_the_end_nothing_is_left() -> None:
    told = Told(1000)
    told.show(0.0, 0)
    assert told.show(0.01, 1000, last=True).seconds_left == 0


def test_a_scan_that_stands_still_ends_no_time_soon() -> None:
    told = Told(1000)
    told.show(0.0, 0)
    assert told.show(5.0, 0).seconds_left is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, None), (0.2, "1 s"), (59.0, "59 s"), (59.5, "1 min"), (61.0, "2 min"), (3600.0, "1 h 0 min")],
)
def test_what_is_left_in_round_words(seconds: float | None, words: str | None) -> None:
    progress = Progress(
        files_done=0,
        files_total=1,
        bytes_done=0,
        bytes_total=round((seconds or 0) * 1000),
        lines=0,
        events=0,
        path=None,
        elapsed=5.0,
        recent=1000.0 if seconds is not None else None,
    )
    assert progress.time_left == words
