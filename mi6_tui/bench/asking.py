"""Commands that others wait for: what status bars and scripts ask, and the hooks of agents."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Final

from mi6_tui.bench.fleet import fill
from mi6_tui.bench.place import FULL, OURS, Place
from mi6_tui.bench.row import Figure, Row
from mi6_tui.bench.timing import Contender, time_in_turn
from mi6_tui.hooks.line import shell_line

NEXT: Final = Row(
    name="next",
    title=f"`next --json --no-scan`, {FULL.listed:,} sessions",
    unit="ms",
    against={"python -c pass": 8.0},
)
SESSIONS: Final = Row(
    name="sessions",
    title=f"`sessions --json --no-scan`, {FULL.listed:,} sessions",
    unit="ms",
    against={"python -c pass": 8.0},
)
NEXT_LOOK: Final = Row(
    name="next-look",
    title="`next --json`, which looks for news first",
    unit="ms",
    against={"python -c pass": 8.0},
)
SESSIONS_LOOK: Final = Row(
    name="sessions-look",
    title="`sessions --json`, which looks for news first",
    unit="ms",
    against={"python -c pass": 8.0},
)
HOOK: Final = Row(
    name="hook", title="a hook, as the agent waits for it", unit="ms", most=4.3, against={"sh -c :": 4.0}
)
READERS: Final = (NEXT, SESSIONS, NEXT_LOOK, SESSIONS_LOOK)

_HOOK_ROUNDS: Final = 20
"""As often as other commands times this: one takes two milliseconds."""
_HOOK_PAYLOAD: Final = json.dumps(
    {"session_id": "s", "hook_event_name": "Stop", "text": "word " * 400}
).encode()


def measure_readers(place: Place) -> Iterator[Figure]:
    """Over a full list."""
    fill(place.store("asked"), place.sizes.listed, place.sizes.events)
    env = place.env("asked")
    asked = (
        (NEXT, ("next", "--json", "--no-scan")),
        (SESSIONS, ("sessions", "--json", "--no-scan")),
        (NEXT_LOOK, ("next", "--json")),
        (SESSIONS_LOOK, ("sessions", "--json")),
    )
    bare = Contender("python -c pass", (sys.executable, "-c", "pass"), env)
    timed = time_in_turn(
        [bare, *(Contender(row.name, (*OURS, *words), env) for row, words in asked)], place.runs
    )
    for row in (SESSIONS, SESSIONS_LOOK):
        if len(json.loads(timed[row.name].outputs[-1])) != place.sizes.listed:
            raise AssertionError(f"{row.name}: not all sessions were printed")
    for row, _ in asked:
        ours = timed[row.name]
        values = [seconds * 1000 for seconds in ours.seconds]
        yield row.figure(values, {bare.name: timed[bare.name].median * 1000}, cpu=ours.median_cpu * 1000)
    place.forget("asked")()


def measure_hook(place: Place) -> Iterator[Figure]:
    """Against a shell that does nothing with the same payload."""
    spool = place.folder / "spool"
    spool.mkdir(mode=0o700)
    script = Path(str(files("mi6_tui.ingest.spool").joinpath("hook.sh")))
    line = shell_line("claude", script, spool)
    env, runs = place.env("hook"), place.runs * _HOOK_ROUNDS
    timed = time_in_turn(
        [
            Contender("hook", ("sh", "-c", line), env, given=_HOOK_PAYLOAD),
            Contender("sh -c :", ("sh", "-c", ":"), env, given=_HOOK_PAYLOAD),
        ],
        runs,
    )
    left = len(list(spool.iterdir()))
    if left != runs + 1:
        raise AssertionError(f"the hooks left {left} files")
    values = [seconds * 1000 for seconds in timed["hook"].seconds]
    yield HOOK.figure(values, {"sh -c :": timed["sh -c :"].median * 1000})
