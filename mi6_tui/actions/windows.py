"""Windows of a Linux desktop, found by the process that owns them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Final, NamedTuple

from mi6_tui.actions import programs
from mi6_tui.actions.errors import ActionError, FocusError, UnknownWindowError
from mi6_tui.actions.spot import Spot, is_terminal
from mi6_tui.ingest.live.processes import Process


class Raiser(NamedTuple):
    """A program that brings windows to the front."""

    program: str
    needs: tuple[str, ...]
    """One of these variables tells that it works here."""
    command: Callable[[int], tuple[str, ...]]
    """What raises the window of a process."""

    def available(self, env: Mapping[str, str]) -> bool:
        """Whether it is installed and of use."""
        return any(env.get(name) for name in self.needs) and programs.which(self.program, env)


RAISERS: Final = (
    Raiser("swaymsg", ("SWAYSOCK",), lambda pid: ("swaymsg", f"[pid={pid}] focus")),
    Raiser(
        "hyprctl",
        ("HYPRLAND_INSTANCE_SIGNATURE",),
        lambda pid: ("hyprctl", "dispatch", "focuswindow", f"pid:{pid}"),
    ),
    Raiser(
        "kdotool",
        ("KDE_FULL_SESSION", "KDE_SESSION_VERSION"),
        lambda pid: ("kdotool", "search", "--pid", str(pid), "windowactivate"),
    ),
    Raiser(
        "xdotool",
        ("DISPLAY",),
        lambda pid: ("xdotool", "search", "--onlyvisible", "--pid", str(pid), "windowactivate"),
    ),
    Raiser("wmctrl", ("DISPLAY",), lambda pid: ("wmctrl", "-l", "-p")),
)


def terminal_process(above: Iterable[Process]) -> Process | None:
    """The terminal program among the processes that a session descends from."""
    return next((process for process in above if is_terminal(process.name)), None)


def raise_window(spot: Spot, env: Mapping[str, str]) -> str:
    """Bring the window of the terminal program to the front; the program's name. FocusError says why not."""
    if any(process.name.startswith("sshd") for process in spot.above):
        raise UnknownWindowError("it was started over SSH: its window is on another machine")
    process = terminal_process(spot.above)
    if process is None:
        raise UnknownWindowError("nothing tells which window it runs in")
    raisers = [raiser for raiser in RAISERS if raiser.available(env)]
    if not raisers:
        names = ", ".join(raiser.program for raiser in RAISERS)
        raise FocusError(
            f"it runs in a window of {process.name}, and no program here can raise windows",
            f"one of {names} would",
        )
    for raiser in raisers:
        with suppress(ActionError):
            if _raised(raiser, process.pid, env):
                return process.name
    tried = ", ".join(raiser.program for raiser in raisers)
    raise FocusError(f"the window of {process.name} (process {process.pid}) was not found by {tried}")


def _raised(raiser: Raiser, pid: int, env: Mapping[str, str]) -> bool:
    said = programs.run(raiser.command(pid), env)
    if raiser.program == "hyprctl":
        return said.strip() == "ok"  # it ends with 0 whatever happens
    if raiser.program != "wmctrl":
        return True
    # It knows windows by their numbers alone: `0x03a00007  0 4711 host title`.
    windows = [line.split(None, 3) for line in said.splitlines()]
    window = next((words[0] for words in windows if len(words) > 2 and words[2] == str(pid)), None)
    if window is not None:
        programs.run(("wmctrl", "-i", "-a", window), env)
    return window is not None
