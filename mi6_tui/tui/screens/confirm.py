"""A question before something that cannot be taken back. The answer is no until somebody says yes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

Piece = tuple[str, str]
"""Cleaned text and a Textual style."""
Line = Sequence[Piece]
_LINE: Final = 1
_PAGE: Final = 8


class ConfirmScreen(ModalScreen[bool]):
    """Shows `lines` and asks; `yes` and `no` are what the answers are called."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "yes", show=False),
        Binding("n,escape,q", "answer(False)", "no", show=False),
        Binding("left,h,right,l,tab,shift+tab", "choose", "the other answer", show=False),
        Binding("enter", "chosen", "answer", show=False),
        Binding("down,j", f"scroll({_LINE})", "down", show=False),
        Binding("up,k", f"scroll({-_LINE})", "up", show=False),
        Binding("pagedown,ctrl+d", f"scroll({_PAGE})", "page down", show=False),
        Binding("pageup,ctrl+u", f"scroll({-_PAGE})", "page up", show=False),
    ]

    def __init__(self, title: str, lines: Iterable[Line] = (), *, yes: str = "yes", no: str = "no") -> None:
        super().__init__()
        self._question = title
        self._facts = tuple(lines)
        self._words = {False: f"n  {no}", True: f"y  {yes}"}
        self.yes_chosen = False
        """Whether Enter says yes."""
        self.head = Static(id="question")
        self.body = Static(id="facts")
        self.answers = {False: Static(id="no"), True: Static(id="yes")}

    def compose(self) -> ComposeResult:
        """A box with the question, what is to be known, and two answers."""
        with Vertical(id="box"):
            yield self.head
            with VerticalScroll(id="room", can_focus=False):
                yield self.body
            with Horizontal(id="answers"):
                yield from self.answers.values()

    def on_mount(self) -> None:
        """Show it."""
        self.ask(self._question)
        self.show(self._facts)
        self._draw_answers()

    def ask(self, title: str) -> None:
        """Show another question."""
        self.head.update(Content.assemble((title, "bold $name")))

    def show(self, lines: Iterable[Line]) -> None:
        """Show other facts."""
        pieces = [piece for line in lines for piece in (*line, ("\n", ""))]
        self.body.update(Content.assemble(*pieces[:-1]))

    def offer(self, *, yes: str = "", no: str = "") -> None:
        """Call the answers otherwise; without a name an answer is not given."""
        self._words = {False: no, True: yes}
        self.yes_chosen = False
        self._draw_answers()

    @property
    def offered(self) -> bool:
        """Whether yes may be said."""
        return bool(self._words[True])

    def _draw_answers(self) -> None:
        for answer, widget in self.answers.items():
            words = self._words[answer]
            widget.display = bool(words)
            chosen = answer == self.yes_chosen
            widget.update(
                Content.assemble(
                    (f"{'▸' if chosen else ' '} {words} ", "bold $plain" if chosen else "$quiet")
                )
            )
            widget.set_class(chosen, "-chosen")

    # Commands.

    def action_choose(self) -> None:
        """Move to the other answer."""
        if self.offered:
            self.yes_chosen = not self.yes_chosen
            self._draw_answers()

    def action_chosen(self) -> None:
        """Give the answer that is marked."""
        self.action_answer(self.yes_chosen)

    def action_answer(self, yes: bool) -> None:
        """Say yes or no."""
        if yes and self.offered:
            self.say_yes()
        elif not yes:
            self.dismiss(False)

    def say_yes(self) -> None:
        """What a yes does."""
        self.dismiss(True)

    def on_click(self, event: events.Click) -> None:
        """An answer is clicked; a click beside the box does nothing."""
        for answer, widget in self.answers.items():
            if event.widget is widget:
                self.action_answer(answer)

    def action_scroll(self, lines: int) -> None:
        """Scroll the facts."""
        self.query_one("#room", VerticalScroll).scroll_relative(y=lines, animate=False)
