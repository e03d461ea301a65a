"""Text that others wrote, made safe to keep and to draw."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from mi6_tui.model import PREVIEW_LIMIT
from mi6_tui.model.secrets import SIGHT, masked

_ESCAPES: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_BLANK_LINES: Final = re.compile(r"\n{3,}")


def clean(text: str, limit: int = PREVIEW_LIMIT) -> str:
    """At most `limit` first characters of `text`, without terminal sequences, control characters and secrets.

    Tabs and single newlines stay.
    """
    # More than the limit is looked at, so that what is taken out does not shorten an ordinary text, and
    # a secret that the limit cuts in two is seen as one.
    window = 2 * limit + SIGHT
    text = text.lstrip()[:window]
    cut = len(text) == window
    if not text.isprintable():
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        text = _BLANK_LINES.sub("\n\n", _CONTROL.sub("", _ESCAPES.sub("", text)))
    text = masked(text)
    if cut and len(text) < limit + SIGHT and not text.endswith("]"):
        # Much was taken out: the end may be the beginning of a secret.
        text = text[:-SIGHT]
    return text.strip()[:limit]


def one_line(text: str, limit: int) -> str:
    """`clean`, with every run of white space as one space."""
    return " ".join(clean(text, limit).split())


def compact_json(**fields: str) -> str:
    """The fields as JSON without spaces; each value cut at PREVIEW_LIMIT characters."""
    return msgspec.json.encode({name: clean(value) for name, value in fields.items()}).decode()


def printed(command: str | None, output: str) -> str | None:
    """A shell command's output as an event's metadata; None unless the command calls `gh`.

    What that prints names the issue or pull request the session works on.
    """
    return compact_json(output=output) if command and "gh " in command else None
