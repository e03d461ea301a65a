"""Kinds of records that are known; any other kind is counted."""

from __future__ import annotations

from typing import Final

TELLING: Final = frozenset(
    {
        "agent-name",
        "ai-title",
        "cost-state",
        "custom-title",
        "permission-mode",
        "queue-operation",
        "relocated",
        "summary",
    }
)
"""Types that say something of a session beside the conversation itself."""

_IGNORED: Final = frozenset(
    {
        "agent-color",
        "agent-setting",
        "api-request",
        "api-request-blob",
        "api-request-shape",
        "atis-latch",
        "attribution-snapshot",
        "bridge-session",
        "content-replacement",
        "continued-in",
        "ended-by-model",
        "file-history-delta",
        "file-history-snapshot",
        "fork-context-ref",
        "frame-link",
        "history-suppression",
        "last-prompt",
        "mode",
        "pr-link",
        "progress",
        "tag",
        "tools-used",
        "worktree-state",
    }
)
_IGNORED_PREFIX: Final = "artifact-"

_IGNORED_SUBTYPES: Final = frozenset(
    {
        "away_summary",
        "bridge_status",
        "informational",
        "init",
        "local_command",
        "microcompact_boundary",
        "model_refusal_no_fallback",
        "stop_hook_summary",
    }
)
_IGNORED_SUBTYPE_PREFIX: Final = "task_"

_IGNORED_ATTACHMENTS: Final = frozenset(
    {
        "agent_listing_delta",
        "auto_mode",
        "command_permissions",
        "date",
        "deferred_tools_delta",
        "edited_text_file",
        "environment",
        "file",
        "instructions",
        "model",
        "nested_memory",
        "plan_mode",
        "plan_mode_exit",
        "prompt_snapshot",
        "remote_session_change",
        "session_context",
        "skill_listing",
        "task_reminder",
        "total_tokens_reminder",
    }
)
_IGNORED_ATTACHMENT_PREFIX: Final = "hook_"


def ignores(kind: str) -> bool:
    """Whether a record of this type tells nothing but its time."""
    return kind in _IGNORED or kind.startswith(_IGNORED_PREFIX)


def ignores_subtype(kind: str) -> bool:
    """Whether a `system` record of this subtype gives no event."""
    return kind in _IGNORED_SUBTYPES or kind.startswith(_IGNORED_SUBTYPE_PREFIX)


def ignores_attachment(kind: str) -> bool:
    """Whether an attachment of this type tells nothing but its time."""
    return kind in _IGNORED_ATTACHMENTS or kind.startswith(_IGNORED_ATTACHMENT_PREFIX)
