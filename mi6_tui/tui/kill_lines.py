"""What is said before and after sessions are ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from mi6_tui.actions.kill import GRACE
from mi6_tui.model import Session
from mi6_tui.tui import status
from mi6_tui.tui.text import clean, plural

if TYPE_CHECKING:
    from mi6_tui.actions.kill import Outcome, Step
    from mi6_tui.actions.losses import Losses, Prospect
    from mi6_tui.ingest.live.processes import Process

Line = Sequence[tuple[str, str]]
_NAMED: Final = 3
"""Children that are named one by one."""
_NAME: Final = 60
_COMMAND: Final = 44
_HEAD: Final = 13
"""Cells of the words that say what a line is about."""
HOW: Final = (
    (f"First interrupted (SIGINT), after {GRACE:g} s asked to end (SIGTERM), not killed unasked.", "$quiet"),
)
DOING: Final[Mapping[Step, str]] = {
    "interrupt": "interrupted (SIGINT)",
    "request": "asked to end (SIGTERM)",
    "kill": "killed (SIGKILL)",
}


def question(prospects: Sequence[Prospect]) -> str:
    """What is asked."""
    able = [one for one in prospects if one.process is not None]
    if not able:
        return (
            "This cannot be ended from here"
            if len(prospects) == 1
            else "None of these can be ended from here"
        )
    if len(prospects) == 1:
        return "End this session?"
    return (
        f"End {len(able)} of {len(prospects)} sessions?"
        if len(able) < len(prospects)
        else f"End {len(able)} sessions?"
    )


def prospect_lines(prospects: Sequence[Prospect]) -> Iterator[Line]:
    """Each session with what would be lost."""
    for one in prospects:
        yield head_line(one.session, one.process)
        if one.losses is None:
            yield _about("cannot", one.refused, "$trouble")
        else:
            yield from _loss_lines(one.session, one.losses)
        yield ()


def head_line(session: Session, process: Process | None = None) -> Line:
    """The session, as a person knows it, and its process."""
    place = clean(session.project, _NAME)
    who = f"  {clean(session.framework, 20)}" + (f" · process {process.pid}" if process is not None else "")
    return (
        (f"{status.label(session)}  ", f"${status.ink(session.status_shown)}"),
        (f"{clean(session.name, _NAME)}", "bold $name"),
        (f"{' · ' + place if place else ''}{who}", "$quiet"),
    )


def _loss_lines(session: Session, losses: Losses) -> Iterator[Line]:
    if losses.ourselves:
        yield _about("this", "the dashboard itself runs inside of it, and may end with it", "$trouble")
    if losses.busy:
        doing = status.detail(session)
        yield _about(
            "at work", f"{doing + '; ' if doing else ''}the reply it writes now is lost", "$needs-you"
        )
    if losses.repository:
        told, style = _uncommitted(losses)
        yield _about("uncommitted", told, style)
    if left := _left_running(session, losses):
        yield _about("background", left, "$needs-you")
    yield _children("children", losses.children)
    yield _about("unsent", "what is typed there and not sent cannot be seen from here", "$quiet")


def _uncommitted(losses: Losses) -> tuple[str, str]:
    if losses.changes is None:
        return "cannot be told", "$quiet"
    added, deleted = losses.changes
    told = [f"+{added} -{deleted} lines"] if added or deleted else []
    if losses.changed is None or losses.untracked is None:
        told.append("files that are too many to count")
    else:
        told += [plural(losses.changed, "changed file")] if losses.changed else []
        told += [f"{losses.untracked} untracked"] if losses.untracked else []
    return (f"{', '.join(told)}; they stay in its folder", "$needs-you") if told else ("nothing", "$quiet")


def _left_running(session: Session, losses: Losses) -> str:
    """What works on after the turn, or beside it; empty if nothing does."""
    told = plural(losses.background, "subagent") if losses.background else ""
    if session.status_shown != "background":
        return f"{told} at work" if told else ""
    told = status.detail(session).partition(": ")[2] or told or "what it started"
    return f"its turn ended; {told} still at work, and may end with it"


def _children(what: str, children: Sequence[Process]) -> Line:
    if not children:
        return _about(what, "none", "$quiet")
    named = ", ".join(_command(child) for child in children[:_NAMED])
    more = f" and {len(children) - _NAMED} more" if len(children) > _NAMED else ""
    return _about(what, f"{len(children)} running: {named}{more}", "$needs-you")


def _command(process: Process) -> str:
    told = clean(" ".join(process.command), _COMMAND) or clean(process.name, _COMMAND)
    return f"{told} ({process.pid})"


def _about(what: str, told: str, style: str) -> Line:
    return (f"  {what:<{_HEAD}}", "$quiet"), (clean(told), style)


def outcome_lines(outcomes: Sequence[Outcome], sessions: Mapping[int, Session]) -> Iterator[Line]:
    """What became of each; `sessions` by the pid of their process."""
    for one in outcomes:
        yield head_line(sessions[one.process.pid], one.process)
        yield _about("now", outcome(one), "$turn" if one.ended else "$trouble")
        if one.left:
            yield _children("outlived it", one.left)
        yield ()


def outcome(one: Outcome) -> str:
    """What became of a process, in a sentence."""
    if one.ended == "itself":
        return f"nothing was sent: {one.problem}"
    if one.ended is not None:
        return f"ended, {DOING[one.ended]}"
    return one.problem or "it still runs: it heeds neither an interrupt nor a request"
