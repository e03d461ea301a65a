"""The session row that follows from a state at a time."""

from __future__ import annotations

from typing import Any, Final

from mi6_tui.judge.context import window_size
from mi6_tui.judge.evidence import Authority, authority_of
from mi6_tui.judge.fold import TOKENS, SessionState, Told, Totals
from mi6_tui.judge.status import About, Evidence, Verdict, judge
from mi6_tui.model import Session, Status
from mi6_tui.model.session import HEADLESS

_SPEAKING: Final = ("transcript", "otel", "hook", "notice")
"""Witnesses that tell what happened; the others tell how things are."""


class _Registers:
    """What a state remembers, by name."""

    def __init__(self, state: SessionState) -> None:
        self._state = state

    def latest(self, name: str) -> Any:
        """The value with the largest order; None without one."""
        found = self._state.latest.get(name)
        return found[2] if found else None

    def earliest(self, name: str) -> Any:
        """The value with the smallest order; None without one."""
        found = self._state.earliest.get(name)
        return found[2] if found else None


def project(machine_id: str, session_id: str, state: SessionState, now: int) -> Session:
    """The row at `now` (ms)."""
    registers = _Registers(state)
    latest = registers.latest
    from_transcript = "transcript" in state.totals
    context = latest("context:transcript") if from_transcript else latest("context:hook")
    return Session(
        machine_id=machine_id,
        session_id=session_id,
        framework=registers.earliest("framework"),
        last_activity=state.last_activity,
        first_user_message=registers.earliest("first_user_message"),
        last_user_message=latest("last_user_message"),
        last_reply=latest("last_reply"),
        title=latest("title") or latest("title_suggestion"),
        model=latest("model"),
        context=context,
        context_window=latest("context_window") or window_size(latest("model"), context),
        n_hook_events=_events(state, "hook"),
        n_otel_events=_events(state, "otel"),
        transcript_available=from_transcript,
        permission_mode=latest("permission_mode"),
        client_version=latest("client_version"),
        entrypoint=latest("entrypoint"),
        seen_at=latest("seen"),
        terminal=latest("terminal"),
        nickname=latest("nickname") or None,
        tags=latest("tags") or None,
        pinned=bool(latest("pinned")),
        hidden=bool(latest("hidden")),
        subagent_count=len(_children(state)),
        **_place(state, registers),
        **_life(state, registers, now),
        **_authoritative(state, latest("cost_client_nano_usd")),
    )


def _place(state: SessionState, registers: _Registers) -> dict[str, Any]:
    """Where it works, and what that is about."""
    latest, earliest = registers.latest, registers.earliest
    pid, repo = latest("pid"), _repo(state)
    pr, issue = _of_repo(state, "github_pr", repo), _of_repo(state, "github_issue", repo)
    return {
        "pid": pid,
        "process_start_time": latest(f"process_start_time:{pid}"),
        "cwd": latest("cwd") or earliest("cwd"),
        "transcript_path": latest("transcript_path") or earliest("transcript_path"),
        "local_git_dir": latest("local_git_dir"),
        "git_branch": latest("git_branch"),
        "git_worktree_path": latest("git_worktree_path"),
        "git_additions": latest("git_additions"),
        "git_deletions": latest("git_deletions"),
        "github_repo": repo,
        "github_issue": None if issue == pr else issue,
        "github_pr": pr,
    }


def _life(state: SessionState, registers: _Registers, now: int) -> dict[str, Any]:
    """When it started and ended, and what it does at `now`."""
    running = sum(1 for child in _children(state).values() if child[2])
    witnesses = witnesses_of(state)
    about = About(
        last_activity=state.last_activity,
        running_children=running,
        headless=registers.latest("entrypoint") in HEADLESS,
        hooked="hook" in state.totals,
        seen_at=registers.latest("seen"),
        asking=[_evidence(told, "hook") for told in state.asking.values() if told.kind == "permission"],
    )
    verdict = judge(witnesses, about, now)
    started = state.owned_from if state.owned_from is not None else state.claimed_from or 0
    ended = verdict.status == Status.DONE
    goodbye_at = state.last_end if verdict.rule == "end" else None
    ended_at = (goodbye_at if goodbye_at is not None else _last_sign(state, verdict)) if ended else None
    return {
        "first_started_at": started,
        "last_started_at": max(state.starts.values(), default=started),
        "first_ended_at": state.first_end if state.first_end is not None else ended_at,
        "last_ended_at": ended_at,
        "revival_count": _revivals(state, verdict),
        "background_count": running,
        "status": verdict.status,
        "status_updated_at": verdict.since,
        "status_detail": verdict.detail,
        "status_shown": verdict.shown,
        "status_reason": verdict.reason,
        "status_rule": verdict.rule,
        "status_since": verdict.since,
        "status_source": verdict.source,
        "status_confidence": verdict.confidence,
        "status_until": verdict.until,
    }


