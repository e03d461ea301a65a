"""Which names another machine may have, and that it writes no rows of any other."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from mi6_tui.ingest.reading_back import read_back
from mi6_tui.ingest.remote.address import Remote, is_name, machine_of
from mi6_tui.ingest.remote.claims import refusal
from mi6_tui.model import EventQuery, Machine, SessionQuery
from mi6_tui.model.machine import Way
from mi6_tui.storage.sqlite import SqliteStorage
from tests.ingest.conftest import Clock
from tests.ingest.remote.conftest import NewRemotes
from tests.ingest.remote.machine import Far, Ssh
from tests.ingest.remote.whole import PROJECT, held, lines, prompts


def machine(name: str, way: Way, address: str | None = None) -> Machine:
    return Machine(machine_id=name, seen_at=1, way=way, address=address)


@pytest.mark.parametrize(
    ("remote", "node", "others", "known", "allowed"),
    [
        (Remote("a"), "x", [], [], True),
        (Remote("a"), "here", [], [], False),
        (Remote("a", "here"), "here", [], [], True),
        (Remote("a", "x"), "x", [], [machine("x", Way.PUSH)], True),
        (Remote("a", "x"), "y", [], [], False),
        (Remote("a"), "x", [Remote("b", "x")], [], False),
        (Remote("a"), "x", [Remote("b", "y")], [], True),
        (Remote("a"), "x", [], [machine("x", Way.LOCAL)], False),
        (Remote("a"), "x", [], [machine("x", Way.PUSH, "a")], False),
        (Remote("a"), "x", [], [machine("x", Way.REMOTE, "b")], False),
        (Remote("a"), "x", [], [machine("x", Way.REMOTE, "a")], True),
        (Remote("a"), "x", [], [machine("y", Way.REMOTE, "a")], False),
        (Remote("a"), "x", [], [machine("y", Way.REMOTE, "b")], True),
    ],
)
def test_a_name_belongs_to_one_machine(
    remote: Remote, node: str, others: Sequence[Remote], known: Sequence[Machine], *, allowed: bool
) -> None:
    reason = refusal(remote, node, "here", others, known)
    assert (reason is None) is allowed
    assert reason is None or (node in reason and f'name = "{node}"' in reason)


@pytest.mark.parametrize(
    "name", ["", "two words", "esc\x1b[31m", "line\nline", "x" * 256, "\ud800", "\u202e"]
)
def test_what_is_no_name(name: str) -> None:
    assert not is_name(name)


def test_places_there_are_none_here() -> None:
    for address in ("me@box", "ssh://me@box", "ssh://me@box/"):
        remote = Remote(address)
        assert remote.place("/home/a b") == "ssh://me@box/home/a b"
        assert remote.path(remote.place("/home/a b")) == "/home/a b"
    assert machine_of("ssh://me@box:22/home") == "me@box:22"
    assert machine_of("/ssh://me@box/home") is None


def test_a_machine_that_takes_the_name_of_this_one_is_not_read(
    far: Far, remotes: NewRemotes, store: SqliteStorage
) -> None:
    far.program("uname", "echo here")
    far.write(f"{PROJECT}/a.jsonl", lines("a", 1))
    (problem,) = remotes("far").read_once().problems
    assert problem.reason.startswith("it calls itself here, as this machine does; ")
    assert (store.count(), store.list_sessions(SessionQuery()), store.machines()) == (0, [], [])


def test_a_machine_that_takes_the_name_of_another_changes_no_row(
    ssh: Ssh, remotes: NewRemotes, store: SqliteStorage
) -> None:
    good, bad = ssh.machine("good"), ssh.machine("bad")
    good.write(f"{PROJECT}/a.jsonl", lines("a", 1))
    bad.program("uname", "echo good")
    bad.write(f"{PROJECT}/a.jsonl", lines("a", 1, 2))
    assert remotes("good").read_once().problems == ()
    before, machines = held(store), store.machines()
    (problem,) = remotes("good", "bad").read_once().problems
    assert problem.path == "bad"
    assert (held(store), [one.address for one in store.machines()]) == (before, ["good"])
    assert store.machines()[0].problem is machines[0].problem is None


def test_a_machine_that_changes_its_name_is_not_read_on(
    far: Far, remotes: NewRemotes, store: SqliteStorage
) -> None:
    path = far.write(f"{PROJECT}/a.jsonl", lines("a", 1))
    remotes("far").read_once()
    far.program("uname", "echo elsewhere")
    with path.open("ab") as file:
        file.write(lines("a", 2))
    (problem,) = remotes("far").read_once().problems
    assert problem.reason.startswith("it calls itself elsewhere, and was far before; ")
    assert prompts(store) == ["prompt 1"]
    (known,) = store.machines()
    assert (known.machine_id, known.problem) == ("far", problem.reason)


def test_two_users_of_one_machine_are_read_when_the_settings_say_so(
    ssh: Ssh, remotes: NewRemotes, store: SqliteStorage
) -> None:
    for number, name in enumerate(("one", "two")):
        far = ssh.machine(name)
        far.program("uname", "echo box")
        far.write(f"{PROJECT}/{name}.jsonl", lines(name, number))
    assert remotes(Remote("one", "box"), Remote("two", "box")).read_once().problems == ()
    found = {session.key for session in store.list_sessions(SessionQuery())}
    assert found == {("box", "one"), ("box", "two")}


def test_the_full_text_is_on_the_other_machine(
    far: Far, remotes: NewRemotes, store: SqliteStorage, clock: Clock
) -> None:
    far.write(f"{PROJECT}/a.jsonl", lines("a", 1))
    remotes("far").read_once()
    events = [event for event in store.query(EventQuery()) if "prompt" in event.text]
    (passage,) = read_back(events)
    assert (passage.text, passage.problem) == ("prompt 1", "it is on far")
