"""Judges facts: what is well, what is odd, what is wrong, and what to do about it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Literal

import msgspec

from mi6_tui.doctor.facts import Client, Facts

Level = Literal["ok", "warning", "failed"]

_MINUTE: Final = 60_000
_LATE: Final = 10 * _MINUTE
"""ms that a writer may take for what lies in the spool."""
_AHEAD: Final = 5 * _MINUTE
_LITTLE: Final = 1 << 30
_TOO_LITTLE: Final = 100 << 20
"""Bytes that should be free on the store's disk, and must be."""
_LONG_LOG: Final = 256 << 20
_FEW: Final = 256
"""Files that should at least be allowed to be open at once."""
_SAVED: Final = (
    "`mi6-tui doctor --rebuild` makes a new one from the transcripts, and keeps what can be read of this one"
)
_WISH: Final = "opened for reading only"
"""Why a store that was opened for this look cannot be written: nothing is wrong with it."""


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One judgement."""

    name: str
    """What was looked at: `store`, `hooks claude`."""
    level: Level
    told: str
    """What was found."""
    advice: str = ""
    """What to do; empty where nothing need be done."""


def checks(facts: Facts) -> list[Check]:
    """All judgements, in the order of the program's parts."""
    found = [*_store(facts), *_writer(facts), *_settings(facts), _log(facts), *_spool(facts)]
    for client in facts.clients:
        found += [*_hooks(client), *_transcripts(client)]
    return [*found, *_machine(facts), *_reading(facts), *_prices(facts), *_clock(facts)]


def _ok(name: str, told: str) -> Check:
    return Check(name=name, level="ok", told=told)


def _warning(name: str, told: str, advice: str) -> Check:
    return Check(name=name, level="warning", told=told, advice=advice)


def _failed(name: str, told: str, advice: str) -> Check:
    return Check(name=name, level="failed", told=told, advice=advice)


def _store(facts: Facts) -> Iterator[Check]:
    store, content = facts.store, facts.content
    if facts.store_problem:
        yield _failed("store", facts.store_problem, "nothing can be shown until it can be read")
    elif store.bytes is None and not store.writable:
        yield _failed("store", f"{store.path} cannot be made: no permission", "name another with --db")
    elif store.bytes is None:
        yield _warning("store", f"{store.path} is not made yet", "run `mi6-tui scan`")
    elif not store.writable:
        yield _failed(
            "store",
            f"{store.path} or its folder cannot be written: what is new is not recorded",
            "give yourself permission to write both, or name another with --db",
        )
    elif content is not None and content.read_only is not None and _WISH not in content.read_only:
        yield _warning("store", content.read_only, "nothing new is recorded here; name another with --db")
    else:
        yield _ok("store", f"{store.path} can be read and written")
    yield from _integrity(facts)
    if store.owner is not None:
        yield _warning(
            "store owner",
            f"{store.path} belongs to {store.owner}",
            "what you record is theirs; give it to yourself, or name another with --db",
        )
    if not store.private:
        yield _warning(
            "store privacy",
            f"other users of this machine can read {store.path}",
            f"run `chmod 600 {store.path}`: it holds what you and your agents wrote",
        )
    if store.network is not None:
        yield _warning(
            "store network",
            f"{store.path} lies on a file system over a network: {store.network}",
            "SQLite's log is for one machine: keep the store on a disk of its own with --db; "
            "one for several machines goes into PostgreSQL",
        )
    if store.free_bytes is not None and store.free_bytes < _LITTLE:
        level: Level = "failed" if store.free_bytes < _TOO_LITTLE else "warning"
        told = f"{store.free_bytes >> 20} MiB are free on the disk of the store"
        yield Check(name="disk", level=level, told=told, advice="make room, or `mi6-tui gc` old events")
    if store.log_bytes > _LONG_LOG:
        yield _warning(
            "store log",
            f"its write-ahead log has grown to {store.log_bytes >> 20} MiB",
            "some program reads the store for very long; it shrinks when that one ends",
        )


