"""The cells that are more than a field's value."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final

from mi6_tui.judge.context import Context
from mi6_tui.judge.cost import amount, dollars
from mi6_tui.model import Session
from mi6_tui.tui import status, text
from mi6_tui.tui.columns import figures
from mi6_tui.tui.columns.column import NOTHING, Cell, Live, Value

_ALARMING: Final = 0.8
"""Share of the context window above which it is shown as trouble."""
_PERCENT: Final = 5
"""Cells of a share beside its bar."""
_SHORTEST_BAR: Final = 3
_RECENT: Final = 5
"""Minutes that tokens a minute are the mean of."""
_SPARKS: Final = 7
_BUSY: Final = 75.0
"""Percent of a core from which a process is told from the others."""
GLYPHS: Final = {
    "claude": "✻", "codex": "⌘", "gemini": "✦", "copilot": "⊙", "opencode": "▣",
    "qwen": "✧", "cursor": "❯", "pi": "π", "amp": "↯",
}  # fmt: skip
"""Marks of the clients."""
_OTHER: Final = "•"
_ROOM_FOR_A_NAME: Final = 6


# By attribute.


def words_of(attribute: str, ink: str = "quiet") -> Value:
    """Text of the session."""
    get: Callable[[Session], str | None] = attrgetter(attribute)

    def cell(session: Session, now: int, width: int, live: Live = NOTHING) -> Cell:
        return figures.words(get(session), width, ink)

    return cell


def path_of(attribute: str) -> Value:
    """A path of the session's."""
    get: Callable[[Session], str | None] = attrgetter(attribute)

    def cell(session: Session, now: int, width: int, live: Live = NOTHING) -> Cell:
        return figures.path(get(session), width)

    return cell


def count_of(attribute: str, ink: str = "plain") -> Value:
    """A count of the session's; None is unknown."""
    get: Callable[[Session], int | None] = attrgetter(attribute)

    def cell(session: Session, now: int, width: int, live: Live = NOTHING) -> Cell:
        return figures.count(get(session), width, ink=ink)

    return cell


def number_of(attribute: str, sign: str = "") -> Value:
    """A number that is a name, all digits of it."""
    get: Callable[[Session], int | None] = attrgetter(attribute)

    def cell(session: Session, now: int, width: int, live: Live = NOTHING) -> Cell:
        number = get(session)
        form = text.UNKNOWN if number is None else f"{sign}{number}"
        return figures.figure(width, form, ink="quiet" if number is None else "plain")

    return cell


def tokens_of(attribute: str) -> Value:
    """A sum over requests: unknown without one, a lower bound where one misses a number."""
    get: Callable[[Session], int] = attrgetter(attribute)

    def cell(session: Session, now: int, width: int, live: Live = NOTHING) -> Cell:
        known = get(session) if session.api_request_count else None
        return figures.count(known, width, mark="≥" if session.incomplete_requests else "")

    return cell


def money_of(attribute: str) -> Value:
    """A part of the cost, without a mark: what it is stands in the head."""
    get: Callable[[Session], float | None] = attrgetter(attribute)

    def cell(session: Session, now: int, width: int, live: Live = NOTHING) -> Cell:
        usd = get(session)
        return figures.money(text.UNKNOWN if usd is None else amount(usd), usd, width)

    return cell


def ago_of(attribute: str) -> Value:
    """How long ago a moment was."""
    get: Callable[[Session], int | None] = attrgetter(attribute)

    def cell(session: Session, now: int, width: int, live: Live = NOTHING) -> Cell:
        moment = get(session)
        return figures.span(None if moment is None else now - moment, width)

    return cell


def live_of(get: Callable[[Live], Any], shown: Callable[[Any, int], Cell]) -> Value:
    """A reading of the session's processes."""

    def cell(session: Session, now: int, width: int, live: Live = NOTHING) -> Cell:
        return shown(get(live), width)

    return cell


# One by one.


def state(session: Session, now: int, width: int, live: Live = NOTHING) -> Cell:
    """Glyph and the most telling word."""
    label = status.label(session, stale=live.is_stale(session))
    return ((text.fit(label, width), status.ink(session.status_shown)),)


def mark(session: Session, now: int, width: int, live: Live = NOTHING) -> Cell:
    """The glyph alone, where there is room for nothing else."""
    glyph = status.STALE if live.is_stale(session) else status.glyph(session.status_shown)
    return ((text.fit(glyph, width), status.ink(session.status_shown)),)


def detail(session: Session, now: int, width: int, live: Live = NOTHING) -> Cell:
    """What exactly it waits for or does."""
    known = status.detail(session)
    if live.is_stale(session):
        known = " · ".join(filter(None, ("stale", known)))
    ink = status.ink(session.status_shown) if session.status_shown in ("waiting", "error") else "quiet"
    return ((text.fit(known or text.UNKNOWN, width), ink),)


def _blocked(session: Session) -> bool:
    return session.status_shown in ("waiting", "error")


def since(session: Session, now: int, width: int, live: Live = NOTHING) -> Cell:
    """How long it has been in its state."""
    passed = None if session.status_since is None else now - session.status_since
    return figures.span(passed, width, status.ink(session.status_shown) if _blocked(session) else "quiet")


def waiting(session: Session, now: int, width: int, live: Live = NOTHING) -> Cell:
    """How long it has needed you; nothing if it does not."""
    if not (_blocked(session) or session.status_shown == "your turn"):
        return ((" " * width, "quiet"),)
    return since(session, now, width)


def name(session: Session, now: int, width: int, live: Live = NOTHING) -> Cell:
    """What a person would call it."""
    # Where others look on, the title is the id, and it is short.
    named = session.name != session.session_id or session.title == session.session_id
    called = text.clean(session.name) if named else f"session {text.clean(session.session_id)[:8]}"
    ink = "quiet" if session.status_shown in ("ended", "idle", "unknown") else "name"
    return ((text.fit(called or text.UNKNOWN, width), ink),)


