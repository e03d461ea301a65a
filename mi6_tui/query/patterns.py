"""Regular expressions whose run time grows with the text and no faster."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Final

Pattern = Callable[[str], bool]
"""Whether it is found anywhere in a text."""

LONGEST: Final = 200
"""Characters of a pattern."""
_LARGEST: Final = 500
"""Its steps, counted repetitions multiplied out."""

_PART: Final = re.compile(r"\\.|\[(?:\\.|[^\]])*\]?|\{(\d+)(?:,(\d*))?\}|[()]|.", re.ASCII | re.DOTALL)
_IGNORING_CASE: Final = "(?i)"


class PatternError(Exception):
    """A pattern that cannot be used: why, and which part of it (`start`, `length`) is at fault."""

    def __init__(self, reason: str, start: int, length: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.start = start
        self.length = length


def compiled(pattern: str) -> Pattern:
    """The test for a pattern, upper and lower case alike. PatternError if it is none or too large."""
    if len(pattern) > LONGEST:
        raise PatternError(f"the pattern is longer than {LONGEST} characters", 0, len(pattern))
    if _steps(pattern) > _LARGEST:
        raise PatternError("the pattern repeats too much", 0, len(pattern))
    # Late: it takes longer to load than most queries to answer. Its engine never backtracks, as that
    # of Python does, where a pattern like (a+)+$ can take for ever.
    from pydantic_core import SchemaError, SchemaValidator, core_schema

    schema = core_schema.str_schema(pattern=_IGNORING_CASE + pattern, regex_engine="rust-regex", strict=True)
    try:
        return SchemaValidator(schema).isinstance_python
    except SchemaError as error:
        raise _located(str(error), pattern) from None


def _steps(pattern: str) -> int:
    """About how many steps a matcher needs room for."""
    total = last = 0
    groups: list[int] = []
    for part in _PART.finditer(pattern):
        if part[0] == "(":
            groups.append(total)
        elif part[0] == ")":
            last = total - groups.pop() if groups else 0
        elif part[1]:
            times = max(int(part[1][:5]), int((part[2] or "0")[:5]))
            total += last * max(0, times - 1)
            last *= max(1, times)
        else:
            total, last = total + 1, 1
    return total


def _located(text: str, pattern: str) -> PatternError:
    """The engine's words: the pattern, a line of ^ below the fault, and `error: ` with the reason."""
    reason = text.rpartition("error: ")[2] if "error: " in text else "the pattern is too large"
    lines = text.splitlines()
    for above, marks in pairwise(lines):
        head, found, _ = above.partition(_IGNORING_CASE + pattern)
        if found and not head.strip() and marks.strip().strip("^") == "":
            start = marks.index("^") - len(head) - len(_IGNORING_CASE)
            return PatternError(reason, start, min(marks.count("^"), len(pattern) - start))
    return PatternError(reason, 0, len(pattern))
