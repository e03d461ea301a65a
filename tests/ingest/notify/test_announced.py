"""Changes below folders, as real systems announce them: both ways of asking for them."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from mi6_tui.ingest.notify import Announced, changes_below, elsewhere, linux
from tests.commands.test_bad_input import as_ordinary_user

Ways = Callable[[list[str]], AbstractContextManager[Announced]]
PATIENCE = 30.0


class Listener:
    """What was announced so far."""

    def __init__(self, announced: Announced) -> None:
        self._changes = iter(announced)
        assert next(self._changes) == set()

    def hears(self, *paths: Path | str) -> None:
        """Wait until all of them were announced."""
        missing = set(map(str, paths))
        while missing:
            missing -= next(self._changes)


@pytest.fixture(params=[linux.Folders, elsewhere.Steps])
def way(request: pytest.FixtureRequest) -> Ways:
    """One of the two."""
    ways: Ways = request.param
    return ways


@contextmanager
def listening(way: Ways, *folders: Path) -> Iterator[Listener]:
    """To all below the folders; whoever waits in vain fails with StopIteration."""
    with way(list(map(str, folders))) as announced:
        limit = threading.Timer(PATIENCE, announced.end)
        limit.start()
        try:
            yield Listener(announced)
        finally:
            limit.cancel()


def appended(path: Path) -> Path:
    """`path`, which has more in it now."""
    with path.open("a") as file:
        file.write("more\n")
    return path


def made(path: Path) -> Path:
    """A new file, its folder included."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("first\n")
    return path


def test_what_comes_grows_moves_and_goes(way: Ways, tmp_path: Path) -> None:
    old = made(tmp_path / "deep" / "er" / "old.jsonl")
    with listening(way, tmp_path) as listener:
        listener.hears(appended(old))
        new = made(old.with_name("new.jsonl"))
        listener.hears(new)
        moved = new.rename(tmp_path / "moved.jsonl")
        listener.hears(new, moved)
        moved.unlink()
        listener.hears(moved)


def test_a_new_folder_is_watched(way: Ways, tmp_path: Path) -> None:
    with listening(way, tmp_path) as listener:
        (tmp_path / "a").mkdir()
        listener.hears(tmp_path / "a")
        listener.hears(made(tmp_path / "a" / "one"))
        listener.hears(appended(tmp_path / "a" / "one"))


def test_a_folder_that_moved_is_announced_where_it_is(way: Ways, tmp_path: Path) -> None:
    made(tmp_path / "old" / "deep" / "one")
    with listening(way, tmp_path) as listener:
        (tmp_path / "old").rename(tmp_path / "new")
        listener.hears(tmp_path / "old", tmp_path / "new")
        listener.hears(appended(tmp_path / "new" / "deep" / "one"))


def test_each_of_several_folders_is_watched(way: Ways, tmp_path: Path) -> None:
    one, other = made(tmp_path / "one" / "a"), made(tmp_path / "other" / "b")
    with listening(way, one.parent, other.parent) as listener:
        listener.hears(appended(one))
        listener.hears(appended(other))


def test_it_ends_from_another_thread_while_nothing_changes(way: Ways, tmp_path: Path) -> None:
    with way([str(tmp_path)]) as announced:
        changes = iter(announced)
        next(changes)
        threading.Timer(0.01, announced.end).start()
        assert list(changes) == []
    announced.end()


def test_a_folder_that_is_gone_by_now_is_left_out(tmp_path: Path) -> None:
    with listening(linux.Folders, tmp_path / "gone", tmp_path) as listener:
        listener.hears(made(tmp_path / "one"))


def test_where_more_changes_than_the_system_remembers_all_is_to_be_looked_at(tmp_path: Path) -> None:
    limit = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    paths = [made(tmp_path / name) for name in ("a", "b")]
    with listening(linux.Folders, tmp_path) as listener:
        for number in range(limit + 2):  # two files, for the same thing twice is remembered once
            os.utime(paths[number % 2])
        (tmp_path / "new").mkdir()
        listener.hears(f"{tmp_path}{os.sep}")
        listener.hears(appended(paths[0]))
        listener.hears(made(tmp_path / "new" / "one"))


def test_a_file_in_a_new_folder_is_announced_though_it_was_made_before_that_was_watched(
    tmp_path: Path,
) -> None:
    with listening(linux.Folders, tmp_path) as listener:
        # Nobody listens meanwhile.
        paths = [made(tmp_path / "a" / "b" / "one"), made(tmp_path / "a" / "two")]
        listener.hears(*paths)


