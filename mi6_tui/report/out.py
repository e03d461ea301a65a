"""The only way to stdout and stderr: data on one, narration on the other."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Mapping
from typing import Any, Final, TextIO

import msgspec

from mi6_tui.report.cells import clean

_USUAL: Final = 80
# In UTF-8: delete, the second set of controls, marks of direction, separators of lines.
_STEERING: Final = re.compile(
    rb"\x7f|\xc2[\x80-\x9f]|\xd8\x9c|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]"
)
_encode = msgspec.json.Encoder().encode
WITHHELD: Final = "something is wrong: without --share the command tells what"
"""In place of what would name places."""
_PLACES: Final = re.compile(r"[/\\]")


class _Narrator:
    """What is known of who reads stderr."""

    shared = False
    withheld = False


_narrator: Final = _Narrator()


def is_terminal() -> bool:
    """Whether a person reads stdout."""
    return sys.stdout is not None and sys.stdout.isatty()


def is_watched() -> bool:
    """Whether a person reads stderr."""
    return sys.stderr is not None and sys.stderr.isatty()


def fit() -> int | None:
    """Cells in a line of the terminal; None where stdout is no terminal and takes any length."""
    if not is_terminal():
        return None
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or _USUAL
    except OSError:
        return _USUAL


def colour(env: Mapping[str, str] = os.environ) -> bool:
    """Whether stdout shows colour and the user has not declined it."""
    return is_terminal() and not env.get("NO_COLOR") and env.get("TERM") != "dumb"


def lines(texts: Iterable[str]) -> None:
    """Print lines of text; characters that stdout's encoding lacks are escaped."""
    if sys.stdout is None:
        return
    data = "".join(f"{text}\n" for text in texts)
    encoding = sys.stdout.encoding or "utf-8"
    _write(data.encode(encoding, "backslashreplace"))


def json(value: Any) -> None:
    """Print one value on one line, and hand it on at once."""
    if sys.stdout is not None:
        _write(_unsteered(_encode(value)) + b"\n")


def json_lines(values: Iterable[Any]) -> None:
    """Print each value on a line of its own, all at once."""
    if sys.stdout is not None:
        _write(b"".join(_unsteered(_encode(value)) + b"\n" for value in values))


def _unsteered(data: bytes) -> bytes:
    """The same JSON; what steers a terminal, and JSON lets stand as it is, is escaped."""
    if data.isascii() and b"\x7f" not in data:
        return data
    return _STEERING.sub(lambda found: b"\\u%04x" % ord(found[0].decode()), data)


def share(on: bool = True) -> None:
    """From now on others look on: no note names a place; that one was withheld is told once."""
    _narrator.shared, _narrator.withheld = on, False


def is_shared() -> bool:
    """Whether others look on."""
    return _narrator.shared


def note(text: str) -> None:
    """Narrate on stderr, unless it is closed or takes no more."""
    if sys.stderr is None:
        return
    if _narrator.shared and (text == WITHHELD or _PLACES.search(text)):
        if _narrator.withheld:
            return
        text, _narrator.withheld = WITHHELD, True
    try:
        print(f"mi6-tui: {clean(text)}", file=sys.stderr, flush=True)
    except OSError:
        let_go(sys.stderr)


def let_go(stream: TextIO | None) -> None:
    """Nobody reads `stream` any more: keep the interpreter's last flush from saying so again."""
    if stream is not None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def _write(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
