"""Plain files are opened; whatever else stands there is named, and not waited for."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from mi6_tui.plain_file import check_plain, open_plain, read_plain


def _bound(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


THINGS: Final[dict[str, tuple[Callable[[Path], object], str]]] = {
    "pipe": (os.mkfifo, "it is a pipe"),
    "folder": (Path.mkdir, "Is a directory"),
    "device": (lambda path: path.symlink_to("/dev/zero"), "it is no plain file"),
    "loop": (lambda path: path.symlink_to(path), "Too many levels of symbolic links"),
    "socket": (_bound, "No such device or address"),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file"


@pytest.mark.parametrize("thing", THINGS)
def test_what_is_no_plain_file_is_named(path: Path, thing: str) -> None:
    make, told = THINGS[thing]
    make(path)
    with pytest.raises(OSError) as error:
        read_plain(path, 10)
    assert Path(error.value.filename) == path
    assert told in (error.value.strerror or "") or thing == "socket"
    with pytest.raises(OSError):
        open_plain(path, os.O_WRONLY)
    with pytest.raises(OSError):
        check_plain(path)


def test_a_plain_file_is_read_up_to_a_limit(path: Path) -> None:
    path.write_bytes(b"12345")
    assert read_plain(path, 5) == b"12345"
    with pytest.raises(OSError, match="it is too large"):
        read_plain(path, 4)
    with open(path, "wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(OSError, match="it is too large"):
        read_plain(path, 1000)
    check_plain(path)


def test_a_link_is_followed_unless_that_is_refused(path: Path) -> None:
    path.with_name("target").write_bytes(b"x")
    path.symlink_to("target")
    assert read_plain(path, 5) == b"x"
    with pytest.raises(OSError, match="it is a symbolic link"):
        read_plain(path, 5, os.O_NOFOLLOW)
    with pytest.raises(OSError, match="it is a symbolic link"):
        check_plain(path)


def test_nothing_is_made_behind_a_link(path: Path) -> None:
    path.symlink_to("gone")
    with pytest.raises(OSError, match="it is a symbolic link"):
        open_plain(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW)
    assert [one.name for one in path.parent.iterdir()] == ["file"]


def test_what_is_missing_is_missing(path: Path) -> None:
    check_plain(path)
    with pytest.raises(FileNotFoundError):
        read_plain(path, 5)
    os.close(open_plain(path, os.O_RDWR | os.O_CREAT))
    assert path.stat().st_mode & 0o777 == 0o600
