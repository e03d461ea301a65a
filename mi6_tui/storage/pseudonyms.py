"""What sessions, projects, branches and the rest are called where others look on: by kind and number."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from mi6_tui.judge.rules import RULES
from mi6_tui.model import Event, FileTouch, Machine, Session, ToolUse, UsageRow
from mi6_tui.model.event import prompt_of

HIDDEN: Final = "[hidden]"
"""In place of a text."""
_COMMON: Final = ("main", "master", "HEAD")
"""Names of branches that tell nothing."""
_FOREIGN_TOOLS: Final = "mcp__"
"""What the names of tools begin with that the user connected: they name his servers."""


class Pseudonyms:
    """Numbers names as they come; the same name always has the same number. Shared by threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._given: dict[str, dict[str, str]] = {}
        self._meant: dict[tuple[str, str], str] = {}

    def give(self, kind: str, name: str) -> str:
        """What `name` is called, like `session-3`."""
        with self._lock:
            given = self._given.setdefault(kind, {})
            known = given.get(name)
            if known is None:
                known = given[name] = f"{kind}-{len(given) + 1}"
                self._meant[kind, known] = name
            return known

    def meant(self, kind: str, called: str) -> str | None:
        """The name of what is `called` so; None if nothing is, be it a name itself."""
        with self._lock:
            return self._meant.get((kind, called))

    def number(self, sessions: Iterable[Session]) -> None:
        """Give sessions and what they name their numbers, the oldest first."""
        for session in sorted(sessions, key=lambda one: (one.first_started_at, one.key)):
            self.session(session)

    def session(self, session: Session) -> Session:
        """The row without anything that says whose it is, where, about what and for how much."""
        project = session.project
        rule = RULES.get(session.status_rule or "")
        return session.with_(
            machine_id=self.give("machine", session.machine_id),
            session_id=self.give("session", session.session_id),
            title=self.give("session", session.session_id),
            cwd=f"/{self.give('project', project)}" if project else None,
            git_branch=self.branch(session.git_branch),
            status_detail=rule.detail if rule and session.status_detail else None,
            status_reason=rule.means if rule and session.status_reason else None,
            **{name: HIDDEN for name in _TEXTS if getattr(session, name) is not None},
            **dict.fromkeys(_WITHHELD),
            unpriced_requests=0,
        )

    def machine(self, machine: Machine) -> Machine:
        """The machine without how it is reached and what is wrong with it."""
        return replace(
            machine,
            machine_id=self.give("machine", machine.machine_id),
            address=None,
            problem=machine.problem and HIDDEN,
        )

    def branch(self, name: str | None) -> str | None:
        """What a branch is called."""
        return name if name is None or name in _COMMON else self.give("branch", name)

    def event(self, event: Event) -> Event:
        """The event without its text, its place and its cost."""
        told = "command" if prompt_of(event.payload) is None else "prompt"
        payload = event.payload and f'{{"{told}":"{HIDDEN}"}}'
        call = event.tool_use_id and self.give("call", event.tool_use_id)
        return event.with_(
            machine_id=self.give("machine", event.machine_id),
            session_id=self.give("session", event.session_id),
            git_branch=self.branch(event.git_branch),
            tool_name=self.tool(event.tool_name),
            tool_use_id=call,
            agent_id=event.agent_id and self.give("agent", event.agent_id),
            spawned_agent_id=event.spawned_agent_id and self.give("agent", event.spawned_agent_id),
            subagent_type=event.subagent_type and "agent",
            payload=payload,
            preview=None if event.preview is None else HIDDEN,
            claim="",
            version="",
            **dict.fromkeys(_NOT_OF_EVENTS),
        )

    def tool(self, name: str | None) -> str | None:
        """What a tool is called."""
        return self.give("tool", name) if name is not None and name.startswith(_FOREIGN_TOOLS) else name

    def tool_use(self, use: ToolUse) -> ToolUse:
        """The calls of a tool without what the slowest was about."""
        return replace(
            use, tool_name=self.tool(use.tool_name), slowest_preview=use.slowest_preview and HIDDEN
        )

    def file(self, touch: FileTouch) -> FileTouch:
        """A file by its number."""
        return replace(touch, path=self.give("file", touch.path), tool_name=self.tool(touch.tool_name))

    def usage(self, row: UsageRow, kind: str | None) -> UsageRow:
        """Sums without their cost, under what their key of that kind is called."""
        key = row.key if kind is None or row.key is None else self.give(kind, row.key)
        return replace(
            row,
            key=key,
            cost_usd=None,
            cost_recorded_usd=None,
            cost_estimated_usd=None,
            unpriced_requests=0,
        )


_TEXTS: Final = ("first_user_message", "last_user_message", "last_reply")
_WITHHELD: Final = (
    *(
        "pid",
        "process_start_time",
        "local_git_dir",
        "git_worktree_path",
        "github_repo",
        "github_issue",
        "github_pr",
    ),
    *("transcript_path", "terminal", "nickname", "tags"),
    *("cost_usd", "cost_recorded_usd", "cost_estimated_usd", "cost_client_usd"),
)
_NOT_OF_EVENTS: Final = (
    *("transcript_path", "pid", "process_start_time", "cwd", "metadata", "key", "twin_key", "uuid"),
    *("byte_offset", "byte_length", "cost_usd", "cost_estimated_usd", "price_id", "price_terms"),
)
