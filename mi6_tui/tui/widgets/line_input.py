"""An input that shows nothing a terminal would obey, and tells what of a paste it could not take."""

from __future__ import annotations

from textual import events
from textual.widgets import Input

from mi6_tui.tui.text import unsteered


class LineInput(Input):
    """Textual's own paints a pasted escape sequence as it is, and the terminal carries it out."""

    def validate_value(self, value: str) -> str:
        """`value` without what must not come to the terminal."""
        return unsteered(value)

    def on_paste(self, event: events.Paste) -> None:
        """Take what fits, all lines as one; Textual's own takes the first line whole, or nothing."""
        event.stop()
        event.prevent_default()
        words = unsteered(" ".join(event.text.splitlines()))
        start, end = sorted(self.selection)
        room = len(words) if self.max_length is None else self.max_length - len(self.value) + end - start
        if words and room > 0:
            self.replace(words[:room], start, end)
        if len(words) > room:
            lost = len(words) - max(0, room)
            told = f"the line holds {self.max_length} characters: {lost} of those pasted are left out"
            self.app.notify(told, severity="warning", markup=False)
