"""What a client's own telemetry told: a witness beside the transcript, never part of any sum."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from mi6_tui.errors import ModelError

TelemetryKind = Literal["request", "sum", "prompt", "tool", "error", "limit", "status"]
"""A request to a model, a sum over some of them (a metric), a prompt, an ended tool call, a failure, what a
provider said of its limits (see model.limits), how a session stood by its client's count (a status line)."""

LimitSource = Literal["transcript", "status line"]

CLOCKS_APART: Final = 60_000
"""ms by which a client's clock may be ahead of ours before its times are worth no trust."""


class Telemetry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One record. Tokens mean what they mean in an Event; unknown is None. Times in ms since the epoch."""

    machine_id: str
    session_id: str
    framework: str
    identity: str
    """Over the whole store: told again it is the same record."""
    kind: TelemetryKind
    at: int
    """As the client says."""
    received_at: int
    """When it first came, by our own clock."""
    request_id: str | None = None
    """As the client or its provider calls the request."""
    model: str | None = None
    tokens_input: int | None = None
    tokens_output: int | None = None
    tokens_cache_read: int | None = None
    tokens_cache_write: int | None = None
    tokens_cache_write_1h: int | None = None
    tokens_reasoning: int | None = None
    cost_usd: float | None = None
    """As the client counts it."""
    duration_ms: int | None = None
    what: str | None = None
    """What a request was for, which tool, which error, which limit; as the client calls it."""
    used_percent: float | None = None
    """Of the limit; this and the next three of limits alone."""
    window_minutes: int | None = None
    """The stretch of time that it is for."""
    resets_at: int | None = None
    source: LimitSource | None = None
    """Where the client said it; None: an older version did not note that."""
    context_tokens: int | None = None
    """In the window at the last request, as the client counts; this and the next of a status alone."""
    context_window_size: int | None = None

    def __post_init__(self) -> None:
        if not self.session_id or not self.identity:
            raise ModelError("a telemetry record needs a session_id and an identity")
        if not 0 <= self.at < 2**63:
            raise ModelError(f"the time {self.at} of a telemetry record cannot be")

    @property
    def ahead(self) -> bool:
        """Whether it is from the future: its client's clock cannot be trusted."""
        return self.at - self.received_at > CLOCKS_APART
