"""The one place that decides what a session is doing, from what its witnesses say.

Each witness has a latest word (`Evidence`). The newest word decides, but for three things: a process
that is gone is gone; a client's own registry follows each change within FOLLOWS, so that what it has
not followed by then is not so; and silence is not idleness, for a client writes nothing while a reply
streams.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import msgspec

from mi6_tui.judge.rules import RULES, Shown
from mi6_tui.model import ClaimKind, Status
from mi6_tui.model.claim import SHELL

QUIET_LIMIT: Final = 30 * 60_000
"""ms that a turn may be silent before its state is unknown."""
SILENT_LIMIT: Final = 24 * 3_600_000
"""ms without any record after which a session counts as ended, unless its process is known to live."""
HEADLESS_LINGER: Final = 60_000
"""ms after which a headless run (`claude -p`) whose turn ended counts as ended: its process exits then."""
SLOW_TOOL: Final = 15_000
"""ms after which an open tool may as well be a permission prompt nobody answered."""
FOLLOWS: Final = 3_000
"""ms after which a registry has followed whatever a hook or a transcript told (seen: 5 to 150, and 2,100 on a
machine with far too much to do)."""
DETAIL_LIMIT: Final = 120

_RUNNING: Final = ("prompt", "reply", "tool_end", "compacting", "retry", "tool")
_RESTING: Final = ("reply_end", "stop", "interrupt", "error", "start")
_ASKING: Final = ("permission", "question", "plan")
_ENDS_OF_TURN: Final = ("reply_end", "stop")
ALONE: Final = "nothing in the background"
"""Detail of a `stop` that says so."""


class Evidence(msgspec.Struct, frozen=True):
    """The latest word of one witness: what, which (tool, error, ...), since when (ms), who says so."""

    kind: ClaimKind
    detail: str
    at: int
    source: str
    subject: str = ""


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What else is known of a session."""

    last_activity: int
    """ms of the latest record of any kind."""
    running_children: int = 0
    """Subagents launched and not yet reported."""
    headless: bool = False
    """A run in which nobody can answer."""
    hooked: bool = False
    """Whether hooks report it: then a permission prompt does not go unheard."""
    seen_at: int | None = None
    """ms when the user last looked at it."""
    asking: Sequence[Evidence] = ()
    """Of each subagent that asks for a permission, its question."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What is stored: the word, the finer word shown, and why."""

    rule: str
    """The row of `RULES` that decided."""
    status: str
    shown: Shown
    detail: str
    reason: str
    source: str
    confidence: Literal["high", "medium", "low"]
    since: int
    until: int | None
    """ms at which the verdict changes although nothing happens."""


Witnesses = Mapping[str, Evidence]
"""The latest word of each witness, by its name (model.claim.Witness)."""


def judge(witnesses: Witnesses, about: About, now: int) -> Verdict:
    """The verdict at `now` (ms)."""
    word = _word(witnesses, about)
    registry, process = witnesses.get("registry"), witnesses.get("process")
    heard = max((said.at for said in (word, registry) if said is not None), default=None)
    if process is not None and process.kind == "gone" and (heard is None or process.at >= heard):
        return _gone(process, word, registry)
    if registry is not None and registry.kind == "end":
        if word is None or registry.at >= word.at or word.kind == "end":
            return _verdict("end", registry, detail=registry.detail)
        registry = None
    if word is not None and word.kind == "end":
        return _verdict("end", word, detail=word.detail)
    alive = process is not None and process.kind == "alive"
    if registry is not None:
        verdict = _with_registry(registry, word, about, now)
    elif word is None:
        verdict = _verdict("open", process) if alive and process is not None else _nothing(about)
    else:
        verdict = _by_word(word, witnesses.get("child"), about, now)
    if not (alive and _lasting(verdict, about, registry)):
        verdict = _quiet_after(verdict, now)
    return _in_time(verdict, about, now, alive=alive, heard=heard)


