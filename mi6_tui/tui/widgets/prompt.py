"""A line in which the user writes one thing: a name, tags, a query."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from mi6_tui.tui.commands import TYPED, Commands
from mi6_tui.tui.widgets.line_input import LineInput

LONGEST = 2000
"""Characters of a text."""


class Field(LineInput):
    """The text itself, without a frame and without a blinking cursor."""

    cursor_blink = False

    def __init__(self) -> None:
        super().__init__(compact=True, select_on_focus=False, max_length=LONGEST)


class Prompt(Horizontal):
    """What is asked for, and the text; Enter keeps it, Escape drops it. Shown while something is asked."""

    typed: ClassVar[Commands] = TYPED
    """What the footer names meanwhile."""
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "drop", show=False)]

    class Kept(Message):
        """The user is done; `text` is what was written."""

        def __init__(self, prompt: Prompt, text: str) -> None:
            super().__init__()
            self.prompt = prompt
            self.text = text

        @property
        def control(self) -> Prompt:
            """For selectors."""
            return self.prompt

    class Dropped(Message):
        """The user does not want it after all."""

        def __init__(self, prompt: Prompt) -> None:
            super().__init__()
            self.prompt = prompt

        @property
        def control(self) -> Prompt:
            """For selectors."""
            return self.prompt

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's own name)
        super().__init__(id=id)
        self.field = self._make_field()
        self._label = Static(id="asked")
        self._hint = Static(id="hint")

    def _make_field(self) -> Field:
        return Field()

    def compose(self) -> ComposeResult:
        """What is asked for, the text, what there is to say of it."""
        yield self._label
        yield self.field
        yield self._hint

    def ask(self, label: str, text: str) -> None:
        """Ask for something, beginning with `text`."""
        self._label.update(Content.assemble((f" {label} ", "bold $needs-you")))
        self.say("")
        self.field.value = text
        self.field.cursor_position = len(text)
        self.display = True
        # At once: the next key is meant for it.
        self.screen.set_focus(self.field)

    def say(self, words: str, ink: str = "quiet") -> None:
        """Say something at the right of the line."""
        self._hint.update(Content.assemble((f" {words} " if words else "", f"${ink}")))

    @on(Input.Submitted)
    def _keep(self, message: Input.Submitted) -> None:
        message.stop()
        self.keep()

    @on(Input.Changed)
    def _edited(self, message: Input.Changed) -> None:
        message.stop()
        if self.display:
            self.edited()

    def edited(self) -> None:
        """The text is another one."""

    def keep(self) -> None:
        """End with what was written."""
        self.post_message(self.Kept(self, self.field.value))

    def action_drop(self) -> None:
        """End with nothing."""
        self.post_message(self.Dropped(self))
