"""What every recount gives: requests, each once, and their sums."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from importlib import import_module
from typing import Any, Final, NamedTuple

FRAMEWORKS: Final = ("claude", "codex", "gemini", "copilot", "opencode", "qwen", "pi", "amp")
"""The clients with a recount of their own; each is a module here of that name."""


class File(NamedTuple):
    """A transcript, and the byte before which to stop; None: at its last complete line."""

    path: str
    stop: int | None = None


class Request(NamedTuple):
    """One request to a model. A number that no file tells counts as 0, as in the store's sums."""

    session_id: str
    tokens_input: int
    tokens_output: int
    tokens_cache_read: int
    tokens_cache_write: int
    copied: bool = False
    """Only copies of it are here; the session that made it may have been counted from a file now gone."""


@dataclass(slots=True)
class Numbers:
    """Sums over requests."""

    api_request_count: int = 0
    tokens_input: int = 0
    tokens_output: int = 0
    tokens_cache_read: int = 0
    tokens_cache_write: int = 0

    def add(self, request: Request) -> None:
        """Count one more."""
        self.plus(Numbers(1, *request[1:5]))

    def plus(self, other: Numbers) -> None:
        """Add other sums."""
        for name in NAMES:
            setattr(self, name, getattr(self, name) + getattr(other, name))


NAMES: Final = tuple(field.name for field in dataclass_fields(Numbers))


@dataclass(slots=True)
class Counted:
    """What the files say of one session."""

    own: Numbers
    copies: Numbers
    """Over the copied requests, which are not in `own`."""


def recount(framework: str, files: Sequence[File]) -> dict[str, Counted]:
    """The sums of each session in these files of one client; OSError if one cannot be read."""
    module = import_module(f"mi6_tui.verify.{framework}")
    requests: Callable[[Iterable[File]], Iterator[Request]] = module.requests
    sessions: dict[str, Counted] = {}
    for request in requests(files):
        counted = sessions.setdefault(request.session_id, Counted(Numbers(), Numbers()))
        (counted.copies if request.copied else counted.own).add(request)
    return sessions


_LARGEST: Final = 10**12
"""No request has as many tokens: a number above says nothing."""


def whole(number: object) -> int | None:
    """`number` if it is a count of tokens; else None."""
    return number if type(number) is int and 0 <= number <= _LARGEST else None


def fresh(sent: int | None, *parts: int | None) -> int:
    """What was sent beside its cached `parts`; 0 where it cannot be known."""
    if sent is None or None in parts:
        return 0
    return max(0, sent - sum(part for part in parts if part is not None))


def text(found: object) -> str | None:
    """`found` if it is a text that says something; else None."""
    return found if isinstance(found, str) and found else None


def fields(found: object) -> dict[str, Any]:
    """`found` if it is an object; else an empty one."""
    return found if isinstance(found, dict) else {}
