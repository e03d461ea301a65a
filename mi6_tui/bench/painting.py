"""What a user waits for: the first table, and what a key does to it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from statistics import median
from typing import Final

from mi6_tui.bench.corpus import ASKED
from mi6_tui.bench.fleet import PAINTED, fill
from mi6_tui.bench.place import FULL, OURS, Place
from mi6_tui.bench.row import Figure, Row
from mi6_tui.bench.terminal import Terminal
from mi6_tui.bench.timing import percentile

_APP: Final = """
import sys
from textual.app import App
from textual.widgets import DataTable
class Bare(App):
    def compose(self):
        table = DataTable(cursor_type="row")
        table.add_columns("Session", "PAINTED", "Age", "Cost")
        table.add_rows((f"row {n}", "Painted", n, n * 3) for n in range(int(sys.argv[1])))
        yield table
Bare().run()
"""
_EMPTY: Final = "an empty Textual app"
_TABLE: Final = "Textual's own table"

PAINT: Final = Row(
    name="paint",
    title=f"start to the painted table, {FULL.listed:,} sessions",
    unit="ms",
    against={_EMPTY: 1.35},
)
KEY_TYPICAL: Final = Row(
    name="key",
    title="a key, until the selected row and all painted with it is there, "
    f"{FULL.listed:,} sessions, {FULL.listed * FULL.events:,} events",
    unit="ms",
    against={_TABLE: None},
)
KEY_SLOW: Final = Row(
    name="key-p95", title="95th percentile of these keys", unit="ms", most=30, against={_TABLE: None}
)
ROWS: Final = (PAINT, KEY_TYPICAL, KEY_SLOW)

KEYS: Final = (b"j", b"j", b"\x1b[6~", b"\x1b[5~", b"j", b"j", b"k", b"k")
"""Lines and pages, each of which moves the cursor wherever it is."""
_ARROWS: Final = tuple({b"j": b"\x1b[B", b"k": b"\x1b[A"}.get(key, key) for key in KEYS)
"""The same for Textual's own table."""
_SELECTED: Final = re.compile(rf"▌[^\n]*?({PAINTED} \d+|{ASKED} \d+ of \d+)".encode())
"""The selected row, and whose it is."""
_ROW: Final = re.compile(PAINTED.encode())
"""A row of Textual's own table, which paints only those that changed."""
_SETTLE: Final = 3.0


def measure(place: Place) -> Iterator[Figure]:
    """Beside what Textual itself takes."""
    fill(place.store("painted"), place.sizes.listed, place.sizes.events)
    env = place.env("painted")
    ours: list[float] = []
    empty: list[float] = []
    for run in range(place.runs + 1):
        with Terminal(OURS, env) as terminal:
            seen = terminal.wait_for(PAINTED.encode())
        with Terminal(bare(0), env) as terminal:
            bare_seen = terminal.wait_for(b"PAINTED")
        if run:
            ours.append(seen * 1000)
            empty.append(bare_seen * 1000)
    yield PAINT.figure(ours, {_EMPTY: median(empty)})
    with Terminal(OURS, env) as terminal, Terminal(bare(place.sizes.listed), env) as table:
        terminal.wait_for(PAINTED.encode())
        table.wait_for(PAINTED.encode())
        terminal.drain(_SETTLE * place.sizes.patience)
        mine: list[float] = []
        theirs: list[float] = []
        for _ in range(place.runs):
            mine += keys(terminal, place.sizes.keys)
            theirs += keys(table, place.sizes.keys, _ARROWS, mark=_ROW)
    yield KEY_TYPICAL.figure(mine, {_TABLE: median(theirs)})
    yield KEY_SLOW.figure(mine, {_TABLE: percentile(theirs, 0.95)}, value=percentile(mine, 0.95))
    place.forget("painted")()


def bare(rows: int) -> tuple[str, ...]:
    """The command of a Textual app with nothing but a table of so many rows."""
    return (sys.executable, "-c", _APP, str(rows))


def keys(
    terminal: Terminal,
    number: int,
    which: Sequence[bytes] = KEYS,
    *,
    mark: re.Pattern[bytes] = _SELECTED,
    rest: float = 1.0,
) -> list[float]:
    """Press so many keys in the list, one after the other; ms that each took until `mark` was painted.

    What a pane beside the list paints of it some time later is waited for, `rest` seconds at most, and not
    counted.
    """
    return [terminal.answer(key, mark, rest=rest) * 1000 for key in islice(cycle(which), number)]
