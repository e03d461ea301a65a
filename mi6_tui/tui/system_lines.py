"""The page of the system as lines of pieces: own cost, checks, store, clients. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import tzinfo
from typing import Final

from mi6_tui.doctor.checks import Check, checks
from mi6_tui.doctor.facts import Client, Facts
from mi6_tui.doctor.own import Own
from mi6_tui.ingest.loopback.tidings import in_words
from mi6_tui.model import Machine, Way
from mi6_tui.tui import text
from mi6_tui.tui.fleet import Seen, freshness
from mi6_tui.tui.pieces import Line, Piece, within
from mi6_tui.tui.worker import ScanView

_LABEL: Final = 11
_NAME: Final = 21
_MACHINE: Final = 24
_LOOKS: Final = {"ok": ("✓", "working"), "warning": ("◆", "needs-you"), "failed": ("✗", "trouble")}
_URGENCY: Final = ("failed", "warning", "ok")
_LONGEST: Final = 1000
_OF_A_FILE: Final = (
    "store",
    "store disk",
    "store log",
    "store network",
    "store owner",
    "store privacy",
    "writer",
)
"""Checks of a store that is a file."""
_WAYS: Final = {Way.LOCAL: "scanned here", Way.PUSH: "pushes", Way.REMOTE: "read over ssh"}


def system_lines(
    facts: Facts,
    own: Own,
    scan: ScanView,
    zone: tzinfo | None,
    width: int,
    fleet: Seen | None = None,
    *,
    in_database: bool = False,
) -> tuple[Line, ...]:
    """The whole page in lines of at most `width` cells.

    `fleet`: the machines that the store has heard of. What is known of a store's file does not matter where
    the store is a database.
    """
    program = _program(facts, own, scan, zone, width, in_database=in_database)
    lines: list[Line] = [_head("This program", width), *program, ()]
    told = [check for check in checks(facts) if not (in_database and check.name in _OF_A_FILE)]
    found = sorted(told, key=lambda check: _URGENCY.index(check.level))
    lines += [_head(f"Doctor: {summary(found)}", width), *_doctor(found, width), ()]
    lines += [_head("Store", width), *_store(facts, width, in_database=in_database), ()]
    if fleet is not None and fleet.machines:
        lines += [_head("Machines", width), *_machines(fleet.machines, facts.now + fleet.ahead, width), ()]
    lines += [_head("Clients", width), *_clients(facts, width), ()]
    lines += [_head("Log", width), *_log(facts, width), ()]
    return (*lines, _head("Versions", width), *_versions(facts, width))


def summary(found: Iterable[Check]) -> str:
    """How many there are of each level."""
    levels = [check.level for check in found]
    told = [f"{levels.count('failed')} failed", text.plural(levels.count("warning"), "warning")]
    return ", ".join([*told, f"{levels.count('ok')} well"])


def size(number: int | None) -> str:
    """Bytes: `512 B`, `12.3 kB`, `1.20 MB`."""
    if number is None:
        return text.UNKNOWN
    words = text.count(number)
    return f"{words} B" if words.isdigit() else f"{words[:-1]} {words[-1]}B"


def _head(words: str, width: int) -> Line:
    return within(((f" {words}", "name"),), width)


def _told(label: str, value: str, width: int, ink: str = "plain") -> Iterable[Line]:
    """A label, and a value that breaks into as many lines as it needs."""
    room = width - _LABEL - 3
    for number, part in enumerate(text.wrapped(text.clean(value, _LONGEST), room)):
        yield within(((f"  {text.fit('' if number else label, _LABEL)} ", "quiet"), (part, ink)), width)


# This process.


def _program(
    facts: Facts, own: Own, scan: ScanView, zone: tzinfo | None, width: int, *, in_database: bool
) -> Iterable[Line]:
    now = _share(own.cpu_now)
    yield from _told("cpu", f"{now} of a core now, {_share(own.cpu)} since its start {_age(own)} ago", width)
    yield from _told("memory", f"{size(own.memory)}, {text.plural(own.threads, 'thread')}", width)
    yield from _told("wake-ups", f"{_number(own.wakeups)} a second", width)
    rate = size(round(own.read_rate)) if own.read_rate is not None else text.UNKNOWN
    yield from _told("bytes read", f"{size(own.read)}, {rate} a second", width)
    yield from _told("lag", _lag(facts, zone), width)
    if not in_database:
        yield from _told("writer", _writer(facts, scan), width)


def _share(share: float | None) -> str:
    return text.UNKNOWN if share is None else f"{share * 100:.1f} %"


def _number(number: float | None) -> str:
    return text.UNKNOWN if number is None else f"{number:.1f}"


def _age(own: Own) -> str:
    return text.age(round(own.age * 1000))


def _lag(facts: Facts, zone: tzinfo | None) -> str:
    content = facts.content
    if content is None or content.newest is None:
        return "no event was recorded yet"
    newest = (
        f"newest event {text.time_of_day(content.newest, zone)}, {text.age(facts.now - content.newest)} ago"
    )
    if content.newest_recorded is None:
        return f"{newest}; when it was recorded nobody noted"
    late = max(0, content.newest_recorded - content.newest)
    return f"{newest}, recorded {text.duration(late)} later"


def _writer(facts: Facts, scan: ScanView) -> str:
    writer, state = facts.writer, scan.state
    if state is not None and state.reason:
        return f"none here: {state.reason}"
    told: str = writer.role
    if writer.role == "another process" and writer.pid is not None:
        told = f"process {writer.pid}; this one reads"
    if state is not None and state.role == "writer":
        told += ", told of changes by the system" if state.watching else ", looking for changes by itself"
    return told


# Checks.


def _doctor(found: Iterable[Check], width: int) -> Iterable[Line]:
    for check in found:
        glyph, ink = _LOOKS[check.level]
        room = width - _NAME - 6
        name = f"{text.fit(text.clean(check.name, 40), _NAME)} "
        for number, part in enumerate(text.wrapped(text.clean(check.told, _LONGEST), room)):
            head: list[Piece] = [(f"  {glyph} ", ink), (name, "name" if check.level != "ok" else "plain")]
            if number:
                head = [(" " * (_NAME + 5), "plain")]
            yield within((*head, (part, "quiet" if check.level == "ok" else "plain")), width)
        for number, part in enumerate(text.wrapped(text.clean(check.advice, _LONGEST), room - 2)):
            if part:
                arrow = "→ " if not number else "  "
                yield within(((" " * (_NAME + 5), "plain"), (arrow, "quiet"), (part, "turn")), width)


# The store.


def _store(facts: Facts, width: int, *, in_database: bool) -> Iterable[Line]:
    store, content = facts.store, facts.content
    if in_database:
        yield from _told("database", "filled by the machines whose sessions it holds", width)
    else:
        yield from _told("file", store.path, width)
        free = f", {size(store.free_bytes)} free on its disk" if store.free_bytes is not None else ""
        yield from _told("size", f"{size(store.bytes)}, write-ahead log {size(store.log_bytes)}{free}", width)
    if content is not None:
        rows = f"{content.sessions:,} sessions ({content.active:,} not ended), "
        rows += f"{content.events:,} events, {content.requests:,} requests"
        yield from _told("rows", rows, width)
    if facts.store_problem:
        yield from _told("trouble", facts.store_problem, width, "trouble")


# The machines.


def _machines(machines: Sequence[Machine], now: int, width: int) -> Iterable[Line]:
    for machine in machines:
        name = text.fit(text.clean(machine.machine_id, 80), _MACHINE)
        pieces: list[Piece] = [(f"  {name} ", "name"), (text.fit(_WAYS[machine.way], 14), "quiet")]
        for number, (words, ink) in enumerate(freshness(machine, now)):
            pieces.append((f", {words}" if number else words, ink))
        if machine.address:
            pieces.append((f", at {text.clean(machine.address, 80)}", "quiet"))
        yield within(pieces, width)


# Clients.


def _clients(facts: Facts, width: int) -> Iterable[Line]:
    yield within(
        (
            (f"  {text.fit('client', _LABEL)} ", "faint"),
            (text.fit("hooks", 13), "faint"),
            (text.fit("last call", 11), "faint"),
            (text.fit("registry", 13), "faint"),
            (text.fit("files", 8, right=True), "faint"),
            (text.fit("read last", 11, right=True), "faint"),
            ("  transcripts in", "faint"),
        ),
        width,
    )
    for client in facts.clients:
        yield within(_client(facts, client, width), width)
    spool = facts.spool
    told = (
        f"{spool.waiting} calls wait, {spool.dropped} dropped, {spool.quarantined} set aside, in {spool.path}"
    )
    yield from _told("spool", told, width)
    if facts.ports is not None:
        state = f"ended {text.age(facts.now - facts.ports.at)} ago" if facts.ports.ended else "open"
        yield from _told("ports", f"{in_words(facts.ports)}; process {facts.ports.pid}, {state}", width)
    for problem in facts.problems:
        yield from _told("unreadable", problem, width, "trouble")


def _client(facts: Facts, client: Client, width: int) -> Iterable[Piece]:
    heard = facts.content.heard.get(client.name, {}) if facts.content is not None else {}
    read = [root.read for root in client.roots if root.read is not None]
    last = max((below.last for below in read if below.last is not None), default=None)
    files = sum(below.files for below in read) if read else None
    states = [hooks.state for hooks in client.hooks]
    worst = next(
        (state for state in ("cannot tell", "outdated", "not enabled") if state in states), "enabled"
    )
    hooks = (worst if states else text.UNKNOWN) if client.present else "not here"
    registry = "none of its" if client.registries is None else "absent"
    if client.registries:
        registry = _ago(facts.now, heard.get("registry"), "there")
    ink = "plain" if client.present else "quiet"
    yield f"  {text.fit(client.name, _LABEL)} ", "name" if client.present else "quiet"
    yield text.fit(hooks, 13), "needs-you" if client.present and hooks in ("outdated", "cannot tell") else ink
    yield text.fit(_ago(facts.now, heard.get("hook"), text.UNKNOWN), 11), ink
    yield text.fit(registry, 13), ink
    yield text.fit(f"{files:,}" if files is not None else text.UNKNOWN, 8, right=True), ink
    yield text.fit(_ago(facts.now, last, "never"), 11, right=True), ink
    left = width - _LABEL - 3 - 13 - 11 - 13 - 8 - 11 - 2
    if left >= 16:
        paths = ", ".join(f"{root.path} (missing)" if not root.exists else root.path for root in client.roots)
        yield f"  {text.fit(text.clean(paths), left)}", "quiet"


def _ago(now: int, moment: int | None, otherwise: str) -> str:
    return otherwise if moment is None else f"{text.age(now - moment)} ago"


# The rest.


def _log(facts: Facts, width: int) -> Iterable[Line]:
    yield from _told("file", facts.log.path, width)
    for line in facts.log.last:
        yield within(((f"  {text.fit(text.clean(line), max(1, width - 4))}", "quiet"),), width)


def _versions(facts: Facts, width: int) -> Iterable[Line]:
    yield from _told("", ", ".join(f"{name} {version}" for name, version in facts.versions.items()), width)
