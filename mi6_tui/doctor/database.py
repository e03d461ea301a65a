"""Judges a store in a database: what is well, what is odd, what is wrong, what to do about it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mi6_tui.doctor.checks import Check, Level
from mi6_tui.model import Machine
from mi6_tui.storage.about import About, Inbox, Table

UNCHECKED: Final = (
    "not looked at here: transcripts, hooks and spools (run `mi6-tui doctor` on each machine with its own "
    "store), the server's disk, memory, backups and pages (its own tools)"
)
_SKEW: Final = 2_000
_SKEWED: Final = 300_000
"""ms that a clock may be off before ages mislead, and before they are nonsense."""
_LATE: Final = 600_000
"""ms that a parcel may wait in the inbox."""
_SILENT: Final = 3_600_000
"""ms without a word of a machine that is told of."""
_MANY: Final = 10_000
_DEAD: Final = 0.2
"""Dead rows of a table, and their share, beyond which it was vacuumed too seldom."""
_SHOWN: Final = 5


def database_checks(about: About, machines: list[Machine], now: int) -> Iterator[Check]:
    """All judgements; `now` in ms by the server's clock. `machines` as far as this user may see them."""
    yield _ok("database", f"{about.shown} answers, PostgreSQL {about.version}")
    yield _encryption(about)
    yield from _rights(about)
    yield from _schema(about)
    yield _clock("clock", "this machine's clock", about.skew_ms)
    yield from _machines(machines, now)
    yield from _twins(about.twins)
    yield from _inbox(about.inbox, now)
    yield from _tables(about, now)


def _ok(name: str, told: str) -> Check:
    return Check(name=name, level="ok", told=told)


def _warning(name: str, told: str, advice: str) -> Check:
    return Check(name=name, level="warning", told=told, advice=advice)


def _failed(name: str, told: str, advice: str) -> Check:
    return Check(name=name, level="failed", told=told, advice=advice)


def _encryption(about: About) -> Check:
    if about.encrypted is not None:
        return _ok("encryption", about.encrypted)
    if about.local:
        return _ok("encryption", "none, over a socket of this machine")
    return _warning(
        "encryption",
        "none: whoever listens to the network between reads what is sent",
        "let the server use TLS, and ask for it by ?sslmode=verify-full",
    )


def _rights(about: About) -> Iterator[Check]:
    user = f"user {about.user}"
    if about.rights == "no store":
        yield _warning(
            "rights",
            "there is no store in that database",
            "`mi6-tui --db URL fleet roles`, as a user who may make tables, makes it",
        )
    elif about.rights == "none":
        yield _failed(
            "rights",
            f"{user} may neither look nor send",
            "`mi6-tui fleet roles` prints the rights that users need",
        )
    elif about.rights == "send":
        yield _ok("rights", f"{user} may only send; what it may not see is not checked")
    elif about.rights == "look":
        yield _ok("rights", f"{user} may only look")
    else:
        yield _ok("rights", f"{user} may read and write")
    if about.unseen and about.rights in ("all", "look"):
        yield _failed(
            "rights",
            f"{user} may not read {', '.join(about.unseen)}",
            "run the SQL of `mi6-tui fleet roles` again: an update made tables",
        )
    if about.standby:
        yield _ok("standby", "the server is a standby: nothing can be written there")


def _schema(about: About) -> Iterator[Check]:
    if about.migrations is None:
        return
    if about.newer:
        told = f"made by a newer mi6-tui ({about.newer[-1]})"
        yield _failed("schema", told, "update mi6-tui on this machine")
    elif about.missing:
        said = _failed if about.rights == "all" else _warning
        advice = "open it once as the owner of its tables with this version of mi6-tui"
        yield said("schema", f"lacks {', '.join(about.missing)}", advice)
    else:
        yield _ok("schema", about.migrations[-1])


def _clock(name: str, whose: str, skew: int | None) -> Check:
    if skew is None or abs(skew) < _SKEW:
        return _ok(name, f"{whose} agrees with the server's")
    way = "ahead of" if skew > 0 else "behind"
    level: Level = "failed" if abs(skew) > _SKEWED else "warning"
    told = f"{whose} is {abs(skew) // 1000} s {way} the server's"
    return Check(name=name, level=level, told=told, advice="set it: ages and order follow the clocks")


def _machines(machines: list[Machine], now: int) -> Iterator[Check]:
    silent = [one for one in machines if now - one.seen_at > _SILENT]
    if machines:
        yield _ok("machines", f"{len(machines)} have reported, {len(machines) - len(silent)} within the hour")
    for one in [one for one in machines if one.problem][:_SHOWN]:
        yield _warning(f"machine {one.machine_id}", one.problem or "", "see `mi6-tui fleet machines`")
    skewed = [one for one in machines if abs(one.skew_ms or 0) >= _SKEW]
    for one in skewed[:_SHOWN]:
        yield _clock(f"machine {one.machine_id}", "its clock", one.skew_ms)
    if len(skewed) > _SHOWN:
        told = f"{len(skewed) - _SHOWN} more have a clock that is off"
        yield _warning("machines", told, "see `mi6-tui fleet machines`")


def _twins(names: tuple[str, ...]) -> Iterator[Check]:
    advice = (
        "if these are two machines, rename one host, for their sessions look like one machine's; "
        "a store that was made anew looks so for a day, too"
    )
    for name in names[:_SHOWN]:
        yield _warning(f"machine {name}", "two stores have sent under this name within a day", advice)
    if len(names) > _SHOWN:
        yield _warning("machines", f"{len(names) - _SHOWN} more names have two stores", advice)


def _inbox(inbox: Inbox | None, now: int) -> Iterator[Check]:
    if inbox is None:
        return
    if inbox.oldest is not None and now - inbox.oldest > _LATE:
        yield _failed(
            "inbox",
            f"{inbox.waiting} parcels wait, the first for {(now - inbox.oldest) // 60_000} minutes",
            "let `mi6-tui --db URL fleet collect --follow` run, as the owner of the tables",
        )
    else:
        yield _ok("inbox", f"parcels waiting: {inbox.waiting}")
    if inbox.refused:
        yield _warning(
            "inbox",
            f"put aside, for they could not be merged: {inbox.refused}, the last: {inbox.reason}",
            "look into the table inbox_refused: some machine runs another version, or sends nonsense",
        )


def _tables(about: About, now: int) -> Iterator[Check]:
    late = [table for table in about.tables if _is_late(table)]
    for table in late:
        last = "never" if table.vacuumed is None else f"{(now - table.vacuumed) // 3_600_000} h ago"
        yield _warning(
            f"table {table.name}",
            f"{table.dead_rows} dead rows beside {table.rows}, vacuumed {last}",
            f"let autovacuum run, or `VACUUM (ANALYZE) {table.name}`",
        )
    if about.tables and not late:
        yield _ok("tables", "none holds many dead rows")


def _is_late(table: Table) -> bool:
    return table.dead_rows > _MANY and table.dead_rows > _DEAD * (table.rows + table.dead_rows)
