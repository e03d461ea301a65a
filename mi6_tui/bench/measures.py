"""Each measurement: our figure, what it is held against, and the ratio, all from one run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import BinaryIO, Final, cast

import msgspec

from mi6_tui.bench.corpus import Corpus, make_corpus, prompt_line
from mi6_tui.bench.terminal import Terminal
from mi6_tui.bench.timing import Contender, percentile, time_in_turn
from mi6_tui.clock import now_ms
from mi6_tui.hooks.line import shell_line

OURS: Final = (sys.executable, "-m", "mi6_tui")

_HOOK_ROUNDS: Final = 20
"""As often as other commands times this: one takes two milliseconds."""
_HOOK_PAYLOAD: Final = json.dumps(
    {"session_id": "s", "hook_event_name": "Stop", "text": "word " * 400}
).encode()
_DECODE: Final = """
import msgspec, pathlib, sys
class Line(msgspec.Struct):
    type: str = ""
    uuid: str | None = None
    message: msgspec.Raw = msgspec.Raw()
decode = msgspec.json.Decoder(Line).decode
for path in pathlib.Path(sys.argv[1]).rglob("*.jsonl"):
    for line in path.read_bytes().splitlines():
        decode(line)
"""
_EMPTY_APP: Final = """
from textual.app import App
from textual.widgets import DataTable
class Empty(App):
    def compose(self):
        table = DataTable()
        table.add_columns("Session", "PAINTED")
        yield table
Empty().run()
"""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the report. Values are in `unit`; a limit is a ratio, or a value in `unit`."""

    name: str
    value: float
    unit: str
    against: str = ""
    reference: float | None = None
    budget: str = ""

    @property
    def ratio(self) -> float | None:
        """Ours through the reference; None without one."""
        return self.value / self.reference if self.reference else None


