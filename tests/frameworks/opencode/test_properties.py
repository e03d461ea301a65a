"""However often a database is asked while its client works, the store ends as if asked once, at the end."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mi6_tui.frameworks.base import Answer
from mi6_tui.frameworks.opencode import FRAMEWORK
from tests.frameworks.opencode.support import EPOCH, MACHINE, Client, contents, pieces, stored, tokens

_STEPS = (
    "session",
    "child",
    "fork",
    "prompt",
    "reply",
    "text",
    "think",
    "tool",
    "end",
    "title",
    "ask",
    "ask",
)
Step = tuple[str, int, int]
STEPS = st.lists(st.tuples(st.sampled_from(_STEPS), st.integers(0, 7), st.integers(1, 15_000)), max_size=30)


class World:
    """A client at work: each step changes its database in one transaction."""

    def __init__(self, path: Path, *, second: bool) -> None:
        self.client = Client(path, first=not second, second=second)
        self._second = second
        self.now = EPOCH
        self._made = 0
        self.sessions: list[dict[str, Any]] = []
        self.messages: list[dict[str, Any]] = []
        self.take("session", 0)

    def upgrade(self) -> None:
        """The newer tables come, with all that the older ones hold."""
        self._second = True
        with self.client.connection:
            self.client.migrate()
            for session in self.sessions:
                self._write_session(session)
            for message in self.messages:
                self._write(message)

    def new_id(self, kind: str) -> str:
        self._made += 1
        return f"{kind}_{self._made:04d}"

    def take(self, step: str, which: int) -> None:
        with self.client.connection:
            getattr(self, f"_{step}")(which)

    def _session(self, which: int, **row: Any) -> dict[str, Any]:
        session = {"session_id": self.new_id("ses"), "at": self.now, "title": "New session - x"} | row
        self.sessions.append(session)
        self._write_session(session)
        return session

    def _child(self, which: int) -> None:
        self._session(which, parent_id=self._pick(self.sessions, which)["session_id"])

    def _fork(self, which: int) -> None:
        original = self._pick(self.sessions, which)
        fork = self._session(which, title=f"{original['title']} (fork #1)")
        for message in [one for one in self.messages if one["session"] == original["session_id"]]:
            parts = [part | {"id": self.new_id("prt")} for part in message["parts"]]
            copy = message | {"id": self.new_id("msg"), "session": fork["session_id"], "parts": parts}
            self.messages.append(copy)
            self._write(copy)

    def _title(self, which: int) -> None:
        session = self._pick(self.sessions, which)
        session["title"] = f"Title of {self.now}"
        self._write_session(session)

    def _prompt(self, which: int) -> None:
        self._message(which, role="user", parts=[self._part(type="text", text=f"Prompt of {self.now}")])

    def _reply(self, which: int) -> None:
        self._message(which, role="assistant", parts=[])

    def _message(self, which: int, **fields: Any) -> None:
        session = self._pick(self.sessions, which)["session_id"]
        message = {"id": self.new_id("msg"), "session": session, "at": self.now, "end": None} | fields
        self.messages.append(message)
        self._write(message)

    def _part(self, **fields: Any) -> dict[str, Any]:
        return {"id": self.new_id("prt"), "at": self.now} | fields

    def _open(self, which: int) -> dict[str, Any] | None:
        replies = [one for one in self.messages if one["role"] == "assistant" and one["end"] is None]
        return self._pick(replies, which) if replies else None

    def _grow(self, which: int, **fields: Any) -> None:
        if reply := self._open(which):
            reply["parts"].append(self._part(**fields))
            self._write(reply)

    def _text(self, which: int) -> None:
        self._grow(which, type="text", text=f"Text of {self.now}", time={"start": self.now, "end": self.now})

    def _think(self, which: int) -> None:
        self._grow(which, type="reasoning", text="Hm.")

    def _tool(self, which: int) -> None:
        """Start a tool, or bring one that runs a step further."""
        reply = self._open(which)
        tools = (
            [part for part in reply["parts"] if part.get("status") in ("pending", "running")] if reply else []
        )
        if reply is None or not tools:
            name = ("bash", "task", "question")[which % 3]
            self._grow(which, type="tool", tool=name, status="pending", callID=self.new_id("call"))
            return
        tool = self._pick(tools, which)
        after = {"pending": "running", "running": ("completed", "error")[which % 2]}
        tool["status"] = after[tool["status"]]
        tool["ended"] = self.now
        self._write(reply)

    def _end(self, which: int) -> None:
        if reply := self._open(which):
            ended: dict[str, Any] = {"finish": ("stop", "tool-calls")[which % 2]}
            if which > 4:
                ended = {"error": {"name": ("APIError", "MessageAbortedError")[which % 2]}}
            reply |= {"end": self.now, "data": ended}
            self._write(reply)

    @staticmethod
    def _pick(things: list[dict[str, Any]], which: int) -> dict[str, Any]:
        return things[-1 - which % len(things)]

    def _write_session(self, session: dict[str, Any]) -> None:
        write = self.client.session_v2 if self._second else self.client.session
        row = {name: value for name, value in session.items() if name not in ("session_id", "at")}
        write(session["session_id"], session["at"], updated=self.now, **row)

    def _write(self, message: dict[str, Any]) -> None:
        end = message["end"]
        times = {"created": message["at"]} | ({} if end is None else {"completed": end})
        failed = "error" in message.get("data", {})
        numbers = tokens() if end is not None and not failed else tokens(0, 0, 0, 0, 0)
        data = {"time": times, "tokens": numbers, "cost": 0.5 if end else 0} | message.get("data", {})
        if self._second:
            self._write_v2(message, data)
            return
        row = (message["id"], message["session"], message["at"], self.now)
        self.client.message(*row, role=message["role"], **data)
        for part in message["parts"]:
            fields = {
                name: value for name, value in part.items() if name not in ("id", "at", "status", "ended")
            }
            if "status" in part:
                state = {
                    "status": part["status"],
                    "input": {"command": "ls"},
                    "output": "done",
                    "error": "failed",
                }
                fields["state"] = state | {"time": {"start": part["at"], "end": part.get("ended")}}
            self.client.part(part["id"], message["id"], message["session"], part["at"], self.now, **fields)

    def _write_v2(self, message: dict[str, Any], data: dict[str, Any]) -> None:
        row = (message["id"], message["session"])
        if message["role"] == "user":
            text = message["parts"][0]["text"]
            self.client.row_v2(*row, "user", message["at"], self.now, text=text, time=data["time"])
            return
        content = []
        for part in message["parts"]:
            if "status" in part:
                state = {"status": part["status"], "input": {"command": "ls"}, "error": {"message": "failed"}}
                times = {"created": part["at"], "completed": part.get("ended")}
                tool = {"type": "tool", "id": part["callID"], "name": part["tool"], "state": state}
                content.append(tool | {"time": times})
            else:
                content.append({"type": part["type"], "text": part["text"]})
        self.client.row_v2(*row, "assistant", message["at"], self.now, content=content, **data)


@settings(max_examples=60, deadline=None)
@given(STEPS, st.booleans())
def test_asking_all_the_time_ends_as_asking_once(steps: list[Step], second: bool) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        world = World(folder / "opencode.db", second=second)
        answers: list[Answer] = []
        cursor = None
        for step, which, pause in steps:
            world.now += pause
            if step == "ask":
                answer = FRAMEWORK.ask(str(world.client.path), MACHINE, cursor)
                assert answer is not None
                answers.append(answer)
                cursor = answer.cursor
            else:
                world.take(step, which)
        answers += pieces(world.client.path, cursor)
        (folder / "often").mkdir()
        (folder / "once").mkdir()
        with stored(folder / "often", answers, world.now) as often:
            found = contents(often)
        with stored(folder / "once", pieces(world.client.path), world.now) as once:
            expected = contents(once)
        world.client.close()
    assert found == expected
