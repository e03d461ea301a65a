"""The index of words: complete, asked without reading every event, and without what was forgotten."""

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import apsw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mi6_tui.model import Batch, Event, EventQuery, SearchQuery
from mi6_tui.model.search import SNIPPET_LIMIT, snippet_of
from mi6_tui.storage.conformance.base import DAY, NOW, Clock
from mi6_tui.storage.conformance.search import command, found, prompt, reply
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.storage.sqlite.search import search_sql
from tests.storage.original import execute, write_original


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mi6.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStorage]:
    with closing(SqliteStorage(path, clock=Clock())) as opened:
        yield opened


def index_of(path: Path) -> bytes:
    """Everything that the index's pages hold."""
    return b"".join(block for (block,) in execute(path, "SELECT block FROM event_text_data"))


def words_of(path: Path) -> dict[str, int]:
    """The index's words, and in how many texts each stands."""
    connection = apsw.Connection(str(path))
    connection.execute("CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(main, event_text, row)")
    found = dict(connection.execute("SELECT term, doc FROM vocabulary"))
    connection.close()
    return found


def without_index(path: Path) -> None:
    """Make the file one that was written before there was an index."""
    execute(path, "DROP TABLE event_text")
    execute(path, "DELETE FROM mi6_tui_migrations WHERE name = 'm004_search'")


# How it is asked.


@pytest.mark.parametrize(
    "query",
    [
        SearchQuery(text="pear"),
        SearchQuery(text="pear", kind="reply", session_id="s", framework="claude", since=1, until=NOW),
        SearchQuery(text="pear", last_seen=(NOW, 7)),
        SearchQuery(text="pear", order="relevance"),
    ],
)
def test_only_events_that_hold_the_words_are_looked_at(
    path: Path, store: SqliteStorage, query: SearchQuery
) -> None:
    sql, values = search_sql(query, '"pear"')
    plan = [row[3] for row in execute(path, f"EXPLAIN QUERY PLAN {sql}", *values)]
    assert plan[0].startswith("SCAN event_text VIRTUAL TABLE")
    assert plan[1] == "SEARCH events USING INTEGER PRIMARY KEY (rowid=?)"
    assert not [step for step in plan if step.startswith("SCAN") and "event_text" not in step]
    assert "SEARCH sessions USING INDEX sqlite_autoindex_sessions_1 (machine_id=? AND session_id=?)" in plan


# What leaves it.


