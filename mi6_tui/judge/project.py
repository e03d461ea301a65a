"""The session row that follows from a state at a time."""

from __future__ import annotations

from typing import Any, Final

from mi6_tui.judge.context import window_size
from mi6_tui.judge.fold import TOKENS, Authority, SessionState, Totals
from mi6_tui.judge.status import Evidence, judge
from mi6_tui.model import Session, Status

_HEADLESS: Final = ("sdk-cli", "exec")
"""Entry points of runs that answer one prompt and exit."""


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
        subagent_count=len(state.children),
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
    running = sum(1 for child in state.children.values() if child[2])
    evidence = _evidence(state)
    verdict = judge(
        evidence,
        running_children=running,
        headless=registers.latest("entrypoint") in _HEADLESS,
        last_activity=state.last_activity,
        now=now,
    )
    started = state.owned_from if state.owned_from is not None else state.claimed_from or 0
    ended = verdict.status == Status.DONE
    said_goodbye = evidence is not None and evidence.kind == "end"
    goodbye_at = state.last_end if said_goodbye else None
    ended_at = (goodbye_at if goodbye_at is not None else state.last_activity) if ended else None
    return {
        "first_started_at": started,
        "last_started_at": max(state.starts.values(), default=started),
        "first_ended_at": state.first_end if state.first_end is not None else ended_at,
        "last_ended_at": ended_at,
        "revival_count": max(0, state.ends - said_goodbye),
        "background_count": running,
        "status": verdict.status,
        "status_updated_at": verdict.since,
        "status_detail": verdict.detail,
        "status_shown": verdict.shown,
        "status_reason": verdict.reason,
        "status_since": verdict.since,
        "status_source": verdict.source,
        "status_confidence": verdict.confidence,
        "status_until": verdict.until,
    }


def _evidence(state: SessionState) -> Evidence | None:
    """What decides the status: the latest evidence, or a start or an end that overrules it."""
    strong, start = state.evidence, state.session_start
    at_rest = strong is None or strong[3] in ("reply_end", "stop", "interrupt", "error", "end")
    if at_rest and start is not None and (strong is None or start[:2] > strong[:2]):
        return Evidence(kind="start", detail="", at=start[0], source=start[2])
    if strong is None:
        return None
    return Evidence(kind=strong[3], detail=strong[4], at=strong[0], source=strong[5])  # type: ignore[arg-type]


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
