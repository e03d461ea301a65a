"""An input that shows nothing a terminal would obey, wherever its text came from."""

from __future__ import annotations

from textual.widgets import Input

from mi6_tui.tui.text import unsteered


class LineInput(Input):
    """Textual's own paints a pasted escape sequence as it is, and the terminal carries it out."""

    def validate_value(self, value: str) -> str:
        """`value` without what must not come to the terminal."""
        return unsteered(value)
