"""What a query can ask of a session: one declaration a field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import Any, Final, Literal

import msgspec

from mi6_tui.judge.attention import NEEDS_YOU, attention_key
from mi6_tui.model import Session, Status

Kind = Literal["text", "tags", "word", "number", "money", "span", "moment"]
Value = Callable[[Session, int], Any]
"""(session, now in ms) -> its value, None when unknown; spans and moments in ms, words as their rank."""
Test = Callable[[Session, int], bool]

_SHOWN: Final = {
    Status.BUSY: "working",
    Status.WAIT: "waiting",
    Status.IDLE: "idle",
    Status.DONE: "ended",
}
"""What is shown of a session that only has the stored word."""


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One field: `name` is the short one, `aliases` the store's and other habits' names for it."""

    name: str
    aliases: tuple[str, ...]
    kind: Kind
    means: str
    value: Value
    present: Test
    """What `has:` asks: known, and for what is counted from 0: more than none."""
    words: Mapping[str, Test] = {}
    """Of a field of kind word: what each asks."""
    share: Value | None = None
    """What a value in % is compared with, from 0 to 1."""


def shown(session: Session) -> str:
    """The word of a session's state."""
    return session.status_shown or _SHOWN.get(session.status or "", "unknown")


def needs_you(session: Session) -> bool:
    """Whether it waits for its user."""
    return shown(session) in NEEDS_YOU


def _of(attribute: str) -> Value:
    get = attrgetter(attribute)
    return lambda session, now: get(session)


def _known(value: Value) -> Test:
    return lambda session, now: value(session, now) is not None


def _field(name: str, aliases: str, kind: Kind, means: str, value: Value | str, **more: Any) -> Field:
    """A field whose value is that of an attribute of the session, or what a function says."""
    get = _of(value) if isinstance(value, str) else value
    settings = {"present": _known(get), **more}
    return Field(name=name, aliases=tuple(aliases.split()), kind=kind, means=means, value=get, **settings)


def _text(name: str, aliases: str, means: str, attribute: str) -> Field:
    get = attrgetter(attribute)
    return _field(name, aliases, "text", means, lambda session, now: get(session) or None)


def _count(name: str, aliases: str, means: str, value: Value | str) -> Field:
    """What is counted from 0, and so never unknown."""
    get = _of(value) if isinstance(value, str) else value
    return _field(name, aliases, "number", means, get, present=lambda session, now: bool(get(session, now)))


def _flag(name: str, aliases: str, means: str, is_so: Callable[[Session], bool], yes: str = "yes") -> Field:
    def so(session: Session, now: int) -> bool:
        return is_so(session)

    def not_so(session: Session, now: int) -> bool:
        return not is_so(session)

    words = {yes: so, "yes": so, "true": so, "no": not_so, "false": not_so}
    return _field(name, aliases, "word", means, not_so, present=so, words=words)


def _shows(*words: str) -> Test:
    return lambda session, now: shown(session) in words


def _waiting(session: Session, now: int) -> int | None:
    return _since(session, now) if needs_you(session) else None


def _since(session: Session, now: int) -> int | None:
    return None if session.status_since is None else now - session.status_since


def _diff(session: Session, now: int) -> int | None:
    if session.git_additions is None and session.git_deletions is None:
        return None
    return (session.git_additions or 0) + (session.git_deletions or 0)


def _process_start(session: Session, now: int) -> int | None:
    return None if session.process_start_time is None else session.process_start_time * 1000


def _share(session: Session, now: int) -> float | None:
    if session.context is None or not session.context_window:
        return None
    return session.context / session.context_window


_STATUS_WORDS: Final[dict[str, Test]] = {
    **{
        word: _shows(word)
        for word in ("waiting", "error", "your turn", "background", "working", "idle", "unknown", "ended")
    },
    "turn": _shows("your turn"),
    "wait": _shows("waiting", "error"),
    "busy": _shows("working", "background"),
    "done": _shows("ended"),
    "active": lambda session, now: session.is_active,
}

