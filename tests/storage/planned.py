"""How SQLite answers each statement that the program runs, noted as it runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import apsw

_EXPLAINED: Final = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
_ALIAS: Final = re.compile(r"\b(events|tombstones|session_state|files)\s+AS\s+(\w+)", re.IGNORECASE)
LARGE: Final = ("events", "tombstones", "session_state", "files")
"""Tables that grow with everything ever recorded."""


class Plans:
    """The plan of each statement that ran on a connection made meanwhile, by its text."""

    def __init__(self) -> None:
        self.of: dict[str, tuple[str, ...]] = {}

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Listen to every connection that is made until the block is left."""
        apsw.connection_hooks.append(self._listen)
        try:
            yield
        finally:
            apsw.connection_hooks.remove(self._listen)

    def walks(self) -> dict[str, list[str]]:
        """The statements that walk through a large table, with the steps in which they do."""
        found = {sql: walks_in(sql, plan) for sql, plan in self.of.items()}
        return {sql: steps for sql, steps in found.items() if steps}

    def _listen(self, connection: apsw.Connection) -> None:
        connection.exec_trace = self._note

    def _note(self, cursor: apsw.Cursor, sql: str, values: Any) -> bool:
        text = " ".join(sql.split())
        if text not in self.of and text.startswith(_EXPLAINED):
            rows = cursor.connection.execute(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()
            self.of[text] = tuple(str(row[3]) for row in rows)
        return True


def walks_in(sql: str, plan: tuple[str, ...]) -> list[str]:
    """The steps of a plan that go through every row of a large table: a search by nothing is one, too."""
    names = {*LARGE, *(alias for _, alias in _ALIAS.findall(sql))}
    return [step for step in plan if step.split()[1] in names and (step[:4] == "SCAN" or "USING" not in step)]
