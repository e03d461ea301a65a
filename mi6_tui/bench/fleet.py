"""Sessions to look at: a store full of them, and some that run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Final

from mi6_tui.bench.corpus import MODEL, session_id
from mi6_tui.bench.herd import Herd
from mi6_tui.bench.place import Place, room
from mi6_tui.clock import now_ms
from mi6_tui.model import Batch, Event, EventType, SessionFact
from mi6_tui.storage.sqlite import SqliteStorage

PAINTED: Final = "Painted"
"""Begins the title of every session of `fill`."""
WORDS: Final = ("parser", "cursor", "column", "ledger", "branch")
"""Of the events: the first stands in half of them, each next one in half as many as the one before."""

_EVENT_BYTES: Final = 700
_ELSEWHERE: Final = "elsewhere"
"""Another machine: nobody here can say that a process of it is gone, so its sessions stay in the list."""
_APART: Final = 7_000
"""ms between the last words of two sessions: ten thousand spoke within the day that keeps one in the list."""
_RESTED: Final = 1_800_000
"""ms for which sessions that run have waited for the user."""
_WORKED: Final = 300_000
"""ms for which the others have been at work."""
_KINDS: Final = (
    EventType.USER_PROMPT_SUBMIT,
    EventType.API_REQUEST,
    EventType.PRE_TOOL_USE,
    EventType.POST_TOOL_USE,
    EventType.ASSISTANT_MESSAGE,
    EventType.STOP,
)


def fill(path: Path, sessions: int, events: int) -> int:
    """Record `sessions` of `events` each in a new store; how many events that were.

    Always the same but for their time, which is now. Mi6Error if there is no room.
    """
    path.parent.mkdir(mode=0o700)
    room(path.parent, sessions * events * _EVENT_BYTES)
    storage, now, random = SqliteStorage(path), now_ms(), Random(1)  # noqa: S311 (nothing to guess)
    try:
        for number in range(sessions):
            storage.record(_session(number, events, now - number * _APART, random))
        storage.rejudge(now)
        return storage.count()
    finally:
        storage.close()


def _session(number: int, events: int, until: int, random: Random) -> Batch:
    session, begin = session_id(number), until - events * 1000
    title = SessionFact(
        machine_id=_ELSEWHERE,
        session_id=session,
        framework="claude",
        name="title",
        value=f"{PAINTED} {number}",
        timestamp=begin,
        order=(begin, 0),
    )
    told = tuple(_event(number, place, begin + place * 1000, random) for place in range(events))
    return Batch(events=told, facts=(title,))


def _event(number: int, place: int, at: int, random: Random) -> Event:
    # One session ends at a prompt, the next one at a request, and so on.
    turn, step = divmod(place + number, len(_KINDS))
    kind = _KINDS[step]
    asked = kind == EventType.API_REQUEST
    said = [word for power, word in enumerate(WORDS, 1) if random.random() < 0.5**power]
    text = f"{' '.join(said)} of step {place} in {number} {random.randrange(10**6)}"
    return Event(
        machine_id=_ELSEWHERE,
        timestamp=at,
        event_type=kind,
        session_id=session_id(number),
        framework="claude",
        cwd=f"/work/project-{number % 20}",
        git_branch="main",
        source="transcript",
        key=f"bench:{number}:{place}",
        preview=None if asked or kind == EventType.STOP else text,
        tool_name="Bash" if "Tool" in kind else None,
        tool_use_id=f"{number}-{turn}" if "Tool" in kind else None,
        outcome="end_turn" if kind == EventType.ASSISTANT_MESSAGE else None,
        model=MODEL if asked else None,
        tokens_input=12 if asked else None,
        tokens_output=240 if asked else None,
        tokens_cache_read=14_000 if asked else None,
        tokens_cache_write=900 if asked else None,
    )


@contextmanager
def running(place: Place, state: str) -> Iterator[Mapping[str, str]]:
    """The environment of a program that finds sessions which run, half of them at work for minutes."""
    home = place.folder / f"{state}-home"
    with Herd(home, place.sizes.live, now_ms() - _RESTED) as herd:
        for _ in range(place.sizes.live // 2):
            herd.begin(now_ms() - _WORKED)
        yield {**place.env(state), "HOME": str(home)}
