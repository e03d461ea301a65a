"""The home on another machine: its clients' folders, and the transcripts in them, read piece by piece."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from mi6_tui.frameworks.base import Framework, Kind
from mi6_tui.ingest.discover import Root
from mi6_tui.ingest.problem import as_text
from mi6_tui.ingest.remote.address import is_name
from mi6_tui.ingest.remote.far_side import UNIT, quoted
from mi6_tui.ingest.remote.link import ANSWER_LIMIT, Answer, Link, LinkError
from mi6_tui.ingest.remote.listing import FarStatus, Listed, files, time_of
from mi6_tui.ingest.tail import BLOCK, identity

_WORD_LIMIT: Final = 16 << 10
"""Bytes of a path, or of a variable."""
_MOST_FILES: Final = 200_000


class Far(msgspec.Struct, frozen=True):
    """A transcript there."""

    path: str
    kind: Kind
    framework: Framework
    status: FarStatus


class Listing(msgspec.Struct, frozen=True):
    """What there is at one moment."""

    now: int
    """ms by the clock there, before the look."""
    skew_ms: int
    """How far that clock is ahead of ours, to half a second."""
    claims: Mapping[str, Sequence[Far]]
    """By path; several clients may lie in one folder, so that any of them could have written it."""
    unnamed: Sequence[str]
    """Transcripts whose names are no text, as they can be told."""


class _Asked(Mapping[str, str]):
    """An environment without variables, which notes what is looked for."""

    def __init__(self) -> None:
        self.names: dict[str, None] = {}

    def __getitem__(self, name: str) -> str:
        self.names[name] = None
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


class Home:
    """The home of the user whom `link` reaches. LinkError from every call."""

    def __init__(self, link: Link, frameworks: Sequence[Framework]) -> None:
        self._link = link
        self._kind = link.hello()
        self._claims: Mapping[str, Sequence[Far]] = {}
        self._unnamed: Sequence[str] = ()
        self.node = self._node()
        """What the machine calls itself."""
        roots = self._existing(frameworks)
        self.unread = tuple(sorted({root.framework.name for root in roots if _is_database(root.framework)}))
        """Clients that keep a database there, which nothing but they can read piece by piece."""
        self._roots = [root for root in roots if not _is_database(root.framework)]
        self._places = list(dict.fromkeys(root.path for root in self._roots))
        for place in self._places:
            link.ask(f"root {quoted(place)}", _WORD_LIMIT)

    def _node(self) -> str:
        answer = self._link.wait(self._link.ask("node", _WORD_LIMIT))
        name = answer.data.removesuffix(b"\n").decode(errors="replace")
        if not is_name(name):
            raise LinkError("its name is none that a machine can have")
        return name

    def _existing(self, frameworks: Sequence[Framework]) -> list[Root]:
        """Where the clients write there, as far as it exists, without symbolic links."""
        asked = _Asked()
        for framework in frameworks:
            framework.roots(asked, Path("/"))
        values = self._texts(f"variable {name}" for name in ("HOME", *asked.names))
        env = {name: value for name, value in zip(("HOME", *asked.names), values, strict=True) if value}
        home = Path(env.get("HOME", "/"))
        roots = [Root(one, str(path)) for one in frameworks for path in one.roots(env, home)]
        roots = [root for root in roots if root.path.startswith("/")]
        places = self._texts(f"folder {quoted(root.path)}" for root in roots)
        return [
            msgspec.structs.replace(root, path=place)
            for root, place in zip(roots, places, strict=True)
            if place.startswith("/") and place.isprintable()
        ]

    def _texts(self, questions: Iterator[str]) -> list[str]:
        """What is answered to all of them, which takes no longer than one; empty where it is no text."""
        answers = [self._link.ask(question, _WORD_LIMIT) for question in questions]
        return [_text(self._link.wait(answer)) for answer in answers]

    def look(self) -> Listing:
        """List the transcripts."""
        before = time.time()
        answer = self._link.wait(self._link.ask("list", ANSWER_LIMIT))
        between = (before + time.time()) / 2
        clock, _, rest = answer.data.partition(b"\n")
        now = time_of(clock)
        if answer.word != "same":
            self._sort(files(rest.removesuffix(b"."), self._kind, self._places, now))
        at = int(now.timestamp()) * 1000
        # It was told without its fraction of a second.
        return Listing(at, at + 500 - int(between * 1000), self._claims, self._unnamed)

    def _sort(self, listed: Iterator[Listed]) -> None:
        found: dict[str, list[Far]] = {}
        unnamed: dict[str, None] = {}
        for number, (path, status) in enumerate(listed):
            if number >= _MOST_FILES:
                raise LinkError(f"it has more than {_MOST_FILES} files where transcripts are")
            place, _, below = path.partition("/./")
            parts = tuple(below.split("/"))
            for root in self._roots:
                if root.path != place or (kind := _kind(root, parts)) is None:
                    continue
                whole = f"{place}/{below}"
                if _is_text(whole):
                    found.setdefault(whole, []).append(Far(whole, kind, root.framework, status))
                else:
                    unnamed[as_text(whole)] = None
        self._claims, self._unnamed = found, tuple(unnamed)

    def ask_for(self, path: str, size: int, offset: int) -> Span:
        """Begin to read; what was asked for first comes first."""
        first = offset // UNIT
        count = -(-(offset + size) // UNIT) - first
        question = f"read {first} {count} {quoted(path)}"
        return Span(offset, size, self._link.ask(question, count * UNIT + _WORD_LIMIT))

    def bytes_of(self, path: str, status: FarStatus, span: Span) -> bytes:
        """What stands there, if the file is still the one that was listed; OSError if not."""
        answer = self._link.wait(span.answer)
        data, mark, rest = answer.data.rpartition(self._link.mark)
        if answer.word == "gone" or not mark:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        if answer.word != "ok":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        looks = list(files(rest, self._kind, [path], _LATER))
        if not looks or identity(looks[0][1]) != identity(status):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        start = span.offset % UNIT
        return data[start : start + span.size]


class Span(msgspec.Struct, frozen=True):
    """A piece of a file that was asked for."""

    offset: int
    size: int
    answer: Answer


_LATER: Final = time_of(b"9996-01-01T00:00:00")
"""Where it does not matter when: a year that has every day."""


class FarFile:
    """A file there that is read (a `tail.Opened`); `ahead` was asked for already. OSError if it is gone."""

    def __init__(self, home: Home, far: Far, ahead: Sequence[Span] = ()) -> None:
        self._home = home
        self._path = far.path
        self.status = far.status
        self._waiting = list(ahead)
        self._pieces: list[tuple[int, bytes]] = []
        if self._waiting:
            self._take()  # one that is gone cannot be opened

    def _take(self) -> Span:
        span = self._waiting.pop(0)
        data = self._home.bytes_of(self._path, self.status, span)
        self._pieces = [*self._pieces[-2:], (span.offset, data)]
        return span

    def read(self, size: int, offset: int) -> bytes:
        """See `Opened`; the file is taken to be as large as it was when it was listed."""
        size = max(0, min(size, self.status.st_size - offset))
        if not size:
            return b""
        while (found := self._known(size, offset)) is None:
            if not self._waiting:
                # Who reads little by little shall not ask for each little.
                ask = min(max(size, BLOCK), self.status.st_size - offset)
                self._waiting = [self._home.ask_for(self._path, ask, offset)]
            span = self._take()
            data = self._pieces[-1][1]
            if span.offset <= offset < span.offset + span.size and len(data) < span.size:
                return data[offset - span.offset :][:size]  # it ends earlier by now
        return found

    def _known(self, size: int, offset: int) -> bytes | None:
        for start, data in self._pieces:
            if start <= offset and offset + size <= start + len(data):
                return data[offset - start : offset - start + size]
        return None

    def written_from(self, offset: int) -> int:
        """See `Opened`: nobody tells of holes there."""
        return offset

    def look(self) -> FarStatus:
        """See `Opened`."""
        return self.status

    def close(self) -> None:
        """See `Opened`: nothing is open there."""


def _kind(root: Root, parts: tuple[str, ...]) -> Kind | None:
    if ".." in parts or not all(root.descends(parts[:end]) for end in range(1, len(parts))):
        return None
    return root.kind(parts)


def _is_database(framework: Framework) -> bool:
    return hasattr(framework, "ask")


def _is_text(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _text(answer: Answer) -> str:
    if answer.word != "ok":
        return ""
    return answer.data.removesuffix(b"\n").decode(errors="replace")
