"""Other programs: bounded in time and words."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mi6_tui.actions import programs
from mi6_tui.actions.errors import ActionError

ENV = {"PATH": os.environ["PATH"]}


def test_a_program_that_does_not_end_is_ended() -> None:
    with pytest.raises(ActionError, match=r"sh does not answer within 0\.1 s"):
        programs.run(("sh", "-c", "sleep 1000 & sleep 1000"), ENV, seconds=0.1)


def test_one_that_never_stops_talking_is_ended() -> None:
    with pytest.raises(ActionError, match="sh does not answer"):
        programs.run(("sh", "-c", "yes"), ENV, seconds=60)


def test_its_input_is_empty() -> None:
    assert programs.run(("cat",), ENV) == ""


def test_no_program_is_found_in_the_folder_it_works_in(tmp_path: Path) -> None:
    (tmp_path / "tool").write_text("#!/bin/sh\n")
    (tmp_path / "tool").chmod(0o755)
    with pytest.raises(ActionError, match="no program is called tool"):
        programs.run(("tool",), {"PATH": "/nonexistent"}, cwd=str(tmp_path))


def test_a_word_that_no_program_can_be_given() -> None:
    with pytest.raises(ActionError, match="cannot be started"):
        programs.run(("sh", "-c", "a\0b"), ENV)


def test_one_that_stays_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "SECONDS", 0.05)
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    programs.launch(("sh", "-c", f"echo lives > '{fifo}'"), ENV)
    assert fifo.read_text() == "lives\n", "it waited for us to listen, and was not ended"