def _word(witnesses: Witnesses, about: About) -> Evidence | None:
    """What the session was last heard to do: by hook, transcript or telemetry, or a subagent that asks."""
    told = [witnesses[name] for name in ("transcript", "otel", "hook", "start") if name in witnesses]
    word = _knowing(max(told, key=lambda said: said.at, default=None), witnesses.get("hook"))
    notice = witnesses.get("notice")
    if notice is not None and (word is None or (notice.at > word.at and word.kind not in _ASKING)):
        # A reminder of a prompt; the request itself, if it was heard, knows more and since when.
        detail = notice.detail or (word.detail if word is not None and word.kind == "tool" else "")
        subject = notice.subject or (word.subject if word is not None and word.kind == "tool" else "")
        word = msgspec.structs.replace(notice, detail=detail, subject=subject)
    asked = max(about.asking, key=lambda said: said.at, default=None)
    if asked is not None and (word is None or (word.kind not in (*_ASKING, "end") and _open(asked, word))):
        word = asked
    return word


def _knowing(word: Evidence | None, hook: Evidence | None) -> Evidence | None:
    """The end of a turn by the hook, if only that says what is left: the transcript tells the same end,
    with a time of its own.
    """
    if word is None or hook is None or hook.kind != "stop" or not hook.detail:
        return word
    silent = word.kind == "reply_end" or (word.kind == "stop" and not word.detail)
    return hook if silent and word.at < hook.at + FOLLOWS else word


def _open(asked: Evidence, word: Evidence) -> bool:
    """Whether a subagent's question outlasts what its parent did since; an interruption ends it."""
    return word.at <= asked.at or word.kind not in ("interrupt", "error")


def _gone(process: Evidence, word: Evidence | None, registry: Evidence | None) -> Verdict:
    if word is not None and word.kind == "end":
        return _verdict("end", word, detail=word.detail)
    if registry is not None and registry.kind == "end":
        return _verdict("end", registry, detail=registry.detail)
    in_turn = word is not None and word.kind in (*_RUNNING, *_ASKING)
    if registry is not None and (word is None or registry.at > word.at):
        in_turn = registry.kind != "idle" and not _left_shell(registry)
    return _verdict("killed" if in_turn else "gone", process)


def _with_registry(registry: Evidence, word: Evidence | None, about: About, now: int) -> Verdict:
    """The client itself says whether it is busy, idle or waiting; the others say with what."""
    if word is None:
        return _verdict("start", registry) if registry.kind == "idle" else _client_alone(registry, None)
    if _agree(registry, word):
        return _left_idle(registry, _spoken(word, about), word, now)
    if _left_shell(registry) and word.kind in (*_ENDS_OF_TURN, "interrupt"):
        return _client_alone(registry, word)
    # What lies ahead was told by a clock that was set back since: nobody knows what came last.
    newer = registry.at < word.at <= now
    if newer and now < word.at + FOLLOWS and not _doubtful(registry, word, about):
        return _until(_spoken(word, about), word.at + FOLLOWS)
    if newer and registry.kind == "idle" and word.kind in ("prompt", *_ASKING):
        # Neither comes from a client that is idle: its registry is no longer kept.
        return _spoken(word, about)
    if newer and registry.kind == "busy" and word.kind in (*_ENDS_OF_TURN, "interrupt"):
        # It may be about to say that it is idle; if it does not, something runs on.
        if now < word.at + FOLLOWS:
            return _until(_verdict("busy", word), word.at + FOLLOWS)
        return _verdict("still busy", word)
    return _client_alone(registry, word)


def _left_idle(registry: Evidence, verdict: Verdict, word: Evidence, now: int) -> Verdict:
    """What the client's idleness makes of something that the end of the turn left in the background."""
    if verdict.shown != "background" or registry.kind != "idle" or registry.at < word.at:
        return verdict
    # For a moment it is idle also before the turn that hears how that ended.
    if now < registry.at + FOLLOWS:
        return _until(verdict, registry.at + FOLLOWS)
    return _verdict(word.kind, registry)


