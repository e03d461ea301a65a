"""Kinds of records that are known; any other kind is counted."""

from __future__ import annotations

from typing import Final

IGNORED: Final = frozenset({"inter_agent_communication", "inter_agent_communication_metadata", "world_state"})

IGNORED_EVENTS: Final = frozenset(
    {
        "agent_reasoning",
        "agent_reasoning_raw_content",
        "entered_review_mode",
        "exited_review_mode",
        "image_generation_end",
        "thread_goal_updated",
        "thread_name_updated",
        "thread_rolled_back",
        "view_image_tool_call",
        "web_search_end",
    }
)

IGNORED_ITEMS: Final = frozenset(
    {"CollabAgentToolCall", "ImageGeneration", "ImageView", "Plan", "Reasoning", "WebSearch"}
)
"""What the response items tell as well."""

CALLS: Final = frozenset(
    {
        "custom_tool_call",
        "function_call",
        "image_generation_call",
        "local_shell_call",
        "tool_search_call",
        "web_search_call",
    }
)
OUTPUTS: Final = frozenset({"custom_tool_call_output", "function_call_output", "tool_search_output"})
IGNORED_RESPONSES: Final = frozenset(
    {
        "additional_tools",
        "agent_message",
        "compaction",
        "compaction_summary",
        "context_compaction",
        "ghost_snapshot",
        "message",
        "reasoning",
    }
)