def _integrity(facts: Facts) -> Iterator[Check]:
    looked = facts.integrity
    if looked is None:
        return
    if looked.disk:
        yield _failed("store disk", looked.disk, f"copy what you need to another disk; {_SAVED}")
    elif looked.passed:
        yield _warning(
            "store disk",
            f"{facts.store.path} could not be read at first, and a moment later could",
            "its disk or the way there fails now and then: copy what you need to another",
        )
    elif looked.damage:
        yield _failed("store damage", f"{facts.store.path} is damaged: {looked.damage}", _SAVED)
    elif looked.complete:
        yield _ok("store damage", f"none in {facts.store.path}")
    else:
        yield _ok(
            "store damage",
            f"none was found within {looked.seconds:.0f} s, too few for all of it; --thorough takes its time",
        )


def _machine(facts: Facts) -> Iterator[Check]:
    machine = facts.machine
    if machine.watching:
        yield _warning(
            "watching",
            f"the system announces no changes: {machine.watching}",
            "they are looked for, which takes seconds; raise fs.inotify.max_user_watches",
        )
    if machine.descriptors is not None and machine.descriptors < _FEW:
        yield _warning(
            "open files",
            f"no more than {machine.descriptors} files may be open at once",
            "raise it with `ulimit -n`",
        )
    if machine.temporary:
        yield _warning("temporary folder", machine.temporary, "set TMPDIR to a folder that can be written")


def _writer(facts: Facts) -> Iterator[Check]:
    writer = facts.writer
    if writer.role == "nobody can":
        yield _failed("writer", f"the lock cannot be used: {writer.problem}", "see who owns that file")
    elif writer.role == "nobody":
        yield _ok("writer", "nobody writes the store now; the next dashboard or scan will")
    elif writer.role == "this process":
        yield _ok("writer", "this process writes the store")
    else:
        who = f"process {writer.pid}" if writer.pid is not None else "another process"
        yield _ok("writer", f"{who} writes the store, the others read")


def _settings(facts: Facts) -> Iterator[Check]:
    settings = facts.settings
    for problem in settings.problems:
        yield _failed("settings", problem, "mend that line; until then the defaults hold")
    if not settings.exists:
        yield _ok("settings", f"there is no {settings.path}: the defaults hold")
    elif not settings.problems:
        yield _ok("settings", f"{settings.path} is right")


def _log(facts: Facts) -> Check:
    log = facts.log
    if log.problem:
        return _warning("log", f"{log.path}: {log.problem}", "errors are told nowhere until it can")
    if log.since_yesterday:
        told = f"{_counted(log.since_yesterday, 'warning')} within the last 24 hours"
        return _warning("log", told, f"look into {log.path}")
    return _ok("log", f"nothing within 24 hours in {log.path}")


def _spool(facts: Facts) -> Iterator[Check]:
    spool = facts.spool
    hooked = any(one.state in ("enabled", "outdated") for client in facts.clients for one in client.hooks)
    if not spool.exists:
        if hooked:
            yield _failed(
                "spool", f"{spool.path} is missing: hook calls are lost", "run `mi6-tui enable` again"
            )
        return
    if not spool.writable:
        yield _failed(
            "spool", f"{spool.path} cannot be written: hook calls are lost", "give yourself permission"
        )
        return
    late = spool.oldest is not None and facts.now - spool.oldest > _LATE
    if late and facts.writer.role in ("this process", "another process"):
        yield _failed(
            "spool",
            f"hook calls waiting: {spool.waiting}, since {_minutes(facts.now - (spool.oldest or 0))}",
            "the writer does not read them: end that process and start again",
        )
    elif late:
        yield _warning(
            "spool",
            f"hook calls waiting: {spool.waiting}, for nobody writes the store",
            "start the dashboard, or run `mi6-tui scan`",
        )
    else:
        yield _ok("spool", f"hook calls waiting: {spool.waiting}")
    if not spool.private:
        yield _warning(
            "spool privacy",
            f"other users of this machine can look into {spool.path}",
            f"run `chmod 700 {spool.path}`: it holds what you and your agents write",
        )
    if spool.dropped:
        yield _warning(
            "spool losses",
            f"{_counted(spool.dropped, 'hook call')} too many to keep and lost",
            "let a dashboard or `mi6-tui scan --follow` run while agents do",
        )
    if spool.quarantined:
        yield _warning(
            "spool strangers",
            f"{_counted(spool.quarantined, 'file')} set aside that held no hook call",
            f"look into {spool.path}/quarantine",
        )


