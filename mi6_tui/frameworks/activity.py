"""When a session was active, also where its lines tell nothing else."""

from __future__ import annotations

from mi6_tui.frameworks.base import Decoded
from mi6_tui.model import SessionFact


class Activity:
    """The first and last time of each session's lines in one run.

    Only times outside those of the run's events are told. All runs together therefore reach from the
    very first time to the very last, wherever the file is cut into runs.
    """

    def __init__(self) -> None:
        self._spans: dict[str, tuple[int, int]] = {}

    def saw(self, session_id: str, at: int) -> None:
        """Note the time of a line (ms)."""
        span = self._spans.get(session_id)
        if span is None:
            self._spans[session_id] = (at, at)
        elif not span[0] <= at <= span[1]:
            self._spans[session_id] = (min(span[0], at), max(span[1], at))

    def tell(self, out: Decoded, machine_id: str, framework: str) -> None:
        """Add the facts that the events of `out` leave open."""
        told: dict[str, tuple[int, int]] = {}
        for event in out.events:
            at = event.timestamp
            low, high = told.get(event.session_id, (at, at))
            told[event.session_id] = (min(low, at), max(high, at))
        for session_id, (first, last) in self._spans.items():
            low, high = told.get(session_id, (last + 1, last - 1))
            open_times = {at for at in (first, last) if not low <= at <= high}
            out.facts += [
                SessionFact(
                    machine_id=machine_id,
                    session_id=session_id,
                    framework=framework,
                    name="last_activity",
                    value=at,
                    timestamp=at,
                    order=(at, 0),
                )
                for at in sorted(open_times)
            ]
