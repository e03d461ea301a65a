"""What the tests look at in a running dashboard."""

from __future__ import annotations

from textual import events
from textual.widget import Widget

from mi6_tui.tui.app import Mi6App
from mi6_tui.tui.screens.home import HomeScreen
from mi6_tui.tui.widgets.event_stream import EventStream
from mi6_tui.tui.widgets.session_table import SessionTable


def home(pilot: object) -> HomeScreen:
    app = getattr(pilot, "app", None)
    assert isinstance(app, Mi6App)
    assert app.home is not None
    return app.home


def names(table: SessionTable) -> list[str]:
    return [key[1] for key in table.rows.keys]


def selected(table: SessionTable) -> str | None:
    return table.selected.session_id if table.selected is not None else None


def wheel(turn: type[events.MouseEvent], widget: Widget) -> events.MouseEvent:
    return turn(widget, 5, 5, 0, 1, 0, False, False, False)


def is_shown(widget: Widget) -> bool:
    return bool(widget.display)


def follows(stream: EventStream) -> bool:
    return stream.following


def toasts(pilot: object) -> list[str]:
    """What was said to the user."""
    app = getattr(pilot, "app", None)
    assert isinstance(app, Mi6App)
    return [note.message for note in app._notifications]
