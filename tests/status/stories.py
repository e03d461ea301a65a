"""A session of Claude Code as its witnesses see it, moved by hand: for stories that nobody recorded."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from tests.frameworks.claude import support as lines
from tests.frameworks.pieces import jsonl
from tests.status.machine import DOMAIN
from tests.status.world import PROJECT, World

NOW: Final = 1_795_400_000_000
"""ms; when stories begin."""
MINUTE: Final = 60
HOUR: Final = 3600
SOON: Final = 3
"""Seconds within which everything must be noticed that is asked for all the time."""
LATER: Final = 12
"""Seconds within which must be noticed what costs more to find out."""
ONE: Final = "11111111-1111-4111-8111-111111111111"
OTHER: Final = "22222222-2222-4222-8222-222222222222"


class Agent:
    """A client in a terminal. What it does reaches each witness that the world has.

    `turn`, `asks` and so on do what the client does at that moment: hook, registry and lines, in its order.
    """

    def __init__(self, world: World, session: str, pid: int, *, source: str = "startup") -> None:
        self.world = world
        self.session = session
        self.pid = pid
        self.domain = DOMAIN
        self._started = world.clock.ms
        self._numbers = iter(range(1, 10_000))
        world.process(pid, ["/opt/claude/claude"])
        self._ticks = world.machine.running[pid].ticks
        world.run_for(0.3)
        self.registry("idle")
        self.hook("SessionStart", source=source)
        world.run_for(1)

    # Single signs.

    def registry(self, status: str, waiting_for: str | None = None) -> None:
        entry = {
            "pid": self.pid,
            "procStart": str(self._ticks),
            "pidDomain": self.domain,
            "sessionId": self.session,
            "cwd": PROJECT,
            "startedAt": self._started,
            "kind": "interactive",
            "entrypoint": "cli",
            "status": status,
            "statusUpdatedAt": self.world.clock.ms,
        }
        if waiting_for:
            entry["waitingFor"] = waiting_for
        self.world.put(self.entry, msgspec.json.encode(entry).decode())

    @property
    def entry(self) -> str:
        return f".claude/sessions/{self.pid}.json"

    def hook(self, event: str, *, called_at: int | None = None, **fields: Any) -> None:
        payload = {
            "session_id": self.session,
            "transcript_path": f"/home/dev/{self._file}",
            "cwd": PROJECT,
            "hook_event_name": event,
            **fields,
        }
        env = {
            "CLAUDE_PID": str(self.pid),
            "CLAUDE_CODE_SESSION_ATTENDED": "1",
            "CLAUDE_CODE_ENTRYPOINT": "cli",
        }
        self.world.hook(event, payload, ppid=self.pid, env=env, called_at=called_at)

    def write(self, *records: dict[str, Any], file: str | None = None) -> None:
        """Lines of the transcript, at the time that it is."""
        stamp = datetime.fromtimestamp(self.world.clock.ms / 1000, UTC).isoformat(timespec="milliseconds")
        now = {"timestamp": stamp.replace("+00:00", "Z"), "sessionId": self.session}
        self.world.append(file or self._file, jsonl({**record, **now} for record in records))

    @property
    def _file(self) -> str:
        return f".claude/projects/-home-dev-project/{self.session}.jsonl"

    def _reply(self, *blocks: dict[str, Any], stop: str) -> dict[str, Any]:
        number = next(self._numbers)
        return lines.assistant(
            *blocks,
            stop=stop,
            message_id=f"msg_{self.session}_{number}",
            request_id=f"req_{self.session}_{number}",
        )

    # What a client does.

    def prompted(self, text: str = "Do it.") -> None:
        self.hook("UserPromptSubmit", prompt=text)
        self.registry("busy")
        self.world.run_for(0.15)
        self.write(lines.user(text))
        self.world.run_for(1)

    def calls(self, tool: str = "Bash", **arguments: Any) -> None:
        """A tool is called: the hook first, its line after it."""
        arguments = arguments or {"command": "make all"}
        self.hook("PreToolUse", tool_name=tool, tool_input=arguments, tool_use_id="toolu_1")
        self.world.run_for(0.12)
        self.write(self._reply(lines.call("toolu_1", tool, **arguments), stop="tool_use"))
        self.world.run_for(0.05)

    def asks(self, tool: str = "Bash", **arguments: Any) -> None:
        """A tool is called that needs a permission."""
        arguments = arguments or {"command": "make all"}
        self.calls(tool, **arguments)
        self.hook("PermissionRequest", tool_name=tool, tool_input=arguments)
        self.registry("waiting", "permission prompt")
        self.world.run_for(1)

    def allowed(self) -> None:
        """Nothing but the registry tells of the answer."""
        self.registry("busy")

    def tool_ended(self, tool: str = "Bash") -> None:
        self.hook("PostToolBatch", tool_calls=[{"tool_name": tool, "tool_use_id": "toolu_1"}])
        self.world.run_for(0.1)
        self.write(lines.result("toolu_1", "done"))
        self.world.run_for(0.5)

    def stopped(self, background: int = 0) -> None:
        """The turn ends; so many helpers go on."""
        tasks = [
            {"id": f"a{number}", "type": "subagent", "status": "running", "description": "Look"}
            for number in range(background)
        ]
        self.hook("Stop", stop_hook_active=False, last_assistant_message="Done.", background_tasks=tasks)
        self.world.run_for(0.06)
        if not background:
            self.registry("idle")
        self.write(self._reply(lines.text("Done."), stop="end_turn"))
        self.world.run_for(1)

    def interrupted(self) -> None:
        """Esc: no hook tells."""
        self.registry("idle")
        self.world.run_for(0.1)
        self.write(lines.user([lines.text("[Request interrupted by user]")]))
        self.world.run_for(1)

    def leaves(self, reason: str = "prompt_input_exit") -> None:
        """It says goodbye and ends."""
        self.world.remove(self.entry)
        self.hook("SessionEnd", reason=reason)
        self.world.run_for(0.2)
        self.world.machine.end(self.pid)
        self.world.run_for(1)

    def killed(self) -> None:
        """SIGKILL: nothing is told, the entry of the registry stays."""
        self.world.machine.end(self.pid)

    @property
    def shown(self) -> str:
        return self.world.last(self.session).word

    @property
    def detail(self) -> str:
        return self.world.last(self.session).detail
