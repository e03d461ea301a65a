"""The scanner against a model: whatever happens to the files and to it, the store is what a list says.

The list is made by a reader of its own: at each look, all complete lines of all files. What was recorded
stays, whatever becomes of its file.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import psutil
import pytest
import zstandard
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from mi6_tui.clock import now_ms
from mi6_tui.frameworks import framework
from mi6_tui.frameworks.base import Kind
from mi6_tui.ingest import helpers, recorder
from mi6_tui.ingest.scanner import Scanner
from mi6_tui.model import EventQuery
from mi6_tui.storage.sqlite import SqliteStorage
from tests.ingest.deadly import Deadly, Killed
from tests.ingest.numbers import MACHINE, Numbers

SHARES = st.floats(0, 1)
WHICH = st.integers(0, 9)
LINES = st.integers(0, 6)


class ManyNumbers(Numbers):
    """The client of numbers that also keeps compressed files."""

    def kind(self, parts: tuple[str, ...]) -> Kind | None:
        packed = len(parts) == 2 and parts[-1].endswith(".num.zst")
        return "compressed" if packed else super().kind(parts)


class Tongue:
    """How a client writes: a line that tells of a number, and the number that a line tells of."""

    client: Any = ManyNumbers()
    folder, ending, packs = "numbers/s", ".num", True

    def line(self, number: int) -> bytes:
        return b"%08d" % number

    def number(self, line: bytes) -> int | None:
        return int(line) if line.isdigit() else None


class Claude(Tongue):
    """A client whose files other processes may read."""

    client = framework("claude")
    folder, ending, packs = ".claude/projects/p", ".jsonl", False

    def line(self, number: int) -> bytes:
        told = {"type": "user", "uuid": f"{number:08}", "sessionId": "s", "timestamp": "2026-11-01T10:00:00Z"}
        return json.dumps(told | {"message": {"role": "user", "content": f"{number:08}"}}).encode()

    def number(self, line: bytes) -> int | None:
        try:
            return int(json.loads(line)["uuid"])
        except (ValueError, TypeError, KeyError):
            return None


class Scanning(RuleBasedStateMachine):
    """Somebody does all that can be done to files, and scanners come, stay and die."""

    tongue: Tongue = Tongue()

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp())
        self.root = self.home / self.tongue.folder
        self.root.mkdir(parents=True)
        (self.home / "link").symlink_to(self.root.parent)
        self.storage = SqliteStorage(self.home / "mi6.db", clock=now_ms)
        self.seconds = 0.0
        self.made = self.names = 0
        self.ticks = 1_000_000_000
        self.stored: set[int] = set()
        self.perhaps: set[int] = set()
        """What a scanner that died may have recorded."""
        self.last_seen: dict[Path, tuple[int, int, int]] = {}
        """The files that were at rest when they were last looked at."""
        self.staying = self.scanner()
        self.new_file(2)

    def teardown(self) -> None:
        self.storage.close()
        shutil.rmtree(self.home)

    # The files.

    def files(self) -> list[Path]:
        return sorted(self.root.iterdir())

    def pick(self, which: int) -> Path | None:
        plain = [path for path in self.files() if path.suffix == self.tongue.ending]
        return plain[which % len(plain)] if plain else None

    def lines(self, count: int) -> bytes:
        """New lines, of numbers that no other has."""
        first, self.made = self.made, self.made + count
        return b"".join(self.tongue.line(number) + b"\n" for number in range(first, self.made))

    def new_name(self, ending: str = "") -> Path:
        self.names += 1
        return self.root / f"{self.names:03}{ending or self.tongue.ending}"

    @rule(count=LINES)
    def new_file(self, count: int) -> None:
        self.new_name().write_bytes(self.lines(count))

    @rule(which=WHICH, count=LINES, half=SHARES)
    def append(self, which: int, count: int, half: float) -> None:
        if path := self.pick(which):
            rest = self.lines(1)
            with path.open("ab") as file:
                file.write(self.lines(count) + rest[: int(half * len(rest))])

    @rule(which=WHICH)
    def end_the_line(self, which: int) -> None:
        if path := self.pick(which):
            with path.open("ab") as file:
                file.write(b"\r\n")

    @rule(which=WHICH, share=SHARES, count=LINES)
    def cut_and_grow(self, which: int, share: float, count: int) -> None:
        if path := self.pick(which):
            os.truncate(path, int(path.stat().st_size * share))
            with path.open("ab") as file:
                file.write(self.lines(count))

    @rule(which=WHICH, count=LINES)
    def rewrite_in_place(self, which: int, count: int) -> None:
        if path := self.pick(which):
            with path.open("r+b") as file:
                file.write(self.lines(count))
                file.truncate()

    @rule(which=WHICH)
    def other_bytes_of_the_same_size_and_time(self, which: int) -> None:
        if path := self.pick(which):
            status = path.stat()
            old = path.read_bytes().split(b"\n")
            whole = [
                self.lines(1)[:-1] if self.tongue.number(line) is not None else line for line in old[:-1]
            ]
            with path.open("r+b") as file:
                file.write(b"\n".join([*whole, old[-1]]))
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    @rule(which=WHICH, count=LINES)
    def replace_by_rename(self, which: int, count: int) -> None:
        if path := self.pick(which):
            other = self.home / "other"
            other.write_bytes(self.lines(count))
            other.rename(path)

    @rule(which=WHICH)
    def move(self, which: int) -> None:
        if path := self.pick(which):
            path.rename(self.new_name())

    @rule(which=WHICH)
    def put_away(self, which: int) -> None:
        if path := self.pick(which):
            path.rename(self.home / path.name)

    @rule(which=WHICH)
    def take_out_again(self, which: int) -> None:
        away = sorted(self.home.glob(f"*{self.tongue.ending}"))
        if away:
            path = away[which % len(away)]
            path.rename(self.root / path.name)

    @rule(which=WHICH)
    def delete(self, which: int) -> None:
        if path := self.pick(which):
            path.unlink()

    @rule(which=WHICH)
    def copy(self, which: int) -> None:
        if path := self.pick(which):
            shutil.copy2(path, self.new_name())

    @rule(which=WHICH)
    def second_name(self, which: int) -> None:
        if path := self.pick(which):
            self.new_name().hardlink_to(path)

    @precondition(lambda self: self.tongue.packs)
    @rule(which=WHICH, keep=st.booleans())
    def compress(self, which: int, keep: bool) -> None:
        if path := self.pick(which):
            # A client writes it whole beside the other, then removes that.
            whole = path.read_bytes()
            path.with_name(f"{path.name}.zst").write_bytes(
                zstandard.compress(whole[: whole.rfind(b"\n") + 1])
            )
            if not keep:
                path.unlink()

    @rule(which=WHICH)
    def rest(self, which: int) -> None:
        """Its time is long ago, and so can be relied on."""
        if path := self.pick(which):
            self.ticks += 10
            os.utime(path, (self.ticks, self.ticks))

    # The scanners.

    def scanner(self, storage: Any = None) -> Scanner:
        return Scanner(
            storage or self.storage,
            [self.tongue.client],
            MACHINE,
            paths=(self.root.parent, self.home / "link"),
            env={},
            home=self.home,
            watch=False,
            clock=now_ms,
            monotonic=self.monotonic,
        )

    def monotonic(self) -> float:
        self.seconds += 0.001
        return self.seconds

    @rule()
    def scan(self) -> None:
        """Another process looks once."""
        self.looked(self.scanner().scan_once().problems)

    @rule()
    def sweep(self) -> None:
        """The one that stays looks again, after some time."""
        self.seconds += 10_000
        self.looked(self.staying.sweep().problems)

    @rule()
    def restart(self) -> None:
        self.staying = self.scanner()

    @rule(number=st.integers(2, 7), after=st.booleans(), batch=st.integers(1, 3))
    def die(self, number: int, after: bool, batch: int) -> None:
        """A scanner that has something to record, of few files at once, dies at some call of the store."""
        self.new_file(1)
        before, self.perhaps = self.perhaps, self.perhaps | self.visible(blind=True)
        usual = recorder.BATCH_FILES
        recorder.BATCH_FILES = batch  # type: ignore[misc]
        try:
            self.scanner(Deadly(self.storage, number, after=after)).scan_once()
        except Killed:
            return
        finally:
            recorder.BATCH_FILES = usual  # type: ignore[misc]
        self.perhaps = before
        self.looked(())

    @rule()
    def full_scan(self) -> None:
        self.last_seen = {}
        self.looked(self.scanner().scan_once(full=True).problems)

    # What must be.

    def visible(self, *, blind: bool) -> set[int]:
        """The numbers of all complete lines there are; `blind`: also where nobody needs to look."""
        found: set[int] = set()
        for path in self.files():
            if not blind and self.last_seen.get(path) == signature(path):
                continue
            if path.suffix == ".zst" and path.with_suffix("").exists():
                continue
            data = path.read_bytes()
            text = zstandard.decompress(data, max_output_size=1 << 20) if path.suffix == ".zst" else data
            numbers = (self.tongue.number(line.removesuffix(b"\r")) for line in text.split(b"\n")[:-1])
            found.update(number for number in numbers if number is not None)
        return found

    def looked(self, problems: object) -> None:
        """A look came to its end: what it must have seen is there, once, and nothing else."""
        assert not problems
        numbers = [int(event.uuid or "") for event in self.storage.query(EventQuery())]
        told = set(numbers)
        assert len(numbers) == len(told), "counted twice"
        must = self.stored | self.visible(blind=False)
        assert told >= must, f"lost {sorted(must - told)}"
        extra = told - must - self.perhaps - self.visible(blind=True)
        assert not extra, f"nobody wrote {sorted(extra)}"
        self.stored, self.perhaps = told, set()
        self.last_seen = {
            path: signature(path) for path in self.files() if path.stat().st_mtime <= self.ticks
        }


def signature(path: Path) -> tuple[int, int, int]:
    """What a look at a file that is at rest may rely on."""
    status = path.stat()
    return status.st_size, status.st_mtime_ns, status.st_ino


class Helped(Scanning):
    """Other processes read ahead, and are killed."""

    tongue = Claude()

    @rule(kill=st.booleans())
    def scan_with_helpers(self, kill: bool) -> None:
        def show(_: object) -> None:
            for child in psutil.Process().children() if kill else ():
                child.kill()

        self.last_seen = {}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(helpers, "WORTH_HELP", 1)
            patch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2}, raising=False)
            self.looked(self.scanner().scan_once(show, full=True).problems)


TestScanning = Scanning.TestCase
TestScanning.settings = settings(max_examples=100, stateful_step_count=25, deadline=None)
TestHelped = Helped.TestCase
TestHelped.settings = settings(max_examples=5, stateful_step_count=15, deadline=None)
