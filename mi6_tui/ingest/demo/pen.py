"""Writes down what one session of the demo does, as transcript, hooks and registry would tell it."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, Final

import msgspec

from mi6_tui.ingest.demo.clients import CLIENTS
from mi6_tui.ingest.demo.stories import Story
from mi6_tui.model import Claim, Event, EventType, SessionFact, Source
from mi6_tui.model.claim import ClaimKind, Witness

News = Event | SessionFact | Claim

_HOME: Final = "/home/dev"
_FIRST_PROMPT: Final = 14_000
"""Tokens that an agent's own instructions and tools fill before anyone asks."""
_FIRST_PID: Final = 4_200_000
"""Above what any system gives: no process of this machine is ever taken for one of the demo's."""
_REGISTRY_LAG: Final = 70
"""ms after which a registry has followed."""
_WAITS_FOR: Final = {"AskUserQuestion": "input needed", "ExitPlanMode": "plan approval"}


class Pen:
    """One session of `story`; `number` tells it from all others. What is written piles up in `news`.

    All times are ms. The context grows by `growth` tokens a request.
    """

    def __init__(self, story: Story, number: int, machine_id: str) -> None:
        self.news: list[tuple[int, News]] = []
        self.taken = 0
        """How many of them the demo has taken over."""
        self.story = story
        self.client = CLIENTS[story.framework]
        digest = blake2b(f"{number} {story.folder}".encode(), digest_size=16).hexdigest()
        self.id = "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:]))
        self.context = 0
        self.growth = 2_400
        self._machine_id = machine_id
        self._pid = _FIRST_PID + 37 * number
        self._cwd = story.folder.replace("~", _HOME)
        self._keys = 0
        self._requests = 0
        self._turn_began = 0

    # Its life.

    def start(self, at: int) -> None:
        """The client is started."""
        story = self.story
        self._fact(at, "client_version", self.client.version)
        self._fact(at, "entrypoint", "sdk-cli" if story.headless else "cli")
        path = self.client.transcripts.replace("~", _HOME)
        path = path.format(id=self.id, folder=self._cwd.replace("/", "-"))
        self._event(at, EventType.SESSION_START, self._spoken, outcome="startup", pid=self._own_pid,
                    transcript_path=path)  # fmt: skip
        self._claim(at + 20, "process", "alive")
        self._registry(at, "idle")
        if not story.headless:
            self._fact(at, "terminal", f"tmux /tmp/tmux-1000/default %{self._pid % 97}")

    def place(self, at: int) -> None:
        """What its working copy is, and the user's words on it."""
        story = self.story
        if story.branch is not None:
            self._fact(at, "git_branch", story.branch)
        if story.worktree:
            self._fact(at, "git_worktree_path", self._cwd)
        if story.diff is not None:
            self._fact(at, "git_additions", story.diff[0])
            self._fact(at, "git_deletions", story.diff[1])
        # Behind the call that names the repository, which takes back what was said of another.
        self._fact(at + 1, "github_pr", story.pull_request)
        self._fact(at + 1, "github_issue", story.issue)
        if story.tags:
            self._fact(at, "tags", story.tags)

    def name(self, at: int) -> None:
        """The client finds a title."""
        if self.story.title is not None:
            self._fact(at, "title", self.story.title)

    def look_up(self, at: int) -> None:
        """The agent looks up its repository on the web, which tells where it works."""
        if self.story.repo is not None:
            command = f"gh issue view {self.story.issue or 1} --repo {self.story.repo}"
            self.called(at, "Bash", command)
            self.done(at + 640, "Bash", command, "open", 640)

    def end(self, at: int, how: str) -> None:
        """It says goodbye."""
        self._event(at, EventType.SESSION_END, self._spoken, outcome=how)
        self._registry(at, "end")
        self._claim(at + 200, "process", "gone")

    def die(self, at: int) -> None:
        """Its process is gone without a word."""
        self._claim(at, "process", "gone")

    def seen(self, at: int) -> None:
        """The user looks at it."""
        self._fact(at, "seen", at)

    # Its turns.

    def prompt(self, at: int, text: str) -> None:
        """The user asks."""
        self._turn_began = at
        payload = msgspec.json.encode({"prompt": text}).decode()
        self._event(at, EventType.USER_PROMPT_SUBMIT, preview=text, payload=payload)
        self._heard(at, EventType.USER_PROMPT_SUBMIT, payload=payload)
        self._registry(at, "busy")

    def request(self, at: int, outcome: str, *, output: int, agent: str | None = None) -> None:
        """One request to the model was answered with so many tokens."""
        self._requests += 1
        fresh = 6 + self._requests % 5
        if agent is None:
            before, self.context = self.context, max(_FIRST_PROMPT, self.context) + self.growth
            written = self.context - before - fresh
        else:
            before, written = _FIRST_PROMPT, 900
        if not self.client.caches:
            fresh, written = fresh + written, 0
        unknown = self.story.incomplete and self._requests == 3
        recorded = self.story.framework == "opencode" and self.story.model != "qwen4-coder-local"
        self._event(
            at,
            EventType.API_REQUEST,
            model=self.story.model,
            tokens_input=fresh,
            tokens_cache_write=written if self.client.caches else None,
            tokens_cache_read=before,
            tokens_output=None if unknown else output,
            tokens_incomplete=unknown,
            cost_usd=round((2 * fresh + 0.1 * before + 2.5 * written + 10 * output) / 1e6, 6)
            if recorded
            else None,
            outcome=outcome,
            agent_id=agent,
            is_sidechain=True if agent else None,
        )

    def called(self, at: int, tool: str, asked: str) -> None:
        """A tool is called (by its name in Claude Code)."""
        self.request(at - 30, "tool_use", output=90 + self._requests * 373 % 700)
        self._keys += 1
        self._tool(at, EventType.PRE_TOOL_USE, tool, asked, preview=asked)

    def done(self, at: int, tool: str, asked: str, answer: str, took: int) -> None:
        """The tool called last gave its answer after `took` ms."""
        outcome = "error" if "[error]" in answer else "ok"
        metadata = msgspec.json.encode({"output": answer}).decode() if asked.startswith("gh ") else None
        self._tool(at, EventType.POST_TOOL_USE, tool, asked, preview=answer, outcome=outcome,
                   duration_ms=took, metadata=metadata)  # fmt: skip

    def ask(self, at: int, tool: str, asked: str) -> None:
        """The tool called last needs the user: his permission, or his answer."""
        name = self.client.tool(tool)
        if self.client.notices and tool not in _WAITS_FOR:
            notice = "ToolPermission"
            self._heard(at + 40, EventType.NOTIFICATION, tool_name=name, preview=asked, outcome=notice)
        else:
            self._heard(at + 40, EventType.PERMISSION_REQUEST, tool_name=name, preview=asked)
        self._registry(at + 40, "waiting", _WAITS_FOR.get(tool, f"approve {name}"))

    def allowed(self, at: int) -> None:
        """The user says yes: the tool runs."""
        self._registry(at, "busy")
        if not self.client.registry:
            self._claim(at + 400, "child", "tool", "sh")

    def reply(self, at: int, text: str, *, background: dict[str, int] | None = None) -> None:
        """The turn ends with some words; `background` still runs, by kind."""
        self.request(at - 40, "end_turn", output=60 + len(text))
        self._event(at - 20, EventType.ASSISTANT_MESSAGE, preview=text, outcome="end_turn")
        self._event(at, EventType.STOP, duration_ms=max(0, at - self._turn_began))
        told = msgspec.json.encode({"background": background or {}}).decode()
        self._heard(at + 30, EventType.STOP, preview=text, metadata=told)
        if not background:  # else the registry says what it said before
            self._registry(at + 30, "idle")

    def fail(self, at: int, kind: str, text: str) -> None:
        """The turn ends in an error."""
        self._event(at, EventType.API_ERROR, outcome=kind, preview=text)
        self._heard(at + 20, EventType.API_ERROR, outcome=kind, preview=text)
        self._registry(at + 20, "idle")

    def retry(self, at: int, text: str) -> None:
        """A request failed and is tried again."""
        self._event(at, EventType.API_ERROR, outcome="retrying", preview=text)

    def interrupt(self, at: int) -> None:
        """The user stops the turn."""
        self._event(at, EventType.INTERRUPT, preview="interrupted by the user")
        self._registry(at, "idle")

    def compact(self, at: int, left: int) -> None:
        """The conversation is put in fewer words; `left` tokens of it stay."""
        self._event(at, EventType.COMPACTION, outcome="auto", context_size=left, preview="compacted")
        self.context = left

    # Its subagents.

    def launch(self, at: int, number: int, task: str) -> None:
        """A subagent begins."""
        self._event(at, EventType.SUBAGENT_START, spawned_agent_id=self._agent(number),
                    subagent_type="Explore", preview=task)  # fmt: skip
        self.work_of(at + 200, number)

    def work_of(self, at: int, number: int) -> None:
        """A subagent asks the model."""
        self.request(at, "tool_use", output=240 + 130 * number, agent=self._agent(number))

    def come_back(self, at: int, number: int, text: str) -> None:
        """A subagent reports."""
        self._event(at, EventType.SUBAGENT_STOP, spawned_agent_id=self._agent(number), preview=text)

    def _agent(self, number: int) -> str:
        return f"{self.id[:8]}-agent-{number}"

    # How it is written down.

    @property
    def _own_pid(self) -> int | None:
        return None if self.story.alone else self._pid

    @property
    def _spoken(self) -> str:
        return self.client.source if self.story.alone else Source.HOOK

    def _tool(self, at: int, event_type: str, tool: str, asked: str, **fields: Any) -> None:
        name = self.client.tool(tool)
        payload = msgspec.json.encode({"command": asked}).decode() if tool == "Bash" else None
        call = f"toolu_{self.id[:8]}_{self._keys}"
        self._event(at, event_type, tool_name=name, tool_use_id=call, payload=payload, **fields)
        self._heard(at + 5, event_type, tool_name=name, tool_use_id=call, payload=payload, **fields)

    def _heard(self, at: int, event_type: str, **fields: Any) -> None:
        """A hook tells of it."""
        if not self.story.alone:
            self._event(at, event_type, Source.HOOK, **fields)

    def _event(self, at: int, event_type: str, source: str | None = None, **fields: Any) -> None:
        story = self.story
        event = Event(
            machine_id=self._machine_id,
            timestamp=at,
            event_type=event_type,
            session_id=self.id,
            framework=story.framework,
            cwd=self._cwd,
            git_branch=story.branch,
            source=source or self.client.source,
            key=f"demo:{self.id}:{len(self.news)}",
            permission_mode="plan" if story.ending == "plan" else "default",
            **fields,
        )
        self.news.append((at, event))

    def _fact(self, at: int, name: str, value: str | int | None) -> None:
        fact = SessionFact(
            machine_id=self._machine_id,
            session_id=self.id,
            framework=self.story.framework,
            name=name,
            value=value,
            timestamp=at,
            order=(at, 0),
        )
        self.news.append((at, fact))

    def _registry(self, at: int, kind: ClaimKind, detail: str = "") -> None:
        if self.client.registry and not self.story.headless:
            self._claim(at + _REGISTRY_LAG, "registry", kind, detail)

    def _claim(self, at: int, witness: Witness, kind: ClaimKind, detail: str = "") -> None:
        if self.story.alone:
            return
        claim = Claim(
            machine_id=self._machine_id,
            session_id=self.id,
            framework=self.story.framework,
            witness=witness,
            kind=kind,
            detail=detail,
            at=at,
            pid=self._pid,
            process=f"demo {self._pid}",
        )
        self.news.append((at, claim))
