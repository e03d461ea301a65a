"""A storm of hooks: a thousand calls by twenty processes, while those who record them are killed."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from functools import partial
from random import Random
from typing import Final

from tests.ingest.spool.hooking import line
from tests.torture.killing import Child, Deaths, any_kill, ended, note
from tests.torture.rows import rows, unsound
from tests.torture.world import World

PROCESSES: Final = 20
CALLS: Final = 50
"""Of each."""
_EVENT: Final = "UserPromptSubmit"


def play(world: World, chance: Random, deaths: Deaths) -> None:
    """Every call is in the store, once, and no file is left."""
    callers = [Child(partial(_call, world, number)) for number in range(PROCESSES)]
    waiting = list(callers)
    while waiting:
        kill = any_kill(chance)
        note("in the storm", kill, Child(world.scan, kill).end(), deaths)
        ending = waiting.pop().end() if chance.random() < 0.3 else None
        assert ending is None or ending.trouble is None, ending and ending.trouble
    ended(lambda: _trouble(world))


def _call(world: World, number: int) -> None:
    command = line(world.spool)
    for call in range(CALLS):
        told = {"session_id": f"s{number}", "hook_event_name": _EVENT, "prompt": f"{number} {call}"}
        done = subprocess.run(
            ("sh", "-c", command), input=json.dumps(told).encode(), capture_output=True, check=True
        )
        assert not done.stdout + done.stderr


def _trouble(world: World) -> str | None:
    world.scan()
    if wrong := unsound(world.store):
        return f"unsound: {wrong}"
    found = rows(world.store)
    told = Counter(json.loads(row["payload"])["prompt"] for row in found["events"])
    expected = {f"{number} {call}" for number in range(PROCESSES) for call in range(CALLS)}
    if told != Counter(expected):
        lost, doubled = expected - set(told), [prompt for prompt, count in told.items() if count > 1]
        return f"lost: {sorted(lost)}, counted more than once: {doubled}"
    counts = {row["session_id"]: row["n_hook_events"] for row in found["sessions"]}
    if counts != {f"s{number}": CALLS for number in range(PROCESSES)}:
        return f"the sessions' rows say {counts}"
    left = [path.name for path in world.spool.iterdir()]
    return f"left in the spool: {left}" if left else None
