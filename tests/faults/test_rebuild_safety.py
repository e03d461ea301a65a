"""`doctor --rebuild` beside others, killed at any moment, and where it must not be tried."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import apsw
import msgspec
import pytest

from mi6_tui.errors import (
    NewerStoreError,
    NotFoundError,
    ReadOnlyError,
    StorageError,
    StoreLockedError,
    StoreReplacedError,
)
from mi6_tui.ingest.lock import WriterLock
from mi6_tui.model import Batch, Session, SessionFact
from mi6_tui.storage.sqlite import SqliteStorage
from tests.faults.world import MACHINE, NOW, World, sessions_of

REPOSITORY = Path(__file__).parents[2]


def rebuilder(world: World) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.faults.rebuilder", str(world.store.parent), str(world.home)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY)


def told(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def go_on(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def moments(world: World) -> list[str]:
    """What a rebuild does one after the other."""
    with rebuilder(world) as process:
        heard = []
        while (what := told(process)) != "done":
            heard.append(what)
            go_on(process)
    return heard


@pytest.mark.timeout(180)
def test_killed_at_any_moment_there_is_the_old_store_or_the_new_one(world: World, tmp_path: Path) -> None:
    with closing(world.open()) as storage:
        before = sessions_of(storage)
    heard = moments(world.copy_to(tmp_path / "once"))
    assert "os.link mi6.db" in heard and "os.rename .mi6.db.rebuilt" in heard
    for number, what in enumerate(heard):
        victim = world.copy_to(tmp_path / f"moment{number}")
        # Somebody has it open all the while, as a dashboard would.
        with closing(victim.open()) as reader, rebuilder(victim) as process:
            reader.count()
            for _ in range(number):
                told(process)
                go_on(process)
            assert without_numbers(told(process)) == without_numbers(what)
            process.send_signal(signal.SIGKILL)
            process.wait()
            assert victim.store.exists(), what
            check_alive(victim, before, what)
        check_alive(victim, before, what)
        assert integrity(victim.store) == "ok", what
        victim.rebuild()
        assert not list(victim.store.parent.glob(".*")), what


def check_alive(world: World, before: dict[str, Session], what: str) -> None:
    with closing(world.open()) as storage:
        assert sessions_of(storage) == before, what
        storage.record(_note(9))
        assert sessions_of(storage)["s11"].nickname == "n9", what
        storage.record(_note(None))
        assert sessions_of(storage) == before, what


def without_numbers(what: str) -> str:
    """Without the process id and the random end of a file that is being made."""
    return re.sub(r"\.\d+\.[0-9a-f]{8}", "", what)


def integrity(store: Path) -> str:
    connection = apsw.Connection(str(store), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return str(connection.execute("PRAGMA integrity_check").get)
    finally:
        connection.close()


def _note(number: int | None) -> Batch:
    _note.order += 1  # type: ignore[attr-defined]
    fact = SessionFact(
        machine_id=MACHINE,
        session_id="s11",
        name="nickname",
        value=None if number is None else f"n{number}",
        timestamp=NOW,
        order=(NOW, _note.order),  # type: ignore[attr-defined]
    )
    return Batch(facts=(fact,))


_note.order = 1  # type: ignore[attr-defined]


def test_who_has_the_old_store_open_is_told_once_and_goes_on_with_the_new_one(world: World) -> None:
    with closing(world.open()) as reader, closing(world.open()) as other:
        version = reader.data_version()
        assert other.count() == reader.count()
        world.rebuild()
        with pytest.raises(StoreReplacedError, match="another store stands at"):
            reader.data_version()
        assert reader.data_version() != version or reader.count()
        with pytest.raises(StoreReplacedError):
            other.record(_note(7))
        other.record(_note(7))
        assert sessions_of(reader)["s11"].nickname == "n7"
    assert integrity(world.store) == "ok"


def test_a_mark_that_waited_while_the_store_was_rebuilt_is_not_written_into_the_old_one(
    world: World,
) -> None:
    """Another process's transaction begins on the old file, when that has lost its name."""
    with closing(world.open()) as storage, rebuilder(world) as process:
        storage.count()
        while not told(process).startswith("keeping"):
            go_on(process)
        failed: list[Any] = []

        def write() -> None:
            try:
                storage.record(_note(8))
            except StorageError as error:
                failed.append(error)
                storage.record(_note(8))

        # Its own connection is open and waits inside SQLite, in a thread of its own.
        thread = threading.Thread(target=write)
        thread.start()
        go_on(process)
        while told(process) != "done":
            go_on(process)
        thread.join()
        assert all(isinstance(error, StoreLockedError) for error in failed)
    with closing(world.open()) as storage:
        assert sessions_of(storage)["s11"].nickname == "n8"


