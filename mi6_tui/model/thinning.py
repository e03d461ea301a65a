"""Letters under piles of marks."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

_MARK: Final = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"


@cache
def _marks() -> re.Pattern[str]:
    return re.compile(f"({_MARK}{{4}}){_MARK}+")


def thinned(text: str) -> str:
    """`text` with four marks above and below a letter at most: more reach into the lines around it."""
    return text if text.isascii() else _marks().sub(r"\1", text)