def _client_alone(registry: Evidence, word: Evidence | None) -> Verdict:
    """The client says one thing, and what was heard of it another."""
    if _left_shell(registry):
        return _verdict("still busy", registry, detail=registry.detail)
    asked = word is not None and word.kind in _ASKING
    if registry.kind == "waiting":
        verdict = _waiting(registry, word)
        if verdict.rule == "dialog" and word is not None and word.kind in _RESTING:
            # Nothing runs that could ask: the user opened it.
            return _verdict(word.kind, word)
        return verdict
    if registry.kind == "idle":
        return _verdict("declined" if asked else "stopped", registry)
    if asked and word is not None:
        return _verdict("answered", registry, detail=word.detail)
    return _verdict("busy", registry)


def _agree(registry: Evidence, word: Evidence) -> bool:
    if _left_shell(registry):
        return _told_children(word) or word.kind == "error"
    if registry.kind == "busy":
        # What a turn left behind keeps it busy, also after a question of that was answered.
        return word.kind in _RUNNING or _told_children(word)
    return word.kind in (_ASKING if registry.kind == "waiting" else _RESTING)


def _left_shell(registry: Evidence) -> bool:
    """Whether the client itself says that its turn is over and a shell of it is not."""
    return registry.kind == "busy" and registry.detail == SHELL


def _doubtful(registry: Evidence, word: Evidence, about: About) -> bool:
    """The end of a turn, heard while the client is busy, may leave something in the background."""
    if registry.kind != "busy" or word.kind not in _ENDS_OF_TURN:
        return False
    return not (_told_alone(word) or about.running_children)


def _told_alone(word: Evidence) -> bool:
    """Whether it says that its end leaves nothing running."""
    return word.kind == "stop" and word.detail == ALONE


def _told_children(word: Evidence) -> bool:
    """Whether it says that its end leaves something running."""
    return word.kind == "stop" and word.detail not in ("", ALONE)


def _waiting(registry: Evidence, word: Evidence | None) -> Verdict:
    """The client waits; for what, by its own word, and by the tool that was called last."""
    what = registry.detail.lower()
    if "permission" in what or "approve" in what:
        rule = "permission"
    elif "plan" in what:
        rule = "plan"
    else:
        rule = "question" if "input" in what else "dialog"
    if word is None or word.kind != "tool":
        return _verdict(rule, registry, subject="" if rule == "permission" else registry.subject)
    return _verdict(rule, registry, tool=word.detail, subject=word.subject)


def _by_word(word: Evidence, child: Evidence | None, about: About, now: int) -> Verdict:
    """Nobody but hooks and transcripts speak."""
    if word.kind == "permission" and child is not None and child.at > word.at:
        return _verdict("answered", child, detail=word.detail)
    if word.kind != "tool" or about.hooked:
        return _spoken(word, about)
    if now < word.at + SLOW_TOOL:
        return _until(_spoken(word, about), word.at + SLOW_TOOL)
    return _verdict("tool or permission", word, detail=word.detail, confidence="medium")


def _lasting(verdict: Verdict, about: About, registry: Evidence | None) -> bool:
    """Whether silence proves nothing as long as the process lives."""
    return registry is not None or verdict.shown == "background" or (verdict.rule == "tool" and about.hooked)


