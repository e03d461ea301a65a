"""Why the session stands as it does, and what its process does, as far as it runs here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import ClassVar, Final

from textual import on
from textual.message import Message

from mi6_tui.ingest.live.inspect import Inspection, inspect
from mi6_tui.log import logger
from mi6_tui.model import Claim, Session
from mi6_tui.paths import machine_id
from mi6_tui.tui.feed import Question
from mi6_tui.tui.rows import Key
from mi6_tui.tui.session.bases import PageTab
from mi6_tui.tui.session.process_lines import Line, missing_process, process_lines
from mi6_tui.tui.session.questions import Witnesses, WitnessesOf
from mi6_tui.tui.why_lines import why_lines

EVERY: Final = 2_000
"""ms between two looks at the process."""


class Inspected(Message):
    """The process as it is; None if it is gone."""

    def __init__(self, found: Inspection | None) -> None:
        super().__init__()
        self.found = found


class WhyTab(PageTab):
    """One page of lines."""

    LABEL: ClassVar[str] = "why"

    def __init__(self, session: Session | None, key: Key) -> None:
        super().__init__(session, key)
        self._question = WitnessesOf(key)
        self._claims: Sequence[Claim] = ()
        self._earlier: Inspection | None = None
        self._found: Inspection | None = None
        self._looked_at: int | None = None
        self._looking = False

    def questions(self) -> Mapping[str, Question]:
        """What the witnesses say."""
        return {"witnesses": self._question}

    def resume(self) -> None:
        """Ask anew."""
        self._question = WitnessesOf(self.key)
        self._looked_at = None

    def take(self, answers: Mapping[str, object]) -> None:
        """Show what the witnesses say."""
        answer = answers.get("witnesses")
        if isinstance(answer, Witnesses):
            self._claims = answer.claims
            self.draw_page()
            self._look()

    def tick(self, now: int) -> None:
        """Ages read differently, and the process may do something else."""
        super().tick(now)
        self._look()

    def lines(self, session: Session, width: int) -> Sequence[Line]:
        """The verdict with its witnesses, and the process."""
        now = self.mi6.now()
        lines = why_lines(session, self._claims, self.mi6.zone, now=now, width=width)
        looked = self._looked_at is not None and not self._looking
        missing = missing_process(self._claims, self.key, machine_id(), looked=looked)
        return lines + process_lines(self._earlier, self._found, now=now, width=width, missing=missing)

    # The process.

    def _look(self) -> None:
        held = next((claim for claim in self._claims if claim.witness == "process" and claim.pid), None)
        if held is None or held.kind == "gone" or held.process is None or self.key[0] != machine_id():
            self._found = self._earlier = None
            return
        now = self.mi6.now()
        if self._looking or (self._looked_at is not None and now - self._looked_at < EVERY):
            return
        self._looking, self._looked_at = True, now
        work = partial(self._inspect, held.pid or 0, held.process)
        self.run_worker(work, name="process", thread=True, group="process", exit_on_error=False)

    def _inspect(self, pid: int, identity: str) -> None:
        found = None
        try:
            found = inspect(pid, identity)
        except Exception:  # the border of this thread: a process that cannot be looked at is not shown
            logger().exception("the process could not be looked at")
        self.post_message(Inspected(found))

    @on(Inspected)
    def _inspected(self, message: Inspected) -> None:
        message.stop()
        self._looking = False
        self._earlier, self._found = self._found, message.found
        self.draw_page()
