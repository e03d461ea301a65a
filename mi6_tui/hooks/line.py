"""The shell line that stands in the clients' settings, and how it is known again."""

from __future__ import annotations

import shlex
from pathlib import Path

from mi6_tui.errors import UsageError


def shell_line(framework: str, script: Path, spool: Path, event: str = "") -> str:
    """One line of POSIX shell that runs `script` in the very shell that runs the line.

    It prints nothing and ends with 0 whatever becomes of the script: 2 would stop what the client is about
    to do. `event` is the event's name where the payload does not tell it. UsageError if a path cannot stand
    in a line of UTF-8.
    """
    _check(script, spool)
    settings = f"mi6={framework}; mi6_event={shlex.quote(event)}; mi6_spool={shlex.quote(str(spool))}"
    quoted = shlex.quote(str(script))
    # The trap holds also where the script is no shell at all; an unread payload would be an error to some.
    return (
        f"trap 'exit 0' EXIT; exec >/dev/null 2>&1; {settings}; "
        f"if [ -r {quoted} ]; then . {quoted}; else cat >/dev/null; fi; exit 0"
    )


def status_beginning(framework: str, script: Path, folder: Path) -> str:
    """What comes before the user's own status line: it runs `script`, which reads on and gives back.

    Without the script it does nothing. UsageError as with `shell_line`.
    """
    _check(script, folder)
    return f"{status_head(framework)}{shlex.quote(str(folder))}{status_end(script)}"


def status_head(framework: str) -> str:
    """How each such beginning begins."""
    return f"mi6={framework}; mi6_status="


def status_end(script: Path) -> str:
    """How each such beginning with this `script` ends."""
    quoted = shlex.quote(str(script))
    return f"; if [ -r {quoted} ]; then . {quoted}; fi; "


def is_ours(command: str, script: Path) -> bool:
    """Whether a command in somebody's settings is a line of ours, of any version, for this `script`."""
    quoted = shlex.quote(str(script))
    nested = shlex.quote(quoted)[1:-1] if "'" in quoted else quoted
    return "mi6=" in command and (quoted in command or nested in command)


def _check(*paths: Path) -> None:
    for path in paths:
        if not str(path).isprintable():
            raise UsageError(f"the path {str(path)!r} cannot stand in a shell line", "set MI6_TUI_HOME")
