"""One writer: whoever holds the lock; nobody once the holder is gone, however it went."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mi6_tui.errors import StorageError
from mi6_tui.ingest.lock import WriterLock

HOLDER = """
import sys
from pathlib import Path
from mi6_tui.ingest.lock import WriterLock
lock = WriterLock(Path(sys.argv[1]))
print(lock.try_acquire(), flush=True)
sys.stdin.read()
"""


def test_only_one_holds_it(tmp_path: Path) -> None:
    first, second = WriterLock(tmp_path / "lock"), WriterLock(tmp_path / "lock")
    assert first.try_acquire()
    assert first.try_acquire(), "asking again is no harm"
    assert not second.try_acquire()
    assert (first.held, second.held) == (True, False)
    assert second.holder() == os.getpid()
    first.release()
    first.release()
    assert second.try_acquire()


def test_it_makes_its_folder_for_the_user_alone(tmp_path: Path) -> None:
    lock = WriterLock(tmp_path / "new" / "lock")
    assert lock.try_acquire()
    assert lock.path.stat().st_mode & 0o777 == 0o600
    assert lock.path.parent.stat().st_mode & 0o777 == 0o700


def test_a_killed_holder_lets_go(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"True\n"
        lock = WriterLock(path)
        assert not lock.try_acquire()
        assert lock.holder() == holder.pid
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        assert lock.try_acquire()
        assert lock.holder() == os.getpid()


def test_a_place_that_cannot_be_locked_is_an_error_of_the_store(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="cannot lock"):
        WriterLock(tmp_path / "file" / "lock").try_acquire()


@pytest.mark.parametrize(
    ("put", "told"),
    [
        (lambda path, precious: path.symlink_to(precious), "it is a symbolic link"),
        (lambda path, precious: path.symlink_to(precious.with_name("gone")), "it is a symbolic link"),
        (lambda path, precious: path.hardlink_to(precious), "it has another name besides"),
        (lambda path, _: os.mkfifo(path), "it is a pipe"),
        (lambda path, _: path.mkdir(), "Is a directory"),
    ],
)
def test_what_is_not_ours_alone_is_neither_locked_nor_written(
    tmp_path: Path, put: Callable[[Path, Path], object], told: str
) -> None:
    precious = tmp_path / "precious"
    precious.write_bytes(b"7\n")
    put(tmp_path / "lock", precious)
    lock = WriterLock(tmp_path / "lock")
    with pytest.raises(StorageError, match=f"cannot lock .*: {told}") as error:
        lock.try_acquire()
    assert error.value.hint == "remove it, and it is made anew"
    assert (lock.held, lock.holder()) == (False, None)
    assert precious.read_bytes() == b"7\n"
    assert {path.name for path in tmp_path.iterdir()} == {"precious", "lock"}


@pytest.mark.skipif(os.geteuid() != 0, reason="a file is given to another user")
def test_a_lock_of_another_user_is_the_super_users_to_take(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.write_bytes(b"1\n")
    os.chown(path, 12345, 12345)
    assert WriterLock(path).try_acquire()


@pytest.mark.parametrize("content", [None, b"", b"not a number", b"0"])
def test_an_unknown_holder_is_unknown(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "lock"
    if content is not None:
        path.write_bytes(content)
    assert WriterLock(path).holder() is None
