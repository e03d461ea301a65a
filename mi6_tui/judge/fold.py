"""How a session's row follows from the things recorded about it.

The state is built from registers and sums, so that the order in which things arrive, and how often,
does not matter. A register keeps the value with the largest (or smallest) order; `observe`
may therefore see a record any number of times. A sum moves only with the events that the session
owns: `count` adds one, or takes it back when another session turns out to be its owner.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec

from mi6_tui.judge.evidence import authority_of, word_of
from mi6_tui.model import Claim, Event, EventType, SessionFact
from mi6_tui.model.claim import RANK
from mi6_tui.model.event import prompt_of

if TYPE_CHECKING:
    from mi6_tui.judge.github import GithubContext

Order = tuple[int, int]
Value = str | int | None

_REPLY_LIMIT: Final = 200
"""Characters of the last reply that a session row carries; the event keeps more."""
_COMPACTION: Final = "compact"
_QUIET_FACTS: Final = ("seen", "terminal", "nickname", "tags", "pinned", "hidden")
_QUIET_PREFIXES: Final = ("git_", "github_")
"""Facts that others observe or note: no sign of life of the session."""


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
    ends: int = 0


class Told(msgspec.Struct, array_like=True, frozen=True):
    """The latest word of one witness, and its place among that witness's words."""

    at: int
    place: int
    rank: int
    kind: str
    detail: str = ""
    subject: str = ""
    pid: int | None = None
    process: str | None = None
    """Identity of `pid`."""

    @property
    def weight(self) -> tuple[int, int, int, str, str]:
        """Of two words the larger holds."""
        return self.at, self.place, self.rank, self.detail, self.subject


class SessionState(msgspec.Struct, omit_defaults=True):
    """Everything a session row is made from; stored beside it as MessagePack."""

    totals: dict[str, Totals] = {}
    latest: dict[str, tuple[int, int, Value]] = {}
    earliest: dict[str, tuple[int, int, Value]] = {}
    claims: dict[str, Told] = {}
    """The latest word of each witness on what the session does; `notice`: its hooks' reminders."""
    asking: dict[str, Told] = {}
    """The latest word of each subagent's own hooks: one that asks for a permission asks the user."""
    session_start: tuple[int, int, str] | None = None
    """Order and source of the latest SessionStart, which decides only where nothing stronger does."""
    opened: tuple[int, int, str] | None = None
    """The same of one that says that a process opened the session: no turn of before still runs."""
    children: dict[str, tuple[int, int, bool]] = {}
    """Subagents by id: order of the latest news, and whether it runs."""
    heard_children: dict[str, tuple[int, int, bool]] = {}
    """The same as hooks tell it, by ids of their own."""
    repos: dict[str, Order] = {}
    """Latest order at which each repository was named."""
    starts: dict[int, int] = {}
    """Earliest SessionStart (ms) of each process id."""
    owned_from: int | None = None
    claimed_from: int | None = None
    last_activity: int = 0
    first_end: int | None = None
    last_end: int | None = None
    deleted_bounds: tuple[int, int | None, int | None] | None = None
    """`owned_from`, `first_end` and `last_end` over the events that are no longer in the store."""


def set_latest(state: SessionState, name: str, order: Order, value: Value) -> None:
    """Keep `value` if no later one is known."""
    old = state.latest.get(name)
    # Of most pairs the time alone decides: texts are made only where it does not.
    if (
        old is None
        or order[0] > old[0]
        or (order[0] == old[0] and (order[1], str(value)) > (old[1], str(old[2])))
    ):
        state.latest[name] = (*order, value)


def set_earliest(state: SessionState, name: str, order: Order, value: Value) -> None:
    """Keep `value` if no earlier one is known."""
    old = state.earliest.get(name)
    if (
        old is None
        or order[0] < old[0]
        or (order[0] == old[0] and (order[1], str(value)) < (old[1], str(old[2])))
    ):
        state.earliest[name] = (*order, value)


def note_repo(state: SessionState, order: Order, repo: str) -> None:
    """Note that the session works in `repo`, `owner/name`."""
    state.repos[repo] = max(order, state.repos.get(repo, order))


def note_time(state: SessionState, at: int) -> None:
    """Note that something was recorded of the session at `at` (ms), whoever owns it."""
    if state.claimed_from is None or at < state.claimed_from:
        state.claimed_from = at
    if at > state.last_activity:
        state.last_activity = at


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
    else:
        _observe_subagent(state, event, order)
    _observe_children(state, event, order)


