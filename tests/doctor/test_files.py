"""What doctor says of files of ours in whose place something else stands."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from mi6_tui.doctor import logs
from mi6_tui.doctor.gather import writer
from mi6_tui.ingest.lock import WriterLock
from mi6_tui.log import FILE_NAME

STRANGE: list[tuple[Callable[[Path], object], str]] = [
    (os.mkfifo, "it is a pipe"),
    (Path.mkdir, "Is a directory"),
    (lambda path: path.symlink_to("/dev/zero"), "it is a symbolic link"),
    (lambda path: path.symlink_to(path), "it is a symbolic link"),
]


@pytest.mark.parametrize(("put", "told"), STRANGE)
def test_a_lock(tmp_path: Path, put: Callable[[Path], object], told: str) -> None:
    path = tmp_path / "lock"
    put(path)
    found = writer(path)
    assert (found.role, found.problem) == ("nobody can", f"{path}: {told}")


def test_who_holds_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert writer(path).role == "nobody"
    lock = WriterLock(path)
    assert lock.try_acquire()
    assert (writer(path).role, writer(path).pid) == ("this process", os.getpid())
    path.write_bytes(b"no number")
    assert (writer(path).role, writer(path).pid) == ("another process", None)
    lock.release()
    assert writer(path).role == "nobody"


@pytest.mark.parametrize(("put", "told"), STRANGE)
def test_a_log(tmp_path: Path, put: Callable[[Path], object], told: str) -> None:
    put(tmp_path / FILE_NAME)
    found = logs.log(tmp_path, 0)
    assert (found.problem, found.last) == (told, ())


def test_the_end_of_a_log(tmp_path: Path) -> None:
    assert logs.log(tmp_path, 0).problem == ""
    path = tmp_path / FILE_NAME
    path.write_text("2026-11-24 10:00:00,000 ERROR 7 first\n")
    with open(path, "r+b") as file:
        file.truncate(1 << 40)
        file.seek(0, os.SEEK_END)
        file.write(b"\n2026-11-24 10:00:01,000 WARNING 7 last\n2026-11-24 10:00:02,000 INFO 7 more\n")
    found = logs.log(tmp_path, 0)
    assert (found.problem, found.last) == ("", ("2026-11-24 10:00:01,000 WARNING 7 last",))
    assert logs.log(path, 0).problem == "Not a directory"
