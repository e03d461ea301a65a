"""Follows the user's settings while they change, and tells him what they say he should be told."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import tzinfo
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from textual import on
from textual.message import Message
from textual.signal import Signal
from textual.timer import Timer

from mi6_tui.judge.attention import BLOCKED
from mi6_tui.model import Session
from mi6_tui.tui.looks import Looks, first_looks
from mi6_tui.tui.messages import Messages
from mi6_tui.tui.navigator import Navigator
from mi6_tui.tui.notify import GRACE
from mi6_tui.tui.rows import Key
from mi6_tui.tui.shared_settings import shared_looks, shared_settings
from mi6_tui.tui.teller import Severity, Teller
from mi6_tui.tui.terminal import TITLE_BACK, TITLE_KEPT, title
from mi6_tui.tui.widgets.footer import Footer

if TYPE_CHECKING:
    from mi6_tui.config import Settings
    from mi6_tui.settings_reader import SettingsFile
    from mi6_tui.tui.alerts import Alerts
    from mi6_tui.tui.allowances import Above, Allowances, Rules
    from mi6_tui.tui.feed import Question

ALLOWANCES: Final = "allowances"
"""The question for limits and budgets, and its answer in `FeedTick.answers`."""
_EVERY: Final = 1.0
"""Seconds between two looks at the settings file; a look costs microseconds."""
_ALERT_EVERY: Final = 5.0
"""Seconds between two looks for alerts: a query may be about the time that goes by."""


def _file(path: Path) -> SettingsFile:
    from mi6_tui.settings_reader import SettingsFile
    from mi6_tui.tui.checked import check, doubted

    return SettingsFile(path, check, doubted)


class Prepared(Message):
    """What was not needed for the first paint is there: the settings, as they were read first."""

    def __init__(self, settings: SettingsFile) -> None:
        super().__init__()
        self.settings = settings


class ProgramFailed(Message):
    """The user's own program did not do its work; `why` in one line."""

    def __init__(self, why: str) -> None:
        super().__init__()
        self.why = why


