"""Folders of demos and replays: gone afterwards, and those of the killed at the next start; no others."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from mi6_tui.ingest.scratch import scratch_folder

HOLDS = """
import sys
from mi6_tui.ingest.scratch import scratch_folder
with scratch_folder("demo") as folder:
    (folder / "mi6.db").write_text("x")
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def holder(temporary: Path) -> tuple[subprocess.Popen[str], Path]:
    """Another process with a folder of its own."""
    process = subprocess.Popen(
        (sys.executable, "-c", HOLDS),
        env={**os.environ, "TMPDIR": str(temporary)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def test_it_is_private_and_gone_afterwards(temporary: Path) -> None:
    with scratch_folder("replay") as folder:
        assert folder.parent == temporary
        assert folder.stat().st_mode & 0o777 == 0o700
        (folder / "mi6.db").write_text("x")
    assert list(temporary.iterdir()) == []


def test_what_a_killed_one_left_is_taken_away(temporary: Path) -> None:
    process, left = holder(temporary)
    with process:
        with scratch_folder("demo"):
            assert (left / "mi6.db").exists(), "it is in use"
        process.send_signal(signal.SIGSTOP)
        with scratch_folder("demo"):
            assert (left / "mi6.db").exists(), "it is in use, though its owner stands still"
        process.kill()
        process.wait()
    assert (left / "mi6.db").exists()
    with scratch_folder("replay") as folder:
        assert list(temporary.iterdir()) == [folder]


@pytest.mark.parametrize(
    "name", ["mi6-tui-demo", "mi6-tui-demo-", "mi6-tui-demo-abcdefgh.bak", "mi6-tui-other-abcdefgh", "x"]
)
def test_folders_of_other_names_stay(temporary: Path, name: str) -> None:
    (temporary / name).mkdir()
    with scratch_folder("demo"):
        assert (temporary / name).is_dir()


def test_what_is_no_folder_stays_and_so_does_what_a_link_leads_to(temporary: Path, tmp_path: Path) -> None:
    valuable = tmp_path / "valuable"
    valuable.mkdir()
    (valuable / "file").write_text("x")
    (temporary / "mi6-tui-demo-aaaaaaaa").symlink_to(valuable)
    (temporary / "mi6-tui-demo-bbbbbbbb").write_text("x")
    os.mkfifo(temporary / "mi6-tui-demo-cccccccc")
    inner = temporary / "mi6-tui-demo-dddddddd"
    inner.mkdir()
    (inner / "link").symlink_to(valuable)
    with scratch_folder("demo") as folder:
        left = {path.name[-8:] for path in temporary.iterdir()} - {folder.name[-8:]}
    assert left == {"aaaaaaaa", "bbbbbbbb", "cccccccc"}
    assert (valuable / "file").read_text() == "x"


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")
def test_folders_of_others_stay(temporary: Path) -> None:
    theirs = temporary / "mi6-tui-demo-aaaaaaaa"
    theirs.mkdir()
    os.chown(theirs, 12345, 12345)
    with scratch_folder("demo"):
        assert theirs.is_dir()


def test_many_that_begin_at_once_each_have_their_own(temporary: Path) -> None:
    held = [holder(temporary) for _ in range(4)]
    folders = {folder for _, folder in held}
    assert len(folders) == 4 and all((folder / "mi6.db").exists() for folder in folders)
    for process, _ in held:
        with process:
            process.kill()