def test_nothing_is_left_of_forgotten_words(path: Path, store: SqliteStorage) -> None:
    for number in range(300):
        old = prompt(f"word{number}old secret", timestamp=NOW - DAY, key=f"old{number}")
        store.record(Batch(events=(old, reply(f"word{number}new", key=f"new{number}"))))
    assert b"secret" in index_of(path)
    assert store.gc(DAY // 2) == 300
    assert words_of(path) == {f"word{number}new": 1 for number in range(300)}
    left = index_of(path)
    assert b"secret" not in left
    assert b"old" not in left
    assert found(store, "word*", limit=999) == [event.id for event in store.query(EventQuery())]


def test_corrected_words_are_in_it_once(path: Path, store: SqliteStorage) -> None:
    store.insert(prompt("pear and plum", key="k", claim="1"))
    store.insert(prompt("pear and fig", key="k", claim="0"))
    store.gc(DAY)
    assert words_of(path) == {"and": 1, "fig": 1, "pear": 1}


_WORDS = ("ant", "bee", "bees", "Cow")
_TEXTS = st.lists(st.sampled_from(_WORDS), max_size=4).map(" - ".join)
_STEPS = st.tuples(
    st.sampled_from((prompt, reply, command)),
    _TEXTS,
    st.sampled_from((None, "k0", "k1", "k2")),
    st.sampled_from(("0", "1", "2")),
    st.sampled_from((NOW, NOW - DAY)),
    st.booleans(),
)
_QUESTIONS = ("ant", "bee*", "bee cow", '"bee cow"', "cow -ant", 'ant -"bee bees"')


def plainly(text: str, question: str) -> bool:
    """Whether the text is an answer, by another way than an index."""
    words = re.findall(r"[a-z]+", text.lower())
    match question:
        case "ant":
            return "ant" in words
        case "bee*":
            return any(word.startswith("bee") for word in words)
        case "bee cow":
            return {"bee", "cow"} <= set(words)
        case '"bee cow"':
            return ("bee", "cow") in list(pairwise(words))
        case "cow -ant":
            return "cow" in words and "ant" not in words
    return "ant" in words and ("bee", "bees") not in list(pairwise(words))


@given(st.lists(_STEPS, max_size=12))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_it_finds_what_reading_everything_finds(steps: Sequence[tuple[object, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder, closing(SqliteStorage(f"{folder}/mi6.db")) as store:
        store._clock = Clock()
        for make, text, key, claim, timestamp, forgets in steps:
            store.insert(make(text, key=key, claim=claim, timestamp=timestamp))  # type: ignore[operator]
            if forgets:
                store.gc(DAY // 2)
        events = store.query(EventQuery())
        for question in _QUESTIONS:
            expected = [event.id for event in events if plainly(_body(event), question)]
            assert found(store, question) == expected, question


def _body(event: Event) -> str:
    # A command's preview ("its purpose") is not among what these questions ask for.
    return f"{event.payload or event.preview}"


# Files that have none.


def test_a_file_from_before_gets_one_and_goes_on_with_it(path: Path) -> None:
    with closing(SqliteStorage(path)) as store:
        first = store.insert(prompt("pear", key="k", claim="1"))
        second = store.insert(command("peel pear", timestamp=NOW + 1))
    without_index(path)
    with closing(SqliteStorage(path)) as store:
        assert found(store, "pear") == [second, first]
        store.insert(prompt("plum", key="k", claim="0"))
        assert (found(store, "pear"), found(store, "plum")) == ([second], [first])


def test_a_file_from_before_that_is_only_looked_at(path: Path) -> None:
    with closing(SqliteStorage(path)) as store:
        event_id = store.insert(reply("pear"))
    without_index(path)
    before = path.read_bytes()
    with closing(SqliteStorage(path, read_only=True)) as store:
        for _ in range(2):
            assert found(store, "pear") == [event_id]
    assert path.read_bytes() == before


def test_a_file_that_the_original_wrote(path: Path) -> None:
    write_original(path)
    execute(path, "UPDATE events SET payload = ? WHERE timestamp = 1000", '{"prompt":"Peel the pear"}')
    execute(path, "INSERT INTO events(event_type, payload, machine_id, session_id, timestamp) "
                  "VALUES ('PreToolUse', x'ff00', 'm', 'a', 4000)")  # fmt: skip
    with closing(SqliteStorage(path)) as store:
        (hit,) = store.search(SearchQuery(text="pear"))
        assert (hit.session_id, hit.timestamp, hit.kind, hit.snippet) == (
            "a",
            1000,
            "prompt",
            "Peel the pear",
        )


def test_a_reader_finds_what_a_writer_writes(path: Path, store: SqliteStorage) -> None:
    with closing(SqliteStorage(path, read_only=True)) as reader:
        assert found(reader, "pear") == []
        event_id = store.insert(reply("pear"))
        assert found(reader, "pear") == [event_id]


# What is shown.


@given(
    st.text(st.sampled_from("ab \n\t\x00\x85é日🎉"), max_size=500),
    st.lists(st.tuples(st.integers(0, 500), st.integers(1, 9)), max_size=6),
)
def test_a_snippet_is_one_line_with_its_marks_inside(text: str, places: list[tuple[int, int]]) -> None:
    marks = [(start, min(start + size, len(text))) for start, size in places if start < len(text)]
    snippet, shown = snippet_of(text, marks)
    assert len(snippet) <= SNIPPET_LIMIT + 2
    assert not re.search(r"[\x00-\x1f\x80-\x9f]|  ", snippet)
    assert bool(shown) == bool(marks)
    assert all(start <= stop <= len(snippet) for start, stop in shown)
    assert all(first[1] <= second[0] for first, second in pairwise(shown))


def test_the_snippet_holds_most_of_what_was_asked_for() -> None:
    text = "pear " + "x " * 200 + "pear plum " + "x " * 200
    start = text.index("pear plum")
    snippet, marks = snippet_of(text, [(0, 4), (start, start + 4), (start + 5, start + 9)])
    assert [snippet[begin:end] for begin, end in marks] == ["pear", "plum"]
    assert snippet.startswith("…x x") and snippet.endswith("…")