def _minutes(ms: int) -> str:
    minutes = ms // _MINUTE
    return _counted(minutes, "minute") if minutes < 120 else f"{minutes // 60} hours"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _hooks(client: Client) -> Iterator[Check]:
    if not client.present:
        return
    name = f"hooks {client.name}"
    for hooks in client.hooks:
        if hooks.state == "enabled":
            yield _ok(name, f"enabled in {hooks.file}")
        elif hooks.state == "outdated":
            yield _warning(name, f"outdated in {hooks.file}", f"run `mi6-tui enable {client.name}`")
        elif hooks.state == "not enabled":
            yield _warning(
                name,
                "not enabled: that it waits for you is guessed from a tool that does not answer",
                f"run `mi6-tui enable {client.name}`",
            )
        else:
            yield _failed(name, f"nobody can tell: {hooks.reason or 'no reason known'}", "mend that file")


def _transcripts(client: Client) -> Iterator[Check]:
    name = f"transcripts {client.name}"
    missing = [root for root in client.roots if not root.exists]
    for root in client.roots:
        if root.exists and not root.readable:
            yield _failed(name, f"{root.path} cannot be read", "give yourself permission to read it")
        elif root.exists:
            yield _readable(name, root.path, root.read.files if root.read is not None else None)
    if client.present and missing and len(missing) == len(client.roots):
        yield _warning(
            name,
            f"{missing[0].path} does not exist",
            "start the client once; if it writes elsewhere, set its own variable for this program too",
        )


def _readable(name: str, path: str, files: int | None) -> Check:
    count = "" if files is None else f", {_counted(files, 'file')} read"
    return _ok(name, f"{path} can be read{count}")


def _reading(facts: Facts) -> Iterator[Check]:
    for problem in facts.problems[-3:]:
        yield _warning("reading", problem, "see whether that file is whole and yours")
    if len(facts.problems) > 3:
        yield _warning("reading", f"{len(facts.problems) - 3} more could not be read", "run `mi6-tui scan`")
    malformed = _sum(facts, "malformed")
    if malformed:
        yield _warning(
            "records",
            f"{_counted(malformed, 'line')} without a record that can be read",
            "`mi6-tui explain` names them by session",
        )
    if skipped := _sum(facts, "skipped"):
        yield _warning(
            "long lines",
            f"{_counted(skipped, 'line')} too long to be read",
            "what they say is counted nowhere",
        )


def _sum(facts: Facts, name: str) -> int:
    read = facts.content.roots.values() if facts.content is not None else ()
    return sum(getattr(below, name) for below in read)


def _prices(facts: Facts) -> Iterable[Check]:
    if facts.content is None or not facts.content.requests:
        return
    unpriced = facts.content.unpriced
    if not unpriced:
        yield _ok("prices", "every request of the last week has a known cost")
        return
    number = sum(one.requests for one in unpriced)
    models = ", ".join(one.model or "unknown" for one in unpriced[:3])
    more = f" and {len(unpriced) - 3} more" if len(unpriced) > 3 else ""
    yield _warning(
        "prices",
        f"{_counted(number, 'request')} of the last week without a known cost, of {models}{more}",
        f"add [[prices]] for it to {facts.settings.path}, or update mi6-tui",
    )


def _clock(facts: Facts) -> Iterator[Check]:
    newest = facts.content.newest if facts.content is not None else None
    if newest is not None and newest - facts.now > _AHEAD:
        yield _warning(
            "clock",
            f"the newest event is {_minutes(newest - facts.now)} ahead of this machine's clock",
            "set the clock: ages and order follow it",
        )
