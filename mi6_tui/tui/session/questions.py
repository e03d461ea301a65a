"""What the tabs ask the store, and what they get: each answer is immutable."""

from __future__ import annotations

import msgspec

from mi6_tui.model import Claim, ContextPoint, FileTouch, Session, ToolUse, UsageRow
from mi6_tui.storage import Storage
from mi6_tui.tui.rows import Key


class Once:
    """A question that is answered once; heirs say how."""

    _told = False

    def ask(self, storage: Storage, changed: frozenset[Key] | None) -> object | None:
        """The answer; None once it was told."""
        if self._told:
            return None
        self._told = True
        return self.answer(storage)

    def answer(self, storage: Storage) -> object | None:
        """What is asked for."""
        raise NotImplementedError


class Row(msgspec.Struct, frozen=True):
    """The session's row; None if the store has none of that key."""

    session: Session | None


class RowOf:
    """The row, whenever it is another one; that it is gone tells nobody but the store."""

    def __init__(self, key: Key) -> None:
        self._key = key
        self._told: Row | None = None

    def ask(self, storage: Storage, changed: frozenset[Key] | None) -> Row | None:
        """It; None if it is the one that was told last."""
        found = Row(storage.get_session_by_key(*self._key))
        if found == self._told and changed is not None:
            return None
        self._told = found
        return found


class Tools(msgspec.Struct, frozen=True):
    """The calls by tool."""

    uses: tuple[ToolUse, ...]


class ToolsOf:
    """The calls by tool, whenever the session changed."""

    def __init__(self, key: Key) -> None:
        self._key = key

    def ask(self, storage: Storage, changed: frozenset[Key] | None) -> Tools | None:
        """They; None if nothing changed."""
        if changed is not None and self._key not in changed:
            return None
        return Tools(tuple(storage.tools(*self._key)))


class Sums(msgspec.Struct, frozen=True):
    """What the session used: by model, and how its context filled."""

    models: tuple[UsageRow, ...]
    context: tuple[ContextPoint, ...]


class SumsOf:
    """The sums, whenever another request was counted."""

    def __init__(self, key: Key) -> None:
        self._key = key

    def ask(self, storage: Storage, changed: frozenset[Key] | None) -> Sums | None:
        """They; None if nothing changed."""
        if changed is not None and self._key not in changed:
            return None
        return Sums(tuple(storage.models(*self._key)), tuple(storage.context_curve(*self._key)))


class Files(msgspec.Struct, frozen=True):
    """What the session wrote to."""

    touched: tuple[FileTouch, ...]


class FilesOf:
    """The files, whenever the session changed; `tools` are those that write."""

    def __init__(self, key: Key, tools: frozenset[str]) -> None:
        self._key = key
        self._tools = tuple(sorted(tools))

    def ask(self, storage: Storage, changed: frozenset[Key] | None) -> Files | None:
        """They; None if nothing changed."""
        if changed is not None and self._key not in changed:
            return None
        return Files(tuple(storage.files(*self._key, self._tools)))


class Witnesses(msgspec.Struct, frozen=True):
    """The latest words of the witnesses."""

    claims: tuple[Claim, ...]


class WitnessesOf:
    """The witnesses' words; a claim may change without its session's row."""

    def __init__(self, key: Key) -> None:
        self._key = key
        self._told: Witnesses | None = None

    def ask(self, storage: Storage, changed: frozenset[Key] | None) -> Witnesses | None:
        """They; None if they are those that were told last."""
        found = Witnesses(tuple(storage.claims(*self._key)))
        if found == self._told and changed is not None:
            return None
        self._told = found
        return found
