"""Ends sessions: shows what would be lost, asks once for all of them, tells what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from textual.binding import Binding, BindingType

from mi6_tui.errors import Mi6Error
from mi6_tui.model import Session
from mi6_tui.tui.kill_lines import (
    DOING,
    HOW,
    head_line,
    outcome,
    outcome_lines,
    prospect_lines,
    question,
)
from mi6_tui.tui.screens.confirm import ConfirmScreen
from mi6_tui.tui.text import clean, plural

if TYPE_CHECKING:
    from mi6_tui.actions.kill import Outcome, Step
    from mi6_tui.actions.losses import Prospect
    from mi6_tui.ingest.live.processes import Process
    from mi6_tui.tui.acting import Actions

_LOOKING: Final = "Looking at what would be lost …"


class KillScreen(ConfirmScreen):
    """One question about some sessions. A yes that comes before it is asked does nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("X", "insist", "kill", show=False),
        Binding("c", "copy", "copy", show=False),
    ]

    def __init__(self, actions: Actions, sessions: Sequence[Session]) -> None:
        super().__init__(_LOOKING, [head_line(session) for session in sessions])
        self._actions = actions
        self._asked = tuple(sessions)
        self._subjects: dict[int, Session] = {}
        self._processes: list[Process] = []
        self.outcomes: list[Outcome] = []
        """What became of them; empty before."""

    def on_mount(self) -> None:
        """Look, beside the screen."""
        self.offer(no="Esc  leave it")
        self._actions.foresee(self._asked, self._foreseen)

    def _foreseen(self, prospects: list[Prospect]) -> None:
        for one in prospects:
            # Two sessions of one process end together.
            if one.process is not None and one.process.pid not in self._subjects:
                self._subjects[one.process.pid] = one.session
                self._processes.append(one.process)
        if not self.is_attached:
            return
        self.ask(question(prospects))
        self.show([*prospect_lines(prospects), *((HOW,) if self._processes else ())])
        if self._processes:
            self.offer(yes="y  end it" if len(self._processes) == 1 else "y  end them", no="n  no, leave it")

    def say_yes(self) -> None:
        """Interrupt, and ask to end what does not heed that."""
        from mi6_tui.actions.kill import ASK

        self._end(self._processes, ASK)

    def action_insist(self) -> None:
        """Kill what still runs after it was asked; a step of its own."""
        from mi6_tui.actions.kill import KILL

        if running := self.survivors:
            self._end(running, KILL)

    @property
    def survivors(self) -> list[Process]:
        """Those that were asked to end, and run."""
        return [one.process for one in self.outcomes if one.ended is None and not one.problem]

    def _end(self, processes: Sequence[Process], steps: Sequence[Step]) -> None:
        self.offer(no="Esc  do not wait")
        self._actions.end(processes, steps, self._told, self._ended)

    def _told(self, step: Step, number: int) -> None:
        if self.is_attached:
            self.ask(f"{plural(number, 'session')} {DOING[step]} …")

    def _ended(self, outcomes: list[Outcome]) -> None:
        earlier = {one.process.pid: one for one in self.outcomes}
        self.outcomes = [*{**earlier, **{one.process.pid: one for one in outcomes}}.values()]
        if not self.is_attached:
            for one in outcomes:
                name = clean(self._subjects[one.process.pid].name, 60)
                self._actions.tell(f"{name}: {outcome(one)}", "information" if one.ended else "warning")
            return
        running = self.survivors
        self.ask(f"{plural(len(running), 'session')} still running" if running else "Done")
        lines = [*outcome_lines(self.outcomes, self._subjects)]
        if running:
            lines.append(
                (("X", "bold $trouble"), ("  kills it at once (SIGKILL): nothing can be saved", "$trouble"))
            )
        if resume := self.resume_lines:
            lines.append((("c", "bold $plain"), (f"  copies  {clean(resume[0])}", "$quiet")))
        self.show(lines)
        self.offer(no="Esc  close")

    @property
    def resume_lines(self) -> list[str]:
        """How to go on with those that have ended."""
        from mi6_tui.actions.resume import resume_line

        lines = []
        for one in self.outcomes:
            if one.ended is not None:
                try:
                    lines.append(resume_line(self._subjects[one.process.pid]))
                except Mi6Error:
                    continue
        return lines

    def action_copy(self) -> None:
        """Copy how to go on with what has ended."""
        if lines := self.resume_lines:
            self._actions.copy("resume command", "\n".join(lines))
