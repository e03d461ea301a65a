"""What the program itself costs, how its parts do, and what to do where something is wrong."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar, Final

import msgspec
from textual import on
from textual.binding import BindingType
from textual.message import Message
from textual.worker import Worker, WorkerState

from mi6_tui.doctor.content import content
from mi6_tui.doctor.facts import Client, Content, Facts, Writer
from mi6_tui.doctor.gather import gather, roots_of
from mi6_tui.doctor.own import Own, OwnCost
from mi6_tui.hooks.place import here
from mi6_tui.paths import machine_id
from mi6_tui.storage import Storage
from mi6_tui.tui import text
from mi6_tui.tui.checked import wrong
from mi6_tui.tui.commands import PAGE, Command, bindings
from mi6_tui.tui.feed import FeedTick, Question
from mi6_tui.tui.fleet import NAME, FleetQuestion, Seen
from mi6_tui.tui.lined import LinedPage
from mi6_tui.tui.paced import Paced
from mi6_tui.tui.system_lines import system_lines
from mi6_tui.tui.widgets.scroller import Page as Lines
from mi6_tui.tui.worker import ScanView

COMMANDS: Final = (
    Command("move(1)", "down,j", "↓ j", "down", "Scroll", PAGE),
    Command("move(-1)", "up,k", "↑ k", "up", footer=PAGE),
    Command("page(1.0)", "pagedown,space", "PgDn Space", "page down", "A page down and up"),
    Command("page(-1.0)", "pageup", "PgUp", "page up"),
    Command("page(0.5)", "ctrl+d", "Ctrl+D", "half down", "Half a page down and up"),
    Command("page(-0.5)", "ctrl+u", "Ctrl+U", "half up"),
    Command("end(False)", "home,g", "Home g", "first", "Scroll to either end"),
    Command("end(True)", "end,G", "End G", "last"),
    Command("back", "escape", "Esc", "back", "Return to the sessions", PAGE),
)
EVERY: Final = 5
"""Seconds between two looks: a page that tells what the program costs must not be most of that."""
_CLIENTS_EVERY: Final = 30
"""The same for the clients' settings, which take ten times as long as all the rest."""


class Known(msgspec.Struct, frozen=True):
    """What the store says of itself, and the file it lies in."""

    path: Path | None
    """None: it is no file."""
    content: Content


class AskContent(Paced):
    """The question to the store; `now` gives ms."""

    def __init__(self, now: Callable[[], int]) -> None:
        super().__init__()
        self._now = now

    def look(self, storage: Storage) -> Known:
        """The answer, now."""
        return Known(storage.path, content(storage, machine_id(), roots_of(here()), self._now()))


class Looked(Message):
    """How things are."""

    def __init__(self, facts: Facts, own: Own) -> None:
        super().__init__()
        self.facts = facts
        self.own = own


class SystemScreen(LinedPage):
    """Looks now and then, in a thread of its own, and only while it is seen."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(COMMANDS)]

    def __init__(self) -> None:
        super().__init__(Lines(id="system"), COMMANDS)
        self._question: AskContent | None = None
        self._known: Known | None = None
        self._seen: Seen | None = None
        self._looked: Looked | None = None
        self._cost = OwnCost()
        self._busy = False
        self._ticks = self._clients_at = 0

    def on_mount(self) -> None:
        """Look for the first time."""
        self.head.say([(" mi6 ", "bold $name"), (" system", "bold $plain")])
        self.lines.show([((" looking …", "quiet"),)])
        self.lines.focus()

    # News.

    def questions(self) -> Mapping[str, Question]:
        """What the store says of itself, and which machines it has heard of."""
        self._question = AskContent(self.mi6.now)
        return {"system": self._question, NAME: FleetQuestion(self.mi6.now)}

    def take(self, tick: FeedTick) -> None:
        """Look at the rest as soon as the store has spoken."""
        seen = tick.answers.get(NAME)
        if isinstance(seen, Seen):
            self._seen = seen
            self.draw()
        known = tick.answers.get("system")
        if isinstance(known, Known):
            self._known = known
            self._look()

    def tick(self, now: int) -> None:
        """Look again, when it is time."""
        self._ticks += 1
        if self._ticks % EVERY == 0:
            self._look()
            self.mi6.feed.ask(NAME, FleetQuestion(self.mi6.now, self._seen))
            if self._known is None or (self._question is not None and self._question.due):
                self.ask_again()

    def _look(self) -> None:
        if not self._busy and self._known is not None:
            self._busy = True
            fresh = self._looked is None or self._ticks >= self._clients_at + _CLIENTS_EVERY
            if fresh:
                self._clients_at = self._ticks
            clients = () if fresh or self._looked is None else self._looked.facts.clients
            work = partial(self._gather, self._known, clients, self.mi6.scan, self.mi6.now())
            self.run_worker(work, name="system", thread=True, exit_on_error=False)

    def _gather(self, known: Known, clients: Sequence[Client], scan: ScanView, now: int) -> None:
        place = here()
        where = place.paths
        if known.path is not None:
            where = msgspec.structs.replace(where, store=known.path)
        facts = gather(
            place,
            where,
            now,
            known=known.content,
            clients=clients,
            problems=scan.problems,
            judge_settings=wrong,
        )
        if scan.state is not None and scan.state.role == "writer":
            # Not every writer needs a lock: nobody else knows the store of a demo.
            facts = msgspec.structs.replace(facts, writer=Writer(role="this process", pid=os.getpid()))
        self.post_message(Looked(facts, self._cost.look()))

    @on(Looked)
    def _show(self, message: Looked) -> None:
        self._looked = message
        self.draw()

    @on(Worker.StateChanged)
    def _ended(self, message: Worker.StateChanged) -> None:
        if message.state in (WorkerState.SUCCESS, WorkerState.ERROR, WorkerState.CANCELLED):
            self._busy = False
        if message.state is WorkerState.ERROR:
            told = text.clean(f"cannot look: {type(message.worker.error).__name__}: {message.worker.error}")
            self.lines.show([((f" {told}", "trouble"),)])

    def draw(self) -> None:
        """Show how things were at the last look."""
        looked = self._looked
        if looked is not None:
            width, known = self.lines.line_width, self._known
            lines = system_lines(
                looked.facts,
                looked.own,
                self.mi6.scan,
                self.mi6.zone,
                width,
                self._seen,
                in_database=known is not None and known.path is None,
            )
            self.lines.show(lines)
