"""How a client goes on with a session that has ended."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from mi6_tui import frameworks
from mi6_tui.actions.errors import ActionError
from mi6_tui.actions.holder import check_here, holder, name_of
from mi6_tui.errors import UsageError
from mi6_tui.frameworks.live import SESSION_ID
from mi6_tui.ingest.live.processes import Processes
from mi6_tui.model import Claim, Session


def resume_command(session: Session) -> tuple[str, ...]:
    """The client's words to go on with the session. ActionError if it has none, or if its id is no word."""
    try:
        words = frameworks.framework(session.framework or "").program.resume
    except UsageError:
        words = ()
    if not words:
        raise ActionError(f"{name_of(session)} cannot be resumed: its client has no command for that")
    if SESSION_ID.fullmatch(session.session_id) is None:
        raise ActionError(f"{name_of(session)} cannot be resumed: its id is none that a client gives")
    return tuple(word.format(id=session.session_id) for word in words)


def resume_line(session: Session) -> str:
    """The same for a shell, in the session's folder. ActionError as `resume_command`."""
    line = shlex.join(resume_command(session))
    folder = session.cwd
    # A folder whose name would steer the terminal that it is pasted into is left to the user.
    return f"cd {shlex.quote(folder)} && {line}" if folder and folder.isprintable() else line


def check_ended(session: Session, claims: Iterable[Claim], processes: Processes) -> None:
    """ActionError if the session runs, or may run: two clients at once would write into one transcript."""
    check_here(session)
    try:
        process = holder(session, claims, processes)
    except ActionError:
        if session.is_active:
            raise ActionError(
                f"{name_of(session)} is not known to have ended",
                "copy the resume command if you know better",
            ) from None
    else:
        raise ActionError(f"{name_of(session)} still runs, as process {process.pid}", "f goes there")
