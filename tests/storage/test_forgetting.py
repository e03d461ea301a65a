"""What was forgotten or deleted stands in no byte of any of the store's files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from mi6_tui.errors import StoreLockedError
from mi6_tui.model import Batch, Event, EventType, FilePosition, SearchQuery, SessionFact
from mi6_tui.storage.conformance import Clock, make_event
from mi6_tui.storage.sqlite import SqliteStorage

DAY = 86_400_000
NOW = 1_800_000_000_000
SECRETS = ("tangerine", "clementine", "bergamot", "kumquat", "grapefruit")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStorage]:
    with closing(SqliteStorage(tmp_path / "mi6.db", clock=Clock(), busy_timeout=50)) as store:
        yield store


def _prompt(number: int, session: str, words: str, at: int = NOW) -> Event:
    return make_event(
        event_type=EventType.USER_PROMPT_SUBMIT,
        session_id=session,
        key=f"{session}:{number}",
        payload=f'{{"prompt":"{words} number {number}"}}',
        timestamp=at + number,
        source="transcript",
        transcript_path=f"/t/{session}.jsonl",
        byte_offset=number,
    )


def _fill(store: SqliteStorage, at: int = NOW) -> None:
    """A session with unusual words between two with usual ones; many batches, each changing its row."""
    for number in range(40):
        facts = [
            SessionFact(
                machine_id="m",
                session_id="secret",
                name="title",
                value=f"{SECRETS[1]} {'x' * number}",
                timestamp=at + number,
                order=(at + number, 0),
            )
        ]
        store.record(
            Batch(
                events=(
                    _prompt(number, "before", "ordinary", at),
                    _prompt(number, "secret", f"{SECRETS[0]} {SECRETS[2]}{number}", at),
                    make_event(
                        session_id="secret",
                        key=f"reply:{number}",
                        event_type=EventType.ASSISTANT_MESSAGE,
                        preview=f"{SECRETS[3]} {'y' * (40 - number)}",
                        timestamp=at + number,
                        source="transcript",
                    ),
                    _prompt(number, "after", "usual", at),
                ),
                facts=tuple(facts),
                positions=(
                    FilePosition(
                        file_path="/t/secret.jsonl",
                        byte_offset=number + 1,
                        state=f"{SECRETS[4]} {number}".encode(),
                    ),
                ),
            )
        )


def _found(folder: Path) -> dict[str, list[str]]:
    """Which words stand in which of the files."""
    return {
        path.name: words
        for path in sorted(folder.iterdir())
        if (words := [word for word in SECRETS if word.encode() in path.read_bytes().lower()])
    }


def test_the_words_are_there_before(store: SqliteStorage, tmp_path: Path) -> None:
    """Else the tests below would prove nothing."""
    _fill(store)
    store.search(SearchQuery(text="tangerine"))
    assert {word for words in _found(tmp_path).values() for word in words} == set(SECRETS)


def test_a_forgotten_session_leaves_no_byte(store: SqliteStorage, tmp_path: Path) -> None:
    _fill(store)
    assert store.forget("secret") == 80
    assert _found(tmp_path) == {}
    assert [len(store.search(SearchQuery(text=word))) for word in ("ordinary", "usual")] == [40, 40]


def test_nor_do_words_that_were_replaced_before(store: SqliteStorage, tmp_path: Path) -> None:
    """The store was closed and opened, and rows were changed, so that old words lie in free space."""
    _fill(store)
    store.close()
    with closing(SqliteStorage(tmp_path / "mi6.db", clock=Clock())) as again:
        for number in range(40):
            again.insert(_prompt(number, "secret", "orange"))
        again.forget("secret")
        assert _found(tmp_path) == {}


def test_expired_events_leave_no_byte(tmp_path: Path) -> None:
    clock = Clock()
    with closing(SqliteStorage(tmp_path / "mi6.db", clock=clock)) as store:
        _fill(store)
        clock.now += 91 * DAY
        assert store.gc(90 * DAY) == 160
        # The row of a session outlives its events, and says how it began and ended.
        session = store.get_session("secret")
        assert session is not None
        kept = [word for word in SECRETS if word in f"{session.first_user_message}{session.title}"]
        assert kept == ["tangerine", "clementine", "bergamot"]
        leftovers = {f"{SECRETS[2]}{number} number".encode() for number in range(1, 39)}
        assert [p for p in tmp_path.iterdir() if any(word in p.read_bytes() for word in leftovers)] == []


def test_the_file_becomes_smaller(store: SqliteStorage, tmp_path: Path) -> None:
    for number in range(2000):
        store.insert(_prompt(number, "secret", f"{'word' * 100}{number}"))
    store.insert(_prompt(1, "other", "kept"))
    before = (tmp_path / "mi6.db").stat().st_size + (tmp_path / "mi6.db-wal").stat().st_size
    store.forget("secret")
    after = (tmp_path / "mi6.db").stat().st_size
    assert after < before / 4
    assert (tmp_path / "mi6.db-wal").stat().st_size == 0


def test_while_somebody_reads_it_says_so_and_gc_ends_it(store: SqliteStorage, tmp_path: Path) -> None:
    _fill(store)
    reader = apsw.Connection(str(tmp_path / "mi6.db"), flags=apsw.SQLITE_OPEN_READONLY)
    with closing(reader):
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM events").fetchall()
        with pytest.raises(StoreLockedError, match="another process is reading there"):
            store.forget("secret")
        assert store.get_session("secret") is None
        reader.execute("COMMIT")
    store.gc(10_000 * DAY)
    assert _found(tmp_path) == {}


def test_a_store_after_forgetting_is_sound(store: SqliteStorage, tmp_path: Path) -> None:
    _fill(store)
    store.forget("secret")
    with closing(apsw.Connection(str(tmp_path / "mi6.db"))) as connection:
        assert connection.execute("PRAGMA integrity_check").get == "ok"
        connection.execute("INSERT INTO event_text(event_text) VALUES ('integrity-check')")


def test_forgetting_survives_opening_the_store_anew(store: SqliteStorage, tmp_path: Path) -> None:
    _fill(store)
    store.forget("secret")
    store.close()
    with closing(SqliteStorage(tmp_path / "mi6.db", clock=Clock())) as again:
        assert again.insert(_prompt(1, "secret", "tangerine")) == 0
        assert _found(tmp_path) == {}


def test_a_look_that_finds_nothing_new_stores_no_memory(store: SqliteStorage) -> None:
    _fill(store)
    store.forget("secret")
    (path, position), *_ = store.query_transcript_positions()
    store.record(Batch(positions=(position.with_(state=b"what a decoder begins with"),)))
    assert store.query_transcript_positions() == [(path, position)]
