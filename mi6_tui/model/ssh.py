"""What ssh takes for the name of another machine."""

from __future__ import annotations

import re
from typing import Final

_LONGEST: Final = 255
# Nothing that ssh could take for an option, nor a shell in the user's ssh settings for more than a name.
_ADDRESS: Final = re.compile(
    r"(?:ssh://)?(?:[A-Za-z0-9_][\w.+-]*@)?(?:[A-Za-z0-9_][\w.-]*|\[[0-9A-Fa-f:.]+(?:%\w+)?\])(?::\d{1,5})?/?",
    re.ASCII,
)


def is_address(text: str) -> bool:
    """Whether `text` is `host`, `user@host`, or `ssh://user@host:port`; or a name of the user's own."""
    return len(text) <= _LONGEST and _ADDRESS.fullmatch(text) is not None