def model(session: Session, now: int, width: int, live: Live = NOTHING) -> Cell:
    """The model's short name."""
    return ((text.fit(text.short_model(session.model), width), "quiet"),)


def framework(session: Session, now: int, width: int, live: Live = NOTHING) -> Cell:
    """The client: its mark, and its name in a column that was made wide for it."""
    client = text.clean(session.framework)
    if not client:
        return ((text.fit(text.UNKNOWN, width), "quiet"),)
    mark = GLYPHS.get(client, _OTHER)
    return ((text.fit(f"{mark} {client}" if width >= _ROOM_FOR_A_NAME else mark, width), "quiet"),)


def context(session: Session, now: int, width: int, live: Live = NOTHING) -> Cell:
    """How full the window is: a bar and a share, or the tokens where its size is unknown."""
    found = Context(session.context, session.context_window)
    if found.share is None:
        if found.used is None:
            return figures.figure(width, text.UNKNOWN, ink="quiet")
        known = figures.short_count(found.used)
        return figures.figure(width, *((f"{known} of ?",) if width >= 15 else ()), known, ink="quiet")
    ink = "trouble" if found.share >= _ALARMING else "plain"
    percent = text.percent(found.share)
    if width < _PERCENT + _SHORTEST_BAR:
        return figures.figure(width, percent, ink=ink)
    filled, empty = text.bar(found.share, width - _PERCENT)
    return ((filled, "trouble" if ink == "trouble" else "bar"), (empty, "rule"),
            (text.fit(percent, _PERCENT, right=True), ink))  # fmt: skip


def cost(session: Session, now: int, width: int, live: Live = NOTHING) -> Cell:
    """Dollars with the mark that says how they are known."""
    return figures.money(dollars(session), session.cost_usd, width)


def diff(session: Session, now: int, width: int, live: Live = NOTHING) -> Cell:
    """Lines added and deleted in its working copy."""
    added, deleted = session.git_additions, session.git_deletions
    if added is None and deleted is None:
        return figures.figure(width, text.UNKNOWN, ink="quiet")
    long = f"+{'?' if added is None else added} -{'?' if deleted is None else deleted}"
    short = "+" + ("?" if added is None else figures.short_count(added))
    short += " -" + ("?" if deleted is None else figures.short_count(deleted))
    return figures.figure(width, long, short, ink="plain" if added or deleted else "quiet")


def agents(session: Session, now: int, width: int, live: Live = NOTHING) -> Cell:
    """Subagents that run, of those it started."""
    running, started = session.background_count, session.subagent_count
    if not running and not started:
        return figures.figure(width, "0", ink="quiet")
    total = max(running, started)
    form = f"{figures.short_count(running)}/{figures.short_count(total)}"
    return figures.figure(width, form, ink="working" if running else "plain")


def rate(session: Session, now: int, width: int, live: Live = NOTHING) -> Cell:
    """Tokens a minute over the last minutes: sparks, and the mean of the latest where there is room."""
    if live.rate is None:
        return figures.figure(width, text.UNKNOWN, ink="quiet")
    if not live.rate.total:
        return figures.figure(width, "≥0" if live.rate.incomplete else "·", ink="quiet")
    number = ("≥" if live.rate.incomplete else "") + figures.short_count(live.rate.per_minute(_RECENT))
    if width < _SPARKS:
        return figures.figure(width, number)
    rest = width - _SPARKS
    drawn = figures.sparks(live.rate.minutes, _SPARKS)
    return ((drawn, "bar"), *(figures.figure(rest, number) if rest else ()))


def lasted(session: Session, now: int, width: int, live: Live = NOTHING) -> Cell:
    """From its first record to its last."""
    return figures.span(session.duration_ms, width)


def tags(session: Session, now: int, width: int, live: Live = NOTHING) -> Cell:
    """The user's tags; nothing where there are none."""
    return ((text.fit(text.clean(session.tags), width), "plain"),)


def counted_from(session: Session, now: int, width: int, live: Live = NOTHING) -> Cell:
    """Whose requests count: those of the transcript, else of OpenTelemetry, else of hooks."""
    if session.transcript_available:
        return figures.words("transcript", width)
    if session.n_otel_events:
        return figures.words("otel", width)
    return figures.words("hook" if session.n_hook_events else None, width)


def marks(session: Session, now: int, width: int, live: Live = NOTHING) -> Cell:
    """What the user marked it with."""
    words = [word for word, so in (("pinned", session.pinned), ("hidden", session.hidden)) if so]
    return ((text.fit(" ".join(words), width), "plain"),)


# Of processes.


def cpu(percent: float | None, width: int) -> Cell:
    """Percent of a core."""
    return figures.share(percent, width, ink="name" if (percent or 0) >= _BUSY else "plain")


def memory(number: int | None, width: int) -> Cell:
    """Bytes of main memory."""
    return figures.size(number, width)


def disk(number: int | None, width: int) -> Cell:
    """Bytes a second."""
    return figures.size(number, width, "/s")


def children(number: int | None, width: int) -> Cell:
    """Processes."""
    return figures.count(number, width)


def ports(numbers: tuple[int, ...] | None, width: int) -> Cell:
    """Port numbers, as many as fit in whole; a plus stands for the others."""
    if not numbers:
        return figures.figure(width, text.UNKNOWN if numbers is None else "none", "0", ink="quiet")
    forms = (
        " ".join(map(str, numbers[:shown])) + ("" if shown == len(numbers) else " +")
        for shown in range(min(len(numbers), width), 0, -1)
    )
    return figures.figure(width, *forms)