class Bench:
    """Measures in a folder of its own; `runs` is how often each timed command runs."""

    def __init__(self, folder: Path, *, files: int, runs: int) -> None:
        self._folder = folder
        self._files = files
        self._runs = runs
        self._corpus: Corpus = make_corpus(folder / "home", files=files, start=now_ms() - 3_600_000)

    @property
    def corpus(self) -> Corpus:
        """What is scanned."""
        return self._corpus

    def rows(self) -> Iterator[Row]:
        """Measure one after the other; a row as soon as it is known."""
        yield from self._scans()
        yield from self._readers()
        yield from self._hook()
        yield from self._first_paint()
        yield from self._lag()
        yield from self._idle()

    def _env(self, state: str) -> Mapping[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
        return {**kept, "HOME": str(self._corpus.home), "MI6_TUI_HOME": str(self._folder / state)}

    def _forget(self, state: str) -> None:
        shutil.rmtree(self._folder / state, ignore_errors=True)

    def _scans(self) -> Iterator[Row]:
        cold, warm = self._env("cold"), self._env("warm")
        self.check(json.loads(self._run(warm, "scan", "--json")))
        contenders = [
            Contender("cold", (*OURS, "scan", "--json"), cold, lambda: self._forget("cold")),
            Contender("warm", (*OURS, "scan", "--json"), warm),
            Contender("decode", (sys.executable, "-c", _DECODE, str(self._corpus.home)), cold),
            Contender("imports", (sys.executable, "-c", "import msgspec, apsw"), cold),
        ]
        ccusage, original = shutil.which("ccusage"), shutil.which("mi6")
        if ccusage:
            argv = (ccusage, "session", "--json", "--offline")
            contenders.append(Contender("ccusage", argv, cold))
        timed = time_in_turn(contenders, self._runs)
        ms = {name: run.median * 1000 for name, run in timed.items()}
        size = f"{self._corpus.bytes / 1e6:.0f} MB, {self._corpus.files} files"
        yield Row(
            name=f"cold scan ({size})",
            value=ms["cold"],
            unit="ms",
            against="decode only",
            reference=ms["decode"],
        )
        if ccusage:
            yield Row(
                name="cold scan",
                value=ms["cold"],
                unit="ms",
                against="ccusage",
                reference=ms["ccusage"],
                budget="4x",
            )
        if original:
            yield self._against_original(original, ms["cold"])
        yield Row(
            name="scan, nothing changed",
            value=ms["warm"],
            unit="ms",
            against="import msgspec, apsw",
            reference=ms["imports"],
        )
        if ccusage:
            yield Row(
                name="scan, nothing changed",
                value=ms["warm"],
                unit="ms",
                against="ccusage",
                reference=ms["ccusage"],
                budget="1.2x",
            )
        store = sum(path.stat().st_size for path in (self._folder / "warm").glob("mi6.db*"))
        yield Row(
            name="store size",
            value=store,
            unit="bytes",
            against="bytes read",
            reference=self._corpus.bytes,
            budget="0.08x",
        )

    def check(self, report: Mapping[str, int]) -> None:
        """A speed is worth nothing with wrong numbers: the scan must have counted what was written."""
        if report["requests"] != self._corpus.requests or report["files"] != self._corpus.files:
            raise AssertionError(f"counted {report}, written {self._corpus}")

    def _against_original(self, original: str, ours: float) -> Row:
        """The original reads one file a call; its quadratic cost shows within a file already."""
        state = self._folder / "original"
        env = {**self._env("cold"), "MI6_DIR_PATH": str(state)}
        files = sorted((self._corpus.home / ".claude" / "projects").rglob("*.jsonl"))
        sample = files[:: max(1, len(files) // 40)]
        shutil.rmtree(state, ignore_errors=True)
        started = time.perf_counter()
        for path in sample:
            subprocess.run(  # noqa: S603
                (original, "ingest", "transcript", str(path)), env=env, capture_output=True, check=False
            )
        whole = (time.perf_counter() - started) / len(sample) * len(files) * 1000
        return Row(
            name="cold scan",
            value=ours,
            unit="ms",
            against=f"mi6, from {len(sample)} files",
            reference=whole,
            budget="0.2x",
        )

    def _run(self, env: Mapping[str, str], *args: str) -> str:
        done = subprocess.run(  # noqa: S603
            (*OURS, *args),
            env=dict(env),
            capture_output=True,
            check=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        return done.stdout

    def _readers(self) -> Iterator[Row]:
        env = self._env("warm")
        timed = time_in_turn(
            [
                Contender("sessions", (*OURS, "sessions", "--json", "--no-scan"), env),
                Contender("pass", (sys.executable, "-c", "pass"), env),
            ],
            self._runs,
        )
        yield Row(
            name=f"sessions --json, {self._corpus.files} sessions",
            value=timed["sessions"].median * 1000,
            unit="ms",
            against="python -c pass",
            reference=timed["pass"].median * 1000,
            budget="8x",
        )

    def _hook(self) -> Iterator[Row]:
        """What an agent waits for at each hook, against a shell that does nothing with the same payload."""
        spool = self._folder / "spool"
        spool.mkdir(mode=0o700, exist_ok=True)
        script = Path(str(files("mi6_tui.ingest.spool").joinpath("hook.sh")))
        line = shell_line("claude", script, spool)
        env, given = self._env("warm"), _HOOK_PAYLOAD
        timed = time_in_turn(
            [
                Contender("hook", ("sh", "-c", line), env, given=given),
                Contender("shell", ("sh", "-c", ":"), env, given=given),
            ],
            self._runs * _HOOK_ROUNDS,
        )
        left = len(list(spool.iterdir()))
        if left != self._runs * _HOOK_ROUNDS + 1:
            raise AssertionError(f"the hooks left {left} files")
        yield Row(
            name="hook, as the agent waits for it",
            value=timed["hook"].median * 1000,
            unit="ms",
            against="sh -c :",
            reference=timed["shell"].median * 1000,
            budget="4x",
        )

    def _first_paint(self) -> Iterator[Row]:
        env = self._env("warm")
        ours: list[float] = []
        empty: list[float] = []
        for run in range(self._runs + 1):
            with Terminal(OURS, env) as terminal:
                seen = terminal.wait_for(b"Make step")
            with Terminal((sys.executable, "-c", _EMPTY_APP), env) as terminal:
                bare = terminal.wait_for(b"PAINTED")
            if run:
                ours.append(seen * 1000)
                empty.append(bare * 1000)
        yield Row(
            name=f"start to painted table, {self._corpus.files} sessions",
            value=percentile(ours, 0.5),
            unit="ms",
            against="empty Textual app",
            reference=percentile(empty, 0.5),
            budget="1.35x",
        )

    def _lag(self) -> Iterator[Row]:
        env = self._env("warm")
        follow = subprocess.Popen(  # noqa: S603
            (*OURS, "scan", "--follow", "--json"),
            env=dict(env),
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        lags: list[float] = []
        printed = cast(BinaryIO, follow.stdout)
        try:
            path = next((self._corpus.home / ".claude" / "projects").rglob("*.jsonl"))
            for number in range(60):
                # The first lines find the follower still starting.
                time.sleep(0.1 if number else 2.0)
                line = prompt_line(path.stem, number, now_ms())
                started = time.perf_counter()
                with path.open("ab") as file:
                    file.write(line)
                while f"live prompt {number}".encode() not in printed.readline():
                    pass
                if number >= 10:
                    lags.append((time.perf_counter() - started) * 1000)
        finally:
            follow.kill()
            follow.wait()
        yield Row(
            name="line appended to event out, p50", value=percentile(lags, 0.5), unit="ms", budget="60 ms"
        )
        yield Row(
            name="line appended to event out, p99", value=percentile(lags, 0.99), unit="ms", budget="150 ms"
        )

    def _idle(self) -> Iterator[Row]:
        env = self._env("warm")
        for name, argv, budget in (
            ("dashboard", OURS, "0.7 %"),
            ("scan --follow", (*OURS, "scan", "--follow"), "0.2 %"),
        ):
            with Terminal(argv, env) as terminal:
                used = terminal.idle(settle=5.0, seconds=20.0)
            yield Row(name=f"idle {name}", value=used.cpu * 100, unit="% of a core", budget=budget)
            yield Row(
                name=f"idle {name}: written to disk", value=used.written, unit="bytes in 20 s", budget="0"
            )
            yield Row(name=f"idle {name}: resident", value=used.rss / 1e6, unit="MB")
