"""What a store without sessions shows: where was looked, and what will fill it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from textual.content import Content
from textual.widgets import Static

from mi6_tui.tui.text import clean


class Empty(Static):
    """A page of plain words."""

    def show_start(self, folders: Sequence[Path], *, offered: bool) -> None:
        """Nothing was ever recorded; `folders` are where transcripts are looked for.

        `offered`: hooks would add something.
        """
        lines: list[tuple[str, str]] = [
            ("No sessions yet.\n\n", "bold $name"),
            ("mi6-tui reads the transcripts that coding agents write. It looked in:\n\n", "$plain"),
        ]
        for folder in folders:
            exists = folder.is_dir()
            lines.append((f"  {clean(str(folder))}", "$plain"))
            lines.append(("   no transcripts in it yet\n" if exists else "   does not exist\n", "$quiet"))
        if not folders:
            lines.append(("  nowhere: this dashboard only reads its store\n", "$quiet"))
        lines += [
            ("\nStart an agent, for example ", "$plain"),
            ("claude", "bold $name"),
            (", in any folder: it appears by itself.\n\nTo see what it will look like: ", "$plain"),
            ("D", "bold $needs-you"),
            (" shows invented sessions.", "$plain"),
        ]
        if offered:
            lines += [
                ("\n\nHooks would tell at once when an agent waits for you: ", "$plain"),
                ("H", "bold $name"),
                (" shows how.", "$plain"),
            ]
        lines += [
            ("\n\n", "$plain"),
            ("?", "bold $name"),
            (" shows every key, ", "$plain"),
            (":", "bold $name"),
            (" every command, ", "$plain"),
            (",", "bold $name"),
            (" the settings.", "$plain"),
        ]
        self.update(Content.assemble(*lines))

    def show_reading(self) -> None:
        """The first transcripts are being read; the footer says how far."""
        self.update(Content.assemble(("Reading your transcripts, newest first.", "bold $name")))

    def show_trouble(self) -> None:
        """Nobody knows what there is; the banner says why."""
        self.update(Content.assemble(("The store cannot be read.", "bold $name")))

    def show_all_ended(self, known: int) -> None:
        """There are sessions, but all of them have ended."""
        noun = "session has" if known == 1 else "sessions have"
        self.update(
            Content.assemble(
                ("Nothing is running.\n\n", "bold $name"),
                (f"{known} {noun} ended; ", "$plain"),
                ("a", "bold $needs-you"),
                (" shows them.", "$plain"),
            )
        )
