"""Lines that are not committed: counted when a session comes to rest."""

from __future__ import annotations

import threading

from mi6_tui.ingest.git.context import Contexts
from mi6_tui.ingest.git.side import GitSide
from mi6_tui.model import EventType
from tests.ingest.git.house import House


def test_lines_are_counted_once_a_session_comes_to_rest(house: House) -> None:
    repo = house.git.repo(house.folder / "r")
    (repo / "a").write_text("1\n2\n3\n4\n5\n")
    house.tell("s", repo)
    house.tell("t", repo)
    for _ in range(3):
        house.look()
    assert house.counted == [], "they work"
    for session in ("s", "t"):
        house.tell(session, None, event_type=EventType.STOP)
    house.look()
    assert house.counted == [str(repo)], "both work in the same copy"
    assert house.look() == 2
    for session in ("s", "t"):
        row = house.session(session)
        assert (row.git_additions, row.git_deletions) == (2, 0)
    (repo / "a").write_text("")
    assert house.is_quiet()
    assert house.counted == [str(repo)]
    house.tell("s", None)
    house.look()
    house.tell("s", None, event_type=EventType.STOP)
    house.look()
    house.look()
    assert (house.session("s").git_additions, house.session("s").git_deletions) == (0, 3)
    assert len(house.counted) == 2


def test_a_first_look_starts_no_process(house: House) -> None:
    repo = house.git.repo(house.folder / "r")
    house.tell("s", repo)
    house.tell("s", None, event_type=EventType.STOP)
    house.look()
    assert house.counted == []
    house.look()
    assert house.counted == [str(repo)]


def test_where_nothing_can_be_counted_nothing_is_said(house: House) -> None:
    repo = house.git.repo(house.folder / "r")
    house.git(house.folder, "clone", "-q", "--bare", str(repo), "bare")
    house.tell("s", house.folder / "bare")
    house.tell("s", None, event_type=EventType.STOP)
    house.look()
    assert house.is_quiet()
    assert house.session("s").git_additions is None
    assert len(house.counted) == 1


def test_a_copy_that_rests_while_another_is_counted_has_its_turn(house: House) -> None:
    first, second = house.git.repo(house.folder / "r"), house.git.repo(house.folder / "t")
    held, released = threading.Event(), threading.Event()

    def measure(cwd: str, timeout: float) -> None:
        house.counted.append(cwd)
        held.set()
        assert released.wait(30)

    side = house.side = GitSide(house.store, "m", contexts=Contexts(house.git.env), measure=measure)

    def look() -> None:
        house.clock.forward(10)
        side.look(house.clock(), lambda problem: None)

    house.tell("s", first)
    house.tell("t", second)
    look()
    house.tell("s", None, event_type=EventType.STOP)
    look()
    assert held.wait(30)
    house.tell("t", None, event_type=EventType.STOP)
    look()
    look()
    assert house.counted == [str(first)]
    released.set()
    side.wait()
    look()
    side.wait()
    assert house.counted == [str(first), str(second)]
