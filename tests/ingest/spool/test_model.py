"""The spool against a model: whatever lies in it, and whoever reads it, each call is recorded once."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from mi6_tui.ingest.problem import Problem
from mi6_tui.ingest.spool.folder import counts
from mi6_tui.ingest.spool.side import Spool
from mi6_tui.model import EventQuery
from mi6_tui.storage.sqlite import SqliteStorage
from tests.ingest.deadly import Deadly, Killed
from tests.ingest.spool.test_side import nowhere

NAMES = st.integers(1, 12).map(str) | st.integers(1, 12).map("{}-1".format)
WRONG = st.sampled_from(("with space", "a.b", "ü", "x" * 65, "~", "..."))
PATIENCE = 60_000
"""ms for which a file may be incomplete."""
LAST = b"\nmi6-hook 1\tframework=claude\tevent=\tppid=77\n"


class Between:
    """A storage of a reader during whose recording another one looks."""

    def __init__(self, storage: SqliteStorage, look: Any, *, before: bool) -> None:
        self._storage, self._look, self._before = storage, look, before

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)

    def record(self, batch: Any) -> Any:
        if self._before:
            self._look()
        recorded = self._storage.record(batch)
        if not self._before:
            self._look()
        return recorded


class Spooling(RuleBasedStateMachine):
    """Hooks call, others leave what is no call, and readers come and die."""

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp())
        self.folder = self.home / "spool"
        self.folder.mkdir()
        self.storage = SqliteStorage(self.home / "mi6.db")
        self.now = 1_800_000_000_000
        self.calls = 0
        self.whole: dict[str, int] = {}
        """The calls that wait, by the name of their file."""
        self.half: dict[str, tuple[int, int]] = {}
        """The number and time of calls that are not complete."""
        self.wrong: set[str] = set()
        """What is no call."""
        self.told: set[int] = set()
        self.aside = 0

    def teardown(self) -> None:
        self.storage.close()
        shutil.rmtree(self.home)

    # What comes into the folder.

    def payload(self) -> bytes:
        self.calls += 1
        told = {"session_id": f"s{self.calls % 3}", "hook_event_name": "UserPromptSubmit", "cwd": "/p"}
        return json.dumps(told | {"prompt": f"call {self.calls}"}).encode()

    def put(self, name: str, data: bytes) -> None:
        self.now += 1
        path = self.folder / name
        path.write_bytes(data)
        os.utime(path, ns=(self.now * 1_000_000, self.now * 1_000_000))

    @rule(name=NAMES)
    def call(self, name: str) -> None:
        """A hook, that finds names taken where something lies."""
        if not (self.folder / name).exists():
            self.put(name, self.payload() + LAST)
            self.whole[name] = self.calls

    @rule(name=NAMES)
    def call_by_rename(self, name: str) -> None:
        if not (self.folder / name).exists():
            self.put(".new", self.payload() + LAST)
            (self.folder / ".new").rename(self.folder / name)
            self.half.pop(".new", None)
            self.whole[name] = self.calls

    @rule(name=NAMES | st.just(".new"), share=st.floats(0, 0.999))
    def begin(self, name: str, share: float) -> None:
        """A hook that has not finished, or never will."""
        if not (self.folder / name).exists():
            data = self.payload() + LAST
            self.put(name, data[: int(len(data) * share)])
            self.half[name] = self.calls, self.now

    @rule(which=st.integers(0, 9))
    def finish(self, which: int) -> None:
        names = sorted(name for name in self.half if not name.startswith("."))
        if names:
            name = names[which % len(names)]
            number, _ = self.half.pop(name)
            told = {"session_id": "s0", "hook_event_name": "UserPromptSubmit", "prompt": f"call {number}"}
            self.put(name, json.dumps(told).encode() + LAST)
            self.whole[name] = number

    @rule(name=WRONG)
    def wrong_name(self, name: str) -> None:
        if not (self.folder / name).exists():
            self.put(name, self.payload() + LAST)
            self.wrong.add(name)

    @rule(name=NAMES, data=st.sampled_from((b"no json", b"[]", b"{}", b'{"session_id": 7}')))
    def nonsense(self, name: str, data: bytes) -> None:
        if not (self.folder / name).exists():
            self.put(name, data + LAST)
            self.wrong.add(name)

    @rule(name=NAMES, kind=st.sampled_from(("folder", "pipe", "link")))
    def no_file(self, name: str, kind: str) -> None:
        path = self.folder / name
        if os.path.lexists(path):
            return
        if kind == "folder":
            path.mkdir()
        elif kind == "pipe":
            os.mkfifo(path)
        else:
            path.symlink_to(self.home / "mi6.db")
        self.wrong.add(name)

    @rule(seconds=st.sampled_from((1, 59, 61)))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds * 1000

    # Who reads it.

    def reader(self, storage: Any = None) -> Spool:
        return Spool(self.folder, storage or self.storage, "box", nowhere)

    def glance(self) -> None:
        self.reader().look(self.now, list[Problem]().append)

    @rule()
    def look(self) -> None:
        problems: list[Problem] = []
        new = self.reader().look(self.now, problems.append)
        fresh = set(self.whole.values()) - self.told
        assert new == len(fresh)
        assert bool(problems) == bool(self.refused())
        self.looked()

    @rule(number=st.integers(1, 3), after=st.booleans())
    def die(self, number: int, after: bool) -> None:
        """A reader dies before its calls are recorded, or before their files are deleted."""
        try:
            self.reader(Deadly(self.storage, number, after=after)).look(self.now, list[Problem]().append)
        except Killed:
            kept = {path.name for path in self.folder.iterdir()}
            assert kept >= set(self.whole), "deleted before it was known to be recorded"
            self.told = {number for number, _ in self.recorded().items()}
            return
        self.looked()

    @rule(before=st.booleans())
    def two_at_once(self, before: bool) -> None:
        """One looks while another is about to record the same, or has just done so."""
        self.reader(Between(self.storage, self.glance, before=before)).look(self.now, list[Problem]().append)
        self.looked()

    # What must be.

    def refused(self) -> set[str]:
        old = {name for name, (_, at) in self.half.items() if self.now - at > PATIENCE}
        return self.wrong | old

    def recorded(self) -> Counter[int]:
        """How often each call is in the store."""
        events = self.storage.query(EventQuery())
        return Counter(int(json.loads(event.payload or "{}")["prompt"].split()[1]) for event in events)

    def looked(self) -> None:
        """A reader came to its end."""
        self.told |= set(self.whole.values())
        assert self.recorded() == Counter(self.told)
        refused = self.refused()
        self.aside += len(refused)
        self.whole, self.wrong = {}, set()
        self.half = {name: found for name, found in self.half.items() if name not in refused}
        left = {path.name for path in self.folder.iterdir()} - {"quarantine", ".quarantined"}
        assert left == set(self.half)
        assert counts(self.folder).quarantined == self.aside
        assert counts(self.folder).dropped == 0
        quarantine = self.folder / "quarantine"
        assert (len(list(quarantine.iterdir())) if quarantine.exists() else 0) == min(self.aside, 100)


TestSpooling = Spooling.TestCase
TestSpooling.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
