"""What is asked for again, and what is left alone."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

import apsw
import pytest

from mi6_tui.errors import TranscriptError
from mi6_tui.frameworks.base import Answer
from mi6_tui.frameworks.opencode import FRAMEWORK
from mi6_tui.model import EventType
from tests.frameworks.opencode.support import EPOCH, MACHINE, Client, Told

MINUTE = 60_000


def ask(path: Path, cursor: bytes | None) -> Answer:
    answer = FRAMEWORK.ask(str(path), MACHINE, cursor)
    assert answer is not None
    return answer


def conversation(client: Client, session_id: str, start: int) -> None:
    client.session(session_id, start, updated=start + 3000)
    client.prompt(f"msg_{session_id}_1", session_id, start + 1000, "Hello?")
    client.reply(f"msg_{session_id}_2", session_id, start + 2000, start + 3000)


def test_rows_of_a_client_that_still_writes_are_there(client: Client) -> None:
    conversation(client, "ses_1", EPOCH)
    assert client.path.with_name("opencode.db-wal").stat().st_size > 0, "not in the main file yet"
    told = Told(client.path)
    assert len(told.of(EventType.API_REQUEST)) == 1


def test_an_answer_that_was_told_is_not_told_again(client: Client) -> None:
    conversation(client, "ses_1", EPOCH)
    conversation(client, "ses_2", EPOCH + MINUTE)
    cursor = Told(client.path).cursor
    conversation(client, "ses_3", EPOCH + 2 * MINUTE)
    told = Told(client.path, cursor)
    assert {event.session_id for event in told.events} == {"ses_2", "ses_3"}, "the last seconds again"


def test_what_was_committed_late_is_told(client: Client) -> None:
    """Another process stamped its row before the last one that was read, and committed it after."""
    conversation(client, "ses_1", EPOCH)
    cursor = Told(client.path).cursor
    client.session("ses_2", EPOCH)
    client.prompt("msg_late", "ses_2", EPOCH + 500, "Late.")
    assert [event.uuid for event in Told(client.path, cursor).events if event.session_id == "ses_2"] == [
        "msg_late"
    ]


def test_a_time_in_the_future_hides_nothing(client: Client) -> None:
    client.session("ses_1", EPOCH)
    client.prompt("msg_future", "ses_1", 9_000_000_000_000, "From the year 2255.")
    cursor = Told(client.path).cursor
    now = client.path.stat().st_mtime_ns // 1_000_000
    client.prompt("msg_now", "ses_1", now, "From now.")
    assert "msg_now" in {event.uuid for event in Told(client.path, cursor).events}


def test_a_large_database_is_told_in_pieces_each_thing_once(client: Client) -> None:
    with client.connection:
        for number in range(1_300):
            session = f"ses_{number // 700}"
            if number % 700 == 0:
                client.session(session, EPOCH)
            client.prompt(f"msg_{number:05d}", session, EPOCH + number, f"Number {number}")
    told = Told(client.path)
    assert len(told.answers) == 6, "500, 500, 300; and again, all within the overlap"
    assert all(len(answer.decoded.events) <= 502 for answer in told.answers)
    assert len(told.of(EventType.USER_PROMPT_SUBMIT)) == 1_300
    assert Told(client.path, told.cursor).events == told.events


def test_a_row_that_grows_is_told_with_a_larger_version(client: Client) -> None:
    client.session("ses_1")
    client.reply("msg_1", "ses_1", EPOCH + 1000)
    client.part("prt_1", "msg_1", "ses_1", EPOCH + 1100, type="reasoning", text="Hm.")
    first = Told(client.path)
    before = first.one(EventType.API_REQUEST)
    assert (before.tokens_output, before.cost_usd, before.outcome) == (None, None, None)
    assert before.tokens_incomplete
    client.reply("msg_1", "ses_1", EPOCH + 1000, EPOCH + 90_000)
    after = Told(client.path, first.cursor).one(EventType.API_REQUEST)
    assert after.key == before.key
    assert after.version > before.version
    assert (after.tokens_output, after.cost_usd, after.outcome) == (20, 0.5, "stop")
    assert after.timestamp == before.timestamp


def test_a_changed_part_brings_its_message(client: Client) -> None:
    client.session("ses_1")
    client.reply("msg_1", "ses_1", EPOCH)
    cursor = Told(client.path).cursor
    at = EPOCH + 5 * MINUTE
    state = {"status": "running", "input": {"command": "make"}}
    client.part("prt_1", "msg_1", "ses_1", at, type="tool", tool="bash", callID="call_1", state=state)
    assert Told(client.path, cursor).one(EventType.PRE_TOOL_USE).payload == '{"command":"make"}'


def test_deleted_rows_end_nothing(client: Client) -> None:
    conversation(client, "ses_1", EPOCH)
    conversation(client, "ses_2", EPOCH)
    cursor = Told(client.path).cursor
    with client.connection:
        client.connection.execute("DELETE FROM message WHERE id = 'msg_ses_2_1'")
        client.connection.execute("DELETE FROM session WHERE id = 'ses_1'")
    told = Told(client.path, cursor)
    assert {event.uuid for event in told.events} == {"msg_ses_2_2"}
    conversation(client, "ses_3", EPOCH + 2 * MINUTE)
    assert "ses_3" in {event.session_id for event in Told(client.path, told.cursor).events}


def test_where_a_session_is_in_both_generations_the_second_wins(client: Client) -> None:
    conversation(client, "ses_1", EPOCH)
    conversation(client, "ses_old", EPOCH)
    first = Told(client.path)
    client.migrate()
    client.session_v2("ses_1", EPOCH, updated=EPOCH + 4000)
    client.row_v2("msg_ses_1_1", "ses_1", "user", EPOCH + 1000, text="Hello?")
    done = {"created": EPOCH + 2000, "completed": EPOCH + 3000}
    numbers = {"input": 7, "output": 1, "reasoning": 1, "cache": {"read": 1, "write": 1}}
    client.row_v2("msg_ses_1_2", "ses_1", "assistant", EPOCH + 2000, EPOCH + 4000, time=done, tokens=numbers)
    for told in (Told(client.path), Told(client.path, first.cursor)):
        requests = {event.session_id: event.tokens_input for event in told.of(EventType.API_REQUEST)}
        assert requests["ses_1"] == 7
    assert {event.key for event in Told(client.path).events} == {event.key for event in first.events}


def test_an_empty_table_of_the_second_generation_proves_nothing(client: Client) -> None:
    client.connection.execute("CREATE TABLE session_message (id text PRIMARY KEY, type text)")
    conversation(client, "ses_1", EPOCH)
    assert Told(client.path).of(EventType.API_REQUEST)


def test_a_database_without_any_known_table_tells_nothing(tmp_path: Path) -> None:
    client = Client(tmp_path / "opencode.db", first=False)
    client.connection.execute("CREATE TABLE other (id)")
    assert Told(client.path).events == []
    client.close()


def test_a_cursor_nobody_understands_starts_again(client: Client) -> None:
    conversation(client, "ses_1", EPOCH)
    assert len(Told(client.path, b"\xc1").events) == 2


def test_nothing_is_left_beside_a_database_nobody_has_open(tmp_path: Path) -> None:
    client = Client(tmp_path / "opencode.db")
    conversation(client, "ses_1", EPOCH)
    client.close()
    before = client.path.read_bytes()
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        assert len(Told(client.path).events) == 2
    finally:
        tmp_path.chmod(stat.S_IRWXU)
    assert [path.name for path in tmp_path.iterdir()] == ["opencode.db"]
    assert client.path.read_bytes() == before


def test_the_clients_log_is_not_moved_into_its_database(client: Client, tmp_path: Path) -> None:
    conversation(client, "ses_1", EPOCH)
    copy = tmp_path / "killed" / "opencode.db"
    copy.parent.mkdir()
    for suffix in ("", "-wal"):
        shutil.copy(f"{client.path}{suffix}", f"{copy}{suffix}")
    before = [Path(f"{copy}{suffix}").read_bytes() for suffix in ("", "-wal")]
    assert len(Told(copy).events) == 2
    assert [Path(f"{copy}{suffix}").read_bytes() for suffix in ("", "-wal")] == before


def test_the_client_writes_while_it_is_asked(client: Client) -> None:
    conversation(client, "ses_1", EPOCH)
    with client.connection:
        conversation(client, "ses_2", EPOCH)
        assert {event.session_id for event in Told(client.path).events} == {"ses_1"}, "not committed"


def test_a_locked_database_is_asked_later(tmp_path: Path) -> None:
    client = Client(tmp_path / "opencode.db", wal=False)
    conversation(client, "ses_1", EPOCH)
    with client.connection:
        client.connection.execute("UPDATE session SET title = 'x'")
        client.connection.execute("PRAGMA cache_size = 1; PRAGMA cache_spill = 1")
        client.connection.cache_flush()
        assert FRAMEWORK.ask(str(client.path), MACHINE, None) is None
    assert Told(client.path).events
    client.close()


@pytest.mark.parametrize("content", [b"", b"no database " * 100, b"SQLite format 3\0" + b"\xff" * 4096])
def test_what_is_no_database_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "opencode.db"
    path.write_bytes(content)
    if not content:
        assert Told(path).events == []
        return
    with pytest.raises(TranscriptError, match="cannot be read"):
        ask(path, None)


def test_a_database_of_another_shape_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "opencode.db"
    other = apsw.Connection(str(path))
    other.execute("CREATE TABLE session(id); CREATE TABLE message(id); CREATE TABLE part(id)")
    other.close()
    with pytest.raises(TranscriptError, match="no such column"):
        ask(path, None)


def test_a_database_that_is_gone_is_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        ask(tmp_path / "opencode.db", None)
    assert list(tmp_path.iterdir()) == []
