"""How a session's row follows from the things recorded about it.

The state is built from registers and sums, so that the order in which things arrive, and how often,
does not matter. A register keeps the value with the largest (or smallest) order; `observe`
may therefore see a record any number of times. A sum moves only with the events that the session
owns: `count` adds one, or takes it back when another session turns out to be its owner.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from mi6_tui.judge.github import context_of_command
from mi6_tui.judge.status import RANK
from mi6_tui.model import Event, EventType, SessionFact, Source
from mi6_tui.model.event import command_of, decode_object, prompt_of

Order = tuple[int, int]
Value = str | int | None
Authority = Literal["transcript", "otel", "hook"]

_REPLY_LIMIT: Final = 200
"""Characters of the last reply that a session row carries; the event keeps more."""
_SHELLS: Final = frozenset(
    {
        "Bash",
        "PowerShell",
        "bash",
        "container.exec",
        "exec",
        "exec_command",
        "local_shell",
        "powershell",
        "run_shell_command",
        "shell",
        "shell_command",
    }
)
"""What the clients call the tool that runs a command line."""
_WAITING_TOOLS: Final = {
    "AskUserQuestion": "question",
    "ExitPlanMode": "plan",
    "ask_user": "question",
    "question": "question",
    "request_user_input": "question",
}


class Totals(msgspec.Struct, array_like=True):
    """Sums over the events of one kind of witness that a session owns."""

    events: int = 0
    message_count: int = 0
    tool_call_count: int = 0
    api_request_count: int = 0
    api_error_count: int = 0
    compaction_count: int = 0
    tokens_input: int = 0
    tokens_output: int = 0
    tokens_cache_read: int = 0
    tokens_cache_write: int = 0
    tokens_cache_write_1h: int = 0
    tokens_reasoning: int = 0
    incomplete_requests: int = 0
    costs: int = 0
    """Requests whose cost was recorded."""
    cost_nano_usd: int = 0
    """Whole billionths, so that adding and taking back is exact."""
    estimates: int = 0
    """Requests whose cost is estimated."""
    estimated_nano_usd: int = 0


class SessionState(msgspec.Struct, omit_defaults=True):
    """Everything a session row is made from; stored beside it as MessagePack."""

    totals: dict[str, Totals] = {}
    latest: dict[str, tuple[int, int, Value]] = {}
    earliest: dict[str, tuple[int, int, Value]] = {}
    evidence: tuple[int, int, int, str, str, str] | None = None
    """Order, rank, kind, detail, source of what says most about the status."""
    session_start: tuple[int, int, str] | None = None
    """Order and source of the latest SessionStart, which decides only where nothing stronger does."""
    children: dict[str, tuple[int, int, bool]] = {}
    """Subagents by id: order of the latest news, and whether it runs."""
    repos: dict[str, Order] = {}
    """Latest order at which each repository was named."""
    starts: dict[int, int] = {}
    """Earliest SessionStart (ms) of each process id."""
    owned_from: int | None = None
    claimed_from: int | None = None
    last_activity: int = 0
    ends: int = 0
    first_end: int | None = None
    last_end: int | None = None
    deleted_bounds: tuple[int, int | None, int | None] | None = None
    """`owned_from`, `first_end` and `last_end` over the events that are no longer in the store."""


def authority_of(source: str | None) -> Authority:
    """Which kind of witness a `source` is."""
    if source in (Source.TRANSCRIPT, Source.CODEX_SESSION):
        return "transcript"
    return "otel" if source == Source.OTEL else "hook"


def set_latest(state: SessionState, name: str, order: Order, value: Value) -> None:
    """Keep `value` if no later one is known."""
    old = state.latest.get(name)
    if old is None or (*order, str(value)) > (old[0], old[1], str(old[2])):
        state.latest[name] = (*order, value)


def set_earliest(state: SessionState, name: str, order: Order, value: Value) -> None:
    """Keep `value` if no earlier one is known."""
    old = state.earliest.get(name)
    if old is None or (*order, str(value)) < (old[0], old[1], str(old[2])):
        state.earliest[name] = (*order, value)


def note_repo(state: SessionState, order: Order, repo: str) -> None:
    """Note that the session works in `repo`, `owner/name`."""
    state.repos[repo] = max(order, state.repos.get(repo, order))


def note_time(state: SessionState, at: int) -> None:
    """Note that something was recorded of the session at `at` (ms), whoever owns it."""
    state.claimed_from = _smallest(state.claimed_from, at)
    state.last_activity = max(state.last_activity, at)


def order_of(event: Event) -> Order:
    """The event's place among its session's records."""
    return event.order or (event.timestamp, 0)


def observe(state: SessionState, event: Event) -> None:
    """Note what an event says about its session, whoever owns it; idempotent."""
    order = order_of(event)
    note_time(state, event.timestamp)
    if event.framework is not None:
        set_earliest(state, "framework", order, event.framework)
    if event.on_main_chain:
        _observe_place(state, event, order)
        _observe_talk(state, event, order)
        _observe_evidence(state, event, order)
    _observe_children(state, event, order)


def _observe_place(state: SessionState, event: Event, order: Order) -> None:
    starting = event.event_type in (EventType.SESSION_START, EventType.TURN_COMPLETE)
    for name in ("cwd", "transcript_path"):
        value = getattr(event, name)
        if value is not None:
            if event.event_type == EventType.SESSION_START:
                set_latest(state, name, order, value)
            else:
                set_earliest(state, name, order, value)
    for name in ("git_branch", "model", "permission_mode"):
        value = getattr(event, name)
        if value is not None:
            set_latest(state, name, order, value)
    if event.pid is not None:
        set_latest(state, "pid", order, event.pid)
        if starting and event.process_start_time is not None:
            set_latest(state, f"process_start_time:{event.pid}", order, event.process_start_time)
        if event.event_type == EventType.SESSION_START:
            state.starts[event.pid] = min(event.timestamp, state.starts.get(event.pid, event.timestamp))
    if event.tool_name in _SHELLS and event.event_type == EventType.POST_TOOL_USE:
        _observe_github(state, event, order)


def _observe_github(state: SessionState, event: Event, order: Order) -> None:
    command = command_of(event.payload)
    if not command:
        return
    found = context_of_command(command, _output_of(event))
    if found.repo is not None:
        note_repo(state, order, found.repo)
    for name, value in (
        ("github_issue", found.issue),
        ("github_pr", found.pr),
        ("git_additions", found.additions),
        ("git_deletions", found.deletions),
        ("git_worktree_path", found.worktree),
    ):
        if value is not None:
            set_latest(state, name, order, value)


def _output_of(event: Event) -> str:
    metadata = decode_object(event.metadata)
    response = decode_object(event.payload).get("tool_response")
    stdout = response.get("stdout") if isinstance(response, dict) else None
    for text in (metadata.get("output"), metadata.get("stdout"), stdout):
        if isinstance(text, str):
            return text
    return ""


def _observe_talk(state: SessionState, event: Event, order: Order) -> None:
    if event.event_type == EventType.USER_PROMPT_SUBMIT:
        text = prompt_of(event.payload)
        if text is not None:
            set_earliest(state, "first_user_message", order, text)
            set_latest(state, "last_user_message", order, text)
    elif event.event_type == EventType.ASSISTANT_MESSAGE and event.preview:
        set_latest(state, "last_reply", order, event.preview[:_REPLY_LIMIT])
    elif event.event_type == EventType.COMPACTION:
        set_latest(state, "context:transcript", order, event.context_size)
    elif event.is_api_request:
        witness = authority_of(event.source)
        used = event.prompt_tokens if event.context_size is None else event.context_size
        if witness == "transcript" and used is not None:
            set_latest(state, "context:transcript", order, used)
        elif witness == "hook" and event.prompt_tokens is not None:
            # A hook's own figure counts the output too: the next prompt will carry it.
            fresh, read, out = event.tokens_input or 0, event.tokens_cache_read or 0, event.tokens_output or 0
            set_latest(state, "context:hook", order, fresh + read + out)


def _observe_evidence(state: SessionState, event: Event, order: Order) -> None:
    if event.event_type == EventType.SESSION_START:
        start = (*order, event.source or "")
        state.session_start = max(state.session_start or start, start)
        return
    kind, detail = _evidence_of(event)
    if kind is not None:
        evidence = (*order, RANK[kind], kind, detail, event.source or "")
        state.evidence = max(state.evidence or evidence, evidence)


def _evidence_of(event: Event) -> tuple[str | None, str]:
    match event.event_type:
        case EventType.USER_PROMPT_SUBMIT | EventType.TURN_START:
            return "prompt", ""
        case EventType.PRE_TOOL_USE:
            return _WAITING_TOOLS.get(event.tool_name or "", "tool"), event.tool_name or ""
        case EventType.POST_TOOL_USE:
            return "tool_end", event.tool_name or ""
        case EventType.API_REQUEST if event.outcome is not None:
            return ("reply" if event.outcome == "tool_use" else "reply_end"), event.outcome
        case EventType.API_REQUEST if authority_of(event.source) == "transcript":
            return "reply", ""
        case EventType.PERMISSION_REQUEST:
            return "permission", event.tool_name or ""
        case EventType.STOP | EventType.TURN_COMPLETE:
            return "stop", ""
        case EventType.INTERRUPT:
            return "interrupt", ""
        case EventType.API_ERROR:
            return ("retry" if event.outcome == "retrying" else "error"), event.outcome or "error"
        case EventType.COMPACTION:
            return ("stop" if event.outcome == "manual" else "compacting"), ""
        case EventType.SESSION_END:
            return "end", ""
    return None, ""


def _observe_children(state: SessionState, event: Event, order: Order) -> None:
    child = event.tool_use_id or event.spawned_agent_id
    if child is None or event.event_type not in (EventType.SUBAGENT_START, EventType.SUBAGENT_STOP):
        return
    news = (*order, event.event_type == EventType.SUBAGENT_START)
    old = state.children.get(child)
    # At one instant the end wins, so False must compare as the larger.
    if old is None or (news[0], news[1], not news[2]) > (old[0], old[1], not old[2]):
        state.children[child] = news


def count(state: SessionState, event: Event, sign: Literal[1, -1] = 1) -> None:
    """Add an event that the session owns to its sums, or take it back."""
    witness = authority_of(event.source)
    totals = state.totals.setdefault(witness, Totals())
    totals.events += sign
    if not totals.events:
        # All was taken back: as if this witness had never spoken.
        del state.totals[witness]
    if sign > 0:
        state.owned_from = _smallest(state.owned_from, event.timestamp)
    match event.event_type:
        case EventType.USER_PROMPT_SUBMIT if event.on_main_chain:
            totals.message_count += sign
        case EventType.PRE_TOOL_USE:
            totals.tool_call_count += sign
        case EventType.API_ERROR:
            totals.api_error_count += sign
        case EventType.PRE_COMPACT | EventType.COMPACTION:
            totals.compaction_count += sign
        case EventType.API_REQUEST:
            totals.api_request_count += sign
            totals.incomplete_requests += sign * event.tokens_incomplete
            if event.cost_usd is not None:
                totals.costs += sign
                totals.cost_nano_usd += sign * nano_usd(event.cost_usd)
            elif event.cost_estimated_usd is not None:
                totals.estimates += sign
                totals.estimated_nano_usd += sign * nano_usd(event.cost_estimated_usd)
            for name in TOKENS:
                setattr(totals, name, getattr(totals, name) + sign * (getattr(event, name) or 0))
        case EventType.SESSION_END:
            state.ends += sign
            if sign > 0:
                state.first_end = _smallest(state.first_end, event.timestamp)
                state.last_end = _largest(state.last_end, event.timestamp)


TOKENS: Final = (
    "tokens_input",
    "tokens_output",
    "tokens_cache_read",
    "tokens_cache_write",
    "tokens_cache_write_1h",
    "tokens_reasoning",
)


def nano_usd(dollars: float) -> int:
    """Whole billionths of a dollar."""
    return round(dollars * 1e9)


def set_owned_bounds(
    state: SessionState, owned_from: int | None, first_end: int | None, last_end: int | None
) -> None:
    """Replace the bounds by those of the events in the store, after one was taken back.

    The first time of all, and the first and last of the SessionEnd among them; None without any.
    """
    gone = state.deleted_bounds or (None, None, None)
    state.owned_from = _smallest(owned_from, gone[0])
    state.first_end = _smallest(first_end, gone[1])
    state.last_end = _largest(last_end, gone[2])


def note_deleted(state: SessionState, owned_from: int, first_end: int | None, last_end: int | None) -> None:
    """Remember the bounds of owned events that are about to leave the store."""
    gone = state.deleted_bounds or (owned_from, None, None)
    state.deleted_bounds = (
        min(owned_from, gone[0]),
        _smallest(first_end, gone[1]),
        _largest(last_end, gone[2]),
    )


def _smallest(*values: int | None) -> int | None:
    return min((value for value in values if value is not None), default=None)


def _largest(*values: int | None) -> int | None:
    return max((value for value in values if value is not None), default=None)


def apply_fact(state: SessionState, fact: SessionFact) -> None:
    """Note a value that a transcript states about its session; idempotent."""
    note_time(state, fact.timestamp)
    if fact.framework is not None:
        set_earliest(state, "framework", fact.order, fact.framework)
    if fact.name != "last_activity":
        set_latest(state, fact.name, fact.order, fact.value)