def _spoken(word: Evidence, about: About) -> Verdict:
    """What a word means by itself."""
    if word.kind in _ASKING:
        return _verdict(word.kind, word, tool=word.detail, subject=word.subject)
    if word.kind in _ENDS_OF_TURN:
        if _told_children(word):
            return _verdict("children", word, detail=word.detail)
        if about.running_children and not _told_alone(word):
            number = about.running_children
            return _verdict("children", word, detail=f"{number} agent{'s' if number > 1 else ''}")
        return _verdict(word.kind, word)
    if word.kind == "start" and about.headless:
        return _verdict("run", word)
    rule = RULES[word.kind]
    own = rule.detail if word.kind not in ("tool", "error") else word.detail or rule.detail
    return _verdict(word.kind, word, detail=own, subject=word.subject if word.kind == "tool" else "")


def _nothing(about: About) -> Verdict:
    nobody = Evidence("start", "", about.last_activity, "transcript")
    return _verdict("nothing", nobody, confidence="low")


def _quiet_after(verdict: Verdict, now: int) -> Verdict:
    """Silence within a turn says nothing for a while, then that nobody knows."""
    if verdict.status != Status.BUSY:
        return verdict
    limit = verdict.since + QUIET_LIMIT
    if now < limit:
        return _until(verdict, limit)
    return _replaced(verdict, "quiet", reason=f"{verdict.reason}, but nothing was heard for 30 minutes")


def _in_time(verdict: Verdict, about: About, now: int, *, alive: bool, heard: int | None) -> Verdict:
    """What the clock and the user's looks make of it."""
    if verdict.shown == "your turn" and about.seen_at is not None and about.seen_at >= verdict.since:
        seen = RULES["seen"]
        verdict = msgspec.structs.replace(verdict, rule="seen", shown=seen.shown, reason=seen.means)
    if alive:
        return verdict
    if about.headless and verdict.shown == "unknown":
        return _replaced(verdict, "silent run")
    if about.headless and verdict.rule in (*_ENDS_OF_TURN, "interrupt", "error", "stopped"):
        if now >= verdict.since + HEADLESS_LINGER:
            return _replaced(verdict, "headless", detail=verdict.detail)
        verdict = _until(verdict, verdict.since + HEADLESS_LINGER)
    last = about.last_activity
    end = max(last, heard or last) + SILENT_LIMIT
    return _until(verdict, end) if now < end else _replaced(verdict, "silent", since=last)


def _verdict(
    name: str,
    said: Evidence,
    *,
    detail: str = "",
    tool: str = "",
    subject: str = "",
    confidence: Literal["high", "medium", "low"] = "high",
) -> Verdict:
    """The verdict of a rule on what a witness said.

    `tool` and `subject` say what is asked: they follow the rule's own word in the detail, and stand in
    the reason.
    """
    rule = RULES[name]
    about = " ".join(part for part in (tool, subject) if part)
    if name in ("permission", "question", "plan", "dialog"):
        asks = about if name == "permission" else subject
        shown = f"{rule.detail}: {asks}" if asks else rule.detail
    else:
        shown = detail or tool or rule.detail
    reason = f"{rule.means}: {subject}" if name == "tool" and subject else rule.means
    return Verdict(
        rule=name,
        status=rule.status,
        shown=rule.shown,
        detail=shown[:DETAIL_LIMIT],
        reason=reason[: 2 * DETAIL_LIMIT],
        source=said.source,
        confidence=confidence,
        since=said.at,
        until=None,
    )


def _until(verdict: Verdict, at: int) -> Verdict:
    """The same, for no longer than until `at`."""
    until = at if verdict.until is None else min(at, verdict.until)
    return msgspec.structs.replace(verdict, until=until)


def _replaced(
    verdict: Verdict, name: str, *, detail: str = "", reason: str = "", since: int | None = None
) -> Verdict:
    """What the clock makes of a verdict when its time has come."""
    rule = RULES[name]
    return Verdict(
        rule=name,
        status=rule.status,
        shown=rule.shown,
        detail=detail or rule.detail,
        reason=reason or rule.means,
        source=verdict.source if rule.shown == "unknown" else "clock",
        confidence="low" if rule.shown == "unknown" else "medium",
        since=verdict.since if since is None else since,
        until=None,
    )
