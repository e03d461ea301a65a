"""The names a model may be listed by, most literal first. Nothing here guesses a family."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

_WINDOW: Final = re.compile(r"\[\w+\]$")
"""`claude-opus-5-5[1m]`: a larger window at the same price."""
_DATE: Final = re.compile(r"[-@](\d{8}|\d{4}-\d{2}-\d{2})$")
_REVISION: Final = re.compile(r"(-v\d+)?(:\d+)?$")
"""`-v1:0` of Bedrock; elsewhere such an end is another model."""
_PREFIX: Final = re.compile(r"^([a-z]{2,6}\.)?(anthropic|openai|google|meta|mistral|deepseek)\.")
"""`us.anthropic.` of Bedrock."""


@lru_cache(maxsize=1024)
def candidates(model: str) -> tuple[str, ...]:
    """`model` as it is, then without window and date, then also without provider and revision."""
    return tuple(dict.fromkeys(_forms(model)))


def _forms(model: str) -> Iterator[str]:
    yield model
    bare = _WINDOW.sub("", model)
    yield bare
    yield _DATE.sub("", bare)
    name = bare.rsplit("/", 1)[-1]
    base = _PREFIX.sub("", name)
    yield base
    yield _DATE.sub("", base)
    if base == name:
        return
    base = _REVISION.sub("", base, count=1)
    yield base
    yield _DATE.sub("", base)
