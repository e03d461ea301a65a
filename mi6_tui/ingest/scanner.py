"""Keeps the store up to date with the transcripts on disk: once, or as long as the program runs."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from mi6_tui.clock import now_ms
from mi6_tui.errors import Mi6Error, StorageError
from mi6_tui.frameworks.base import Framework
from mi6_tui.ingest.catalogue import Catalogue, Known
from mi6_tui.ingest.discover import OnProblem, default_roots, named_roots
from mi6_tui.ingest.follow import Follower, ScannerState
from mi6_tui.ingest.helpers import Done, Helpers, helpers_for, is_shareable
from mi6_tui.ingest.lock import WriterLock
from mi6_tui.ingest.problem import Problem, problem_of
from mi6_tui.ingest.progress import Meter, Progress, ScanReport
from mi6_tui.ingest.reading import take_turn
from mi6_tui.ingest.recorder import Recorder
from mi6_tui.ingest.run import Run, Work, report_of
from mi6_tui.ingest.schedule import Clockwork, Intervals
from mi6_tui.ingest.side import Side, Sides
from mi6_tui.ingest.turn import TURN_BYTES, Source, Turn
from mi6_tui.paths import user_home
from mi6_tui.stop import Stop
from mi6_tui.storage.protocol import Storage

OnProgress = Callable[[Progress], None]
URGENT_EVERY: Final = 0.25
"""Seconds of a long scan after which files that change right now get a turn."""
_WORTH_SHOWING = 1 << 20
"""Bytes that a sweep must have before it before its progress is told."""


class Scanner:
    """Reads what is new in the transcripts of `frameworks` and records it.

    Looks where the clients write (by `env` and `home`), or in `paths` if there are any, and asks the
    `sides` as well. With a `lock` only its holder writes. Not shared between threads, except that
    `run` may be told to stop.
    """

    def __init__(
        self,
        storage: Storage,
        frameworks: Sequence[Framework],
        machine_id: str,
        *,
        paths: Iterable[Path] = (),
        sides: Iterable[Side] = (),
        env: Mapping[str, str] = os.environ,
        home: Path | None = None,
        lock: WriterLock | None = None,
        watch: bool = True,
        intervals: Intervals | None = None,
        clock: Callable[[], int] = now_ms,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._storage = storage
        self._machine_id = machine_id
        self._lock = lock
        self._watch = watch
        self._intervals = intervals or Intervals()
        self._clock = clock
        self._monotonic = monotonic
        named = named_roots(frameworks, paths)
        roots = named or default_roots(frameworks, env, home or user_home())
        self._catalogue = Catalogue(storage, roots, hot_age=self._intervals.hot_age)
        self._clockwork = Clockwork(self._intervals)
        self._sides = Sides(sides)
        self._loaded = False
        self._rests: dict[str, float] = {}
        """When each database may be asked again."""

    @property
    def lock(self) -> WriterLock | None:
        """What makes this scanner the one writer; None: it writes in any case."""
        return self._lock

    # One scan.

    def scan_once(
        self,
        on_progress: OnProgress | None = None,
        *,
        full: bool = False,
        stop: threading.Event | None = None,
    ) -> ScanReport:
        """Read everything that is new, newest file first; `full`: everything there is.

        Returns a report that says `blocked` if another process is the writer. StorageError ends the
        scan; what was recorded until then stays.
        """
        held = self._lock is None or self._lock.held
        if self._lock is not None and not self._lock.try_acquire():
            return ScanReport(blocked=True, holder=self._lock.holder())
        problems: list[Problem] = []
        meter = Meter(on_progress, self._monotonic)
        try:
            self._storage.reprice()
            self._catalogue.load(full=full)
            self._loaded = True
            changed = self._catalogue.discover(self._clock(), problems.append)
            report = self._read(changed, meter, problems.append, stop or threading.Event(), settle=True)
            aside = self._sides.look((), float("inf"), self._clock(), problems.append)
            self._storage.rejudge(self._clock())
        finally:
            if self._lock is not None and not held:
                self._lock.release()
        return msgspec.structs.replace(
            report, aside=aside, problems=tuple(dict.fromkeys(problems)), seconds=meter.elapsed
        )

    # As long as the program runs.

    def sweep(
        self,
        hints: set[str] | None = None,
        *,
        on_progress: OnProgress | None = None,
        stop: threading.Event | None = None,
    ) -> ScanReport:
        """Do what is due now: look at hinted and hot files, walk over everything, judge again."""
        problems: list[Problem] = []
        if not self._loaded:
            self._storage.reprice()
            self._catalogue.load()
            self._loaded = True
        began, hints = self._monotonic(), hints or set()
        # First what tells who needs the user: it is little, and transcripts may be much.
        aside = self._sides.look(hints, began, self._clock(), problems.append)
        changed = self._rested(self._changed(hints, began, problems.append))
        worth = sum(known.ahead for known in changed) >= _WORTH_SHOWING
        meter = Meter(on_progress if worth else None, self._monotonic)
        report = ScanReport(files_total=len(self._catalogue))
        if changed:
            report = self._read(changed, meter, problems.append, stop or threading.Event())
        if self._clockwork.rejudge_due(self._monotonic()):
            self._storage.rejudge(self._clock())
        return msgspec.structs.replace(
            report, aside=aside, problems=tuple(dict.fromkeys(problems)), seconds=meter.elapsed
        )

    def run(
        self,
        stop: Stop,
        *,
        on_progress: OnProgress | None = None,
        on_problem: OnProblem | None = None,
        on_state: Callable[[ScannerState], None] | None = None,
        on_recorded: Callable[[ScanReport], None] | None = None,
    ) -> None:
        """Keep the store up to date until `stop` is set.

        A problem is told when it appears, not as long as it lasts. Trouble with the store is a
        problem too, and tried again. `on_recorded` follows each sweep that read something. All
        callbacks come from the calling thread.
        """
        follower = Follower(
            self._storage,
            self._catalogue,
            self._clockwork,
            self._intervals,
            sides=self._sides,
            lock=self._lock,
            watch=self._watch,
            monotonic=self._monotonic,
            sweep=lambda hints: self.sweep(hints, on_progress=on_progress, stop=stop),
            reload=self._reload,
            on_problem=on_problem,
            on_state=on_state,
            on_recorded=on_recorded,
        )
        follower.run(stop)

    def _reload(self) -> None:
        self._loaded = False

    def _changed(self, hints: set[str], began: float, on_problem: OnProblem) -> Sequence[Known]:
        now = self._clock()
        news = any(self._catalogue.is_news(path) for path in hints)
        if news:
            self._clockwork.hinted(began)
        if self._clockwork.discovery_due(began):
            changed = self._catalogue.discover(now, on_problem)
            self._clockwork.discovery_done(began, self._monotonic(), hinted=news)
            self._clockwork.hot_done(began, self._monotonic(), changed=bool(changed))
            return changed
        if self._clockwork.hot_due(began):
            changed = self._catalogue.look({*self._catalogue.hot(), *hints}, now, on_problem)
            self._clockwork.hot_done(began, self._monotonic(), changed=bool(changed))
            return changed
        return self._catalogue.look(hints, now, on_problem)

    def _rested(self, changed: Sequence[Known]) -> Sequence[Known]:
        """Without the databases that were asked just now: a question costs more than a look at a file."""
        if not self._rests:
            return changed
        now = self._monotonic()
        self._rests = {path: until for path, until in self._rests.items() if until > now}
        for known in changed:
            if known.path in self._rests:
                self._clockwork.look_by(self._rests[known.path])
        return [known for known in changed if known.path not in self._rests]

    # Reading.

    def _read(
        self,
        changed: Sequence[Known],
        meter: Meter,
        on_problem: OnProblem,
        stop: threading.Event,
        *,
        settle: bool = False,
    ) -> ScanReport:
        """Read files in turns, each a bounded piece, so that no large file keeps the others waiting.

        `settle`: also store that files which gave nothing were seen, so that the next process need
        not open them.
        """
        recorder = Recorder(self._storage, watched=not settle)
        run = Run(changed, self._catalogue.whole, recorder.tally, meter)
        urgent_at = self._monotonic() + URGENT_EVERY
        run.show(None)
        with helpers_for(run.left) as helpers:
            while not stop.is_set() and (run.waiting or helpers.busy):
                work, turn = self._next(run, helpers, recorder, on_problem)
                if turn is not None:
                    self._take(turn, recorder, settle=settle)
                if recorder.full:
                    self._flush(recorder)
                run.show(work.known.path if work is not None else None)
                if run.interruptible and self._monotonic() >= urgent_at:
                    self._flush(recorder)
                    if not settle:  # one scan asks them at its end
                        self._sides.look((), self._monotonic(), self._clock(), on_problem)
                    run.first(self._catalogue.look(self._catalogue.hot(), self._clock(), on_problem))
                    urgent_at = self._monotonic() + URGENT_EVERY
        self._flush(recorder)
        run.show(None, last=True)
        return report_of(recorder.tally, len(self._catalogue))

    def _next(
        self, run: Run, helpers: Helpers, recorder: Recorder, on_problem: OnProblem
    ) -> tuple[Work | None, Turn | None]:
        """The next turn, whoever took it; without work if all that is left is still being done."""
        self._feed(run, helpers)
        done = None if run.urgent else self._done(helpers, recorder)
        if done is None and (work := run.next()) is not None:
            done = work, None
        if done is None and (done := helpers.wait()) is None:
            return None, None
        work, turn = done
        if turn is None:
            turn = self._turn(work, on_problem)
        elif turn.problem is not None:
            on_problem(turn.problem)
        run.took(work, turn)
        self._feed(run, helpers)  # before this turn is recorded, so that its file is read on meanwhile
        return work, turn

    def _done(self, helpers: Helpers, recorder: Recorder) -> Done | None:
        """What a helper has ready. What nobody else can do, recording, comes before reading beside them."""
        done = helpers.done()
        if done is None and helpers.busy and recorder.worthwhile:
            self._flush(recorder)
            done = helpers.done()
        return done

    def _feed(self, run: Run, helpers: Helpers) -> None:
        if not run.urgent:
            helpers.feed(lambda: run.next(is_shareable), run.left, self._machine_id, self._clock())

    def _turn(self, work: Work, on_problem: OnProblem) -> Turn | None:
        began, known = self._monotonic(), work.known
        try:
            turn = take_turn(
                known.kind,
                Source(
                    path=known.path,
                    framework=known.framework,
                    machine_id=self._machine_id,
                    position=work.position,
                    budget=TURN_BYTES,
                    now=self._clock(),
                ),
            )
        except FileNotFoundError:
            return None  # gone since it was listed: clients clean up
        except OSError as error:
            on_problem(problem_of(known.path, error))
            return None
        except StorageError:
            raise
        except Mi6Error as error:
            on_problem(Problem(known.path, str(error)))
            return None
        if turn.problem is not None:
            on_problem(turn.problem)
        if known.kind == "database":
            now = self._monotonic()
            self._rests[known.path] = now + self._intervals.question_share * (now - began)
        return turn

    def _take(self, turn: Turn, recorder: Recorder, *, settle: bool) -> None:
        if turn.progressed:
            recorder.add(turn)
        elif turn.problem is None:
            # Nothing new: remember the file's times, so that the next look need not open it.
            self._catalogue.read(turn.position)
            if settle:
                recorder.add_position(turn.position)

    def _flush(self, recorder: Recorder) -> None:
        for position in recorder.flush():
            self._catalogue.read(position)
