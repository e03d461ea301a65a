"""How far a scan is, drawn on stderr while a person looks at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mi6_tui.ingest.progress import Progress
from mi6_tui.report import units
from mi6_tui.report.out import is_watched

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

_WORTH_SHOWING = 0.3
"""Seconds that a scan takes before it is worth a bar, and the time to import one."""


@contextmanager
def progress_bar() -> Iterator[Callable[[Progress], None] | None]:
    """A callback that draws what a scan tells it; None where stderr is no terminal."""
    if not is_watched():
        yield None
        return
    drawn = _Drawn()
    try:
        yield drawn.show
    finally:
        drawn.close()


class _Drawn:
    def __init__(self) -> None:
        self._bar: Bar | None = None

    def show(self, progress: Progress) -> None:
        finished = progress.bytes_done >= progress.bytes_total
        if self._bar is None and (finished or progress.elapsed < _WORTH_SHOWING):
            return
        if self._bar is None:
            self._bar = _new_bar()
            self._bar.add_task("scan", total=None)
            self._bar.start()
        task = self._bar.task_ids[0]
        self._bar.update(
            task,
            total=progress.bytes_total,
            completed=progress.bytes_done,
            description=_text(progress),
            refresh=True,
        )
        if finished:
            self.close()

    def close(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def _text(progress: Progress) -> str:
    parts = [
        f"{progress.files_done}/{progress.files_total} files",
        f"{units.size(progress.bytes_done)} of {units.size(progress.bytes_total)}",
    ]
    if progress.rate is not None:
        parts.append(f"{units.size(round(progress.rate))}/s")
    if progress.time_left is not None:
        parts.append(f"about {progress.time_left} left")
    return "  ".join(parts)


def _new_bar() -> Bar:
    from rich.console import Console  # late: only a long scan on a terminal needs it
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar

    return Bar(
        BarColumn(),
        TextColumn("{task.description}", markup=False),
        console=Console(stderr=True),
        transient=True,
        auto_refresh=False,
    )