class Settled(Navigator):
    """An app with settings in the file at `path`; without it the defaults hold and nobody is told anything.

    `clock` gives ms, `zone` None is the machine's own, `env` says which terminal this is; with `share` only
    those settings hold that name nothing of the user's.
    """

    def __init__(
        self,
        css_path: list[str],
        *,
        path: Path | None,
        clock: Callable[[], int],
        zone: tzinfo | None,
        env: Mapping[str, str],
        share: bool = False,
    ) -> None:
        looks = first_looks(path)
        super().__init__(css_path, shared_looks(looks) if share else looks, env)
        self._share = share
        self._clock = clock
        self.zone = zone
        """Where days begin; None: where this machine is."""
        self._settings_path = path
        self._settings: SettingsFile | None = None
        self.settings_changed: Signal[None] = Signal(self, "settings")
        """Published after other settings came into force."""
        self.messages = Messages(clock)
        self._teller = Teller(
            started=clock(),
            zone=zone,
            env=env,
            toast=self._toast,
            write=self._write,
            failed=lambda why: self.post_message(ProgramFailed(why)),
        )
        self._telling: Timer | None = None
        self.ask: Callable[[str, Question | None], None] | None = None
        """Where questions to the store are put; None: nowhere."""
        self.used: Sequence[str] = ()
        """Limits and budgets that are used up so far that the user wants to know: in full, and shorter."""
        self._wanted: object = ({}, None)
        self._alerts: Alerts | None = None
        self._rules: Rules | None = None
        self._allowances: Allowances | None = None
        self._alerting: Timer | None = None
        self._used: dict[str, int] = {}
        """What was done by the palette, and in which order."""
        self._blocked: set[Key] = set()
        self._titled = ""

    # The settings.

    @property
    def settings(self) -> Settings:
        """Those in force; the defaults until the file is read."""
        if self._settings is not None:
            return self._shown(self._settings.current)
        from mi6_tui.config import Settings

        return Settings()

    def _shown(self, settings: Settings) -> Settings:
        return shared_settings(settings) if self._share else settings

    @property
    def settings_path(self) -> Path | None:
        """Where the settings file is, or would be."""
        return self._settings_path

    def prepare(self) -> None:
        """Begin to follow the settings: read them beside the screen, which takes a moment the first time."""
        if self._settings_path is not None:
            work = partial(self._prepare, self._settings_path)
            self.run_worker(work, name="settings", thread=True, exit_on_error=False)

    def _prepare(self, path: Path) -> None:
        settings = _file(path)
        settings.look()
        self.post_message(Prepared(settings))

    @on(Prepared)
    def _begin_to_follow(self, message: Prepared) -> None:
        self._settings = message.settings
        self._settle(message.settings)
        self.set_interval(_EVERY, self.look_at_settings)

    def look_at_settings(self) -> None:
        """Read the settings file if it was changed; a broken one is a banner and changes nothing."""
        if self._settings_path is None:
            return
        if self._settings is None:
            self._settings = _file(self._settings_path)
        if self._settings.look():
            self._settle(self._settings)

    def _settle(self, file: SettingsFile) -> None:
        """What was read comes into force."""
        # A line of the screen has no room for all folders.
        problem, *further = (
            text.replace(str(file.path), file.path.name) for text in (file.problem, *file.problems[1:])
        )
        self.trouble("settings", problem, *further)
        self.trouble("program", "")
        settings = self._shown(file.current)
        told = settings.dashboard
        self.dress(
            Looks(
                theme=told.theme,
                ascii=told.ascii,
                reduced=told.motion == "reduced",
                start=told.start,
                themes={
                    name: table.model_dump(by_alias=True, exclude_none=True)
                    for name, table in settings.themes.items()
                },
            )
        )
        if settings.keys or self._keymap:
            from mi6_tui.tui.keymap import keymap_of

            self.set_keymap(keymap_of(settings.keys))
            for footer in self.screen.query(Footer):
                footer.fill()
        self._tell_title()
        self._watch_for(settings)
        self.take_settings(settings)
        self.settings_changed.publish(None)

    def _watch_for(self, settings: Settings) -> None:
        """The alerts that the settings name; what is so already is told nobody."""
        wanted = (settings.alerts, settings.budgets if settings.alerts else None)
        if wanted == self._wanted:
            return
        self._wanted = wanted
        if self._alerting is not None:
            self._alerting.stop()
            self._alerting = None
        self._alerts = self._rules = self._allowances = None
        self.used = ()
        if self.ask is not None:
            self.ask(ALLOWANCES, None)
        if settings.alerts:
            from mi6_tui.query import parse
            from mi6_tui.tui.alerts import Alerts
            from mi6_tui.tui.allowances import Allowances, rules_of

            queries = {name: alert.query for name, alert in settings.alerts.items()}
            self._alerts = Alerts(
                {name: parse(query) for name, query in queries.items() if query is not None}
            )
            self._rules, self._allowances = rules_of(settings), Allowances()
            self._alerting = self.set_interval(_ALERT_EVERY, self.look_for_alerts)
            self.look_for_alerts()

    def known_sessions(self) -> Collection[Session]:
        """All that is known of."""
        return ()

    def look_for_alerts(self) -> None:
        """Tell of sessions that began to match an alert."""
        if self._alerts is not None and self._settings is not None:
            notes = self._alerts.look(self.known_sessions(), self._clock())
            self._teller.hand_over(self._settings.current.notifications, notes, self._clock())
            if self._rules is not None:
                self._ask_allowances(self._rules)

    def _ask_allowances(self, rules: Rules) -> None:
        from mi6_tui.tui.allowances import AskAllowances

        if self.ask is not None:
            self.ask(ALLOWANCES, AskAllowances(rules, self._clock(), self.zone))

    def take_allowances(self, above: Sequence[Above]) -> None:
        """Tell of limits and budgets that began to be used up."""
        if self._allowances is not None and self._rules is not None and self._settings is not None:
            from mi6_tui.tui.allowances import in_short

            notes = self._allowances.look(above)
            self._teller.hand_over(self._settings.current.notifications, notes, self._clock())
            self.used = in_short(above)

    def take_settings(self, settings: Settings) -> None:
        """Other settings came into force."""

    # What the user is told.

    def trouble(self, what: str, problem: str, *further: str) -> None:
        """Something is wrong with `what`, or with an empty `problem` it is right again.

        What is wrong `further` stands among the messages only.
        """
        for told in (problem, *further):
            if told:
                self.messages.add("error", what, told)

    def notify(self, message: str, *, title: str = "", severity: Any = "information", **options: Any) -> None:
        """Show a note for some seconds, never read as markup; it stays among the messages."""
        options["markup"] = False
        self.messages.add(severity, title, message)
        super().notify(message, title=title, severity=severity, **options)

    def take_rows(self, sessions: Iterable[Session], gone: Iterable[Key] = ()) -> None:
        """Look at rows that changed, and know of those that are gone no longer."""
        self._blocked.difference_update(gone)
        for session in sessions:
            (self._blocked.add if session.status_shown in BLOCKED else self._blocked.discard)(session.key)
        self._tell_title()
        if self._settings_path is not None:
            self._teller.take(sessions, self._clock())
            self._attend_soon()

    @property
    def looked_at(self) -> Key | None:
        """The session that fills the screen."""
        return None

    def attend(self) -> None:
        """Tell what is due, and come again if something may be due later."""
        self._telling = None
        if self._settings is not None:
            looked_at = self.looked_at if self.app_focus else None
            self._teller.tell(self._settings.current.notifications, self._clock(), looked_at)
        self._attend_soon()

    def _attend_soon(self) -> None:
        if self._teller.pending and self._telling is None:
            self._telling = self.set_timer(GRACE / 1000, self.attend)

    def _toast(self, title: str, body: str, severity: Severity) -> None:
        self.notify(body, title=title, severity=severity)

    @on(ProgramFailed)
    def _program_failed(self, message: ProgramFailed) -> None:
        self.trouble("program", message.why)

    def _write(self, sequence: str) -> None:
        if self._driver is not None:
            self._driver.write(sequence)

    # The terminal's title.

    def _tell_title(self) -> None:
        if self._settings is None or not self._settings.current.dashboard.title:
            self.give_title_back()
            return
        count = len(self._blocked)
        told = f"mi6 {count} need{'s' if count == 1 else ''} you" if count else "mi6"
        if told != self._titled:
            self._write((TITLE_KEPT if not self._titled else "") + title(told))
            self._titled = told

    def take_title_again(self) -> None:
        """Say anew what it is: somebody else had the terminal."""
        self._titled = ""
        self._tell_title()

    def give_title_back(self) -> None:
        """Let the terminal have the title that it had before."""
        if self._titled:
            self._write(TITLE_BACK)
            self._titled = ""
