"""One machine's thread: reads what is new there, and leaves it for whoever records."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import Final

import msgspec

from mi6_tui.clock import now_ms
from mi6_tui.errors import Mi6Error
from mi6_tui.frameworks.base import Framework
from mi6_tui.ingest.compressed import plain_twin
from mi6_tui.ingest.problem import Problem, problem_of
from mi6_tui.ingest.reading import take_turn
from mi6_tui.ingest.recognise import Recogniser
from mi6_tui.ingest.remote.address import Remote
from mi6_tui.ingest.remote.home import Far, FarFile, Home, Listing, Span
from mi6_tui.ingest.remote.link import PATIENCE, Link, LinkError
from mi6_tui.ingest.tail import BLOCK, unchanged
from mi6_tui.ingest.turn import TURN_BYTES, Source, Turn
from mi6_tui.log import logger
from mi6_tui.model import FilePosition

SEEN_EVERY: Final = 10.0
"""Seconds between two words that a machine which is being read is there."""
_LEFT: Final = 8
"""Turns that wait to be recorded."""
_AHEAD: Final = 8
"""Files whose first bytes are asked for while another one is read: the way there and back costs time."""
_AHEAD_BYTES: Final = 4 << 20
_PATIENCE: Final = 0.2
"""Seconds between two looks whether to end."""
_FINGERPRINTS: Final = 1024


class Hello(msgspec.Struct, frozen=True):
    """A connection stands."""

    node: str
    """What the machine calls itself."""
    unread: tuple[str, ...]
    """Clients whose transcripts there cannot be read from here."""


class Seen(msgspec.Struct, frozen=True):
    """It answered just now."""

    skew_ms: int


class Done(msgspec.Struct, frozen=True):
    """All that is new was read; `problem`: or why not."""

    problem: str | None = None
    files: int = 0
    """Transcripts that there are."""


Word = Hello | Seen | Turn | Problem | Done


class Reader:
    """Reads when told to, one round at a time; `positions` are those of the store, by place."""

    def __init__(
        self,
        remote: Remote,
        frameworks: Sequence[Framework],
        positions: Mapping[str, FilePosition],
        *,
        wake: Callable[[], object],
        patience: float = PATIENCE,
    ) -> None:
        self._remote = remote
        self._frameworks = frameworks
        self._positions = dict(positions)
        self._wake = wake
        self._patience = patience
        self._words: Queue[Word] = Queue(_LEFT)
        self._go, self._stop = Event(), Event()
        self._link: Link | None = None
        self._home: Home | None = None
        self._node = ""
        self._seen_at = 0.0
        self._ahead: dict[str, list[Span]] = {}
        self._recogniser = Recogniser(self._open)
        self._listing: Listing | None = None
        self._thread = Thread(target=self._run, name=f"remote {remote.address}", daemon=True)

    def go(self) -> None:
        """Begin a round; its end is a `Done`."""
        if not self._thread.is_alive():
            self._thread.start()
        self._go.set()

    def take(self) -> Word | None:
        """The next word, if there is one."""
        try:
            return self._words.get_nowait()
        except Empty:
            return None

    def close(self) -> None:
        """End, and with it the connection; what is left is read again by the next one."""
        self._stop.set()
        self._go.set()
        link = self._link
        if link is not None:
            link.abandon()

    def join(self) -> None:
        """Wait until it has ended."""
        if self._thread.is_alive():
            self._thread.join()

    # In the thread.

    def _run(self) -> None:
        while True:
            self._go.wait()
            self._go.clear()
            if self._stop.is_set():
                break
            problem = self._round()
            self._say(Done(problem, len(self._listing.claims) if self._listing is not None else 0))
        self._let_go()

    def _round(self) -> str | None:
        """Read what is new; why it could not be."""
        try:
            self._look(self._connected())
        except LinkError as error:
            self._let_go()
            return str(error)
        except Exception as error:  # the border of this thread: the other machines are read on
            logger().exception("reading %s failed", self._remote.address)
            self._let_go()
            return f"{type(error).__name__}: {error}"
        return None

    def _let_go(self) -> None:
        link, self._link, self._home = self._link, None, None
        self._ahead.clear()
        if link is not None:
            link.close()

    def _connected(self) -> Home:
        if self._home is None:
            self._link = Link(self._remote.address, patience=self._patience)
            if self._stop.is_set():
                raise LinkError("it was ended")
            self._home = Home(self._link, self._frameworks)
            self._node = self._home.node
            self._say(Hello(self._node, self._home.unread))
        return self._home

    def _look(self, home: Home) -> None:
        self._listing = listing = home.look()
        self._seen_at = 0.0
        self._seen(listing)
        for path in listing.unnamed:
            self._say(Problem(self._remote.place(path), "its name is not valid UTF-8"))
        waiting = deque(self._changed(listing))
        reached: dict[str, FilePosition] = {}
        while waiting and not self._stop.is_set():
            self._ask_ahead(home, waiting, reached)
            far = waiting.popleft()
            place = self._remote.place(far.path)
            turn = self._turn(far, reached.get(place, self._positions.get(place)), listing.now)
            self._ahead.pop(far.path, None)
            self._seen(listing)
            if turn is None:
                continue
            if turn.problem is not None:
                self._say(turn.problem)
            reached[place] = self._positions[place] = turn.position
            self._say(turn)
            if turn.more:
                waiting.append(far)

    def _changed(self, listing: Listing) -> list[Far]:
        """What has something new, newest first."""
        changed: list[Far] = []
        for path, claims in listing.claims.items():
            if claims[0].kind == "compressed" and plain_twin(path) in listing.claims:
                continue
            place = self._remote.place(path)
            position = self._positions.get(place)
            if position is not None and unchanged(position, claims[0].status):
                continue
            far = self._owner(place, claims)
            if position is not None and position.framework not in (None, far.framework.name):
                del self._positions[place]
            changed.append(far)
        return sorted(changed, key=lambda far: (-far.status.st_mtime_ns, far.path))

    def _owner(self, place: str, claims: Sequence[Far]) -> Far:
        if len(claims) == 1:
            return claims[0]
        own = self._recogniser.framework(place, [(claim.framework, claim.kind) for claim in claims])
        return next(claim for claim in claims if claim.framework is own)

    def _ask_ahead(self, home: Home, waiting: deque[Far], reached: Mapping[str, FilePosition]) -> None:
        """Ask for what the next files will be read for first, a bounded amount."""
        size = sum(span.size for spans in self._ahead.values() for span in spans)
        for number, far in enumerate(waiting):
            if number >= _AHEAD or size >= _AHEAD_BYTES:
                return
            if far.path not in self._ahead:
                place = self._remote.place(far.path)
                position = reached.get(place, self._positions.get(place))
                pieces = _first_pieces(far.status.st_size, position)
                self._ahead[far.path] = [home.ask_for(far.path, length, at) for at, length in pieces]
                size += sum(length for _, length in pieces)

    def _open(self, place: str) -> FarFile:
        path = self._remote.path(place)
        if self._home is None or self._listing is None:
            raise LinkError("it was ended")
        return FarFile(self._home, self._listing.claims[path][0], self._ahead.get(path, ()))

    def _turn(self, far: Far, position: FilePosition | None, now: int) -> Turn | None:
        place = self._remote.place(far.path)
        source = Source(
            path=place,
            framework=far.framework,
            machine_id=self._node,
            position=position,
            budget=TURN_BYTES,
            now=now,
            opener=self._open,
        )
        try:
            turn = take_turn(far.kind, source)
        except FileNotFoundError:
            return None  # gone since it was listed
        except OSError as error:
            self._say(problem_of(place, error))
            return None
        except Mi6Error as error:
            self._say(Problem(place, str(error)))
            return None
        return msgspec.structs.replace(turn, position=turn.position.with_(updated_at=now_ms()))

    def _seen(self, listing: Listing) -> None:
        now = time.monotonic()
        if now >= self._seen_at:
            self._seen_at = now + SEEN_EVERY
            self._say(Seen(listing.skew_ms))

    def _say(self, word: Word) -> None:
        while not self._stop.is_set():
            try:
                self._words.put(word, timeout=_PATIENCE)
            except Full:
                continue
            self._wake()
            return


def _first_pieces(size: int, position: FilePosition | None) -> list[tuple[int, int]]:
    """Offset and length of what a visit reads first of a file: what proves it to be the same, what is new."""
    if position is None or not 0 < position.byte_offset <= size:
        return [(0, min(size, BLOCK))] if size else []
    offset = position.byte_offset
    begin = max(0, offset - 256)
    news = begin, min(size - begin, BLOCK)
    return [news] if begin == 0 else [(0, min(_FINGERPRINTS, size)), news]
