"""What the messages of opencode mean: prompts, requests, tool calls, ends of turns.

A message is told again whenever it grew. Whatever places an event (its time, session, text) is told only
once it cannot change any more; the rest may, and the later telling has the larger version.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from mi6_tui.frameworks.opencode import NAME, tools
from mi6_tui.frameworks.opencode.messages import (
    Call,
    Compaction,
    Message,
    ModelSwitch,
    Prompt,
    Reply,
    Session,
    Tokens,
    TurnEnd,
)
from mi6_tui.frameworks.opencode.shapes import ABORTED
from mi6_tui.frameworks.records import count, token_count
from mi6_tui.frameworks.text import clean, compact_json, one_line, printed
from mi6_tui.model import Event, EventType, Source

_LAST: Final = 1 << 30
"""Place, within one ms, of what ends a message."""
_LATEST: Final = 10**15 - 1
"""ms; the last time that compares by text with every other one."""


def start_of(session: Session, machine_id: str, path: str) -> Event:
    """That a session was made."""
    return Event(
        machine_id=machine_id,
        timestamp=session.created,
        event_type=EventType.SESSION_START,
        session_id=session.id,
        framework=NAME,
        source=Source.TRANSCRIPT,
        transcript_path=path,
        key=f"{NAME}:{session.id}:start",
        uuid=session.id,
    )


class Teller(msgspec.Struct):
    """Tells one message. `session_id` is the session that a person started."""

    machine_id: str
    path: str
    session_id: str
    message: Message
    events: list[Event]

    def tell(self) -> None:
        """Add the message's events."""
        match self.message.body:
            case Prompt(text) if text:
                self._emit(EventType.USER_PROMPT_SUBMIT, "prompt", payload=compact_json(prompt=text))
            case Reply() as reply:
                self._reply(reply)
            case Compaction() as compaction:
                self._compaction(compaction)
            case TurnEnd("interrupted"):
                self._emit(EventType.INTERRUPT, "interrupt")
            case TurnEnd():
                self._emit(EventType.STOP, "stop")
            case ModelSwitch(model, before):
                told = clean(f"{before} -> {model}") if before else None
                self._emit(EventType.MODEL_CHANGE, "model", model=model, preview=told)

    def _reply(self, reply: Reply) -> None:
        for retry in reply.retries:
            self._emit(
                EventType.API_ERROR,
                f"retry:{retry.attempt}",
                at=retry.at,
                outcome="retrying",
                preview=clean(retry.message) or None,
            )
        for index, call in enumerate(reply.calls):
            self._call(call, 2 * index + 1)
        if reply.summary is None:
            for index, text in enumerate(reply.texts):
                shown = clean(text.text)
                if shown and text.at is not None:
                    self._emit(
                        EventType.ASSISTANT_MESSAGE,
                        f"text:{index}",
                        at=text.at,
                        place=index,
                        model=reply.model,
                        preview=shown,
                    )
        if reply.answered:
            self._request(reply)
        self._end(reply)

    def _request(self, reply: Reply) -> None:
        ended, created = reply.completed, self.message.created
        outcome = None
        if ended is not None or reply.failure is not None:
            outcome = "tool_use" if reply.finish == "tool-calls" else reply.finish or "stop"
        self._emit(
            EventType.API_REQUEST,
            "req",
            order=(created, 0) if outcome is None else (ended or created, _LAST),
            version=f"{min(max(self.message.updated, 0), _LATEST):015d}",
            model=reply.model,
            outcome=outcome,
            duration_ms=None if ended is None else count(ended - created),
            cost_usd=reply.cost,
            **_numbers(reply.tokens),
        )

    def _end(self, reply: Reply) -> None:
        """What follows from how the reply ended."""
        order = (reply.completed or self.message.created, _LAST + 1)
        failure = reply.failure
        if failure is not None and failure.name == ABORTED:
            self._emit(EventType.INTERRUPT, "interrupt", order=order)
        elif failure is not None:
            self._emit(
                EventType.API_ERROR,
                "error",
                order=order,
                outcome=one_line(failure.name, 100) or "error",
                preview=clean(failure.message) or None,
            )
        elif reply.summary is not None and reply.completed is not None:
            self._emit(EventType.COMPACTION, "compaction", order=order, outcome=reply.summary)

    def _compaction(self, compaction: Compaction) -> None:
        at = self.message.created
        if compaction.tokens is not None:
            self._emit(
                EventType.API_REQUEST,
                "req",
                order=(at, _LAST),
                version=f"{min(max(self.message.updated, 0), _LATEST):015d}",
                outcome="stop",
                cost_usd=compaction.cost,
                **_numbers(compaction.tokens),
            )
        self._emit(EventType.COMPACTION, "compaction", order=(at, _LAST + 1), outcome=compaction.reason)

    def _call(self, call: Call, place: int) -> None:
        told = tools.Told(call)
        payload = compact_json(command=told.command) if told.command else None
        common: dict[str, Any] = {"tool_use_id": call.id, "subagent_type": told.subagent_type}
        self._emit(
            EventType.PRE_TOOL_USE,
            f"tool:{call.id}:pre",
            at=call.started,
            place=place,
            tool_name=call.name,
            payload=payload,
            preview=told.summary,
            **common,
        )
        if told.spawns:
            self._emit(
                EventType.SUBAGENT_START,
                f"agent:{call.id}:start",
                at=call.started,
                place=place,
                tool_name=call.name,
                preview=told.summary,
                **common,
            )
        if call.ended is None:
            return
        duration = count(call.ended - call.started)
        self._emit(
            EventType.POST_TOOL_USE,
            f"tool:{call.id}:post",
            at=call.ended,
            place=place + 1,
            tool_name=call.name,
            spawned_agent_id=call.child,
            duration_ms=duration,
            outcome=told.outcome,
            payload=payload,
            metadata=printed(told.command, call.output),
            preview=clean(told.result, tools.RESULT_LIMIT) or None,
            **common,
        )
        if told.spawns:
            self._emit(
                EventType.SUBAGENT_STOP,
                f"agent:{call.id}:stop",
                at=call.ended,
                place=place + 1,
                spawned_agent_id=call.child,
                duration_ms=duration,
                outcome=told.outcome,
                **common,
            )

    def _emit(
        self,
        event_type: str,
        key: str,
        *,
        at: int | None = None,
        place: int = 0,
        order: tuple[int, int] | None = None,
        **fields: Any,
    ) -> None:
        """Add an event; `key` is its identity within the message, `at` its time (ms) if not the message's."""
        message = self.message
        child = message.session_id != self.session_id
        timestamp = message.created if at is None else at
        self.events.append(
            Event(
                machine_id=self.machine_id,
                timestamp=timestamp,
                event_type=event_type,
                session_id=self.session_id,
                framework=NAME,
                source=Source.TRANSCRIPT,
                transcript_path=self.path,
                is_sidechain=child,
                agent_id=message.session_id if child else None,
                key=f"{NAME}:{message.id}:{key}",
                order=order or (timestamp, place),
                uuid=message.id,
                **fields,
            )
        )


def _numbers(tokens: Tokens | None) -> dict[str, Any]:
    """The token fields of a request. The client keeps reasoning beside the output; here it is part of it."""
    if tokens is None:
        return {"tokens_incomplete": True}
    parts = (tokens.output, tokens.reasoning)
    known = [part for part in parts if part is not None]
    return {
        "tokens_input": tokens.input,
        "tokens_output": token_count(sum(known)) if known else None,
        "tokens_cache_read": tokens.cache_read,
        "tokens_cache_write": tokens.cache_write,
        "tokens_reasoning": tokens.reasoning,
        "tokens_incomplete": None in msgspec.structs.astuple(tokens),
    }
