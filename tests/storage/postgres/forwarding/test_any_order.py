"""In whatever order things are recorded, corrected, deleted and pushed, and wherever the pusher is killed."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Final

import apsw
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mi6_tui.ingest.forward import collect
from mi6_tui.ingest.forward.pusher import Pusher
from mi6_tui.model import Batch, Claim, Event, SessionFact, Telemetry
from mi6_tui.prices import packaged
from mi6_tui.storage.conformance import Clock, make_event, request
from mi6_tui.storage.conformance.base import DAY, NOW
from mi6_tui.storage.postgres import PostgresStorage
from mi6_tui.storage.postgres.destination import open_destination
from mi6_tui.storage.sqlite.outgoing import OutgoingStorage
from tests.storage.postgres.forwarding.support import BOX, Failing, KilledError, told

SESSIONS: Final = ("a", "b")
_places: Final = st.fixed_dictionaries(
    {
        "machine_id": st.just(BOX),
        "session_id": st.sampled_from(SESSIONS),
        "timestamp": st.integers(NOW - 3 * DAY, NOW),
        "claim": st.sampled_from(("", "c")),
    }
)


@st.composite
def events(draw: st.DrawFn) -> Event:
    """One of few things: told again it may be otherwise, of another session, or a subagent's copy."""
    fields: dict[str, Any] = draw(_places)
    number = draw(st.integers(0, 4))
    kind = draw(st.sampled_from(("request", "request", "prompt", "call", "end")))
    if kind == "request":
        side = draw(st.booleans())
        return request(
            key=f"{'side' if side else 'main'}{number}",
            twin_key=f"twin{number}",
            is_sidechain=side,
            version=draw(st.sampled_from("123")),
            tokens_output=draw(st.integers(0, 50)),
            model=draw(st.sampled_from(("claude-sonnet-4-5", "claude-test"))),
            **fields,
        )
    if kind == "prompt":
        prompt = '{"prompt":"Say it"}'
        return make_event(event_type="UserPromptSubmit", key=f"p{number}", payload=prompt, **fields)
    if kind == "call":
        # Without a key: each is one more.
        return make_event(event_type="PreToolUse", tool_name="Bash", preview=f"ls {number}", **fields)
    return make_event(event_type="SessionEnd", key=f"e{number}", **fields)


@st.composite
def batches(draw: st.DrawFn) -> Batch:
    """What a scanner may record at once."""
    session, at = draw(st.sampled_from(SESSIONS)), draw(st.integers(NOW - DAY, NOW))
    named = SessionFact(
        machine_id=BOX, session_id=session, name="title", value=f"t{at % 7}", timestamp=at, order=(at, 0)
    )
    seen = Claim(machine_id=BOX, session_id=session, witness="registry", kind="busy", at=at)
    heard = Telemetry(
        machine_id=BOX,
        session_id=session,
        framework="claude",
        identity=f"i{at % 3}",
        kind="request",
        at=at,
        received_at=NOW,
        tokens_input=at % 11,
    )
    return Batch(
        events=tuple(draw(st.lists(events(), max_size=4))),
        facts=(named,) if draw(st.booleans()) else (),
        claims=(seen,) if draw(st.booleans()) else (),
        telemetry=(heard,) if draw(st.booleans()) else (),
    )


steps: Final = st.lists(
    st.one_of(
        batches(),
        batches(),
        st.sampled_from(("push", "push", "before", "after", "later", "gc", "forget", "recall", "emptied")),
    ),
    max_size=14,
)


class World:
    """A machine's store, and the database that it is pushed to."""

    def __init__(self, folder: str, url: str, empty: Callable[[], None], *, most: int) -> None:
        self._url = url
        self.clock = Clock()
        self.local = OutgoingStorage(Path(folder) / "mi6.db", clock=self.clock)
        self.deleted = False
        self._empty = empty
        self._most = most

    def take(self, step: Batch | str) -> None:
        """Let it happen."""
        match step:
            case Batch():
                self.local.record(step)
            case "later":
                self.clock.now += DAY // 2
                self.local.rejudge(self.clock.now)
            case "gc":
                self.deleted = self.local.gc(2 * DAY) > 0 or self.deleted
            case "forget":
                # What moved to a session that is forgotten before that was sent stays with its old one there.
                if self._has_corrections():
                    self.push()
                self.local.forget("a")
            case "recall":
                self.local.recall("a")
            case "emptied":
                self._empty()
            case "push":
                self.push()
            case fate:
                with suppress(KilledError):
                    self.push([fate])

    def _has_corrections(self) -> bool:
        waiting = apsw.Connection(str(self.local.path), flags=apsw.SQLITE_OPEN_READONLY)
        with closing(waiting):
            return waiting.execute("SELECT 1 FROM unsent WHERE kind = 'event'").get is not None

    def push(self, fates: Sequence[str] = ()) -> None:
        """Send all that is new, unless it is killed at that."""
        left = iter(fates)

        def opened() -> Any:
            return Failing(open_destination(self._url, packaged), lambda: next(left, ""))

        with closing(Pusher(self.local, opened, BOX, most=self._most)) as pusher:
            for _ in pusher.send():
                pass


@given(steps, st.sampled_from((1, 3, 1000)), st.booleans())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_in_the_end_both_tell_the_same(
    url: str,
    sender: str,
    emptied: Callable[[], None],
    taken: list[Batch | str],
    most: int,
    by_inbox: bool,
) -> None:
    emptied()
    with tempfile.TemporaryDirectory() as folder:
        world = World(folder, sender if by_inbox else url, emptied, most=most)
        with closing(world.local), closing(PostgresStorage(url, clock=world.clock)) as shared:
            for step in taken:
                world.take(step)
            world.push()
            while collect(shared):
                pass
            here, there = told(world.local), told(shared)
            assert here[0] == there[0]
            assert here[2:] == there[2:]
            if not world.deleted:
                assert sorted(map(_without_key, here[1])) == sorted(map(_without_key, there[1]))


def _without_key(event: Event) -> str:
    """Events that have no key here get one on the way."""
    return repr(event.with_(key=None) if event.event_type == "PreToolUse" else event)
