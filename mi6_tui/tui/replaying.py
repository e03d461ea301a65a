"""The dashboard over a recording: a copy is filled event by event, a strip tells the time it has come to."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Final

from textual.binding import BindingType
from textual.screen import ModalScreen, Screen

from mi6_tui.errors import DONE
from mi6_tui.ingest.play_clock import PlayClock
from mi6_tui.ingest.player import Player
from mi6_tui.ingest.recording import Recording
from mi6_tui.ingest.scratch import scratch_folder
from mi6_tui.storage import Storage
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui import text
from mi6_tui.tui.app import Mi6App
from mi6_tui.tui.commands import Command, bindings
from mi6_tui.tui.widgets.bar import Bar, Piece

_MINUTE: Final = 60_000
_HOUR: Final = 60 * _MINUTE

COMMANDS: Final = (
    Command("app.pause", "P", "P", "pause", "Stop the replay, or let it go on"),
    Command("app.hurry(0.5)", "less_than_sign", "<", "slower", "Half and twice the speed"),
    Command("app.hurry(2.0)", "greater_than_sign", ">", "faster"),
    Command(f"app.jump({-_MINUTE})", "left_square_bracket", "[", "minute back", "A minute back and forth"),
    Command(f"app.jump({_MINUTE})", "right_square_bracket", "]", "minute on"),
    Command(f"app.jump({-_HOUR})", "left_curly_bracket", "{", "hour back", "An hour back and forth"),
    Command(f"app.jump({_HOUR})", "right_curly_bracket", "}", "hour on"),
)
"""Of a replay, on every screen."""


class ReplayStrip(Bar):
    """One line above a screen: the replayed time, how fast it goes, the keys."""


class ReplayApp(Mi6App):
    """Plays what lies between `begin` and `end` (ms) on `clock`."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(COMMANDS)]

    def __init__(self, storage: Storage, *, clock: PlayClock, begin: int, end: int, **options: Any) -> None:
        # Its processes are those of another time.
        super().__init__(storage, clock=clock, read_only=True, **options)
        self.refusal = "a replay is read-only"
        self.play = clock
        self.again_at: int | None = None
        """Where the user wants it played anew (ms): a copy cannot forget."""
        self._first = begin
        self._last = end

    def on_mount(self) -> None:
        """Follow the clock."""
        self.set_interval(0.5, self.tell_time)

    def push_screen(self, *args: Any, **options: Any) -> Any:
        """Every screen has the strip."""
        pushed = super().push_screen(*args, **options)
        self.call_later(self.tell_time)
        return pushed

    def tell_time(self) -> None:
        """Bring the strip of the screen that is seen up to the clock."""
        screen = self.screen
        if isinstance(screen, ModalScreen) or not screen.is_mounted:
            return
        strip = _strip_of(screen)
        if strip is None:
            strip = ReplayStrip(keeps_left=True)
            screen.mount(strip)
        if self.play() >= self._last and not self.play.paused:
            self.play.pause(True)
        strip.say(self._pieces(), _KEYS)

    def _pieces(self) -> list[Piece]:
        now = min(self.play(), self._last)
        when = text.moment(now, self.zone)
        told = f"{when:%a %d %b %Y %H:%M:%S}" if when else "at no known time"
        share = 100 * (now - self._first) // max(1, self._last - self._first)
        pace = "paused" if self.play.paused else f"{self.play.speed:g}x"
        if now >= self._last:
            pace = "the end"
        return [(" replay ", "bold $name"), (told, "$plain"), (f"  {share} %  {pace}", "$quiet")]

    # Commands.

    def action_pause(self) -> None:
        """Stop, or go on."""
        self.play.pause(not self.play.paused)
        self.tell_time()

    def action_hurry(self, factor: float) -> None:
        """Another speed."""
        self.play.hurry(factor)
        self.tell_time()

    def action_jump(self, ms: int) -> None:
        """Go on at another time; back, the copy is made anew."""
        to = min(max(self.play() + ms, self._first), self._last)
        if ms < 0:
            self.again_at = to
            self.exit()
            return
        self.play.jump(to)
        self.tell_time()


_KEYS: Final[list[Piece]] = [
    ("P", "bold $plain"),
    (" pause  ", "$quiet"),
    ("< >", "bold $plain"),
    (" speed  ", "$quiet"),
    ("[ ]", "bold $plain"),
    (" minute  ", "$quiet"),
    ("{ }", "bold $plain"),
    (" hour ", "$quiet"),
]


def _strip_of(screen: Screen[Any]) -> ReplayStrip | None:
    return next((child for child in screen.children if isinstance(child, ReplayStrip)), None)


def run_replay(recording: Storage, at: int, speed: float) -> int:
    """Play `recording` from `at` (ms) on until the user quits; the exit code. StorageError as it comes."""
    clock = PlayClock(at, speed)
    while True:
        with scratch_folder("replay") as folder:
            app = _run_once(recording, clock, folder)
        if app.again_at is None:
            return app.return_code or DONE
        clock.jump(app.again_at)


def _run_once(recording: Storage, clock: PlayClock, folder: Path) -> ReplayApp:
    script = Recording(recording)
    begin, end = script.begin or 0, script.end or 0
    storage = SqliteStorage(folder / "mi6.db", clock=clock)
    try:
        app = ReplayApp(
            storage,
            clock=clock,
            begin=begin,
            end=end,
            make_scanner=lambda: Player(storage, script, clock),
            settings=folder / "settings.toml",
        )
        app.run()
    finally:
        storage.close()
    return app
