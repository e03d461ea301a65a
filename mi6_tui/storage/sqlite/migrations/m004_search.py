"""An index of the words in prompts, replies and commands."""

from __future__ import annotations

import apsw

from mi6_tui.storage.sqlite.text_index import create_index


def apply(connection: apsw.Connection) -> None:
    """Make it and fill it from what the store holds."""
    create_index(connection)
