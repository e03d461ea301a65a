"""What a thread is: the user's own, a fork of another, or a subagent; and which lines are its own."""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from mi6_tui.frameworks.codex import turns
from mi6_tui.frameworks.codex.lines import Line
from mi6_tui.frameworks.codex.records import Meta, Record
from mi6_tui.frameworks.codex.state import Prefix, State
from mi6_tui.frameworks.records import count, read, value
from mi6_tui.frameworks.text import one_line
from mi6_tui.model.secrets import masked

_BURST_MS: Final = 1000
"""Copies are written at once, with the time of the fork."""
_RECORDS_SINCE: Final = (0, 153, 0)
"""First version that writes a usage record for each response."""
_NUMBERS: Final = re.compile(r"\d{1,9}")
_UUID7: Final = re.compile(
    r"([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE
)


def note(memory: State, meta: Meta, at: int, fallback: str) -> None:
    """Take what a `session_meta` says; only a file's first record says what the file is.

    Where that one is broken, a later one does if its thread is the one that the file is named after.
    """
    if memory.thread is None and (not memory.begun or meta.id == fallback):
        memory.thread = meta.id or fallback
        spawned = _spawned(meta)
        parent = meta.parent_thread_id or _text(spawned, "parent_thread_id")
        root = meta.session_id if meta.session_id != memory.thread else None
        memory.child = bool(spawned or parent) and bool(root or parent)
        memory.session = (root or parent) if memory.child else memory.thread
        forked = memory.child or bool(meta.forked_from_id)
        memory.child_name = meta.agent_role or meta.agent_path or _text(spawned, "agent_role", "agent_path")
        memory.records = _version(meta.cli_version) >= _RECORDS_SINCE
        memory.counter.own_only = not forked
        ordinal = count(meta.subagent_history_start_ordinal)
        if ordinal is not None:
            memory.prefix = Prefix(ordinal=ordinal)
        elif forked and meta.history_mode != "paginated":
            memory.prefix = Prefix(until=at + _BURST_MS)
    if meta.id == memory.thread:
        branch = meta.git.branch if meta.git else None
        memory.branch = masked(branch) if branch else memory.branch
        memory.cwd = meta.cwd or memory.cwd


def tell(line: Line, meta: Meta) -> None:
    """The facts and events in a `session_meta` of the file's own thread."""
    memory = line.state
    if meta.id != memory.thread:
        return
    source = value(meta.source)
    line.fact("client_version", meta.cli_version)
    line.fact("entrypoint", one_line(source, 40) if isinstance(source, str) else None)
    turns.place(line, meta.cwd)
    if memory.child and not memory.announced:
        memory.announced = True
        turns.start_child(line, line.thread, memory.child_name)


def is_copy(memory: State, record: Record, at: int) -> bool:
    """Whether a line is the parent's: it stands before the thread's own part."""
    prefix = memory.prefix
    if prefix is None:
        return False
    if prefix.until is None:
        ordinal = count(record.ordinal)
        return ordinal is not None and ordinal < (prefix.ordinal or 0) and not _is_own_meta(memory, record)
    if _is_own_meta(memory, record):
        return False
    if at > prefix.until or _own_turn(memory, record):
        memory.prefix = None
        return False
    return True


class _Named(msgspec.Struct):
    id: str | None = None
    turn_id: str | None = None


def _is_own_meta(memory: State, record: Record) -> bool:
    if record.type != "session_meta":
        return False
    found = read(_Named, record.payload)
    return found is not None and found.id == memory.thread


def _own_turn(memory: State, record: Record) -> bool:
    """Whether a line names a turn that was made after the thread: their ids begin with a time."""
    found = read(_Named, record.payload) if record.type in ("event_msg", "turn_context") else None
    made, born = _made_at(found.turn_id if found else None), _made_at(memory.thread)
    return made is not None and born is not None and made >= born


def _made_at(name: str | None) -> int | None:
    """The ms in a version 7 UUID."""
    found = _UUID7.fullmatch(name or "")
    return int(found[1] + found[2], 16) if found else None


def _spawned(meta: Meta) -> dict[str, Any] | None:
    """How a subagent was made; None if the thread is none."""
    source = value(meta.source)
    kind = source.get("subagent") if isinstance(source, dict) else None
    if kind is None:
        return None
    how = kind.get("thread_spawn") if isinstance(kind, dict) else None
    return how if isinstance(how, dict) else {"agent_role": kind}


def _text(found: dict[str, Any] | None, *names: str) -> str | None:
    texts = ((found or {}).get(name) for name in names)
    return next((text for text in texts if isinstance(text, str) and text), None)


def _version(text: str | None) -> tuple[int, ...]:
    return tuple(int(number) for number in _NUMBERS.findall(text or "")[:3])
