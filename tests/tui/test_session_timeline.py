"""The loaded stretch of a session's events against all of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from mi6_tui.model import Batch, EventType, TimelineQuery
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.session import timeline as module
from mi6_tui.tui.session.timeline import Timeline
from tests.tui.conftest import NOW
from tests.tui.makers import MACHINE, event

KEY = (MACHINE, "s1")
QUERY = TimelineQuery(machine_id=MACHINE, session_id="s1")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SqliteStorage]:
    monkeypatch.setattr(module, "PAGE", 10)
    monkeypatch.setattr(module, "MOST", 35)
    monkeypatch.setattr(module, "_RECENT", 3)
    with closing(SqliteStorage(tmp_path / "mi6.db", clock=lambda: NOW)) as storage:
        yield storage


def write(storage: SqliteStorage, numbers: Iterator[int] | range, **values: Any) -> None:
    """An event for each number; two by two they happened at the same time."""
    storage.record(
        Batch(
            events=tuple(
                event(EventType.NOTIFICATION, key=f"n{n}", preview=str(n), ago=5_000 - n // 2, **values)
                for n in numbers
            )
        )
    )


def ask(storage: SqliteStorage, timeline: Timeline, *, anew: bool = True) -> bool:
    """Ask all that is to be asked, as the feed does."""
    changed = None if anew else frozenset({KEY})
    answers = {name: one.ask(storage, changed) for name, one in timeline.questions().items()}
    return timeline.take({name: answer for name, answer in answers.items() if answer is not None})


def told(timeline: Timeline) -> list[int]:
    return [int(one.preview or -1) for one in timeline.events]


def test_it_begins_with_the_latest_and_pages_back_to_the_first(store: SqliteStorage) -> None:
    write(store, range(25))
    timeline = Timeline(QUERY)
    assert ask(store, timeline)
    assert told(timeline) == list(range(15, 25))
    for expected in (range(5, 25), range(25)):
        assert timeline.older() and not timeline.older()
        ask(store, timeline)
        assert told(timeline) == list(expected)
    assert timeline.at_start and not timeline.older()


def test_what_comes_is_added_once(store: SqliteStorage) -> None:
    write(store, range(12))
    timeline = Timeline(QUERY)
    ask(store, timeline)
    write(store, range(12, 15))
    assert ask(store, timeline, anew=False)
    assert told(timeline) == list(range(2, 15))
    assert not ask(store, timeline, anew=False)
    write(store, range(15, 60))
    ask(store, timeline, anew=False)
    assert told(timeline) == list(range(50, 60))
    timeline.resume()
    write(store, range(60, 62))
    ask(store, timeline)
    assert told(timeline) == list(range(50, 62))


def test_a_correction_is_seen(store: SqliteStorage) -> None:
    store.record(Batch(events=(event(EventType.API_REQUEST, key="k", version="1", tokens_output=1),)))
    timeline = Timeline(QUERY)
    ask(store, timeline)
    store.record(Batch(events=(event(EventType.API_REQUEST, key="k", version="2", tokens_output=7),)))
    assert ask(store, timeline, anew=False)
    assert [one.tokens_output for one in timeline.events] == [7]


def test_another_sessions_change_asks_nothing(store: SqliteStorage) -> None:
    write(store, range(3))
    timeline = Timeline(QUERY)
    ask(store, timeline)
    (question,) = timeline.questions().values()
    assert question.ask(store, frozenset({(MACHINE, "other")})) is None


def test_only_so_many_are_held_and_the_rest_comes_again(store: SqliteStorage) -> None:
    write(store, range(100))
    timeline = Timeline(QUERY)
    ask(store, timeline)
    while timeline.older():
        ask(store, timeline)
        assert len(timeline.events) <= 35
    assert (told(timeline), timeline.at_start, timeline.at_end) == (list(range(35)), True, False)
    write(store, range(100, 101))
    ask(store, timeline, anew=False)
    assert told(timeline) == list(range(35))
    while timeline.newer():
        ask(store, timeline)
    assert (told(timeline), timeline.at_start, timeline.at_end) == (list(range(66, 101)), False, True)
    write(store, range(101, 103))
    ask(store, timeline, anew=False)
    assert told(timeline)[-2:] == [101, 102]


def test_it_can_begin_anywhere_and_go_anywhere(store: SqliteStorage) -> None:
    write(store, range(100))
    ids = {int(one.preview or -1): one.id or 0 for one in store.timeline(QUERY.with_(limit=200))}
    timeline = Timeline(QUERY, ids[50])
    ask(store, timeline)
    assert told(timeline) == list(range(45, 55)) and timeline.goal == ids[50]
    assert not timeline.go_to(ids[46]) and timeline.go_to(ids[3])
    ask(store, timeline)
    assert told(timeline) == list(range(8)) and timeline.at_start
    assert timeline.go_to_end()
    ask(store, timeline)
    assert (told(timeline), timeline.at_end) == (list(range(90, 100)), True)
    assert timeline.go_to_start() and not timeline.go_to_end()
    ask(store, timeline)
    assert (told(timeline), timeline.at_end) == (list(range(10)), False)


def test_an_event_that_is_gone_leads_to_the_latest(store: SqliteStorage) -> None:
    write(store, range(20))
    for missing in (10_000, -1):
        timeline = Timeline(QUERY, missing)
        ask(store, timeline)
        assert told(timeline) == list(range(10, 20))


def test_an_empty_session_has_nothing_more(store: SqliteStorage) -> None:
    timeline = Timeline(QUERY)
    ask(store, timeline)
    assert timeline.loaded and timeline.at_start and timeline.at_end
    assert not (timeline.older() or timeline.newer() or timeline.go_to_end() or timeline.go_to_start())


def test_the_answer_to_another_question_is_ignored(store: SqliteStorage) -> None:
    write(store, range(5))
    timeline, other = Timeline(QUERY), Timeline(QUERY.with_(event_types=("x",)))
    answers = {name: one.ask(store, None) for name, one in timeline.questions().items()}
    assert not other.take(answers)
    assert not other.take({"latest": object()})
    assert other.events == [] and not other.loaded
