"""Hooks: which clients have them, the exact change that would set them up or take them out, a question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from mi6_tui.tui.hook_lines import WHAT, change_lines, client_line, outcome_lines
from mi6_tui.tui.offers import Client, Offers, Outcome
from mi6_tui.tui.widgets.bar import Bar, Piece
from mi6_tui.tui.widgets.scroller import Page

_WAIT: Final = "looking for clients …"


class Listed(Message):
    """The clients as they are now; `outcome` is what came of a yes, if there was one."""

    def __init__(self, clients: Sequence[Client], outcome: Outcome | None) -> None:
        super().__init__()
        self.clients = clients
        self.outcome = outcome


class HooksScreen(Screen[bool]):
    """Shows and asks; without a yes nothing is changed. Its result is whether the user said no for good."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,H", "back", "back", show=False),
        Binding("down,j", "choose(1)", "next", show=False),
        Binding("up,k", "choose(-1)", "previous", show=False),
        Binding("pagedown,ctrl+d", "page(0.5)", "down", show=False),
        Binding("pageup,ctrl+u", "page(-0.5)", "up", show=False),
        Binding("home,g", "end(False)", "first", show=False),
        Binding("end,G", "end(True)", "last", show=False),
        Binding("y", "yes", "yes", show=False),
        Binding("n", "no", "no", show=False),
        Binding("ctrl+c", "app.quit", "quit", show=False, priority=True),
    ]

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
        self.foot = Bar(keeps_left=True, id="footer")

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
        self.foot.say(self._keys(client))

    def _keys(self, client: Client) -> list[Piece]:
        pieces: list[Piece] = []
        keys = [("↓↑", "client"), ("PgDn PgUp", "scroll"), ("n", "no, and do not offer it"), ("Esc", "back")]
        if client.possible and self._outcome is None:
            keys.insert(0, ("y", f"yes, {'enable' if client.enables else 'disable'} {client.name}"))
        for key, words in keys:
            pieces += [(f" {key}", "bold $plain"), (f" {words} ", "$quiet")]
        return pieces

    # Commands.

    def action_choose(self, step: int) -> None:
        """Another client."""
        if self._clients and not self._busy:
            self._chosen = max(0, min(self._chosen + step, len(self._clients) - 1))
            self._outcome = None
            self.change.move_to_end(last=False)
            self._draw()

    def action_page(self, pages: float) -> None:
        """Scroll what would change."""
        self.change.move_page(pages)

    def action_end(self, last: bool) -> None:
        """Scroll to either end."""
        self.change.move_to_end(last=last)

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