def test_a_folder_that_comes_twice_in_one_breath_is_watched(tmp_path: Path) -> None:
    with listening(linux.Folders, tmp_path) as listener:
        (tmp_path / "a").mkdir()
        (tmp_path / "a").rename(tmp_path / "b")
        (tmp_path / "a").mkdir()
        listener.hears(str(tmp_path / "a"), str(tmp_path / "b"))
        listener.hears(made(tmp_path / "a" / "one"), made(tmp_path / "b" / "two"))


def test_what_a_link_leads_to_is_not_watched(tmp_path: Path) -> None:
    outside = made(tmp_path / "outside" / "one")
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "link").symlink_to(outside.parent)
    heard: set[str] = set()
    with linux.Folders([str(tmp_path / "inside")]) as announced:
        changes = iter(announced)
        heard |= next(changes)
        appended(outside)
        last = made(tmp_path / "inside" / "last")
        while str(last) not in heard:
            heard |= next(changes)
    assert heard == {str(last)}


def test_a_link_that_takes_the_place_of_a_folder_is_not_followed(tmp_path: Path) -> None:
    outside, inside = made(tmp_path / "outside" / "one"), tmp_path / "inside"
    inside.mkdir()
    heard: set[str] = set()
    with linux.Folders([str(inside)]) as announced:
        changes = iter(announced)
        heard |= next(changes)
        for target in (outside.parent, inside):
            (inside / "x").mkdir()
            (inside / "x").rmdir()
            (inside / "x").symlink_to(target)
            last = made(inside / "last")
            while str(last) not in heard:
                heard |= next(changes)
            appended(outside)
            appended(last)
            heard.clear()
            while str(last) not in heard:
                heard |= next(changes)
            assert heard == {str(last)}
            last.unlink()
            (inside / "x").unlink()
            heard.clear()


def test_what_left_while_too_much_happened_is_watched_no_longer(tmp_path: Path) -> None:
    limit = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    inside = tmp_path / "inside"
    paths = [made(inside / name) for name in ("a", "b")]
    moved = made(inside / "old" / "one")
    heard: set[str] = set()
    with linux.Folders([str(inside)]) as announced:
        changes = iter(announced)
        heard |= next(changes)
        for number in range(limit + 2):
            os.utime(paths[number % 2])
        moved.parent.rename(tmp_path / "outside")
        while f"{inside}{os.sep}" not in heard:
            heard |= next(changes)
        appended(tmp_path / "outside" / "one")
        heard.clear()
        appended(paths[0])
        while str(paths[0]) not in heard:
            heard |= next(changes)
    assert heard == {str(paths[0])}


def test_what_moved_out_is_watched_no_longer(tmp_path: Path) -> None:
    path = made(tmp_path / "inside" / "old" / "one")
    heard: set[str] = set()
    with linux.Folders([str(tmp_path / "inside")]) as announced:
        changes = iter(announced)
        heard |= next(changes)
        path.parent.rename(tmp_path / "outside")
        while str(path.parent) not in heard:
            heard |= next(changes)
        appended(tmp_path / "outside" / "one")
        last = made(tmp_path / "inside" / "last")
        heard.clear()
        while str(last) not in heard:
            heard |= next(changes)
    assert str(path) not in heard


READABLE_LATER = """
import sys
from pathlib import Path
from mi6_tui.ingest.notify.linux import Folders
folder = Path(sys.argv[1])
heard = set()
with Folders([str(folder)]) as announced:
    changes = iter(announced)
    next(changes)
    (folder / "a").mkdir(0)
    while str(folder / "a") not in heard:
        heard |= next(changes)
    (folder / "a").chmod(0o700)
    (folder / "a" / "one").write_text("first")
    (folder / "last").write_text("first")
    while not heard >= {str(folder / "a" / "one"), str(folder / "last")}:
        heard |= next(changes)
"""


def test_a_folder_that_can_be_read_later_is_watched_then(tmp_path: Path) -> None:
    command = (*as_ordinary_user(), sys.executable, "-c", READABLE_LATER, str(tmp_path))
    subprocess.run(command, check=True, timeout=PATIENCE)


def test_this_system_announces(tmp_path: Path) -> None:
    with listening(changes_below, tmp_path) as listener:
        listener.hears(made(tmp_path / "one"))
