"""One line to type into, and what is wrong with what was typed."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal

from mi6_tui.tui.commands import TYPED, Commands
from mi6_tui.tui.text import clean
from mi6_tui.tui.widgets.bar import Bar, cells
from mi6_tui.tui.widgets.line_input import LineInput

_LONGEST = 1000
"""Characters that can be typed."""


class AskBar(Horizontal):
    """A sign, an input, and beside it a word of trouble or advice."""

    def __init__(
        self,
        sign: str,
        hint: str,
        *,
        typed: Commands = TYPED,
        id: str | None = None,  # noqa: A002 (Textual's own name)
    ) -> None:
        super().__init__(id=id)
        self.typed = typed
        """What the footer names while it is typed into."""
        self._sign = Bar(id="sign")
        self._sign.say([(f" {sign} ", "bold $name")])
        self.input = LineInput(placeholder=hint, compact=True, max_length=_LONGEST, select_on_focus=False)
        self.input.cursor_blink = False
        self.told = Bar(id="told")

    def compose(self) -> ComposeResult:
        """From left to right."""
        yield self._sign
        yield self.input
        yield self.told

    @property
    def text(self) -> str:
        """What was typed."""
        return self.input.value.strip()

    def tell(self, problem: str = "", advice: str = "") -> None:
        """Say what is wrong, or else something useful."""
        piece = (
            (f" ▲ {clean(problem, 200)} ", "$trouble") if problem else (f" {clean(advice, 200)} ", "$quiet")
        )
        self.told.display = bool(problem or advice)
        self.told.styles.width = min(cells([piece]), self.size.width * 2 // 3)
        self.told.say([piece])
