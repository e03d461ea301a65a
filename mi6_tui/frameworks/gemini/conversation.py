"""What the messages of a conversation mean."""

from __future__ import annotations

import re
from typing import Final

from mi6_tui.frameworks.gemini import tools, usage
from mi6_tui.frameworks.gemini.lines import Line
from mi6_tui.frameworks.gemini.records import Message, tool_calls
from mi6_tui.frameworks.pieces import texts
from mi6_tui.frameworks.records import value
from mi6_tui.frameworks.text import clean, compact_json
from mi6_tui.model import EventType

_CONTEXT: Final = "<session_context>"
_INJECTED: Final = (_CONTEXT, "<loaded_context>", "<state_snapshot>", "<hook_context>")
_WORKSPACE: Final = re.compile(
    r"\*\*Workspace Directories:\*\*\s*\n\s*- (\S[^\n]*)|working in the directory: (\S[^\n]*)"
)
_CANCELLED: Final = "Request cancelled."
_AT_ONCE: Final = 50
"""ms after the last message within which nobody types a prompt."""


def message(line: Line, record: Message) -> bool:
    """The events of a message as it was written; whether its type is known."""
    if record.type == "user":
        _prompt(line, record)
    elif record.type == "gemini":
        _reply(line, record)
    elif record.type == "error":
        _error(line, record)
    elif record.type == "info":
        _info(line, record)
    elif record.type != "warning":
        return False
    line.state.spoken = line.at
    return True


def request(line: Line, record: Message) -> None:
    """A reply as what it is billed for."""
    said = any(text.strip() for text in texts(record.content))
    line.emit(
        EventType.API_REQUEST,
        f"req:{record.id}",
        uuid=record.id,
        version=line.version,
        model=record.model,
        # The reason why a reply ended is not told. One that says nothing is about to call a tool.
        outcome="tool_use" if tool_calls(record.tool_calls) else "stop" if said else None,
        **usage.tokens(record.tokens),
    )


def billed(record: Message) -> bool:
    """Whether a reply came from the model: a history told again has neither its name nor numbers."""
    return (
        record.type == "gemini"
        and bool(record.id)
        and (bool(record.model) or value(record.tokens) is not None)
    )


def note_workspace(line: Line, record: Message) -> None:
    """Take the working folder from the context that the client puts before the first prompt."""
    for text in texts(record.content) if record.type == "user" else ():
        if text.lstrip().startswith(_CONTEXT) and (found := _WORKSPACE.search(text)):
            line.state.cwd = (found[1] or found[2]).strip()


def _reply(line: Line, record: Message) -> None:
    if not billed(record):
        return
    before = line.state.model
    if record.model:
        if before not in (None, record.model) and not line.sidechain:
            line.emit(
                EventType.MODEL_CHANGE,
                f"model:{record.id}",
                model=record.model,
                preview=clean(f"{before} -> {record.model}"),
            )
        line.state.model = record.model
    text = clean("\n".join(texts(record.content)))
    if text:
        line.emit(
            EventType.ASSISTANT_MESSAGE, f"text:{record.id}", uuid=record.id, model=record.model, preview=text
        )
    request(line, record)
    tools.calls(line, record)


def prompt_of(record: Message) -> str:
    """What a person typed of a message's texts; empty for nothing."""
    parts = [text for text in texts(record.content) if not text.lstrip().startswith(_INJECTED)]
    return "\n".join(part for part in parts if part.strip())


def _prompt(line: Line, record: Message) -> None:
    note_workspace(line, record)
    text = prompt_of(record)
    if not text or not record.id or line.sidechain:
        return
    new = line.state.note_prompt(text)
    # After a cancelled request the client writes the whole history again, as new messages.
    if new or line.at - line.state.spoken > _AT_ONCE:
        line.emit(
            EventType.USER_PROMPT_SUBMIT,
            f"prompt:{record.id}",
            uuid=record.id,
            payload=compact_json(prompt=text),
        )


def _info(line: Line, record: Message) -> None:
    if record.id and "\n".join(texts(record.content)).strip() == _CANCELLED:
        line.emit(EventType.INTERRUPT, f"interrupt:{record.id}", uuid=record.id, preview=_CANCELLED)


def _error(line: Line, record: Message) -> None:
    if record.id:
        text = clean("\n".join(texts(record.content)))
        line.emit(
            EventType.API_ERROR, f"error:{record.id}", uuid=record.id, outcome="error", preview=text or None
        )
