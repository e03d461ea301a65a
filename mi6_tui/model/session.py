"""One conversation with an agent, as the store sums it up."""

from __future__ import annotations

from typing import Any, Final, Self

import msgspec

from mi6_tui.errors import ModelError


class Status:
    """The four stored words; what is shown is finer (`status_detail`)."""

    IDLE = "idle"
    BUSY = "busy"
    WAIT = "wait"
    DONE = "done"


STATUSES: Final = (Status.BUSY, Status.WAIT, Status.IDLE, Status.DONE)


HEADLESS: Final = ("sdk-cli", "exec")
"""Entry points of runs that answer one prompt and exit."""


class Session(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A row of the store; key (machine_id, session_id). Times in ms (`process_start_time`: s).

    Field names up to `transcript_path` are the columns that the original mi6 writes; the rest are
    ours. Sums count every request once, subagents' included; `incomplete_requests` says how many of
    them miss a number, so that a sum is a lower bound.
    """

    machine_id: str
    session_id: str
    framework: str | None = None
    first_started_at: int
    last_started_at: int
    last_activity: int
    first_ended_at: int | None = None
    last_ended_at: int | None = None
    """None while the session is active; cleared when it is resumed."""
    revival_count: int = 0
    status: str | None = None
    status_updated_at: int | None = None
    pid: int | None = None
    process_start_time: int | None = None
    cwd: str | None = None
    local_git_dir: str | None = None
    git_branch: str | None = None
    git_worktree_path: str | None = None
    github_repo: str | None = None
    github_issue: int | None = None
    github_pr: int | None = None
    git_additions: int | None = None
    git_deletions: int | None = None
    first_user_message: str | None = None
    last_user_message: str | None = None
    model: str | None = None
    compaction_count: int = 0
    message_count: int = 0
    tool_call_count: int = 0
    api_request_count: int = 0
    api_error_count: int = 0
    tokens_input: int = 0
    tokens_output: int = 0
    tokens_cache_read: int = 0
    tokens_cache_write: int = 0
    cost_usd: float | None = None
    """All that is known: recorded and estimated; a lower bound where `cost_incomplete`."""
    context: int | None = None
    """Tokens in the window now; None when unknown."""
    n_hook_events: int = 0
    n_otel_events: int = 0
    transcript_available: bool = False
    transcript_path: str | None = None

    tokens_cache_write_1h: int = 0
    tokens_reasoning: int = 0
    incomplete_requests: int = 0
    cost_recorded_usd: float | None = None
    """The part of `cost_usd` that the client recorded."""
    cost_estimated_usd: float | None = None
    """The part of `cost_usd` that follows from the price table."""
    unpriced_requests: int = 0
    """Requests that nobody knows the cost of."""
    cost_client_usd: float | None = None
    """What the client says that the whole session costs, to compare with; part of no sum."""
    context_window: int | None = None
    """Size of the model's window in tokens."""
    title: str | None = None
    """What the client or the user calls it."""
    last_reply: str | None = None
    """First characters of the last words of the agent."""
    permission_mode: str | None = None
    client_version: str | None = None
    entrypoint: str | None = None
    subagent_count: int = 0
    background_count: int = 0
    """Subagents that still run."""
    status_detail: str | None = None
    status_shown: str | None = None
    """waiting, error, working, background, your turn, idle, ended or unknown (judge.status)."""
    status_reason: str | None = None
    status_since: int | None = None
    status_source: str | None = None
    status_confidence: str | None = None
    status_until: int | None = None
    """When the verdict changes by itself, unless something happens; None: never."""
    status_rule: str | None = None
    """Which rule of judge.rules decided."""
    seen_at: int | None = None
    """When the user last looked at it here."""
    terminal: str | None = None
    """Where it runs, to be found again: `tmux SOCKET PANE`, `zellij SESSION PANE`, `screen SESSION`,
    `kitty WINDOW`, `wezterm PANE`, else the name of the terminal program."""
    nickname: str | None = None
    """What the user calls it here."""
    tags: str | None = None
    """The user's words on it, lower case, with single spaces between, in order."""
    pinned: bool = False
    hidden: bool = False
    """The user's marks: stays on top; is not shown."""
    revision: int = 0
    """Counter of the store at the row's last change; a reader asks for the rows above the last it saw."""

    def __post_init__(self) -> None:
        if not self.session_id:
            raise ModelError("a session needs a session_id")
        if self.status is not None and self.status not in STATUSES:
            raise ModelError(f"status {self.status!r} is none of {', '.join(STATUSES)}")

    def with_(self, **changes: Any) -> Self:
        """A copy with `changes` applied and checked."""
        return msgspec.structs.replace(self, **changes)

    @property
    def key(self) -> tuple[str, str]:
        """Identity over all machines."""
        return self.machine_id, self.session_id

    @property
    def is_active(self) -> bool:
        """True until the session ended (a resumed one is active again)."""
        return self.last_ended_at is None

    @property
    def total_tokens(self) -> int:
        """Input + output + both cache counts."""
        return self.tokens_input + self.tokens_output + self.tokens_cache_read + self.tokens_cache_write

    @property
    def cost_incomplete(self) -> bool:
        """True when the session costs more than `cost_usd`, or may."""
        return bool(self.unpriced_requests or self.incomplete_requests)

    @property
    def is_headless(self) -> bool:
        """True of a run that answers one prompt and exits: nobody can answer what it asks."""
        return self.entrypoint in HEADLESS

    @property
    def duration_ms(self) -> int:
        """From the first record to the last."""
        return max(0, (self.last_ended_at or self.last_activity) - self.first_started_at)

    @property
    def name(self) -> str:
        """What a person would call it: nickname, title, first prompt, last words, else its id."""
        for text in (self.nickname, self.title, self.first_user_message, self.last_reply):
            if text and text.strip():
                return " ".join(text.split())
        return self.session_id

    @property
    def project(self) -> str | None:
        """Last part of the repository or of the folder it works in."""
        return project_of(self.github_repo, self.cwd)


def project_of(github_repo: str | None, cwd: str | None) -> str | None:
    """Last part of a repository's name, else of a folder."""
    place = github_repo or cwd
    return place.rstrip("/").rsplit("/", 1)[-1] or place if place else None
