"""Tells the user of sessions that begin to need him, in the ways that his settings allow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, Final, Literal

from mi6_tui.model import Session
from mi6_tui.tui import terminal, text
from mi6_tui.tui.notify import Attention, Note
from mi6_tui.tui.program import Programs, variables
from mi6_tui.tui.rows import Key

if TYPE_CHECKING:
    from mi6_tui.config import Notifications

Severity = Literal["information", "warning", "error"]
_SEVERITIES: Final[dict[str, Severity]] = {"waiting": "warning", "error": "error"}


class Teller:
    """Notices and tells; used by one thread.

    `toast` (title, body, severity) shows a note within the dashboard, `write` sends bytes to the
    terminal, `failed` hears from any thread why the user's program did not do its work. `env` says which
    terminal it is.
    """

    def __init__(
        self,
        *,
        started: int,
        zone: tzinfo | None,
        env: Mapping[str, str],
        toast: Callable[[str, str, Severity], object],
        write: Callable[[str], object],
        failed: Callable[[str], object],
    ) -> None:
        self._zone = zone
        self._env = env
        self._toast = toast
        self._write = write
        self._programs = Programs(failed)
        self._attention = Attention(started)

    @property
    def pending(self) -> bool:
        """Whether `tell` is worth a call soon."""
        return self._attention.pending

    def take(self, sessions: Iterable[Session], now: int) -> None:
        """Look at rows that changed; `now` in ms."""
        self._attention.take(sessions, now)

    def tell(self, rules: Notifications, now: int, looked_at: Key | None) -> None:
        """Tell what is due at `now` (ms), but not of the session that the user looks at."""
        self.hand_over(rules, self._attention.due(now, rules.on, looked_at), now)

    def hand_over(self, rules: Notifications, notes: Sequence[Note], now: int) -> None:
        """Tell notes in the ways that the rules allow at `now` (ms)."""
        if not notes:
            return
        if rules.toast:
            for note in notes:
                self._toast(note.title, note.body, _SEVERITIES.get(note.shown, "information"))
        if self._is_quiet(rules, now):
            return
        if rules.bell:
            self._write(terminal.BELL)
        for note in notes:
            about = note.session.session_id if note.session is not None else "several"
            if said := terminal.message(rules.desktop, note.title, note.body, about=about, env=self._env):
                self._write(said)
            if rules.command:
                self._programs.start(rules.command, variables(note))

    def _is_quiet(self, rules: Notifications, now: int) -> bool:
        when = text.moment(now, self._zone)
        minute = when.hour * 60 + when.minute if when is not None else 0
        return any(hours.holds(minute) for hours in rules.quiet)
