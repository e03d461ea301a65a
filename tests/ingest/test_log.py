"""The log file: made by the first line, small for ever, never a reason to fail."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from mi6_tui import log


def close(logger: logging.Logger) -> None:
    for handler in logger.handlers:
        handler.close()


def test_nothing_is_made_until_something_is_said(tmp_path: Path) -> None:
    logger = log.open_log(tmp_path / "logs", {})
    assert not (tmp_path / "logs" / log.FILE_NAME).exists()
    logger.warning("first %s", "words")
    close(logger)
    assert (tmp_path / "logs" / log.FILE_NAME).read_text().endswith("first words\n")
    assert (tmp_path / "logs").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("name", "level"),
    [("", logging.WARNING), ("debug", logging.DEBUG), (" Info ", logging.INFO), ("loud", logging.WARNING)],
)
def test_the_level_comes_from_the_environment(tmp_path: Path, name: str, level: int) -> None:
    logger = log.open_log(tmp_path, {"MI6_TUI_LOG": name})
    assert logger.level == level
    close(logger)


def test_it_never_grows_beyond_its_files(tmp_path: Path) -> None:
    logger = log.open_log(tmp_path, {})
    for _ in range(60):
        logger.error("x" * (log.FILE_BYTES // 10))
    close(logger)
    files = list(tmp_path.iterdir())
    assert len(files) == log.FILES
    assert all(file.stat().st_size <= log.FILE_BYTES for file in files)


def test_a_file_that_cannot_be_written_is_passed_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / log.FILE_NAME).mkdir()
    logger = log.open_log(tmp_path, {})
    logger.error("lost")
    close(logger)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("target", [None, "precious", "gone"])
def test_a_pipe_or_a_link_in_its_place_is_neither_waited_for_nor_written(
    tmp_path: Path, target: str | None
) -> None:
    precious = tmp_path / "precious"
    precious.write_bytes(b"precious")
    path = tmp_path / log.FILE_NAME
    if target is None:
        os.mkfifo(path)
    else:
        path.symlink_to(tmp_path / target)
    logger = log.open_log(tmp_path, {})
    logger.error("lost")
    close(logger)
    assert precious.read_bytes() == b"precious"
    assert {path.name for path in tmp_path.iterdir()} == {"precious", log.FILE_NAME}


def test_a_folder_that_cannot_be_made_costs_the_log_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    logger = log.open_log(tmp_path / "file" / "logs", {})
    logger.error("lost")
    close(logger)
