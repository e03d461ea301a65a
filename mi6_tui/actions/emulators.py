"""Windows of programs that can be asked for one: kitty, WezTerm, iTerm2, Terminal, others of macOS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mi6_tui.actions.spot import Spot

Command = tuple[str, ...]

# The device comes as an argument: nothing is written into the script.
_ITERM: Final = """
on run argv
  tell application "iTerm2"
    repeat with w in windows
      repeat with t in tabs of w
        repeat with s in sessions of t
          if tty of s is item 1 of argv then
            select w
            tell t to select
            tell s to select
            activate
            return
          end if
        end repeat
      end repeat
    end repeat
  end tell
  error "no session of iTerm2 has the device " & item 1 of argv
end run
"""
_TERMINAL: Final = """
on run argv
  tell application "Terminal"
    repeat with w in windows
      repeat with t in tabs of w
        if tty of t is item 1 of argv then
          set selected of t to true
          set index of w to 1
          activate
          return
        end if
      end repeat
    end repeat
  end tell
  error "no tab of Terminal has the device " & item 1 of argv
end run
"""
_SCRIPTS: Final = {"iTerm.app": _ITERM, "iTerm2": _ITERM, "Apple_Terminal": _TERMINAL, "Terminal": _TERMINAL}
_APPLICATIONS: Final = {
    "Hyper": "Hyper",
    "Tabby": "Tabby",
    "WarpTerminal": "Warp",
    "WezTerm": "WezTerm",
    "alacritty": "Alacritty",
    "ghostty": "Ghostty",
    "kitty": "kitty",
    "rio": "Rio",
    "vscode": "Visual Studio Code",
    "wezterm": "WezTerm",
    "zed": "Zed",
}
"""Names of programs by what they call themselves in TERM_PROGRAM, or as processes."""


def kitty(spot: Spot, env: Mapping[str, str]) -> Command | None:
    """What shows a window of kitty; None where its remote control listens nowhere."""
    listens = spot.own.get("KITTY_LISTEN_ON") or env.get("KITTY_LISTEN_ON")
    if spot.program != "kitty" or not spot.pane or not listens:
        return None
    return "kitty", "@", "--to", listens, "focus-window", "--match", f"id:{spot.pane}"


def wezterm(spot: Spot) -> Command | None:
    """What shows a pane of WezTerm."""
    if spot.program != "wezterm" or not spot.pane:
        return None
    return "wezterm", "cli", "activate-pane", "--pane-id", spot.pane


def apple_script(spot: Spot) -> Command | None:
    """What shows the tab of iTerm2 or Terminal that has the session's device."""
    script = _SCRIPTS.get(spot.program)
    return ("osascript", "-e", script, spot.tty) if script and spot.tty else None


def application(spot: Spot) -> Command | None:
    """What brings a program of macOS to the front, with whichever of its windows was used last."""
    names = (spot.program, *(process.name for process in spot.above))
    known = next((_APPLICATIONS[name] for name in names if name in _APPLICATIONS), None)
    return ("open", "-a", known) if known else None
