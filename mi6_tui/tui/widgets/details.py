"""What is known of the selected session: its facts, and what it did last."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical

from mi6_tui.judge.context import Context
from mi6_tui.judge.cost import dollars
from mi6_tui.model import Session
from mi6_tui.tui import status, text
from mi6_tui.tui.columns import Vitals, figures
from mi6_tui.tui.feed import Activity
from mi6_tui.tui.rows import Key
from mi6_tui.tui.widgets.bar import Bar, Piece

if TYPE_CHECKING:
    from mi6_tui.tui.widgets.event_stream import EventStream


class Details(Vertical):
    """Three lines of facts over the event stream."""

    def __init__(self, clock: Callable[[], int], zone: tzinfo | None, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._clock = clock
        self._zone = zone
        self._bars = tuple(Bar(keeps_left=True, id=name) for name in ("place", "verdict", "sums"))
        self._stream: EventStream | None = None
        self._session: Session | None = None
        self._shown: Key | None = None
        self._activity: Activity | None = None
        self._vitals: Vitals | None = None
        self._stale = ""

    def compose(self) -> ComposeResult:
        """Facts above; what happened comes below."""
        yield from self._bars

    async def complete(self) -> None:
        """The first screen is painted: add what shows what happened, which nobody knew until now."""
        from mi6_tui.tui.widgets.event_stream import EventStream

        if not self.is_attached:
            return  # the program ends already
        stream = EventStream()
        await self.mount(stream)
        # Lines come to it when it knows its size.
        self.call_after_refresh(self._completed, stream)

    def _completed(self, stream: EventStream) -> None:
        self._stream = stream
        self._draw(restart=True)

    def show(self, session: Session | None, stale: str = "") -> None:
        """Show a session's facts; another session's activity is taken away.

        `stale`: why they may be otherwise by now, in a few words.
        """
        self._session = session
        self._stale = stale if session is not None and session.status_shown != "ended" else ""
        key = session.key if session is not None else None
        if key != self._shown:
            self._shown, self._activity, self._vitals = key, None, None
            self._draw(restart=True)
        self._say()

    def show_vitals(self, vitals: Vitals | None) -> None:
        """Show what the session's process and all below it use; None: nobody knows."""
        if vitals != self._vitals:
            self._vitals = vitals
            self._say()

    def _say(self) -> None:
        session = self._session
        parts: Sequence[_Parts] = [([], [])] * len(self._bars)
        if session is not None:
            parts = _place(session, self._vitals), _verdict(session, self._stale, self._zone), _sums(session)
        for bar, (left, right) in zip(self._bars, parts, strict=True):
            bar.say(left, right)

    def show_activity(self, activity: Activity) -> None:
        """Show what the session did; ignored if another one is on show by now."""
        if activity.key == self._shown:
            restart = self._activity is None
            self._activity = activity
            self._draw(restart=restart)

    def _draw(self, *, restart: bool) -> None:
        if self._stream is None:
            return
        from mi6_tui.tui.event_lines import Line, event_lines

        activity = self._activity
        lines: list[Line] = []
        if activity is not None:
            lines = event_lines(
                activity.events,
                self._zone,
                now=self._clock(),
                requests=False,
                transcribed=self._session is not None and self._session.transcript_available,
            )
            if not activity.complete:
                lines.insert(
                    0, Line("earlier", "", "", "", "faint", "earlier ones: Enter opens the session", "")
                )
        self._stream.show(lines, restart=restart)


_Parts = tuple[list[Piece], list[Piece]]


def _place(session: Session, vitals: Vitals | None) -> _Parts:
    pid = f"pid {session.pid}" if session.pid and session.is_active else None
    model = text.short_model(session.model) if session.model else None
    places = _dotted((session.project, session.git_branch, model, session.framework, pid, *_used(vitals)))
    named: list[Piece] = [(f" {text.clean(session.name, 160)} ", "bold $name")]
    if session.tags:
        named.append((" ".join(f"#{tag}" for tag in text.clean(session.tags, 80).split()) + " ", "$quiet"))
    return named, places


def _used(vitals: Vitals | None) -> Iterable[str]:
    if vitals is None:
        return
    if vitals.cpu is not None:
        yield f"{vitals.cpu:g}% cpu"
    if vitals.memory is not None:
        yield figures.bytes_of(vitals.memory)
    if vitals.children:
        yield f"{vitals.children} processes below it" if vitals.children > 1 else "1 process below it"
    for port in (vitals.ports or ())[:3]:
        yield f":{port}"


def _dotted(parts: Iterable[str | None]) -> list[Piece]:
    """The known parts, each a piece of its own: a narrow screen shows the first ones."""
    known = [part for part in (text.clean(part, 120) for part in parts) if part]
    return [(f" · {part}" if number else part, "$quiet") for number, part in enumerate(known)]


def _verdict(session: Session, stale: str, zone: tzinfo | None) -> _Parts:
    since = f" since {text.time_of_day(session.status_since, zone)}" if session.status_since else ""
    ink = f"${status.ink(session.status_shown)}"
    shown = session.status_shown or "unknown"
    label = status.label(session, stale=bool(stale))
    left: list[Piece] = [(f" {label}", ink if not stale else "$quiet")]
    if stale:
        left.append((f" · {stale}", "$needs-you"))
        ink = "$quiet"
    if shown not in label:
        left.append((f" · {shown}", ink))
    left.append((since, "$plain"))
    if session.status_reason:
        left.append((f": {text.clean(session.status_reason)}", "$plain"))
    if asks := status.detail(session).partition(": ")[2]:
        left.append((f": {asks}", "$plain"))
    return left, _dotted((session.status_source, f"{session.status_confidence or 'low'} confidence"))


def _sums(session: Session) -> _Parts:
    context = Context(session.context, session.context_window)
    pieces: list[Piece] = [(" context ", "$quiet")]
    if context.used is None:
        pieces.append((text.UNKNOWN, "$plain"))
    else:
        share = f" ({text.percent(context.share)})" if context.share is not None else ""
        pieces.append((f"{text.count(context.used)} of {text.window(context.size)}{share}", "$plain"))
    known = session.api_request_count > 0
    for name, number in (
        ("in", session.tokens_input),
        ("cache read", session.tokens_cache_read),
        ("write", session.tokens_cache_write),
        ("out", session.tokens_output),
    ):
        amount = text.tokens(number if known else None, session.incomplete_requests)
        # One piece, so that a narrow screen never keeps a name without its number.
        pieces.append((f"   {name} {amount}", "$plain"))
    requests = text.plural(session.api_request_count, "request")
    cost = dollars(session) if session.cost_usd is not None else None
    return pieces, _dotted((cost, requests, text.plural(session.tool_call_count, "tool")))
