"""A session's process in lines: what it costs, what started it, what it started. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from mi6_tui.ingest.live.inspect import Child, Inspection, cpu_percent
from mi6_tui.model import Claim
from mi6_tui.tui import text

Line = tuple[tuple[str, str], ...]
_HEAD: Final = 17
_MOST: Final = 40


def process_lines(
    earlier: Inspection | None, found: Inspection | None, *, now: int, width: int, missing: str
) -> list[Line]:
    """The process as it is, with its share of a core since the look before; `now` in ms.

    `missing`: why there is none to look at.
    """
    lines: list[Line] = [(), ((" Process", "name"),)]
    if found is None:
        lines += [((f" {part}", "quiet"),) for part in text.wrapped(missing, max(1, width - 2))]
        return lines
    for name, words in _facts(earlier, found, now):
        lines.append(
            ((f" {name:<{_HEAD - 1}}", "quiet"), (text.fit(words, max(1, width - _HEAD - 1)), "plain"))
        )
    children = found.children
    if children:
        lines += [(), ((f" {_counted(len(children))}", "name"),)]
        lines += [_child(child, now, width) for child in children[:_MOST]]
    return lines


def missing_process(claims: Sequence[Claim], key: tuple[str, str], here: str, *, looked: bool) -> str:
    """Why there is no process to look at, of the session `key` = (machine, id) on the machine `here`.

    `looked`: whether it was looked for.
    """
    held = next((claim for claim in claims if claim.witness == "process" and claim.pid), None)
    if held is None:
        return "which process it is, nobody has told"
    if held.kind == "gone":
        return f"pid {held.pid} is gone"
    if key[0] != here:
        return f"pid {held.pid} runs on another machine, {text.clean(key[0], 80)}"
    if held.process is None or looked:
        return f"pid {held.pid} is not to be seen from here: it may run in a container, or be invented (demo)"
    return "…"


def _counted(number: int) -> str:
    return "1 child process" if number == 1 else f"{number} child processes"


def _facts(earlier: Inspection | None, found: Inspection, now: int) -> Iterator[tuple[str, str]]:
    yield "Pid", f"{found.pid}  {text.clean(found.name, 64)}, for {text.age(now - found.since)}"
    share = cpu_percent(earlier, found) if earlier is not None else None
    spent = (
        f", {text.duration(round(found.cpu_seconds * 1000))} in all" if found.cpu_seconds is not None else ""
    )
    yield "CPU", (f"{share:.1f} % of a core" if share is not None else "…") + spent
    yield "Memory", f"{memory(found.memory)}"
    yield "Started by", " < ".join(text.clean(name, 64) for name in found.parents) or text.UNKNOWN
    yield "Terminal", text.clean(found.terminal, 64) or "none"
    ports = found.ports
    yield "Listens to", text.UNKNOWN if ports is None else ", ".join(map(str, ports)) or "no port"
    if found.children is None:
        yield "Children", text.UNKNOWN
    elif not found.children:
        yield "Children", "none"


def _child(child: Child, now: int, width: int) -> Line:
    age = text.age(now - child.since) if child.since is not None else text.UNKNOWN
    spent = text.duration(round(child.cpu_seconds * 1000)) if child.cpu_seconds is not None else text.UNKNOWN
    words = text.clean(child.command, 300) or text.clean(child.name, 64)
    return (
        (f" {child.pid:>8}", "quiet"),
        (f" {age:>6} {spent:>7}", "faint"),
        (f"  {text.fit(words, max(1, width - 26))}", "plain"),
    )


def memory(number: int | None) -> str:
    """Bytes in the fewest words: `84 MB`."""
    if number is None:
        return text.UNKNOWN
    size = float(number)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            return f"{size:.0f} {unit}" if size >= 10 or unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    raise AssertionError("every size has a unit")
