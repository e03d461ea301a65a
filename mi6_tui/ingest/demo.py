"""A believable store without a single agent: for the demo, the pictures and first steps.

The events go through `Storage.record` like any other, so every status and every sum is the
program's own judgement. The same clock and machine give the same batch, byte for byte.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, Final

import msgspec

from mi6_tui.ingest.demo_stories import FOLLOW_UPS, REPLIES, STEPS, STORIES, Story
from mi6_tui.model import Batch, Event, EventType, SessionFact, Source
from mi6_tui.storage import Storage

_HOME: Final = "/home/dev"
_FIRST_PROMPT_TOKENS: Final = 14_000
"""What an agent's own instructions and tools fill before anyone asks."""
_REQUESTS_PER_TURN: Final = 3


def fill_demo(storage: Storage, now: int, machine_id: str = "demo") -> None:
    """Record the demo's sessions as if they had happened up to `now` (ms) on this machine."""
    storage.record(demo_batch(now, machine_id))
    storage.rejudge(now)


def demo_batch(now: int, machine_id: str) -> Batch:
    """The demo's events and facts, oldest session first; `now` in ms."""
    authors = [_Author(story, number, now, machine_id) for number, story in enumerate(STORIES)]
    for author in authors:
        author.write()
    return Batch(
        events=tuple(
            sorted((e for a in authors for e in a.events), key=lambda e: (e.timestamp, e.key or ""))
        ),
        facts=tuple(fact for author in authors for fact in author.facts),
    )


