"""One thing that happened in a session: a prompt, a tool call, a request to the model."""

from __future__ import annotations

from typing import Any, Final, Self

import msgspec

from mi6_tui.errors import ModelError

PREVIEW_LIMIT: Final = 2048
"""Characters of text an event keeps; the rest is read from its transcript when someone looks."""

_INT32: Final = 2**31
_INT64: Final = 2**63


class EventType:
    """Canonical names. Any other non-reserved text is a custom type, kept as given."""

    SESSION_START = "SessionStart"
    SESSION_END = "SessionEnd"
    PRE_TOOL_USE = "PreToolUse"
    POST_TOOL_USE = "PostToolUse"
    PERMISSION_REQUEST = "PermissionRequest"
    PRE_COMPACT = "PreCompact"
    STOP = "Stop"
    SUBAGENT_START = "SubagentStart"
    SUBAGENT_STOP = "SubagentStop"
    NOTIFICATION = "Notification"
    USER_PROMPT_SUBMIT = "UserPromptSubmit"
    API_REQUEST = "ApiRequest"

    # Custom types that our own decoders write.
    ASSISTANT_MESSAGE = "AssistantMessage"
    COMPACTION = "Compaction"
    MODEL_CHANGE = "ModelChange"
    API_ERROR = "ApiError"
    INTERRUPT = "Interrupt"
    TURN_START = "TurnStart"
    TURN_COMPLETE = "TurnComplete"
    ELICITATION = "Elicitation"
    ELICITATION_RESULT = "ElicitationResult"


_CANONICAL: Final = {
    name.lower(): name
    for name in (
        EventType.SESSION_START,
        EventType.SESSION_END,
        EventType.PRE_TOOL_USE,
        EventType.POST_TOOL_USE,
        EventType.PERMISSION_REQUEST,
        EventType.PRE_COMPACT,
        EventType.STOP,
        EventType.SUBAGENT_START,
        EventType.SUBAGENT_STOP,
        EventType.NOTIFICATION,
        EventType.USER_PROMPT_SUBMIT,
        EventType.API_REQUEST,
    )
}


CANONICAL_TYPES: Final = frozenset(_CANONICAL.values())


def canonical_event_type(name: str) -> str:
    """`name` trimmed, in the canonical spelling where it is a known type (ASCII case ignored)."""
    trimmed = name.strip()
    return _CANONICAL.get(trimmed.lower(), trimmed)


