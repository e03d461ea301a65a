"""The panel of projects: how many sessions each has, how many need you, and which one is on show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from rich.cells import cell_len

from mi6_tui.tui import status, text
from mi6_tui.tui.rows import Project
from mi6_tui.tui.widgets.pick_list import PickList, Piece

ALL: Final = "all projects"
NONE: Final = "no project"


class ProjectLine(msgspec.Struct, frozen=True):
    """A project, or all of them together (`name` None)."""

    name: str | None
    sessions: int
    needs_you: int

    @property
    def key(self) -> tuple[str | None]:
        """Tells it from the others."""
        return (self.name,)


class Projects(PickList[ProjectLine]):
    """All projects, then each; the one under the cursor is on show."""

    def fill(self, projects: Sequence[Project]) -> None:
        """Show how many sessions there are in each."""
        lines = [ProjectLine(project.name, project.sessions, project.needs_you) for project in projects]
        whole = ProjectLine(None, sum(p.sessions for p in projects), sum(p.needs_you for p in projects))
        if self.rows != [whole, *lines]:
            self.show([whole, *lines])

    def put(self, name: str | None) -> None:
        """Put the cursor on a project."""
        place = next((place for place, line in enumerate(self.rows) if line.name == name), 0)
        self.select(place)

    def draw(self, row: ProjectLine, width: int) -> Iterable[Piece]:
        """Its name, how many need you, how many sessions it has."""
        needs = f" {status.glyph('waiting')}{row.needs_you}" if row.needs_you else ""
        count = f" {row.sessions:>3} "
        name = ALL if row.name is None else text.clean(row.name, 80) or NONE
        left = width - cell_len(needs) - len(count)
        yield text.fit(name, left), "name" if row.name else "plain"
        yield needs, "needs-you"
        yield count, "quiet"
