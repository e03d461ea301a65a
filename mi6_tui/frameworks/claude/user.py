"""What a `user` record is: only some were typed by a person."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Literal

import msgspec

from mi6_tui.frameworks.claude.records import Block, Record

Kind = Literal["prompt", "interrupt", "notification", "other"]

_INTERRUPTED: Final = "[Request interrupted by user"
_NOTIFICATION: Final = "<task-notification>"
_INJECTED: Final = (
    "<command-name>",
    "<command-message>",
    "<local-command-stdout>",
    "<local-command-stderr>",
    "<local-command-caveat>",
    "<bash-input>",
    "<bash-stdout>",
    "<bash-stderr>",
    "<system-reminder>",
)
_FIELD: Final = re.compile(r"<(task-id|tool-use-id|status|summary|duration_ms)>([^<]*)</\1>")


class Notification(msgspec.Struct, frozen=True):
    """The end of a background task, as told to the model."""

    task_id: str
    tool_use_id: str
    status: str | None
    summary: str | None
    duration_ms: int | None


def text_of(content: str | list[Block]) -> str:
    """All text of a message; an image counts as `[image]`."""
    if isinstance(content, str):
        return content
    parts = ("[image]" if block.type == "image" else block.text for block in content)
    return "\n".join(part for part in parts if part)


def classify(record: Record, text: str, *, sidechain: bool) -> Kind:
    """What a user record without tool results is."""
    if record.is_compact_summary:
        return "other"
    start = text.lstrip()
    if start.startswith(_INTERRUPTED):
        return "interrupt"
    origin = record.origin.kind if record.origin else None
    if origin == "task-notification" or start.startswith(_NOTIFICATION):
        return "notification"
    if sidechain or record.is_meta or not start or start.startswith(_INJECTED):
        return "other"
    if origin not in (None, "human") or record.prompt_source == "system":
        return "other"
    return "prompt"


def notifications(text: str) -> Iterator[Notification]:
    """The ends of subagents told in `text`; background shells (ids with b) are left out."""
    for part in text.split(_NOTIFICATION)[1:]:
        fields: dict[str, str] = {}
        for name, content in _FIELD.findall(part):
            fields.setdefault(name, content.strip())
        task, tool = fields.get("task-id", ""), fields.get("tool-use-id", "")
        if task and tool and not task.startswith("b"):
            took = fields.get("duration_ms", "")
            yield Notification(
                task_id=task,
                tool_use_id=tool,
                status=fields.get("status"),
                summary=fields.get("summary"),
                duration_ms=int(took) if took.isascii() and took.isdigit() and len(took) < 19 else None,
            )


def is_notification(text: str) -> bool:
    """Whether `text` tells of background tasks."""
    return text.lstrip().startswith(_NOTIFICATION)
