"""The tools the session called: how often, how it ended, how long it took."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, Final

import msgspec
from textual import on
from textual.app import ComposeResult

from mi6_tui.model import Session, ToolUse
from mi6_tui.tui import text
from mi6_tui.tui.feed import Question
from mi6_tui.tui.rows import Key
from mi6_tui.tui.session.questions import Tools, ToolsOf
from mi6_tui.tui.session.tab import Pane, Tab
from mi6_tui.tui.widgets.bar import Piece
from mi6_tui.tui.widgets.pick_list import PickList
from mi6_tui.tui.widgets.scroller import Page

_NAME: Final = 22
_NUMBER: Final = 8
_ROOM_FOR_BAR: Final = 100
_BAR: Final = 12
_CALL: Final = ("  the slowest call", "  that one", "  call")
"""Titles above the slowest call, for less and less room."""


class ToolRow(msgspec.Struct, frozen=True):
    """A line of the list; `key` is the tool's name."""

    use: ToolUse
    share: float
    """Of all calls' time."""

    @property
    def key(self) -> str:
        """Tells it from the others."""
        return self.use.tool_name or ""


class ToolList(PickList[ToolRow]):
    """The tools, the most called first."""

    def draw(self, row: ToolRow, width: int) -> Iterable[Piece]:
        """Name, calls, failures, times, and the slowest call in a few words."""
        use, name = row.use, _NAME if width >= 90 else 14
        yield text.fit(text.clean(use.tool_name, 80) or text.UNKNOWN, name), "name"
        yield text.fit(text.count(use.calls), _NUMBER, right=True), "plain"
        stopped = use.denied + use.interrupted
        for number, ink in ((use.failed, "trouble"), (stopped, "trouble"), (use.unanswered, "working")):
            yield (
                text.fit(text.count(number) if number else "·", _NUMBER, right=True),
                ink if number else "faint",
            )
        average = use.total_ms // use.timed if use.timed else None
        # From call to result is at least as long as the call itself took.
        mark = "" if use.measured == use.timed else "≤"
        for ms in (use.total_ms if use.timed else None, average, use.slowest_ms):
            told = f"{mark}{text.duration(ms)}" if ms is not None else text.UNKNOWN
            yield text.fit(told, _NUMBER, right=True), "plain"
        left = width - name - 7 * _NUMBER
        if width >= _ROOM_FOR_BAR:
            filled, empty = text.bar(row.share, _BAR)
            yield "  ", ""
            yield filled, "bar"
            yield empty, "rule"
            left -= _BAR + 2
        yield text.fit(f"  {text.clean(use.slowest_preview, 300)}", max(0, left)), "quiet"


def head(width: int) -> Iterable[Piece]:
    """The titles above the list."""
    name = _NAME if width >= 90 else 14
    yield text.fit(" tool", name + 1), "head"
    for title in ("calls", "error", "stopped", "open"):
        yield text.fit(title, _NUMBER, right=True), "head"
    for title in ("time", "average", "slowest"):
        yield text.fit(title, _NUMBER, right=True), "head"
    left = width - name - 7 * _NUMBER
    if width >= _ROOM_FOR_BAR:
        yield text.fit("  share", _BAR + 2), "head"
        left -= _BAR + 2
    yield next((title for title in _CALL if len(title) <= left), ""), "head"


class ToolsTab(Tab):
    """A line for each tool; Enter goes to its slowest call."""

    LABEL: ClassVar[str] = "tools"

    def __init__(self, session: Session | None, key: Key) -> None:
        super().__init__(session, key)
        self._head = Page(id="head")
        self.list = ToolList(id="list")
        self._uses: Sequence[ToolUse] = ()
        self._loaded = False
        self._question = ToolsOf(key)

    def compose(self) -> ComposeResult:
        """Titles above the list."""
        yield self._head
        yield self.list

    @property
    def pane(self) -> Pane:
        """The list."""
        return self.list

    def questions(self) -> Mapping[str, Question]:
        """The calls by tool."""
        return {"tools": self._question}

    def resume(self) -> None:
        """Ask anew."""
        self._question = ToolsOf(self.key)

    def take(self, answers: Mapping[str, object]) -> None:
        """Show the calls by tool."""
        answer = answers.get("tools")
        if isinstance(answer, Tools):
            self._loaded, self._uses = True, answer.uses
            whole = sum(use.total_ms for use in answer.uses)
            self.list.show([ToolRow(use, use.total_ms / whole if whole else 0.0) for use in answer.uses])
            self.post_message(self.Told())

    def on_resize(self) -> None:
        """Titles stand over their columns."""
        self._head.show([tuple(head(self.list.line_width - 1))])

    def state(self) -> Sequence[Piece]:
        """How many there are, and whether that is all of them."""
        if not self._loaded:
            return ()
        calls = sum(use.calls for use in self._uses)
        known = self.session.tool_call_count if self.session is not None else calls
        gone = f" · {known - calls} older ones were deleted" if known > calls else ""
        return ((f"{text.plural(calls, 'call')}{gone} ", "$quiet"),)

    @on(PickList.Chosen)
    def _chosen(self, message: PickList.Chosen) -> None:
        message.stop()
        self.open()

    def open(self) -> None:
        """Go to the slowest call of the tool."""
        row = self.list.selected
        if row is not None and row.use.slowest is not None:
            self.post_message(self.Jump("activity", row.use.slowest[1]))
