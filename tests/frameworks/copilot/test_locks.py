"""The locks on open sessions."""

from __future__ import annotations

import os
from pathlib import Path

from mi6_tui.frameworks import framework
from mi6_tui.frameworks.copilot.locks import REGISTRY
from mi6_tui.frameworks.live import Live

SESSION = "ff50b50a-f75e-4b81-9bd0-0601e9d147c0"


def lock(folder: Path, name: str, session: str = SESSION) -> Path:
    path = folder / session / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("55\n" if name.endswith(".lock") else "")
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in REGISTRY.entries(folder))


def test_the_client_hands_it_out(tmp_path: Path) -> None:
    assert framework("copilot").registry() is REGISTRY
    assert REGISTRY.folders({}, tmp_path) == [tmp_path / ".copilot" / "session-state"]
    assert REGISTRY.folders({"COPILOT_HOME": "/c"}, tmp_path) == [Path("/c/session-state")]


def test_both_files_of_an_open_session_are_entries(tmp_path: Path) -> None:
    for name in ("inuse.55.lock", "inuse.55.hold", "inuse.0.lock", "inuse.x.lock", "inuse.55.lock.tmp"):
        lock(tmp_path, name)
    lock(tmp_path, ".workspace-fork.lock")
    lock(tmp_path, "inuse.7.lock", session=".session-operation-locks")
    (tmp_path / "inuse.8.lock").touch()
    assert names(tmp_path) == ["inuse.55.hold", "inuse.55.lock"]


def test_an_entry_tells_the_process_and_no_state(tmp_path: Path) -> None:
    path = lock(tmp_path, "inuse.55.lock")
    os.utime(path, ns=(0, 1_795_415_135_249_312_000))
    assert REGISTRY.read(path) == Live(session_id=SESSION, pid=55, at=1_795_415_135_249)


def test_what_is_no_plain_file_says_nothing(tmp_path: Path) -> None:
    path = lock(tmp_path, "inuse.55.lock")
    link = path.with_name("inuse.56.lock")
    link.symlink_to(path)
    assert REGISTRY.read(link) is None
    (path.parent / "inuse.57.hold").mkdir()
    assert REGISTRY.read(path.parent / "inuse.57.hold") is None
    assert REGISTRY.read(lock(tmp_path, "inuse.58.lock", session="a b")) is None


def test_a_lock_is_found_however_long_its_folder_was_quiet(tmp_path: Path) -> None:
    old = lock(tmp_path, "events.jsonl").parent
    os.utime(old, (1_700_000_000, 1_700_000_000))
    assert names(tmp_path) == []
    assert names(tmp_path) == []
    path = lock(tmp_path, "inuse.55.lock")
    assert names(tmp_path) == ["inuse.55.lock"]
    path.unlink()
    assert names(tmp_path) == []


def test_a_lock_is_found_although_the_folders_time_is_the_same(tmp_path: Path) -> None:
    first = lock(tmp_path, "inuse.55.lock")
    time = first.parent.stat().st_mtime_ns
    assert names(tmp_path) == ["inuse.55.lock"]
    lock(tmp_path, "inuse.56.lock")
    os.utime(first.parent, ns=(time, time))
    assert names(tmp_path) == ["inuse.55.lock", "inuse.56.lock"]
