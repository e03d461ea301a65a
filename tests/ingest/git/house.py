"""Repositories, a store, and the side between them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from mi6_tui.ingest.git.context import Contexts
from mi6_tui.ingest.git.diff import diff_stat
from mi6_tui.ingest.git.side import GitSide
from mi6_tui.ingest.problem import Problem
from mi6_tui.model import Event, EventType, Session
from mi6_tui.storage.sqlite import SqliteStorage
from tests.ingest.conftest import Clock
from tests.ingest.git.program import Git

GITHUB = "git@github.com:o/api.git"
DAY = 86_400_000


class House:
    """Repositories, a store, and the side between them."""

    def __init__(self, folder: Path, store: SqliteStorage, clock: Clock) -> None:
        self.git = Git(folder / "git-home")
        self.store = store
        self.clock = clock
        self.counted: list[str] = []
        self.side = self.new_side()
        self.folder = folder

    def new_side(self, storage: Any = None) -> GitSide:
        """A side that has not looked yet."""
        return GitSide(storage or self.store, "m", contexts=Contexts(self.git.env), measure=self._measure)

    def _measure(self, cwd: str, timeout: float) -> tuple[int, int] | None:
        self.counted.append(cwd)
        return diff_stat(cwd, 60, self.git.env)

    def tell(self, session: str, cwd: Path | None, **fields: Any) -> None:
        """Something happens in a session now."""
        usual: dict[str, Any] = {
            "machine_id": "m",
            "session_id": session,
            "framework": "claude",
            "timestamp": self.clock(),
            "event_type": EventType.USER_PROMPT_SUBMIT,
            "cwd": str(cwd) if cwd else None,
            "source": "hook",
        }
        self.store.insert(Event(**usual | fields))

    def move(self, session: str, cwd: Path) -> None:
        """The session goes to another folder."""
        self.tell(session, cwd, event_type=EventType.SESSION_START)

    def shell(self, session: str, command: str, output: str = "") -> None:
        """The session ran a command."""
        self.tell(
            session,
            None,
            event_type=EventType.POST_TOOL_USE,
            tool_name="Bash",
            payload=msgspec.json.encode({"command": command}).decode(),
            metadata=msgspec.json.encode({"output": output}).decode(),
        )

    def look(self) -> int:
        """A look ten seconds later; how many sessions changed."""
        self.clock.forward(10)
        problems: list[Problem] = []
        changed = self.side.look(self.clock(), problems.append)
        self.side.wait()
        assert not problems
        return changed

    def session(self, session: str) -> Session:
        """The row."""
        found = self.store.get_session(session)
        assert found is not None
        return found

    def is_quiet(self) -> bool:
        """Whether looking on writes nothing."""
        before = self.store.revision(), self.store.data_version()
        other = SqliteStorage(self.store.path)
        seen = other.data_version()
        quiet = not any([self.look(), self.look(), self.look()])
        unwritten = other.data_version() == seen
        other.close()
        return quiet and unwritten and (self.store.revision(), self.store.data_version()) == before


def numbers(session: Session) -> tuple[str | None, int | None, int | None]:
    return session.github_repo, session.github_issue, session.github_pr
