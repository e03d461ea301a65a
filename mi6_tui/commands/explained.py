"""What `explain` found, as a person reads it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Any, Final

from mi6_tui.commands.explained_telemetry import told_by_witnesses
from mi6_tui.report import units
from mi6_tui.report.cells import clean
from mi6_tui.report.table import Cell, Column, render

_SHOWN_OFFSETS: Final = 5
_NUMBERS: Final = ("tokens_input", "tokens_output", "tokens_cache_read", "tokens_cache_write")
_LEDGER: Final = (
    Column(header="TIME"),
    Column(header="MODEL", least=8),
    Column(header="INPUT", right=True),
    Column(header="OUTPUT", right=True),
    Column(header="READ", right=True),
    Column(header="WRITE", right=True),
    Column(header="PLACE"),
    Column(header="REPEATS", right=True),
    Column(header="KEY", least=4),
)
_COSTS: Final = (
    Column(header="TIME"),
    Column(header="MODEL", least=8),
    Column(header="COST", right=True),
    Column(header="PLACE"),
    Column(header="PRICE", least=8),
    Column(header="KEY", least=4),
)


def sentences(told: Mapping[str, Any], *, fit: int | None) -> Iterable[str]:
    """The topics in `told`, one after the other; no table is wider than `fit` cells."""
    yield "  ".join(clean(told[name] or units.UNKNOWN) for name in ("session_id", "framework", "name"))
    for topic, say in _TOPICS.items():
        if topic in told and (lines := list(say(told[topic], fit))):
            yield ""
            yield from lines


def _status(told: Mapping[str, Any], fit: int | None) -> Iterable[str]:
    shown, detail = told["status_shown"] or told["status"], told["status_detail"]
    yield _line("status", f"{shown}: {detail}" if detail else shown)
    yield _line("  because", told["status_reason"])
    yield _line("  rule", told["status_rule"])
    yield _line("  source", told["status_source"])
    yield _line("  sure", told["status_confidence"])
    yield _line("  since", _moment(told["status_since"]))
    yield _line("  until", _moment(told["status_until"]) or "something happens")
    yield _line("  changed by", told["would_change"])
    for said in told["witnesses"]:
        yield _line(f"  {said['witness']}", _said(said))


def _said(said: Mapping[str, Any]) -> str:
    """What a witness said last, and when."""
    words = " ".join(
        part for part in (said["kind"].replace("_", " "), said["detail"], said["subject"]) if part
    )
    process = f" (process {said['pid']})" if said["pid"] is not None else ""
    return f"{units.moment(said['at'])}  {words}{process}"


def _context(told: Mapping[str, Any], fit: int | None) -> Iterable[str]:
    used, size = told["context"], told["context_window"]
    share = f" of {size:,} ({used * 100 // size}%)" if used is not None and size else ""
    yield _line("context", f"{_number(used)}{share}")
    if told["told_by"] is None:
        yield _line("  told by", "nothing that is still in the transcripts")
        return
    parts = " + ".join(
        f"{_number(told[name])} {label}"
        for name, label in (
            ("tokens_input", "input"),
            ("tokens_cache_read", "cache read"),
            ("tokens_cache_write", "cache write"),
        )
    )
    if told["told_by"] == "Compaction":
        yield _line("  told by", "the last compaction")
    elif told["context_size"] is not None:
        yield _line("  told by", "the client, after the last request")
    else:
        yield _line("  told by", f"the last request: {parts}")
    yield _line("  at", _moment(told["timestamp"]))
    offset, path = told["place"]["byte_offset"], told["place"]["transcript_path"]
    yield _line("  in", path if offset is None else f"{path} from byte {offset} on")


def _tokens(told: Mapping[str, Any], fit: int | None) -> Iterable[str]:
    files = {file["path"]: number for number, file in enumerate(told["files"], 1)}
    rows = [
        [
            Cell(_time(request["timestamp"])),
            Cell(_model(request["model"])),
            *(Cell(_number(request[name])) for name in _NUMBERS),
            Cell(_place(request, files)),
            Cell(str(len(request["repeats"]))),
            Cell(clean(request["key"] or units.UNKNOWN)),
        ]
        for request in told["requests"]
    ]
    yield _line("requests", f"{len(rows)}; a place is a file's number and the byte in it")
    if rows:
        yield from render(_LEDGER, [*rows, _total(told["sums"])], fit=fit)
    if told["differences"]:
        for name in told["differences"]:
            here, row = told["sums"][name], told["row"][name]
            yield _line("differs", f"{name}: {here:,} here, {row:,} in the session's row")
        yield _line("", told["explanation"])
    else:
        yield _line("equal", "these sums and those in the session's row")
    yield from _doubts(told, files)
    yield from _repeats(told, files)
    yield from _files(told["files"])


def _total(sums: Mapping[str, int]) -> list[Cell]:
    numbers = (Cell(f"{sums[name]:,}") for name in _NUMBERS)
    return [Cell("sum"), Cell(""), *numbers, Cell(""), Cell(""), Cell("")]


def _doubts(told: Mapping[str, Any], files: Mapping[str, int]) -> Iterable[str]:
    for request in told["requests"]:
        if request["incomplete"]:
            yield _line("incomplete", f"{_place(request, files)}: {request['incomplete']}")


def _repeats(told: Mapping[str, Any], files: Mapping[str, int]) -> Iterable[str]:
    """What was told but does not count, by reason."""
    reasons = Counter(repeat["why"] for request in told["requests"] for repeat in request["repeats"])
    for why, lines in reasons.most_common():
        yield _line("dropped", f"{_count(lines, 'line')}: {why}")
    groups: dict[tuple[str, str | None], list[Mapping[str, Any]]] = {}
    for other in told["elsewhere"]:
        groups.setdefault((other["why"], other["owner"]), []).append(other)
    for (why, owner), others in groups.items():
        told_on = _count(sum(other["lines"] for other in others), "line")
        whose = f", counted for {owner}" if owner else ""
        first = _place(others[0], files)
        yield _line("dropped", f"{told_on} on {_count(len(others), 'request')}, first {first}: {why}{whose}")


def _files(files: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    for number, file in enumerate(files, 1):
        yield _line(f"file {number}", file["path"])
        if file["problem"] or file["lines"]:
            yield _line("", file["problem"] or _count(file["lines"], "line"))
        for name, what in (("malformed", "no JSON object"), ("skipped", "too long")):
            if file[name]:
                yield _line("", f"{_count(len(file[name]), 'line')} {what}, at byte {_offsets(file[name])}")


def _cost(told: Mapping[str, Any], fit: int | None) -> Iterable[str]:
    row = told["row"]
    bound = "≥ " if row["unpriced_requests"] or row["incomplete_requests"] else ""
    yield _line("cost", bound + _dollars(row["cost_usd"]))
    yield _line("  recorded", _dollars(row["cost_recorded_usd"]))
    yield _line("  estimate", _dollars(row["cost_estimated_usd"]))
    yield _line("  unpriced", _count(row["unpriced_requests"], "request"))
    if row["incomplete_requests"]:
        yield _line("  at least", _count(row["incomplete_requests"], "request") + " with unknown tokens")
    if row["cost_client_usd"] is not None:
        yield _line("  client", f"{_dollars(row['cost_client_usd'])} by its own account, in no sum")
    paths = dict.fromkeys(request["transcript_path"] for request in told["requests"])
    files = {path: number for number, path in enumerate(paths, 1) if path is not None}
    rows = [
        [
            Cell(_time(request["timestamp"])),
            Cell(_model(request["model"])),
            Cell(_price(request)),
            Cell(_place(request, files)),
            Cell(_priced_by(request)),
            Cell(clean(request["key"] or units.UNKNOWN)),
        ]
        for request in told["requests"]
    ]
    if rows:
        yield from render(_COSTS, rows, fit=fit)
    for path, number in files.items():
        yield _line(f"file {number}", path)


def _price(request: Mapping[str, Any]) -> str:
    if request["cost_usd"] is not None:
        return _dollars(request["cost_usd"])
    estimated = request["cost_estimated_usd"]
    return "unpriced" if estimated is None else f"~{_dollars(estimated)}"


def _priced_by(request: Mapping[str, Any]) -> str:
    known = [request[name] for name in ("price_id", "price_terms") if request[name] is not None]
    return clean(" ".join(known)) or units.UNKNOWN


_TOPICS: Final[Mapping[str, Callable[[Mapping[str, Any], int | None], Iterable[str]]]] = {
    "status": _status,
    "context": _context,
    "tokens": _tokens,
    "cost": _cost,
    "witnesses": told_by_witnesses,
}


def _place(found: Mapping[str, Any], files: Mapping[str, int]) -> str:
    path, offset = found["transcript_path"], found["byte_offset"]
    if path is None or offset is None:
        return units.UNKNOWN
    return f"{files.get(path) or clean(PurePath(path).name)}@{offset}"


def _line(label: str, text: str | None) -> str:
    return f"{label:12}  {clean(text or units.UNKNOWN)}"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _offsets(offsets: Sequence[int]) -> str:
    more = len(offsets) - _SHOWN_OFFSETS
    shown = ", ".join(map(str, offsets[:_SHOWN_OFFSETS]))
    return f"{shown} and {more} more" if more > 0 else shown


def _model(name: str | None) -> str:
    return clean((name or units.UNKNOWN).removeprefix("claude-"))


def _number(number: int | None) -> str:
    return units.UNKNOWN if number is None else f"{number:,}"


def _dollars(amount: float | None) -> str:
    return units.UNKNOWN if amount is None else f"${amount:.4f}"


def _time(ms: int) -> str:
    return units.moment(ms)[5:] or units.UNKNOWN


def _moment(ms: int | None) -> str | None:
    return None if ms is None else units.moment(ms)
