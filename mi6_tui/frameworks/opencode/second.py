"""The client's tables since 2.0: `session_v2` and `session_message`, whose rows are changed in place."""

from __future__ import annotations

import msgspec

from mi6_tui.frameworks.opencode.messages import (
    Body,
    Call,
    Compaction,
    Message,
    ModelSwitch,
    Prompt,
    Reply,
    Text,
    TurnEnd,
)
from mi6_tui.frameworks.opencode.shapes import cost_of, failure_of, name_of, text_of, times, tokens_of
from mi6_tui.frameworks.opencode.tables import DATA, NAMED, PLACED, Row, Tables, moment
from mi6_tui.frameworks.records import NOTHING, count, read, value

_SILENT = ("agent-switched", "location-switched", "shell", "skill", "synthetic", "system")
"""Types of rows that are known and say nothing that counts."""


class _Data(msgspec.Struct):
    time: msgspec.Raw = NOTHING
    text: str | None = None
    model: msgspec.Raw = NOTHING
    previous: msgspec.Raw = NOTHING
    content: msgspec.Raw = NOTHING
    finish: str | None = None
    cost: msgspec.Raw = NOTHING
    tokens: msgspec.Raw = NOTHING
    error: msgspec.Raw = NOTHING
    outcome: str | None = None
    status: str | None = None
    reason: str | None = None


class _Item(msgspec.Struct):
    type: str | None = None
    text: str | None = None
    id: str | None = None
    name: str | None = None
    state: msgspec.Raw = NOTHING
    time: msgspec.Raw = NOTHING


class _State(msgspec.Struct):
    status: str | None = None
    input: msgspec.Raw = NOTHING
    content: msgspec.Raw = NOTHING
    error: msgspec.Raw = NOTHING
    metadata: msgspec.Raw = NOTHING


class SecondTables(Tables):
    """Reads them."""

    generation = "2"
    names = ("session_v2", "session_message")
    sessions = "session_v2"
    _within = (
        f"SELECT id, session_id, time_created, time_updated, type, {DATA} FROM session_message"  # noqa: S608
        f" WHERE session_id = ? AND (time_created, id) > (?, ?) AND {PLACED} ORDER BY time_created, id"
    )
    _single = (
        f"SELECT id, session_id, time_created, time_updated, type, {DATA} FROM session_message"  # noqa: S608
        " WHERE id = ?"
    )
    _changed = (
        "SELECT time_updated, id FROM session_message"  # noqa: S608
        f" WHERE time_updated >= :floor AND typeof(time_updated) = 'integer' AND {NAMED}"
        " AND (time_updated, id) > (:at, :id) ORDER BY 1, 2 LIMIT :limit"
    )
    _latest = "SELECT max(time_updated) FROM session_message WHERE typeof(time_updated) = 'integer'"

    def _message(self, row: Row) -> Message:
        message_id, session_id, created, updated, kind, text = row
        data = read(_Data, text or b"")
        at = times(data.time) if data else {}
        message = Message(
            id=message_id,
            session_id=session_id,
            created=at.get("created", moment(created)),
            updated=moment(updated),
            size=len(text or b""),
            malformed=int(data is None),
        )
        if data is not None:
            message.body = _body(kind, data, message.created, at.get("completed"))
            if message.body is None and kind not in (*_SILENT, "compaction", "model-switched"):
                message.unknown = str(kind)
        return message


def _body(kind: str, data: _Data, created: int, completed: int | None) -> Body | None:
    match kind:
        case "user":
            return Prompt(data.text or None)
        case "assistant":
            return _reply(data, created, completed)
        case "idle":
            return TurnEnd(data.outcome)
        case "compaction" if data.status == "completed":
            tokens = tokens_of(data.tokens)
            return Compaction(reason=data.reason, tokens=tokens, cost=cost_of(data.cost, tokens))
        case "model-switched" if model := name_of(value(data.model)):
            return ModelSwitch(model, name_of(value(data.previous)))
    return None


def _reply(data: _Data, created: int, completed: int | None) -> Reply:
    tokens = tokens_of(data.tokens)
    reply = Reply(
        completed=completed,
        model=name_of(value(data.model)),
        finish=data.finish or None,
        tokens=tokens,
        cost=cost_of(data.cost, tokens),
        failure=failure_of(data.error),
    )
    items = _items(data)
    for item in items:
        if item.type == "text":
            reply.texts.append(Text(item.text or "", completed))
        elif item.type == "tool" and item.id:
            reply.calls += _call(item, created)
    ended_well = completed is not None and reply.failure is None
    reply.answered = ended_well or tokens is not None or bool(items)
    return reply


def _items(data: _Data) -> list[_Item]:
    try:
        raw = msgspec.json.decode(data.content, type=list[msgspec.Raw])
    except (ValueError, RecursionError):
        return []
    return [item for item in (read(_Item, found) for found in raw) if item is not None]


def _call(item: _Item, created: int) -> list[Call]:
    """A tool call, once its input is complete."""
    state, at = read(_State, item.state) or _State(), times(item.time)
    if state.status not in ("running", "completed", "error"):
        return []
    metadata = value(state.metadata)
    metadata = metadata if isinstance(metadata, dict) else {}
    started = at.get("created", created)
    failure = failure_of(state.error)
    child = metadata.get("sessionId") or metadata.get("sessionID")
    return [
        Call(
            id=item.id or "",
            name=item.name or "tool",
            started=started,
            ended=None if state.status == "running" else at.get("completed", started),
            input=state.input,
            output=text_of(value(state.content)),
            error=(failure.message if failure else "") if state.status == "error" else None,
            exit_code=count(metadata.get("exit")),
            child=child if isinstance(child, str) and child else None,
        )
    ]
