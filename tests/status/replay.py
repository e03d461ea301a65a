"""A recorded day of a client, told again on a clock of our own.

`tests/data/status/CLIENT.jsonl.gz` holds what happened, by ms: transcripts that grew by so many lines (of the
copies in tests/data), registry and lock files as they were written and removed, hook calls, processes that
began and ended, rows of opencode's database.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from tests.status.machine import TICK_MS
from tests.status.plugin import Plugin
from tests.status.truth import DATA, truth_of
from tests.status.world import Shown, World

_HOMES = DATA.parent


class Recording(msgspec.Struct, frozen=True):
    """One of the recorded days."""

    name: str
    client: str


RECORDINGS = {
    name: Recording(name, client)
    for name, client in (
        ("claude", "claude"),
        ("claude-headless-permission", "claude"),
        ("codex", "codex"),
        ("gemini", "gemini"),
        ("copilot", "copilot"),
        ("opencode", "opencode"),
    )
}


@cache
def happenings(recording: str) -> tuple[Mapping[str, Any], ...]:
    """All of a recording, in the order of time."""
    with gzip.open(DATA / f"{recording}.jsonl.gz", "rb") as file:
        return tuple(json.loads(line) for line in file)


@cache
def transcript(recording: str, file: str) -> tuple[bytes, ...]:
    """The lines of a transcript as it was in the end."""
    own = DATA / f"{recording}.transcript.jsonl.gz"
    path = own if own.exists() else _HOMES / RECORDINGS[recording].client / "home" / f"{file}.gz"
    return tuple(gzip.decompress(path.read_bytes()).splitlines(keepends=True))


class Replay:
    """Tells a recording to a world."""

    def __init__(self, recording: str, world: World) -> None:
        self._recording = recording
        self._world = world
        self._grown: dict[str, int] = {}
        self._names = last_names(recording)
        self._plugins: dict[int, Plugin] = {}

    def run(self) -> None:
        """From the first happening to the end of the last truth."""
        end = max(spans[-1].end for spans in truth_of(self._recording).values())
        for happening in happenings(self._recording):
            self._world.run_to(happening["at"])
            self._tell(happening)
        self._world.run_to(end)

    def _tell(self, it: Mapping[str, Any]) -> None:
        world = self._world
        if "grow" in it:
            self._grow(it["grow"], it["lines"])
        elif "move" in it:
            world.move(it["move"], it["to"])
            self._grown[it["to"]] = self._grown.pop(it["move"])
        elif "put" in it:
            world.put(it["put"], it["text"])
        elif "remove" in it:
            world.remove(it["remove"])
        elif "hook" in it:
            self._call(it)
        elif "row" in it:
            world.row(it["row"], it["values"])
        elif "process" in it:
            names = ("parent", "name", "cwd", "ticks")
            world.process(it["process"], it["argv"], **{key: it[key] for key in names if key in it})
        else:
            world.machine.end(it["exit"])

    def _call(self, it: Mapping[str, Any]) -> None:
        name, payload = it["hook"], it["payload"]
        if name == "event":
            name = payload["type"]
            if not self._world.subscribed(name):
                return
            payload = self._plugins.setdefault(it["ppid"], Plugin()).handed_on(payload)
        if payload is not None:
            self._world.hook(name, payload, ppid=it.get("ppid"), env=it["env"])

    def _grow(self, file: str, lines: int) -> None:
        told = self._grown.get(file, 0)
        self._grown[file] = told + lines
        kept = transcript(self._recording, self._names.get(file, file))
        assert told + lines <= len(kept), "the log tells of no more lines than there are"
        self._world.append(file, b"".join(kept[told : told + lines]))


@cache
def last_names(recording: str) -> dict[str, str]:
    """What the files that were moved are called in the end."""
    return {it["move"]: it["to"] for it in happenings(recording) if "move" in it}


def replayed(recording: str, folder: Path, **witnesses: bool) -> Mapping[str, list[Shown]]:
    """What was shown of each session over a recorded day, with all witnesses or without some."""
    began = happenings(recording)[0]["at"] - 1_000
    world = World(folder, RECORDINGS[recording].client, began, booted_at=_booted_at(recording), **witnesses)
    try:
        Replay(recording, world).run()
        return world.shown
    finally:
        world.close()


def _booted_at(recording: str) -> int | None:
    """When the machine was started, by a process that told its clock ticks."""
    told = (it["at"] - it["ticks"] * TICK_MS for it in happenings(recording) if "ticks" in it)
    return next(told, None)
