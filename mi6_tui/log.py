"""The program's log file: opened at its first line, rotated, never in the way."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mi6_tui.paths import paths
from mi6_tui.plain_file import open_plain
from mi6_tui.private import make_folder

if TYPE_CHECKING:
    import logging
    from io import TextIOWrapper

FILE_NAME: Final = "mi6-tui.log"
FILE_BYTES: Final = 1_000_000
FILES: Final = 5


@cache
def logger() -> logging.Logger:
    """This process's log, in the folder that `paths` names; level from `MI6_TUI_LOG`, else warning."""
    return open_log(paths().logs, os.environ)


def open_log(folder: Path, env: Mapping[str, str]) -> logging.Logger:
    """A logger that writes below `folder`; one that writes nowhere if the folder cannot be made."""
    import logging  # late: most runs have nothing to log
    from logging.handlers import RotatingFileHandler

    log = logging.Logger("mi6_tui", _level(env.get("MI6_TUI_LOG", "")))

    class Handler(RotatingFileHandler):
        def _open(self) -> TextIOWrapper:
            """Where it writes, for the user's own eyes."""
            return open(self.baseFilename, "a", encoding=self.encoding, opener=_for_owner)

        def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
            """A full or read-only disk loses the line; the terminal is not the place for it."""

    try:
        make_folder(folder)
        # One file of FILES is the current one.
        handler: logging.Handler = Handler(
            folder / FILE_NAME, maxBytes=FILE_BYTES, backupCount=FILES - 1, encoding="utf-8", delay=True
        )
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(process)d %(message)s"))
    log.addHandler(handler)
    return log


def _for_owner(path: str, flags: int) -> int:
    """What a link leads to is not ours to write to."""
    return open_plain(path, flags | os.O_NOFOLLOW)


def _level(name: str) -> int:
    import logging

    level = logging.getLevelNamesMapping().get(name.strip().upper())
    return logging.WARNING if level is None else level
