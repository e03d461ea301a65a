"""Hooks: which clients have them, the exact change that would set them up or take them out, a question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

import msgspec
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from mi6_tui.tui.commands import PAGE, Command, bindings, moves
from mi6_tui.tui.hook_lines import WHAT, change_lines, client_line, outcome_lines
from mi6_tui.tui.moving import Moving
from mi6_tui.tui.offers import Client, Offers, Outcome
from mi6_tui.tui.widgets.bar import Bar
from mi6_tui.tui.widgets.key_line import KeyLine
from mi6_tui.tui.widgets.scroller import Page

_YES: Final = Command(
    "yes", "y", "y", "yes", "Make the change that is shown, and no other", PAGE, outside=True, fixed=True
)
COMMANDS: Final = (
    _YES,
    Command("choose(1)", "down,j", "↓ j", "client", "Next and previous client", PAGE),
    Command("choose(-1)", "up,k", "↑ k", "client before"),
    *moves("", "Scroll what would change to either end")[2:],
    Command(
        "no", "n", "n", "no, never", "Change nothing, and offer it no more", PAGE, outside=True, fixed=True
    ),
    Command("back", "escape,q,H", "Esc", "back", "Change nothing", PAGE),
)

_WAIT: Final = "looking for clients …"


class Listed(Message):
    """The clients as they are now; `outcome` is what came of a yes, if there was one."""

    def __init__(self, clients: Sequence[Client], outcome: Outcome | None) -> None:
        super().__init__()
        self.clients = clients
        self.outcome = outcome


class HooksScreen(Moving, Screen[bool]):
    """Shows and asks; without a yes nothing is changed. Its result is whether the user said no for good."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(COMMANDS)]

    def __init__(self, offers: Offers) -> None:
        super().__init__()
        self._offers = offers
        self._clients: Sequence[Client] = ()
        self._chosen = 0
        self._outcome: Outcome | None = None
        self._busy = True
        self.head = Bar(keeps_left=True, id="header")
        self.what = Static(WHAT, markup=False, id="what")
        self.list = Page(id="clients")
        self.change = Page(id="change")
        self.foot = KeyLine(COMMANDS, id="footer")

    @property
    def pane(self) -> Page:
        """What the keys move."""
        return self.change

    def compose(self) -> ComposeResult:
        """Top to bottom."""
        yield self.head
        yield self.what
        yield self.list
        yield self.change
        yield self.foot

    def on_mount(self) -> None:
        """Look for clients, beside the screen."""
        self.head.say(
            [
                (" mi6 ", "bold $name"),
                (" hooks", "bold $plain"),
                (" · without a yes nothing is changed", "$quiet"),
            ]
        )
        self.change.show([((" " + _WAIT, "quiet"),)])
        self.change.focus()
        self.run_worker(self._look, name="hooks", thread=True)

    def _look(self) -> None:
        self.post_message(Listed(self._offers.clients(), None))

    @on(Listed)
    def _listed(self, message: Listed) -> None:
        self._busy = False
        self._clients, self._outcome = message.clients, message.outcome
        self._draw()

    # What is shown.

    def on_resize(self) -> None:
        """Lines break elsewhere."""
        self.call_after_refresh(self._draw)

    @property
    def chosen(self) -> Client | None:
        """The client that keys are about."""
        return self._clients[self._chosen] if self._clients else None

    def _draw(self) -> None:
        client = self.chosen
        if client is None:
            return
        width = self.change.line_width
        self.list.show(client_line(one, one is client, width) for one in self._clients)
        if self._outcome is not None:
            self.change.show(outcome_lines(self._outcome, width))
        else:
            self.change.show(change_lines(client, width))
        asked = client.possible and self._outcome is None
        yes = msgspec.structs.replace(
            _YES, label=f"yes, {'enable' if client.enables else 'disable'} {client.name}"
        )
        self.foot.offer((yes, *COMMANDS[1:]) if asked else COMMANDS[1:])

    # Commands.

    def action_choose(self, step: int) -> None:
        """Another client."""
        if self._clients and not self._busy:
            self._chosen = max(0, min(self._chosen + step, len(self._clients) - 1))
            self._outcome = None
            self.change.move_to_end(last=False)
            self._draw()

    def action_yes(self) -> None:
        """Do what is shown, and nothing else."""
        client = self.chosen
        if client is not None and client.possible and self._outcome is None and not self._busy:
            self._busy = True
            self.run_worker(lambda: self._carry_out(client), name="hooks", thread=True)

    def _carry_out(self, client: Client) -> None:
        outcome = self._offers.carry_out(client)
        self.post_message(Listed(self._offers.clients(), outcome))

    def action_no(self) -> None:
        """Change nothing, and never offer it again unasked."""
        self.dismiss(True)

    def action_back(self) -> None:
        """Change nothing."""
        self.dismiss(False)
