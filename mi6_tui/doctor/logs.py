"""The end of the program's log."""

from __future__ import annotations

import os
import re
from collections import deque
from datetime import datetime
from pathlib import Path
from typing import Final

from mi6_tui.doctor.facts import Log
from mi6_tui.ingest.problem import as_text
from mi6_tui.log import FILE_NAME
from mi6_tui.plain_file import open_plain

_READ: Final = 64 << 10
"""Bytes of its end that are looked at."""
_SHOWN: Final = 5
_LONGEST: Final = 400
_DAY: Final = 86_400_000
_LINE: Final = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),\d{3} (WARNING|ERROR|CRITICAL) ", re.ASCII)


def log(folder: Path, now: int) -> Log:
    """The log in `folder` at `now` (ms); none is made."""
    path = folder / FILE_NAME
    end, problem = "", ""
    try:
        end = _end(path)
        if not os.access(path, os.W_OK):
            problem = "you have no permission to write it"
    except FileNotFoundError:
        if not _can_be_made(folder):
            problem = "its folder cannot be made or written"
    except OSError as error:
        problem = error.strerror or str(error)
    last: deque[str] = deque(maxlen=_SHOWN)
    recent = 0
    for line in end.splitlines():
        if found := _LINE.match(line):
            last.append(line[:_LONGEST])
            recent += now - _ms(found[1]) < _DAY
    return Log(path=as_text(str(path)), problem=problem, last=tuple(last), since_yesterday=recent)


def _can_be_made(folder: Path) -> bool:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


def _end(path: Path) -> str:
    with open(open_plain(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - _READ))
        return file.read(_READ).decode(errors="replace")


def _ms(words: str) -> int:
    try:
        return int(datetime.fromisoformat(words).timestamp() * 1000)
    except (ValueError, OverflowError, OSError):
        return 0
