"""Entries of registries that are half written, stale, foreign, hostile, or tell no more than a process."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mi6_tui.frameworks.claude.registry import REGISTRY
from mi6_tui.frameworks.live import Registry
from tests.ingest.live.living import World, domain, kill, ticks


def test_half_an_entry_changes_nothing(world: World) -> None:
    pid = world.agent().pid
    path = world.entry(pid, "S", status="busy")
    world.look()
    whole = path.read_text()
    for half in ("", whole[:100], "\0" * len(whole)):
        path.write_text(half)
        assert world.look(2) == 0
    world.entry(pid, "S", status="waiting", waitingFor="input needed")
    assert world.look(2) == 1
    assert world.said("S", "registry") == ("waiting", "input needed")


def test_a_folder_is_listed_again_once_entries_come_or_go(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed: list[Path] = []
    entries = type(REGISTRY).entries

    def counted(self: Registry, folder: Path) -> list[Path]:
        listed.append(folder)
        return entries(self, folder)

    monkeypatch.setattr(type(REGISTRY), "entries", counted)
    first, second = world.agent().pid, world.agent().pid
    folder = world.entry(first, "S", status="busy").parent
    os.utime(folder, (1_700_000_000, 1_700_000_000))
    world.look()
    world.entry(first, "S", status="waiting", waitingFor="input needed")
    assert world.look(2) == 1
    assert world.said("S", "registry") == ("waiting", "input needed")
    assert listed == [folder]
    other = world.entry(second, "T", status="busy")
    world.look(2)
    assert world.said("T", "registry") == ("busy", "")
    os.utime(folder, (1_700_000_001, 1_700_000_001))
    world.look(2)
    other.unlink()
    world.look(2)
    assert world.said("T", "registry") == ("end", "left")
    assert world.said("S", "registry") == ("waiting", "input needed")


def test_a_change_that_leaves_time_and_size_alone_is_seen(world: World) -> None:
    pid = world.agent().pid
    path = world.entry(pid, "S", status="busy", statusUpdatedAt=world.clock.ms - 5)
    at = path.stat()
    world.look()
    world.entry(pid, "S", status="idle", statusUpdatedAt=world.clock.ms - 4)
    os.utime(path, ns=(at.st_atime_ns, at.st_mtime_ns))
    assert path.stat().st_size == at.st_size
    world.look()
    assert world.said("S", "registry") == ("idle", "")


def test_an_entry_whose_pid_is_another_process_by_now(world: World) -> None:
    other = world.agent()
    world.happens("S", framework="claude", timestamp=world.clock.ms - 60_000)
    world.entry(
        other.pid, "S", procStart=str(ticks(other.pid) - 500), statusUpdatedAt=world.clock.ms - 50_000
    )
    started = world.clock.ms
    world.look(30)
    assert world.said("S", "registry") is None
    gone = world.claim("S", "process")
    assert gone is not None
    assert gone.kind == "gone"
    # It ended before the other began, which was a good while ago.
    assert gone.at <= started


def test_a_stale_entry_of_a_session_that_nobody_knows_makes_none(world: World) -> None:
    client = world.agent()
    world.entry(client.pid, "S", status="busy")
    kill(client)
    assert world.look() == 0
    assert world.store.get_session("S") is None
    # Its transcript is read only then.
    world.happens("S", framework="claude")
    world.look(2)
    assert world.said("S", "process") == ("gone", "")


@pytest.mark.parametrize("foreign", ["linux:{}:pid:[1]", "linux:other:pid:[1]", "darwin:x", "box"])
def test_an_entry_of_another_container_is_believed_and_never_judged(world: World, foreign: str) -> None:
    path = world.entry(2**22 - 1, "S", status="busy", pidDomain=foreign.format(domain().split(":")[1]))
    world.happens("S", framework="claude", cwd=str(world.home), timestamp=world.clock.ms - 60_000)
    world.look()
    claim = world.claim("S", "registry")
    assert claim is not None
    assert (claim.kind, claim.pid, claim.process) == ("busy", None, None)
    world.look(20)
    assert world.said("S", "process") is None
    path.unlink()
    world.look(2)
    assert world.said("S", "registry") == ("end", "left")


def test_entries_of_nobody_and_of_others_are_passed_over(world: World) -> None:
    folder = world.home / ".claude" / "sessions"
    folder.mkdir(parents=True)
    (folder / "1.json").symlink_to("/etc/passwd")
    (folder / "2.json").mkdir()
    os.mkfifo(folder / "3.json")
    (folder / "4.json").write_bytes(b"{" * 70_000)
    (folder / "5.0ff1ce.key").write_text("secret")
    assert world.look() == 0
    if os.getuid() == 0:
        path = world.entry(world.agent().pid, "S")
        os.chown(path, 12_345, 12_345)
        assert world.look(2) == 0
    assert world.problems == []


def test_a_folder_that_cannot_be_listed_keeps_what_it_said(world: World) -> None:
    path = world.entry(world.agent().pid, "S", status="busy")
    world.look()
    hidden = path.parent.rename(path.parent.with_name("hidden"))
    path.parent.write_text("no folder")
    assert world.look(2) == 0
    assert world.problems == [f"{path.parent}: Not a directory"]
    path.parent.unlink()
    # Gone as a whole: who knows why. The process still tells whether the session lives.
    assert world.look(2) == 0
    hidden.rename(path.parent)
    assert world.look(2) == 0
    assert world.said("S", "registry") == ("busy", "")


def test_an_entry_from_the_future_is_of_now(world: World) -> None:
    world.entry(world.agent().pid, "S", status="busy", statusUpdatedAt=world.clock.ms + 3_600_000)
    world.look()
    claim = world.claim("S", "registry")
    assert claim is not None
    assert claim.at == world.clock.ms
    assert world.look(2) == 0


def test_copilot_locks_tell_the_process_alone(world: World) -> None:
    client = world.agent()
    folder = world.home / ".copilot" / "session-state" / "C-1"
    folder.mkdir(parents=True)
    lock, hold = folder / f"inuse.{client.pid}.lock", folder / f"inuse.{client.pid}.hold"
    lock.write_text(f"{client.pid}\n")
    hold.touch()
    world.look(5)
    assert world.said("C-1", "process") == ("alive", "")
    assert world.said("C-1", "registry") is None
    hold.unlink()
    assert world.look(2) == 0
    lock.unlink()
    world.look(2)
    assert world.said("C-1", "registry") == ("end", "left")
    assert world.session("C-1").framework == "copilot"


def test_a_copilot_that_was_killed(world: World) -> None:
    client = world.agent()
    path = world.home / ".copilot" / "session-state" / "C-1" / f"inuse.{client.pid}.lock"
    path.parent.mkdir(parents=True)
    path.touch()
    world.look(5)
    kill(client)
    world.look(2)
    assert world.said("C-1", "process") == ("gone", "")


def test_a_lock_that_is_older_than_the_process_of_its_pid(world: World) -> None:
    """A client of the same name may be another one, or the clock was set: nothing can be said of it.

    Nor of a session whose folder is not here: its process may be in a container.
    """
    other, same = world.living.start("sh", "-s"), world.agent()
    for session, pid in (("other", other.pid), ("same", same.pid), ("far", 2**22 - 1)):
        path = world.home / ".copilot" / "session-state" / session / f"inuse.{pid}.lock"
        path.parent.mkdir(parents=True)
        path.touch()
        os.utime(path, (1_700_000_000, 1_700_000_000))
        folder = world.home / "missing" if session == "far" else world.home
        world.happens(session, framework="copilot", cwd=str(folder))
    world.look(5)
    assert world.said("other", "process") == ("gone", "")
    for session in ("same", "far"):
        assert world.said(session, "process") is None
