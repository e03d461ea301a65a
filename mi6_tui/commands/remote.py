"""`remote`: machines whose transcripts are read over ssh."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from mi6_tui.commands.store import far_machines, opened, places
from mi6_tui.errors import DONE, FAILED, REFUSED, Mi6Error, NotFoundError, UsageError
from mi6_tui.model.ssh import is_address
from mi6_tui.paths import machine_id
from mi6_tui.report import out, units
from mi6_tui.report.cells import clean
from mi6_tui.report.table import Cell, Column, render

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

    from mi6_tui.ingest.remote.address import Remote
    from mi6_tui.ingest.remote.probe import Probed

_TABLE: Final = "remotes"
_COLUMNS: Final = (
    Column(header="ADDRESS", least=12),
    Column(header="MACHINE", least=8),
    Column(header="SEEN", right=True),
    Column(header="PROBLEM", least=12),
)


class UnreachableError(Mi6Error):
    """A machine cannot be read."""


class OtherMachineError(Mi6Error):
    """A machine has a name that is another's."""

    exit_code: ClassVar[int] = REFUSED


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "what",
        choices=("add", "list", "check", "remove"),
        help="add: read this machine from now on; list: those that are read; check: whether each can be; "
        "remove: read it no more, its sessions stay",
    )
    parser.add_argument("address", nargs="?", metavar="USER@HOST", help="as ssh takes it")
    parser.add_argument(
        "--name", metavar="NAME", help="with add: what it calls itself, also if another machine does so"
    )


def run(args: argparse.Namespace) -> int:
    """Do that."""
    if args.name is not None and args.what != "add":
        raise UsageError("--name goes with `remote add`", f"leave it out of `remote {args.what}`")
    if args.what == "list":
        return _list(args)
    if args.what == "check":
        return _check(args)
    if args.address is None:
        raise UsageError(f"`remote {args.what}` needs an address", f"mi6-tui remote {args.what} user@host")
    return _add(args) if args.what == "add" else _remove(args)


def _add(args: argparse.Namespace) -> int:
    remotes, address = _remotes(args), _address(args.address)
    if any(remote.address == address for remote in remotes):
        raise UsageError(f"{address} was added already", "`mi6-tui remote check` looks at it")
    found, reason = _probe(address)
    if found is None:
        if not args.name:
            raise UnreachableError(f"{address}: {reason}", f"mend it until `ssh {address} true` works")
        out.note(f"{address} cannot be read yet: {reason}")
    else:
        _allow(args, address, found.node, remotes)
    name = args.name or (found.node if found is not None else "")
    _append(places(args).settings, address, name)
    if found is not None:
        out.lines([_sentence(address, found)])
    out.note("a scan that stays, and the dashboard, read it from their next start")
    return DONE


def _allow(args: argparse.Namespace, address: str, node: str, remotes: Sequence[Remote]) -> None:
    """OtherMachineError if what it calls itself is not, or not only, its name."""
    from mi6_tui.ingest.remote.address import Remote  # late, as all that asks machines
    from mi6_tui.ingest.remote.claims import refusal

    with opened(args) as storage:
        known = storage.machines()
    reason = refusal(Remote(address, args.name or ""), node, machine_id(), remotes, known)
    if reason is not None:
        hint = f"if they are the same machine: --name {node}" if not args.name else "leave out --name"
        raise OtherMachineError(f"{address}: {reason.partition(';')[0]}", hint)


def _list(args: argparse.Namespace) -> int:
    remotes = _remotes(args)
    with opened(args) as storage:
        found, now = {one.address: one for one in storage.machines()}, storage.now()
    rows = []
    for remote in remotes:
        machine = found.get(remote.address)
        seen = units.UNKNOWN if machine is None else f"{units.span(max(0, now - machine.seen_at))} ago"
        name = remote.name or (machine.machine_id if machine is not None else units.UNKNOWN)
        problem = machine.problem if machine is not None else None
        cells = (clean(remote.address), clean(name), seen)
        rows.append([*map(Cell, cells), Cell(clean(problem or ""), "33")])
    out.lines(render(_COLUMNS, rows, fit=out.fit(), colour=out.colour()))
    if not remotes:
        out.note("no machine was added; `mi6-tui remote add user@host` adds one")
    return DONE


def _check(args: argparse.Namespace) -> int:
    remotes = [remote for remote in _remotes(args) if args.address in (None, remote.address)]
    if not remotes:
        raise NotFoundError("no such machine was added", "`mi6-tui remote list` shows those that were")
    failed = False
    for remote in remotes:
        found, reason = _probe(remote.address)
        if found is not None and remote.name not in ("", found.node):
            reason = f"it calls itself {found.node}, not {remote.name}"
        failed |= bool(reason)
        if found is None or reason:
            out.lines([f"{remote.address}: {reason}"])
        else:
            out.lines([_sentence(remote.address, found)])
    return FAILED if failed else DONE


def _remove(args: argparse.Namespace) -> int:
    if all(remote.address != args.address for remote in _remotes(args)):
        raise NotFoundError(f"{args.address} was not added", "`mi6-tui remote list` shows those that were")
    _take_out(places(args).settings, args.address)
    out.note("it is read no more; what was read of it stays in the store")
    return DONE


def _remotes(args: argparse.Namespace) -> list[Remote]:
    return far_machines(places(args).settings)


def _address(text: str) -> str:
    """UsageError if ssh would not take it as an address."""
    if not is_address(text):
        raise UsageError(f"{text[:80]!r} is no address", "write it as ssh takes it: user@host")
    return text


def _probe(address: str) -> tuple[Probed | None, str]:
    """What a machine answers; None, and why not."""
    from mi6_tui import frameworks
    from mi6_tui.ingest.remote.link import LinkError
    from mi6_tui.ingest.remote.probe import probe

    try:
        return probe(address, [frameworks.framework(name) for name in frameworks.names()]), ""
    except LinkError as error:
        return None, str(error)


def _sentence(address: str, found: Probed) -> str:
    number = ", ".join(f"{count} of {name}" for name, count in sorted(found.transcripts.items()))
    parts = [f"{address} calls itself {found.node}", f"transcripts: {number or 'none'}"]
    if found.unread:
        parts.append(f"not read over ssh, being databases: {', '.join(found.unread)}")
    if abs(found.skew_ms) >= 2000:
        way = "ahead" if found.skew_ms > 0 else "behind"
        parts.append(f"its clock is {units.span(abs(found.skew_ms))} {way}")
    return "; ".join(parts)


def _append(settings: Path, address: str, name: str) -> None:
    import tomlkit

    from mi6_tui.settings_file import change_settings

    def change(document: TOMLDocument) -> None:
        if _TABLE not in document:
            document[_TABLE] = tomlkit.aot()
        remotes = document[_TABLE]
        # Written by hand it may be a list in one line.
        entry = tomlkit.table() if isinstance(remotes, tomlkit.items.AoT) else tomlkit.inline_table()
        entry["address"] = address
        if name:
            entry["name"] = name
        remotes.append(entry)

    change_settings(settings, _TABLE, change)


def _take_out(settings: Path, address: str) -> None:
    from mi6_tui.settings_file import change_settings

    def change(document: TOMLDocument) -> None:
        remotes = document.get(_TABLE, [])
        for place in reversed(range(len(remotes))):
            if remotes[place].get("address") == address:
                del remotes[place]
        if _TABLE in document and not remotes:
            del document[_TABLE]

    change_settings(settings, _TABLE, change)
