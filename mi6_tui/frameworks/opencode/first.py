"""The client's first tables (1.2 to 1.18): `session`, `message`, and `part`, which is changed in place."""

from __future__ import annotations

from typing import Final

import msgspec

from mi6_tui.frameworks.opencode.messages import Body, Call, Message, Prompt, Reply, Retry, Text
from mi6_tui.frameworks.opencode.shapes import cost_of, failure_of, times, tokens_of
from mi6_tui.frameworks.opencode.tables import DATA, LARGEST, NAMED, PLACED, Asked, Row, Tables, moment
from mi6_tui.frameworks.records import NOTHING, count, read, value

_MOST_PARTS: Final = 10_000
"""Of one message; those behind them are not looked at."""
_ANSWERS: Final = ("text", "reasoning", "tool", "step-start", "step-finish")
"""Parts that come from the model."""


class _Message(msgspec.Struct, rename={"model_id": "modelID", "parent_id": "parentID"}):
    role: str | None = None
    time: msgspec.Raw = NOTHING
    model_id: str | None = None
    parent_id: str | None = None
    cost: msgspec.Raw = NOTHING
    tokens: msgspec.Raw = NOTHING
    finish: str | None = None
    error: msgspec.Raw = NOTHING
    summary: msgspec.Raw = NOTHING
    """True of the reply that replaces the conversation; something else in a prompt."""


class _Part(msgspec.Struct, rename={"call_id": "callID"}):
    type: str | None = None
    text: str | None = None
    synthetic: bool | None = None
    ignored: bool | None = None
    time: msgspec.Raw = NOTHING
    tool: str | None = None
    call_id: str | None = None
    state: msgspec.Raw = NOTHING
    attempt: int | None = None
    error: msgspec.Raw = NOTHING
    auto: bool | None = None


class _State(msgspec.Struct):
    status: str | None = None
    input: msgspec.Raw = NOTHING
    output: msgspec.Raw = NOTHING
    error: msgspec.Raw = NOTHING
    metadata: msgspec.Raw = NOTHING
    time: msgspec.Raw = NOTHING


class FirstTables(Tables):
    """Reads them."""

    generation = "1"
    names = ("session", "message", "part")
    sessions = "session"
    _within = (
        f"SELECT id, session_id, time_created, time_updated, {DATA} FROM message"  # noqa: S608
        f" WHERE session_id = ? AND (time_created, id) > (?, ?) AND {PLACED} ORDER BY time_created, id"
    )
    _single = f"SELECT id, session_id, time_created, time_updated, {DATA} FROM message WHERE id = ?"  # noqa: S608
    _changed = (
        "SELECT max(at), id FROM ("  # noqa: S608
        "SELECT id, time_updated AS at FROM message WHERE time_updated >= :floor"
        " UNION ALL SELECT message_id, time_updated FROM part WHERE time_updated >= :floor"
        f") WHERE typeof(at) = 'integer' AND {NAMED} GROUP BY id HAVING (max(at), id) > (:at, :id)"
        " ORDER BY 1, 2 LIMIT :limit"
    )
    _latest = (
        "SELECT max(at) FROM (SELECT time_updated AS at FROM message UNION ALL SELECT time_updated FROM part)"
        " WHERE typeof(at) = 'integer'"
    )
    _PARTS: Final = (
        f"SELECT time_created, time_updated, {DATA} FROM part"  # noqa: S608
        f" WHERE message_id = ? ORDER BY id LIMIT {_MOST_PARTS}"
    )

    def _message(self, row: Row) -> Message:
        message_id, session_id, created, updated, text = row
        rows = self._parts(message_id)
        data = read(_Message, text or b"")
        parts = [(moment(at), read(_Part, part or b"")) for at, _, part in rows]
        readable = [(at, part) for at, part in parts if part is not None]
        message = Message(
            id=message_id,
            session_id=session_id,
            created=times(data.time).get("created", moment(created)) if data else moment(created),
            updated=max([moment(updated), *(moment(at) for _, at, _ in rows)]),
            size=sum(len(part or b"") for *_, part in rows) + len(text or b""),
            malformed=int(data is None) + len(parts) - len(readable),
        )
        if data is not None:
            message.body = self._body(data, readable)
            message.unknown = None if data.role in ("user", "assistant") else f"role:{data.role}"
        return message

    def _parts(self, message_id: str | None) -> list[Row]:
        """The parts of a message, without the bytes of those beyond what one message may hold."""
        rows: list[Row] = []
        size = 0
        for created, updated, text in self._connection.execute(self._PARTS, (message_id,)):
            size += len(text or b"")
            rows.append((created, updated, text if size <= LARGEST else None))
        return rows

    def _body(self, data: _Message, parts: Asked[_Part]) -> Body | None:
        if data.role == "assistant":
            return self._reply(data, parts)
        if data.role != "user":
            return None
        said = (part.text for _, part in parts if part.type == "text" and not part.synthetic)
        return Prompt(next((text for text in said if text), None))

    def _reply(self, data: _Message, parts: Asked[_Part]) -> Reply:
        tokens = tokens_of(data.tokens)
        reply = Reply(
            completed=times(data.time).get("completed"),
            model=data.model_id or None,
            finish=data.finish or None,
            tokens=tokens,
            cost=cost_of(data.cost, tokens),
            failure=failure_of(data.error),
            summary=self._reason(data.parent_id) if value(data.summary) is True else None,
        )
        for at, part in parts:
            if part.type == "text" and not part.synthetic and not part.ignored:
                reply.texts.append(Text(part.text or "", times(part.time).get("end", reply.completed)))
            elif part.type == "tool" and part.call_id:
                reply.calls += _call(part, at)
            elif part.type == "retry":
                told = failure_of(part.error)
                reply.retries.append(Retry(part.attempt or 0, at, told.message if told else ""))
        ended_well = reply.completed is not None and reply.failure is None
        reply.answered = ended_well or tokens is not None or any(part.type in _ANSWERS for _, part in parts)
        return reply

    def _reason(self, prompt_id: str | None) -> str:
        """Who asked for a summary: the message that the reply answers tells."""
        parts = (read(_Part, text or b"") for *_, text in self._parts(prompt_id))
        asked = next((part for part in parts if part and part.type == "compaction"), None)
        return "auto" if asked is None or asked.auto is not False else "manual"


def _call(part: _Part, at: int) -> list[Call]:
    """A tool call, once its input is complete."""
    state = read(_State, part.state) or _State()
    if state.status not in ("running", "completed", "error"):
        return []
    metadata = value(state.metadata)
    metadata = metadata if isinstance(metadata, dict) else {}
    output, error, child = value(state.output), value(state.error), metadata.get("sessionId")
    ended = None if state.status == "running" else times(state.time).get("end", at)
    return [
        Call(
            id=part.call_id or "",
            name=part.tool or "tool",
            started=at,
            ended=ended,
            input=state.input,
            output=output if isinstance(output, str) else "",
            error=(error if isinstance(error, str) else "") if state.status == "error" else None,
            exit_code=count(metadata.get("exit")),
            child=child if isinstance(child, str) and child else None,
        )
    ]
