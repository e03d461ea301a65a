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

    async def _on_key(self, event: events.Key) -> None:
        """Do what its own keys are for at once.

        Textual does that when the key has come back to the app; what was typed meanwhile is there before it.
        """
        for binding in () if event.is_printable else self._bindings.key_to_bindings.get(event.key, ()):
            if await self.app.run_action(binding.action, self):
                event.stop()
                event.prevent_default()
                return

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