def _revivals(state: SessionState, verdict: Verdict) -> int:
    """How often it came back: by its processes, where they are known, else by its goodbyes.

    Who tells of both by hook and by transcript, or says goodbye more than once, counts once.
    """
    if state.starts:
        return len(state.starts) - 1
    ends = max((totals.ends for totals in state.totals.values()), default=0)
    return max(0, ends - (verdict.rule == "end"))


def _last_sign(state: SessionState, verdict: Verdict) -> int:
    """When a session ended that said no goodbye."""
    known = verdict.rule in ("end", "gone", "killed")
    return max(verdict.since, state.last_activity) if known else state.last_activity


def _children(state: SessionState) -> dict[str, tuple[int, int, bool]]:
    """Its subagents as the transcript tells them; as the hooks do, where that tells none."""
    return state.children or state.heard_children


def witnesses_of(state: SessionState) -> dict[str, Evidence]:
    """The latest word of each witness that is still to be believed, by its name.

    A start counts where nothing stronger came since, and a process that is gone only as long as the
    session has no other.
    """
    found = {name: _evidence(told, _source(name)) for name, told in state.claims.items()}
    process, holder = state.claims.get("process"), state.latest.get("pid")
    if process is not None and process.pid is not None and holder is not None and holder[2] != process.pid:
        del found["process"]
    start = _start(state)
    if start is not None:
        found = {name: said for name, said in found.items() if name not in _SPEAKING}
        found["start"] = Evidence(kind="start", detail="", at=start[0], source=authority_of(start[2]))
    return found


def _start(state: SessionState) -> tuple[int, int, str] | None:
    """The start that what was told before it no longer counts against; None without one."""
    spoken = [told for name, told in state.claims.items() if name in _SPEAKING and name != "notice"]
    strong = max(spoken, key=lambda told: told.weight, default=None)
    at_rest = strong is None or strong.kind in ("reply_end", "stop", "interrupt", "error", "end")
    start = state.session_start if at_rest else state.opened
    return start if start is not None and (strong is None or start[:2] > (strong.at, strong.place)) else None


def _evidence(told: Told, source: str) -> Evidence:
    return Evidence(told.kind, told.detail, told.at, source, told.subject)  # type: ignore[arg-type]


def _source(name: str) -> str:
    return "hook" if name == "notice" else name


def _authoritative(state: SessionState, client_nano_usd: int | None) -> dict[str, Any]:
    """Each sum from the best witness there is: transcript, else for requests otel, else hooks."""
    empty = Totals()
    transcript = state.totals.get("transcript")
    otel, hook = state.totals.get("otel", empty), state.totals.get("hook", empty)
    talk = transcript or hook
    requests = transcript or (otel if otel.api_request_count else hook)
    sums: dict[str, Any] = {
        name: getattr(requests, name) for name in ("api_request_count", "incomplete_requests", *TOKENS)
    }
    for name in ("message_count", "tool_call_count", "api_error_count", "compaction_count"):
        sums[name] = getattr(talk, name)
    return sums | _costs(requests, client_nano_usd)


def _costs(totals: Totals, client_nano_usd: int | None) -> dict[str, Any]:
    """The dollars of the requests that count, None where nothing is known."""
    known = totals.costs + totals.estimates
    return {
        "cost_usd": (totals.cost_nano_usd + totals.estimated_nano_usd) / 1e9 if known else None,
        "cost_recorded_usd": totals.cost_nano_usd / 1e9 if totals.costs else None,
        "cost_estimated_usd": totals.estimated_nano_usd / 1e9 if totals.estimates else None,
        "unpriced_requests": totals.api_request_count - known,
        "cost_client_usd": None if client_nano_usd is None else client_nano_usd / 1e9,
    }


def _events(state: SessionState, witness: Authority) -> int:
    totals = state.totals.get(witness)
    return totals.events if totals else 0


def _repo(state: SessionState) -> str | None:
    """The repository named last."""
    return max(state.repos, key=lambda repo: (state.repos[repo], repo), default=None)


def _of_repo(state: SessionState, name: str, repo: str | None) -> Any:
    """An issue or pull request, unless another repository was named with it or since."""
    at, place, number = state.latest.get(name, (0, 0, None))
    elsewhere = max((order for other, order in state.repos.items() if other != repo), default=None)
    return None if elsewhere is not None and elsewhere >= (at, place) else number
