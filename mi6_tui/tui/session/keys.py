"""What keys do on the screen of a session."""

from __future__ import annotations

from typing import Final

from mi6_tui.tui.commands import ACTION_COMMANDS, PAGE, Command, moves

COMMANDS: Final = (
    Command("open", "enter", "Enter", "open", "Unfold a call, or go where a line leads", PAGE),
    Command("back", "escape,q", "Esc q", "back", "Let go of a search or a mark, or return to the list", PAGE),
    Command("turn(1)", "tab,right,l", "Tab → l", "next tab", "Next and previous tab", PAGE),
    Command("turn(-1)", "shift+tab,left,h", "Shift+Tab ← h", "previous tab"),
    Command("why", "w", "w", "why", "Why it stands as it does, and back"),
    *moves(
        "Next and previous line, or block of the conversation",
        "The beginning; the end, which is followed",
    ),
    Command("hold", "space", "Space", "hold", "Hold the activity still, and go on; unfold a call"),
    Command("filter", "F", "F", "filter", "Only one kind of activity; the next kind; all again", PAGE),
    Command("find", "slash", "/", "find", "Look for words in the whole conversation", PAGE),
    Command(
        "step(1)", "n", "n", "next", "Next and previous place of the words; else session that needs you", PAGE
    ),
    Command("step(-1)", "N", "N", "previous"),
    Command("again", "u", "u", "again", "Ask git again; count how often each request is told"),
    Command("copy", "y", "y", "copy", "Copy the text at the cursor; elsewhere id, folder, ...", outside=True),
    Command("act('copy')", "Y", "Y", "copy menu", outside=True),
    Command("pin", "full_stop", ".", "pin", "Keep it on top, or no longer", outside=True),
    Command("rename", "r", "r", "rename", "Give it a name of your own", outside=True),
    *(command for command in ACTION_COMMANDS if command.label != "copy"),
)
