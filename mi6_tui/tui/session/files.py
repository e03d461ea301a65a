"""Files and git: where the session works, what is not committed there, what its tools wrote to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import ClassVar, Final

from textual import on
from textual.message import Message

from mi6_tui import frameworks
from mi6_tui.ingest.git.diff import Change, changed_files
from mi6_tui.log import logger
from mi6_tui.model import FileTouch, Session
from mi6_tui.tui.feed import Question
from mi6_tui.tui.rows import Key
from mi6_tui.tui.session.bases import PageTab
from mi6_tui.tui.session.file_lines import Line, WorkingCopy, file_lines
from mi6_tui.tui.session.questions import Files, FilesOf
from mi6_tui.tui.session.reading import is_far
from mi6_tui.tui.widgets.bar import Piece

_PATIENCE: Final = 10.0
"""Seconds that git may take."""


class Asked(Message):
    """What git said."""

    def __init__(self, changes: Sequence[Change] | None) -> None:
        super().__init__()
        self.changes = changes


class FilesTab(PageTab):
    """One page of lines; git is asked when it is first seen, and on demand."""

    LABEL: ClassVar[str] = "files"

    def __init__(self, session: Session | None, key: Key) -> None:
        super().__init__(session, key)
        self._question: FilesOf | None = None
        self._touched: Sequence[FileTouch] | None = None
        self._copy: WorkingCopy | None = None
        self._asking = False

    def questions(self) -> Mapping[str, Question]:
        """The files that its tools wrote to."""
        return {} if self._question is None else {"files": self._question}

    def resume(self) -> None:
        """Ask anew; git only the first time."""
        framework = self.session.framework if self.session is not None else None
        known = framework in frameworks.names()
        tools = frameworks.framework(framework).editors if known and framework is not None else frozenset()
        self._question = FilesOf(self.key, tools)
        if self._copy is None:
            self.again()

    def take(self, answers: Mapping[str, object]) -> None:
        """Show the files."""
        answer = answers.get("files")
        if isinstance(answer, Files):
            self._touched = answer.touched
            self.draw_page()

    def lines(self, session: Session, width: int) -> Sequence[Line]:
        """Where it works, and what it changed there."""
        mi6 = self.mi6
        return file_lines(session, self._touched, self._copy, mi6.zone, now=mi6.now(), width=width)

    def again(self) -> None:
        """Ask git, in a thread of its own."""
        session = self.session
        folder = (session.git_worktree_path or session.cwd) if session is not None else None
        if self._asking:
            return
        far = session is not None and is_far(session, in_database=self.mi6.feed.in_database)
        if folder is None or far:
            self.post_message(Asked(None))
            return
        self._asking = True
        self.run_worker(partial(self._ask, folder), name="git", thread=True, group="git", exit_on_error=False)
        self.post_message(self.Told())

    def _ask(self, folder: str) -> None:
        changes = None
        try:
            changes = changed_files(folder, _PATIENCE)
        except Exception:  # the border of this thread: what git cannot tell is not told
            logger().exception("git could not be asked")
        self.post_message(Asked(changes))

    @on(Asked)
    def _asked(self, message: Asked) -> None:
        message.stop()
        self._asking = False
        changes = None if message.changes is None else tuple(message.changes)
        self._copy = WorkingCopy(changes, self.mi6.now())
        self.draw_page()
        self.post_message(self.Told())

    def state(self) -> Sequence[Piece]:
        """Whether git is being asked."""
        return (("asking git … ", "$quiet"),) if self._asking else ()