def _observe_place(state: SessionState, event: Event, order: Order) -> None:
    first = event.event_type == EventType.SESSION_START
    starting = first or event.event_type == EventType.TURN_COMPLETE
    keep = set_latest if first else set_earliest
    if event.cwd is not None:
        keep(state, "cwd", order, event.cwd)
    if event.transcript_path is not None:
        keep(state, "transcript_path", order, event.transcript_path)
    if event.git_branch is not None:
        set_latest(state, "git_branch", order, event.git_branch)
    if event.model is not None:
        set_latest(state, "model", order, event.model)
    if event.permission_mode is not None:
        set_latest(state, "permission_mode", order, event.permission_mode)
    if event.pid is not None:
        set_latest(state, "pid", order, event.pid)
        if starting and event.process_start_time is not None:
            set_latest(state, f"process_start_time:{event.pid}", order, event.process_start_time)
        if first:
            state.starts[event.pid] = min(event.timestamp, state.starts.get(event.pid, event.timestamp))
    if event.event_type == EventType.POST_TOOL_USE:
        from mi6_tui.judge.github import context_of_event  # late: most runs observe nothing

        found = context_of_event(event)
        if found is not None:
            _observe_github(state, found, order)


def _observe_github(state: SessionState, found: GithubContext, order: Order) -> None:
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
        _observe_start(state, event, order)
        return
    kind, detail, subject = word_of(event)
    if kind is None:
        return
    told = Told(*order, RANK[kind], kind, detail, subject)
    if event.event_type == EventType.NOTIFICATION:
        _tell(state.claims, "notice", told)
    else:
        _tell(state.claims, authority_of(event.source), told)


def _observe_start(state: SessionState, event: Event, order: Order) -> None:
    start = (*order, event.source or "")
    if event.outcome == _COMPACTION:
        return  # in the middle of a turn: the conversation goes on in a new context
    if event.outcome is not None:
        state.opened = max(state.opened or start, start)
    state.session_start = max(state.session_start or start, start)


def _observe_subagent(state: SessionState, event: Event, order: Order) -> None:
    if event.agent_id is None or authority_of(event.source) != "hook":
        return
    kind, detail, subject = word_of(event)
    if kind is not None:
        _tell(state.asking, event.agent_id, Told(*order, RANK[kind], kind, detail, subject))


def _tell(words: dict[str, Told], name: str, told: Told) -> None:
    """Keep `told` if nothing later is known."""
    old = words.get(name)
    if old is None or told.weight > old.weight:
        words[name] = told


def _observe_children(state: SessionState, event: Event, order: Order) -> None:
    child = event.tool_use_id or event.spawned_agent_id
    if child is None or event.event_type not in (EventType.SUBAGENT_START, EventType.SUBAGENT_STOP):
        return
    # A hook calls a child by another name than the transcript: which of them counts is decided at the end.
    heard = state.heard_children if authority_of(event.source) == "hook" else state.children
    news = (*order, event.event_type == EventType.SUBAGENT_START)
    old = heard.get(child)
    # At one instant the end wins, so False must compare as the larger.
    if old is None or (news[0], news[1], not news[2]) > (old[0], old[1], not old[2]):
        heard[child] = news


def count(state: SessionState, event: Event, sign: Literal[1, -1] = 1) -> None:
    """Add an event that the session owns to its sums, or take it back."""
    witness = authority_of(event.source)
    totals = state.totals.setdefault(witness, Totals())
    totals.events += sign
    if not totals.events:
        # All was taken back: as if this witness had never spoken.
        del state.totals[witness]
    if sign > 0 and (state.owned_from is None or event.timestamp < state.owned_from):
        state.owned_from = event.timestamp
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
                if tokens := getattr(event, name):
                    setattr(totals, name, getattr(totals, name) + sign * tokens)
        case EventType.SESSION_END:
            totals.ends += sign
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


def _smallest(one: int | None, other: int | None) -> int | None:
    return one if other is None or (one is not None and one < other) else other


def _largest(one: int | None, other: int | None) -> int | None:
    return one if other is None or (one is not None and one > other) else other


def apply_fact(state: SessionState, fact: SessionFact) -> None:
    """Note a value that is stated about a session; idempotent."""
    if fact.name not in _QUIET_FACTS and not fact.name.startswith(_QUIET_PREFIXES):
        note_time(state, fact.timestamp)
    if fact.framework is not None:
        set_earliest(state, "framework", fact.order, fact.framework)
    if fact.name != "last_activity":
        set_latest(state, fact.name, fact.order, fact.value)


def apply_claim(state: SessionState, claim: Claim) -> None:
    """Note what a live witness says of a session; idempotent."""
    order = (claim.at, 0)
    if claim.framework is not None:
        set_earliest(state, "framework", order, claim.framework)
    _tell(
        state.claims,
        claim.witness,
        Told(*order, RANK[claim.kind], claim.kind, claim.detail, claim.subject, claim.pid, claim.process),
    )
    if claim.pid is None or claim.kind in ("gone", "end") or claim.witness == "child":
        return
    set_latest(state, "pid", order, claim.pid)
    if claim.process_start_time is not None:
        set_latest(state, f"process_start_time:{claim.pid}", order, claim.process_start_time)
    if not state.last_activity:
        note_time(state, claim.at)
