"""The tailer against a model: after every visit, the lines given out are the complete lines of the file."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mi6_tui.ingest.tail import Visit, unchanged
from mi6_tui.model import FilePosition

BLOCK, LIMIT = 16, 48
TEXT = st.binary(max_size=24).map(lambda data: data.replace(b"\n", b"."))
WIDE = st.integers(LIMIT - 20, LIMIT + 20).map(lambda size: b"w" * size)
NOW = 4_000_000_000_000


def complete_lines(content: bytes) -> list[bytes]:
    """What a reader must have seen of a file with this content."""
    whole = [line for line in content.split(b"\n")[:-1] if len(line) < LIMIT]
    return [line[:-1] if line.endswith(b"\r") else line for line in whole]


class Tailing(RuleBasedStateMachine):
    """Somebody writes, cuts, rewrites, replaces and moves a file; a reader visits it now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.path = self.folder / "0"
        self.path.write_bytes(b"")
        self.moves = self.generation = 0
        self.ticks = 1_000_000_000
        self.position: FilePosition | None = None
        self.seen: list[bytes] = []
        self.skipped = 0

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    def fresh(self) -> bytes:
        """A first line that no earlier content had."""
        self.generation += 1
        return b"generation %d\n" % self.generation

    @rule(lines=st.lists(TEXT | WIDE, max_size=6), rest=TEXT)
    def append(self, lines: list[bytes], rest: bytes) -> None:
        with self.path.open("ab") as file:
            file.write(b"".join(line + b"\n" for line in lines) + rest)

    @rule()
    def end_line(self) -> None:
        with self.path.open("ab") as file:
            file.write(b"\r\n")

    @rule(share=st.floats(0, 1))
    def truncate(self, share: float) -> None:
        os.truncate(self.path, int(self.path.stat().st_size * share))

    @rule(lines=st.lists(TEXT | WIDE, max_size=6))
    def rewrite_in_place(self, lines: list[bytes]) -> None:
        with self.path.open("r+b") as file:
            file.write(self.fresh() + b"".join(line + b"\n" for line in lines))
            file.truncate()

    @rule()
    def rewrite_to_the_same_size(self) -> None:
        size = self.path.stat().st_size
        head = self.fresh()
        if size > len(head):
            with self.path.open("r+b") as file:
                file.write(head + b"s" * (size - len(head) - 1) + b"\n")

    @rule(lines=st.lists(TEXT, max_size=6))
    def replace_by_rename(self, lines: list[bytes]) -> None:
        other = self.folder / "other"
        other.write_bytes(b"".join(line + b"\n" for line in lines))
        other.rename(self.path)

    @rule(lines=st.lists(TEXT, max_size=3))
    def delete_and_make_again(self, lines: list[bytes]) -> None:
        self.path.unlink()
        self.path.write_bytes(b"".join(line + b"\n" for line in lines))

    @rule()
    def move(self) -> None:
        self.moves += 1
        self.path = self.path.rename(self.folder / str(self.moves))
        if self.position is not None:
            self.position = self.position.with_(file_path=str(self.path))

    @rule()
    def rest(self) -> None:
        """Time passes without a change: the file's own times become trustworthy."""
        self.ticks += 10
        os.utime(self.path, (self.ticks, self.ticks))

    @rule()
    def restart(self) -> None:
        """Of the reader only what is stored remains."""
        if self.position is not None:
            data = msgspec.msgpack.encode(self.position)
            self.position = msgspec.msgpack.decode(data, type=FilePosition)

    @rule(budget=st.integers(1, 200))
    def visit_briefly(self, budget: int) -> None:
        self.visit(budget)

    @invariant()
    def a_patient_reader_has_seen_every_complete_line(self) -> None:
        for _ in range(10_000):
            if not self.visit(100):
                break
        else:
            raise AssertionError("a file at rest is never finished")
        content = self.path.read_bytes()
        assert self.seen == complete_lines(content)
        assert self.skipped == sum(len(line) >= LIMIT for line in content.split(b"\n")[:-1])

    def visit(self, budget: int) -> bool:
        """One visit; whether another one would find more right now."""
        status = self.path.lstat()
        if self.position is not None and unchanged(self.position, status):
            return False
        at_rest = status.st_mtime < 2_000_000_000 and status.st_mtime == self.ticks
        with Visit(str(self.path), self.position, block=BLOCK, limit=LIMIT) as visit:
            if not visit.resumed:
                self.seen = []
            memory = visit.decoder_state or b"0"
            assert int(memory) == len(self.seen)
            for run in visit.runs(budget):
                for offset, line in run:
                    assert self.path.read_bytes()[offset:].startswith(line)
                    self.seen.append(line)
            now = NOW if at_rest else int(status.st_mtime * 1000)
            self.position = visit.position(str(len(self.seen)).encode(), now)
            self.skipped = visit.skipped
            return visit.more and visit.progressed


TestTailing = Tailing.TestCase
TestTailing.settings = settings(max_examples=200, stateful_step_count=30, deadline=None)
