"""What keys do on the screen of a session."""

from __future__ import annotations

from typing import Final

from mi6_tui.tui.commands import ACTION_COMMANDS, PAGE, Command

COMMANDS: Final = (
    Command("open", "enter", "Enter", "open", "Unfold a call, or go where a line leads", PAGE),
    Command("back", "escape,q", "Esc q", "back", "Let go of a search or a mark, or return to the list", PAGE),
    Command("turn(1)", "tab,right,l", "Tab → l", "next tab", "Next and previous tab", PAGE),
    Command("turn(-1)", "shift+tab,left,h", "Shift+Tab ← h", "previous tab"),
    Command("why", "w", "w", "why", "Why it stands as it does, and back"),
    Command("move(1)", "down,j", "↓ j", "down", "Next and previous line, or block of the conversation"),
    Command("move(-1)", "up,k", "↑ k", "up"),
    Command("end(False)", "home,g", "Home g", "first", "The beginning; the end, which is followed"),
    Command("end(True)", "end,G", "End G", "last"),
    Command("page(1.0)", "pagedown", "PgDn", "page down", "A page down and up"),
    Command("page(-1.0)", "pageup", "PgUp", "page up"),
    Command("page(0.5)", "ctrl+d", "Ctrl+D", "half down", "Half a page down and up"),
    Command("page(-0.5)", "ctrl+u", "Ctrl+U", "half up"),
    Command("hold", "space", "Space", "hold", "Hold the activity still, and go on; unfold a call"),
    Command("filter", "F", "F", "filter", "Only one kind of activity; the next kind; all again", PAGE),
    Command("find", "slash", "/", "find", "Look for words in the whole conversation", PAGE),
    Command(
        "step(1)", "n", "n", "next", "Next and previous place of the words; else session that needs you", PAGE
    ),
    Command("step(-1)", "N", "N", "previous"),
    Command("again", "u", "u", "again", "Ask git again; count how often each request is told"),
    Command("copy", "y", "y", "copy", "Copy the text at the cursor; elsewhere id, folder, ..."),
    Command("act('copy')", "Y", "Y", "copy menu"),
    Command("pin", "full_stop", ".", "pin", "Keep it on top, or no longer"),
    Command("rename", "r", "r", "rename", "Give it a name of your own"),
    *(command for command in ACTION_COMMANDS if command.label != "copy"),
)