def test_another_writer_is_named_and_nothing_is_done(world: World) -> None:
    lock = WriterLock(world.paths.writer_lock)
    assert lock.try_acquire()
    before = world.store.read_bytes()
    with pytest.raises(StoreLockedError, match=r"process \d+ writes the store; end it"):
        world.rebuild()
    lock.release()
    assert world.store.read_bytes() == before


def test_hook_calls_stay_in_the_spool(world: World) -> None:
    call = world.paths.spool / "1-call"
    call.parent.mkdir()
    call.write_text("{}\nmi6-hook 1\tframework=claude\n")
    world.rebuild()
    assert call.exists()


def test_what_is_no_store_of_ours_is_refused(world: World) -> None:
    path = world.store.with_name("named.db")
    world.paths = msgspec.structs.replace(world.paths, store=path)
    path.write_bytes(b"")
    with pytest.raises(StorageError, match="holds nothing that a store would"):
        world.rebuild()
    path.write_text("a text, and no store\n" * 1000)
    with pytest.raises(StorageError, match="holds nothing that a store would"):
        world.rebuild()
    assert path.read_text().startswith("a text")
    path.unlink()
    connection = apsw.Connection(str(path))
    connection.execute("CREATE TABLE events(id INTEGER PRIMARY KEY, what)")
    connection.close()
    with pytest.raises(ReadOnlyError, match="another program wrote it"):
        world.rebuild()
    path.unlink()
    with pytest.raises(NotFoundError):
        world.rebuild()
    path.mkdir()
    with pytest.raises(StorageError, match="no ordinary file"):
        world.rebuild()


def test_a_newer_store_is_refused(world: World) -> None:
    connection = apsw.Connection(str(world.store))
    connection.execute("INSERT INTO mi6_tui_migrations VALUES ('m999_future', 1)")
    connection.close()
    with pytest.raises(NewerStoreError):
        world.rebuild()
    assert not list(world.store.parent.glob("*before-rebuild*"))


def test_a_disk_without_room_is_told_before(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type(shutil.disk_usage("/"))
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(1 << 30, 1 << 30, Path(path).stat().st_size))
    before = world.store.read_bytes()
    with pytest.raises(StorageError, match="are free on the disk of"):
        world.rebuild()
    assert world.store.read_bytes() == before


def test_transcripts_that_were_named_once_are_read_again(world: World, tmp_path: Path) -> None:
    """They lie where no client writes."""
    with closing(world.open()) as storage:
        before = sessions_of(storage)
    world.home = tmp_path / "empty"
    world.home.mkdir()
    done = world.rebuild()
    assert done.files == 41
    with closing(world.open()) as storage:
        assert sessions_of(storage) == before


def test_transcripts_out_of_reach_lose_nothing(world: World, tmp_path: Path) -> None:
    """As on a disk that is not mounted: the old store knows them."""
    with closing(world.open()) as storage:
        before = sessions_of(storage)
    world.home.rename(tmp_path / "away")
    try:
        done = world.rebuild()
    finally:
        (tmp_path / "away").rename(world.home)
    assert done.files == 0
    with closing(world.open()) as storage:
        assert sessions_of(storage) == before
        assert world.scanner(storage).scan_once().events == 0


def test_a_store_with_an_older_schema_is_made_anew(world: World) -> None:
    connection = apsw.Connection(str(world.store))
    connection.execute("DROP TABLE event_text")
    connection.execute("DELETE FROM mi6_tui_migrations WHERE name = 'm004_search'")
    connection.close()
    world.rebuild()
    with closing(SqliteStorage(world.store)) as storage:
        assert storage.read_only is None
        assert sessions_of(storage)["s03"].nickname == "the third"
