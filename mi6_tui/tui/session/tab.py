"""What a tab of the session screen is: it asks while it is seen, and shows what is answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Protocol, cast

from textual.containers import Vertical
from textual.message import Message

from mi6_tui.model import Session
from mi6_tui.tui.feed import Question
from mi6_tui.tui.rows import Key
from mi6_tui.tui.widgets.bar import Piece

if TYPE_CHECKING:
    from mi6_tui.tui.app import Mi6App


class Pane(Protocol):
    """What the keys of moving move."""

    def move(self, step: int) -> None:
        """By lines."""

    def move_page(self, pages: float) -> None:
        """By a share of what is visible."""

    def move_to_end(self, *, last: bool) -> None:
        """To either end."""


class Tab(Vertical):
    """Base of the tabs; what it is told of while it is hidden is nothing."""

    LABEL: ClassVar[str]

    class Ready(Message):
        """It stands, with all that is in it."""

        def __init__(self, tab: Tab) -> None:
            super().__init__()
            self.tab = tab

    class Asks(Message):
        """It has other questions than before."""

    class Told(Message):
        """What `state` says is different."""

    class Jump(Message):
        """The user wants to see an event, by its id, in another tab."""

        def __init__(self, tab: str, event_id: int) -> None:
            super().__init__()
            self.tab = tab
            self.event_id = event_id

    def __init__(self, session: Session | None, key: Key) -> None:
        super().__init__(id=self.LABEL)
        self.key = key
        self.session = session
        self.ready = False

    def on_mount(self) -> None:
        """Tell it."""
        self.ready = True
        self.post_message(self.Ready(self))

    @property
    def mi6(self) -> Mi6App:
        """The dashboard."""
        return cast("Mi6App", self.app)

    @property
    def pane(self) -> Pane:
        """The view that keys move."""
        raise NotImplementedError

    def questions(self) -> Mapping[str, Question]:
        """What it wants to know while it is seen."""
        return {}

    def take(self, answers: Mapping[str, object]) -> None:
        """Show what was answered."""

    def show_session(self, session: Session) -> None:
        """The session's row is another one."""
        self.session = session

    def tick(self, now: int) -> None:
        """The clock moved to `now` (ms)."""

    def resume(self) -> None:
        """It is seen, the first time or again."""

    def leave(self) -> None:
        """It is no longer seen."""

    def state(self) -> Sequence[Piece]:
        """A few words for the line of tabs."""
        return ()

    def go_to(self, event_id: int) -> None:
        """Show an event, by its id."""

    def end(self, *, last: bool) -> None:
        """Move to either end."""
        self.pane.move_to_end(last=last)

    # Commands; a tab answers those that mean something in it.

    def open(self) -> None:
        """Enter."""

    def hold(self) -> None:
        """Space."""
        self.open()

    def filter(self) -> None:
        """Another selection."""

    def again(self) -> None:
        """Look again at what is only looked at once."""

    def find(self) -> None:
        """Ask for words to look for."""

    def found(self, step: int) -> bool:
        """The next place that was found, or the one before; False if nothing is looked for."""
        return False

    def back(self) -> bool:
        """Let go of something; False if there is nothing, so that the screen is left."""
        return False

    def copied(self) -> str | None:
        """What a copy would hold; None: nothing of its own."""
        return None