class Source:
    """Who reported an event. Unknown texts are legal and count as `hook`-like."""

    HOOK = "hook"
    TRANSCRIPT = "transcript"
    CODEX_SESSION = "codex_session"
    OTEL = "otel"


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An immutable record; change one with `with_(...)`. Unknown is None, never 0.

    Times are integer milliseconds since the Unix epoch (`process_start_time`: seconds). Field names
    up to `is_sidechain` are the columns that the original mi6 writes; the rest are ours.
    """

    id: int | None = None
    """Store id, ascending, never reused; None until stored."""
    machine_id: str
    timestamp: int
    event_type: str
    session_id: str
    framework: str | None = None
    tool_use_id: str | None = None
    spawned_agent_id: str | None = None
    tool_name: str | None = None
    subagent_type: str | None = None
    permission_mode: str | None = None
    transcript_path: str | None = None
    pid: int | None = None
    process_start_time: int | None = None
    """Seconds; identity of `pid`. Kept in the session, not in the event row."""
    cwd: str | None = None
    git_branch: str | None = None
    model: str | None = None
    tokens_input: int | None = None
    """Fresh input only: neither cache reads nor cache writes."""
    tokens_output: int | None = None
    """Reasoning included."""
    tokens_cache_read: int | None = None
    tokens_cache_write: int | None = None
    """All lifetimes."""
    cost_usd: float | None = None
    """Dollars as the client recorded them."""
    duration_ms: int | None = None
    payload: str | None = None
    """Compact JSON: `{"prompt":...}` of a prompt, `{"command":...}` of a shell call, or a hook's payload."""
    metadata: str | None = None
    """Compact JSON."""
    source: str | None = None
    is_sidechain: bool | None = None
    """True for a subagent's own record."""

    key: str | None = None
    """Identity over the whole store; recording a key again corrects the row or changes nothing."""
    twin_key: str | None = None
    """Looser identity: where either record is a sidechain, equal twin keys are one record."""
    claim: str = ""
    """Whose the record is when two sessions hold it: the smallest (claim, session_id) owns it."""
    version: str = ""
    """Which reading of a repeated record is the most complete: the largest gives the numbers."""
    order: tuple[int, int] | None = None
    """Place among the session's records (latest time seen so far in its file, byte offset); not stored."""
    uuid: str | None = None
    """The client's own id of the record."""
    agent_id: str | None = None
    """Subagent that wrote it."""
    outcome: str | None = None
    """Stop reason of a reply; `ok`, `error`, `denied`, `interrupted` or `background` of a tool; kind of an
    error (`retrying` while the client tries again); `auto` or `manual` of a compaction; why a permission
    request waits for nobody; kind of a notification; why a session ended."""
    preview: str | None = None
    """First characters of the text, at most PREVIEW_LIMIT."""
    tokens_cache_write_1h: int | None = None
    tokens_reasoning: int | None = None
    tokens_incomplete: bool = False
    """A token number is unknown, or known only as a lower bound."""
    price_terms: str | None = None
    """What changes the price, as compact JSON: `speed`, `inference_geo`, `service_tier`,
    `web_search_requests`, each only where it is not the standard; None: nothing does."""
    cost_estimated_usd: float | None = None
    """What it costs by the price table, where the client recorded nothing; set by the store."""
    price_id: str | None = None
    """Row of the price table that the estimate was made with; set by the store."""
    context_size: int | None = None
    """Tokens in the window after this record, where the client says so (compaction)."""
    byte_offset: int | None = None
    byte_length: int | None = None
    """Where the line lies in `transcript_path`."""

    def __post_init__(self) -> None:
        if not self.session_id:
            raise ModelError("an event needs a session_id")
        if not -_INT64 <= self.timestamp < _INT64:
            raise ModelError(f"timestamp {self.timestamp} is outside 64 bits")
        if self.pid is not None and not 0 < self.pid < _INT32:
            raise ModelError(f"pid {self.pid} is not a process id")
        for name in _COUNTS:
            value = getattr(self, name)
            if value is not None and not 0 <= value < _INT64:
                raise ModelError(f"{name} {value} is not a count")

    def with_(self, **changes: Any) -> Self:
        """A copy with `changes` applied and checked."""
        return msgspec.structs.replace(self, **changes)

    @property
    def is_api_request(self) -> bool:
        """True when the event stands for one billed request to a model."""
        return self.event_type == EventType.API_REQUEST

    @property
    def on_main_chain(self) -> bool:
        """False only for a subagent's own record."""
        return self.is_sidechain is not True

    @property
    def text(self) -> str:
        """What a person would read of it: the preview, else the prompt or command in the payload."""
        if self.preview is not None:
            return self.preview
        return prompt_of(self.payload) or command_of(self.payload) or ""

    @property
    def prompt_tokens(self) -> int | None:
        """Tokens sent to the model (input + cache read + cache write); None when no part is known."""
        parts = (self.tokens_input, self.tokens_cache_read, self.tokens_cache_write)
        known = [part for part in parts if part is not None]
        return sum(known) if known else None


_COUNTS: Final = (
    "tokens_input",
    "tokens_output",
    "tokens_cache_read",
    "tokens_cache_write",
    "tokens_cache_write_1h",
    "tokens_reasoning",
    "duration_ms",
    "context_size",
    "byte_offset",
    "byte_length",
)


def decode_object(payload: str | None) -> dict[str, Any]:
    """The JSON object in `payload`; empty when it holds none."""
    if not payload:
        return {}
    try:
        value = msgspec.json.decode(payload)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return {}
    return value if isinstance(value, dict) else {}


def prompt_of(payload: str | None) -> str | None:
    """The user's text in a prompt's payload: `prompt` if that key is present, else `user_prompt`."""
    value = decode_object(payload)
    text = value["prompt"] if "prompt" in value else value.get("user_prompt")
    return text if isinstance(text, str) else None


def command_of(payload: str | None) -> str | None:
    """The shell command in a payload: `command`, else `tool_input.command`."""
    value = decode_object(payload)
    tool_input = value.get("tool_input")
    text = value.get("command") or (tool_input.get("command") if isinstance(tool_input, dict) else None)
    return text if isinstance(text, str) else None
