"""A menu of what can be copied of a session."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Final, NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from mi6_tui.errors import Mi6Error
from mi6_tui.model import Session
from mi6_tui.tui.commands import PAGE, Command, bindings
from mi6_tui.tui.text import clean, fit

COMMANDS: Final = (
    Command(
        "take", "enter", "Enter", "copy this", "Copy what is under the cursor, or what has the letter", PAGE
    ),
    Command("move(1)", "down,j", "↓ j", "down", "Next and previous text"),
    Command("move(-1)", "up,k", "↑ k", "up"),
    Command("dismiss", "escape,q,y", "Esc", "close", "Copy nothing", PAGE),
)

_WIDTH: Final = 44
"""Cells of a text that is shown before it is copied."""
_HEAD: Final = 17
_LIMIT: Final = 50_000


class Copy(NamedTuple):
    """Something that can be copied."""

    key: str
    what: str
    text: str


def _page(session: Session) -> str:
    from mi6_tui.actions.browse import page_of

    return page_of(session)


def _resume(session: Session) -> str:
    from mi6_tui.actions.resume import resume_line

    return resume_line(session)


def _last_words(session: Session) -> str:
    from mi6_tui.frameworks.text import clean as cleaned

    return cleaned(session.last_reply or "", _LIMIT)


_KINDS: Final[tuple[tuple[str, str, Callable[[Session], str]], ...]] = (
    ("i", "id", lambda session: session.session_id),
    ("f", "folder", lambda session: session.git_worktree_path or session.cwd or ""),
    ("r", "resume command", _resume),
    ("t", "transcript", lambda session: session.transcript_path or ""),
    ("o", "web page", _page),
    ("l", "last words", _last_words),
)


def copies(sessions: Sequence[Session]) -> list[Copy]:
    """What can be copied of the sessions: a line of each, in their order."""
    found = []
    for key, what, text_of in _KINDS:
        texts = [text for session in sessions if (text := _text(text_of, session))]
        if texts:
            found.append(Copy(key, what, "\n".join(dict.fromkeys(texts))))
    return found


def _text(text_of: Callable[[Session], str], session: Session) -> str:
    try:
        text = text_of(session)
    except Mi6Error:
        return ""
    # Whatever is pasted into a shell: a line break in it would be a command of its own.
    return text if text_of is _last_words else clean(text, _LIMIT)


class CopyScreen(ModalScreen[tuple[str, str] | None]):
    """Its result is what was chosen: how it is called, and its text."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(COMMANDS)]

    def __init__(self, found: Sequence[Copy]) -> None:
        super().__init__()
        self._found = found
        self._cursor = 0
        self.menu = Static(id="menu")

    def compose(self) -> ComposeResult:
        """One line for each."""
        yield self.menu

    def on_mount(self) -> None:
        """Show it."""
        self._draw()

    def _draw(self) -> None:
        pieces = [("Copy\n", "bold $name")]
        for place, one in enumerate(self._found):
            at = place == self._cursor
            text = fit(clean(one.text), _WIDTH)
            pieces += [
                (f"\n{'▸' if at else ' '} ", "$needs-you"),
                (f"{one.key}  ", "bold $plain"),
                (f"{one.what:<{_HEAD}}", "bold $plain" if at else "$plain"),
                (text, "$plain" if at else "$quiet"),
            ]
        for command in COMMANDS:
            if command.footer:
                sign = "\n\n" if command is COMMANDS[0] else "   "
                keys = command.keys_in(self.app._keymap)
                pieces += [(f"{sign}{keys}", "bold $plain"), (f" {command.label}", "$quiet")]
        self.menu.update(Content.assemble(*pieces))

    def action_move(self, step: int) -> None:
        """To another line."""
        self._cursor = max(0, min(self._cursor + step, len(self._found) - 1))
        self._draw()

    def action_take(self) -> None:
        """Copy what the cursor is at."""
        self._choose(self._found[self._cursor])

    def on_key(self, event: events.Key) -> None:
        """Copy what the key stands for."""
        chosen = next((one for one in self._found if one.key == event.character), None)
        if chosen is not None:
            event.stop()
            event.prevent_default()
            self._choose(chosen)

    def on_click(self, event: events.Click) -> None:
        """Copy the line that is clicked; beside the menu: close it."""
        if event.widget is not self.menu:
            self.dismiss(None)
            return
        line = event.get_content_offset(self.menu)
        if line is not None and 0 <= line.y - 2 < len(self._found):
            self._choose(self._found[line.y - 2])

    def _choose(self, one: Copy) -> None:
        if self.is_current:  # a key that repeats may come when it is gone already
            self.dismiss((one.what, one.text))