FIELDS: Final[tuple[Field, ...]] = (
    _field(
        "status",
        "is state status_shown",
        "word",
        "its state; `active`: not ended, `busy`: working or background, `wait`: waiting or error",
        lambda session, now: attention_key(session, now)[0],
        words=_STATUS_WORDS,
    ),
    _flag("needs", "", "`needs:me`: it is waiting, in error, or your turn", needs_you, yes="me"),
    _field("waiting", "", "span", "how long it has needed you", _waiting),
    _field("since", "", "span", "how long it has been in its state", _since),
    _field("age", "", "span", "since its first start", lambda session, now: now - session.first_started_at),
    _field(
        "idle",
        "last activity",
        "span",
        "since its last sign of life",
        lambda session, now: now - session.last_activity,
    ),
    _field("duration", "duration_ms", "span", "from its first record to its last", "duration_ms"),
    _field("cost", "cost_usd", "money", "dollars, as far as known", "cost_usd"),
    _field(
        "recorded", "cost_recorded_usd", "money", "the part that the client recorded", "cost_recorded_usd"
    ),
    _field("estimated", "cost_estimated_usd", "money", "the part by the price table", "cost_estimated_usd"),
    _field("client_cost", "cost_client_usd", "money", "the client's own sum", "cost_client_usd"),
    _flag(
        "lower_bound", "cost_incomplete", "it costs more than is known, or may", attrgetter("cost_incomplete")
    ),
    _count("unpriced", "unpriced_requests", "requests that nobody knows the cost of", "unpriced_requests"),
    _field(
        "context",
        "",
        "number",
        "tokens in the window now, with % its share of the window",
        "context",
        share=_share,
    ),
    _field("window", "context_window", "number", "size of the model's window in tokens", "context_window"),
    _count("tokens", "total_tokens", "all tokens: in, out and both cache counts", "total_tokens"),
    _count("in", "input tokens_input", "fresh input tokens", "tokens_input"),
    _count("out", "output tokens_output", "output tokens", "tokens_output"),
    _count("cache", "cacher tokens_cache_read", "tokens read from the cache", "tokens_cache_read"),
    _count("cachew", "tokens_cache_write", "tokens written to the cache", "tokens_cache_write"),
    _count("cachew1h", "tokens_cache_write_1h", "those of them for an hour", "tokens_cache_write_1h"),
    _count("reasoning", "tokens_reasoning", "the output tokens spent on reasoning", "tokens_reasoning"),
    _text("name", "", "nickname, else title, first prompt, last words, id", "name"),
    _text("nickname", "nick", "what you call it", "nickname"),
    _field("tag", "tags", "tags", "your tags, each in full", "tags"),
    _flag("pinned", "pin", "you pinned it", attrgetter("pinned")),
    _flag("hidden", "", "you hid it", attrgetter("hidden")),
    _text("title", "", "what the client calls it", "title"),
    _text("prompt", "first_user_message", "the first prompt", "first_user_message"),
    _text("lastmsg", "last_user_message", "the last prompt", "last_user_message"),
    _text("reply", "last_reply", "the last words of the agent", "last_reply"),
    _text("detail", "status_detail", "what exactly it waits for or does", "status_detail"),
    _text("reason", "status_reason", "why it has that state", "status_reason"),
    _text("project", "", "last part of the repository or folder", "project"),
    _text("repo", "repository github_repo", "owner/name on GitHub", "github_repo"),
    _text("branch", "git_branch", "Git branch", "git_branch"),
    _text("worktree", "git_worktree_path", "Git worktree", "git_worktree_path"),
    _text("cwd", "folder dir", "the folder it works in", "cwd"),
    _field("pr", "github_pr", "number", "pull request", "github_pr"),
    _field("issue", "github_issue", "number", "issue", "github_issue"),
    _field("added", "git_additions", "number", "lines added", "git_additions"),
    _field("deleted", "git_deletions", "number", "lines deleted", "git_deletions"),
    _field("diff", "", "number", "lines added and deleted", _diff),
    _text("model", "", "the model it used last", "model"),
    _text("framework", "fw client", "the client: claude, codex, ...", "framework"),
    _text("version", "client_version", "the client's version", "client_version"),
    _text("mode", "permission_mode", "permission mode", "permission_mode"),
    _text("entrypoint", "", "how the client was started", "entrypoint"),
    _text("session", "id session_id", "session id", "session_id"),
    _text("machine", "host machine_id", "machine id", "machine_id"),
    _text("terminal", "tty", "the terminal it runs in", "terminal"),
    _field("pid", "", "number", "process id", "pid"),
    _count("msgs", "messages message_count", "messages", "message_count"),
    _count("tools", "tool_call_count", "tool calls", "tool_call_count"),
    _count("reqs", "requests apireqs api_request_count", "requests to the model", "api_request_count"),
    _count("errors", "apierrs api_error_count", "requests that failed", "api_error_count"),
    _count(
        "incomplete", "incomplete_requests", "requests of which a number is missing", "incomplete_requests"
    ),
    _count("compacts", "compactions compaction_count", "compactions", "compaction_count"),
    _count("revivals", "revival_count", "times it was resumed", "revival_count"),
    _count("subagents", "subagent_count", "subagents it started", "subagent_count"),
    _count("running", "background_count", "subagents that still run", "background_count"),
    _count("hookevts", "n_hook_events", "events from hooks", "n_hook_events"),
    _count("otelevts", "n_otel_events", "events from OpenTelemetry", "n_otel_events"),
    _field("started", "started_at first_started_at", "moment", "first start", "first_started_at"),
    _field("resumed", "last_started_at", "moment", "last start", "last_started_at"),
    _field("last_activity", "", "moment", "last sign of life", "last_activity"),
    _field("ended", "last_ended_at", "moment", "end, if it has ended", "last_ended_at"),
    _field("first_ended", "first_ended_at", "moment", "first end", "first_ended_at"),
    _field("status_since", "", "moment", "when it came into its state", "status_since"),
    _field("status_until", "", "moment", "when its state changes by itself", "status_until"),
    _field("status_updated", "status_updated_at", "moment", "when its state was judged", "status_updated_at"),
    _field("seen", "seen_at", "moment", "when you last looked at it", "seen_at"),
    _field("process_start", "process_start_time", "moment", "when its process started", _process_start),
    _text("witness", "status_source", "who told its state", "status_source"),
    _text("confidence", "status_confidence", "how sure its state is", "status_confidence"),
    _text("rule", "status_rule", "the rule that decided on its state", "status_rule"),
    _flag("active", "is_active", "it has not ended", attrgetter("is_active")),
    _flag(
        "transcript", "transcript_available", "its transcript is there", attrgetter("transcript_available")
    ),
    _text("script", "transcript_path", "path of its transcript", "transcript_path"),
    _text("gitdir", "local_git_dir", "Git folder", "local_git_dir"),
    _count("revision", "", "counter of the store at its last change", "revision"),
)
"""In the order of the documentation."""

_BY_NAME: Final = {alias: field for field in FIELDS for alias in (field.name, *field.aliases)}
NAMES: Final = tuple(_BY_NAME)
"""Those of all fields, aliases too."""
PRESENCE: Final = ("has", "no")
"""Stand where a field's name stands, and ask whether fields are there."""


def named(name: str) -> Field | None:
    """The field of that name or alias, however its letters and hyphens are written."""
    return _BY_NAME.get(name.casefold().replace("-", "_"))


def nearest(word: str, known: Iterable[str]) -> str:
    """What a wrong word was meant to be, as a hint; empty if none is near."""
    from difflib import get_close_matches  # late: most words are right

    near = get_close_matches(word.casefold(), list(known), n=1)
    return f"did you mean {near[0]}?" if near else ""
