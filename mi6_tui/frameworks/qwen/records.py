"""The shapes of transcript lines and of what is in them."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from mi6_tui.frameworks.pieces import many
from mi6_tui.frameworks.records import NOTHING, Folder, Json, Name, read

SILENT: Final = frozenset(
    {
        "agent_bootstrap",
        "agent_launch_prompt",
        "agent_retry",
        "agent_session_ready",
        "at_command",
        "attribution_snapshot",
        "background_task_completed",
        "branch_checkpoint",
        "file_history_snapshot",
        "goal_runtime",
        "goal_state",
        "goal_turn_end",
        "omni_recall",
        "parent_session",
        "realtime_message",
        "rewind",
        "session_artifact_event",
        "session_artifact_snapshot",
        "session_execution_engine",
        "session_model",
        "session_notes",
        "session_source",
        "session_sources_snapshot",
        "slash_command",
        "turn_result",
        "user_text_elements",
    }
)
"""Kinds of system records that tell nothing but their time."""


class Record(msgspec.Struct, rename="camel"):
    """One line."""

    uuid: Name | None = None
    session_id: Name | None = None
    timestamp: datetime | None = None
    type: str | None = None
    subtype: str | None = None
    cwd: Folder | None = None
    version: Name | None = None
    git_branch: Name | None = None
    agent_id: Name | None = None
    agent_name: Name | None = None
    model: Name | None = None
    message: msgspec.Raw = NOTHING
    usage_metadata: msgspec.Raw = NOTHING
    context_window_size: object = None
    tool_call_result: msgspec.Raw = NOTHING
    system_payload: msgspec.Raw = NOTHING
    forked_from: msgspec.Raw = NOTHING


class Content(msgspec.Struct):
    """What was sent to the model, or came from it."""

    parts: msgspec.Raw = NOTHING


class Call(msgspec.Struct):
    """A tool call of a reply."""

    id: Name | None = None
    name: Name | None = None
    args: msgspec.Raw = NOTHING


class Answer(msgspec.Struct):
    """What a tool answered."""

    id: Name | None = None
    name: Name | None = None
    response: msgspec.Raw = NOTHING


class Part(msgspec.Struct, rename="camel"):
    """A text, a call or an answer."""

    text: str | None = None
    thought: bool | None = None
    function_call: Call | None = None
    function_response: Answer | None = None


class Payload(msgspec.Struct, rename="camel"):
    """What a system record holds; the fields depend on its kind."""

    ui_event: msgspec.Raw = NOTHING
    custom_title: str | None = None
    info: msgspec.Raw = NOTHING
    mode: Name | None = None
    display_text: str | None = None


def parts(message: Json) -> list[Part]:
    """The parts of a message."""
    content = read(Content, message)
    return many(Part, content.parts) if content else []


def text_of(found: list[Part]) -> str:
    """The texts of parts, without the model's thoughts."""
    return "\n".join(part.text for part in found if part.text and not part.thought)