class _Author:
    """Writes the events of one story along its own clock."""

    def __init__(self, story: Story, number: int, now: int, machine_id: str) -> None:
        self.events: list[Event] = []
        self.facts: list[SessionFact] = []
        self._story = story
        self._number = number
        self._machine = machine_id
        digest = blake2b(f"{number} {story.folder}".encode(), digest_size=16).hexdigest()
        self._id = "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:]))
        self._cwd = story.folder.replace("~", _HOME)
        self._start = now - story.age * 60_000
        self._end = now - story.quiet * 1000
        self._at = self._start
        self._requests = 0

    def write(self) -> None:
        """Start, talk, end."""
        story = self._story
        self._add(EventType.SESSION_START, source=Source.HOOK, pid=4000 + 37 * self._number)
        self._fact("client_version", "2.1.330")
        if story.title is not None:
            self._fact("title", story.title)
        if story.turns:
            self._fact("permission_mode", "plan" if story.ending == "plan" else "default")
            step = max(4000, (self._end - self._start) // (story.turns * (_REQUESTS_PER_TURN + 1) + 1))
            for turn in range(story.turns):
                self._turn(turn, step)
        self._at = self._end
        self._finish()

    def _turn(self, turn: int, step: int) -> None:
        prompt = self._story.prompt if turn == 0 else FOLLOW_UPS[(turn + self._number) % len(FOLLOW_UPS)]
        self._at += step
        self._prompt(prompt)
        for number in range(_REQUESTS_PER_TURN - 1):
            self._at = min(self._at + step + (turn * 977 + number * 331) % 1500, self._end - 3000)
            tool, asked, answer, took = STEPS[(turn * 2 + number + 5 * self._number) % len(STEPS)]
            self._tool(tool, asked, answer, min(took, step // 2))
        self._at = min(self._at + step, self._end - 2000)
        self._reply(REPLIES[(turn + self._number) % len(REPLIES)])

    def _finish(self) -> None:
        story = self._story
        tool, _, asked = story.detail.partition("|")
        match story.ending:
            case "permission":
                self._open_tool(tool, asked)
                self._at += 40
                self._add(EventType.PERMISSION_REQUEST, source=Source.HOOK, tool_name=tool, preview=asked)
            case "question" | "plan" | "tool":
                self._open_tool(tool, asked)
            case "error":
                self._add(EventType.API_ERROR, outcome=tool, preview=asked)
            case "retrying":
                self._add(EventType.API_ERROR, outcome="retrying", preview=asked)
            case "thinking":
                self._prompt(FOLLOW_UPS[self._number % len(FOLLOW_UPS)])
            case "compacting":
                self._add(
                    EventType.COMPACTION, outcome="auto", context_size=story.context, preview="compacted"
                )
            case "agents":
                self._launch(int(story.detail))
            case "replied":
                self._reply(story.detail)
            case "interrupted":
                self._add(EventType.INTERRUPT, preview="interrupted by the user")
            case "said goodbye":
                self._add(EventType.SESSION_END, source=Source.HOOK, outcome=story.detail)

    def _launch(self, children: int) -> None:
        self._at -= 6000
        self._request("tool_use")
        for number in range(children):
            self._at += 300
            agent = f"{self._id[:8]}-agent-{number}"
            task = f"Part {number + 1} of {children}"
            self._add(EventType.SUBAGENT_START, spawned_agent_id=agent, subagent_type="Explore", preview=task)
            self._request("tool_use", agent=agent)
        self._at = self._end
        self._reply(f"{children} subagents are at work; I report when they are back.")

    def _prompt(self, text: str) -> None:
        payload = msgspec.json.encode({"prompt": text}).decode()
        self._add(EventType.USER_PROMPT_SUBMIT, payload=payload, preview=text)

    def _reply(self, text: str) -> None:
        self._request("end_turn")
        self._add(EventType.ASSISTANT_MESSAGE, preview=text, outcome="end_turn")
        self._add(EventType.STOP, duration_ms=max(0, self._at - self._start) % 90_000)

    def _open_tool(self, tool: str, asked: str) -> str:
        self._request("tool_use")
        tool_id = f"toolu_{self._id[:8]}_{len(self.events)}"
        payload = msgspec.json.encode({"command": asked}).decode() if tool == "Bash" else None
        self._add(EventType.PRE_TOOL_USE, tool_name=tool, tool_use_id=tool_id, preview=asked, payload=payload)
        return tool_id

    def _tool(self, tool: str, asked: str, answer: str, took: int) -> None:
        tool_id = self._open_tool(tool, asked)
        self._at += took
        outcome = "error" if "[error]" in answer else "ok"
        self._add(
            EventType.POST_TOOL_USE,
            tool_name=tool,
            tool_use_id=tool_id,
            outcome=outcome,
            duration_ms=took,
            preview=answer,
        )

    def _request(self, outcome: str, agent: str | None = None) -> None:
        story = self._story
        self._requests += 1
        total = max(1, story.turns * _REQUESTS_PER_TURN)
        first = min(_FIRST_PROMPT_TOKENS, story.context)
        filled = first + (story.context - first) * min(self._requests, total) // total
        fresh = 6 + self._requests % 5
        written = max(0, (story.context - first) // total - fresh)
        if agent is not None:
            filled, written = first, 0
        unknown = story.incomplete and self._requests == total // 2
        self._add(
            EventType.API_REQUEST,
            model=story.model,
            tokens_input=fresh,
            tokens_cache_write=written,
            tokens_cache_read=max(0, filled - written - fresh),
            tokens_output=None if unknown else 90 + self._requests * 373 % 900,
            tokens_incomplete=unknown,
            outcome=outcome,
            agent_id=agent,
            is_sidechain=True if agent else None,
        )

    def _fact(self, name: str, value: str) -> None:
        self.facts.append(
            SessionFact(
                machine_id=self._machine,
                session_id=self._id,
                framework=self._story.framework,
                name=name,
                value=value,
                timestamp=self._start,
                order=(self._start, 0),
            )
        )

    def _add(self, event_type: str, *, source: str = Source.TRANSCRIPT, **values: Any) -> None:
        self._at += 1
        self.events.append(
            Event(
                machine_id=self._machine,
                timestamp=self._at,
                event_type=event_type,
                session_id=self._id,
                framework=self._story.framework,
                cwd=self._cwd,
                git_branch=self._story.branch,
                source=source,
                key=f"demo:{self._id}:{len(self.events)}",
                **values,
            )
        )
