"""A beginning of ours before the user's own status line, in a client's settings; the rest stays his."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import msgspec

from mi6_tui.frameworks.hooks import StatusLine
from mi6_tui.hooks import edit
from mi6_tui.hooks.line import status_beginning, status_end, status_head
from mi6_tui.hooks.spans import BadJsonError, Document, Node, parse

_COMMAND: Final = "command"


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """Where it is set, and how a line of ours begins.

    All functions take and give whole texts. BadJsonError if a text is no JSON, or the line is none.
    """

    at: StatusLine
    comments: bool
    framework: str
    script: Path
    folder: Path

    def held(self, text: str) -> bool:
        """Whether the line begins with ours, of any version."""
        return self._ours(self._parse(text)) is not None

    def put(self, text: str) -> str:
        """The text with our beginning as it must be, once."""
        beginning = status_beginning(self.framework, self.script, self.folder)
        document = self._parse(text)
        command = self._command(document)
        if command is None:
            value = {**self.at.fresh, _COMMAND: beginning}
            return edit.add(text, self.at.path, value, comments=self.comments)
        ours = self._ours(document)
        start, end = ours if ours is not None else (command.start + 1, command.start + 1)
        if ours is not None and json.loads(f'"{text[start:end]}"') == beginning:
            return text
        return text[:start] + _inside(beginning) + text[end:]

    def take(self, text: str, base: str | None) -> str:
        """The text without it, and without a line that was made only to hold it.

        `base` is the text before; None: there was none, or nobody knows.
        """
        while (ours := self._ours(document := self._parse(text))) is not None:
            left = text[: ours[0]] + text[ours[1] :]
            document = self._parse(left)
            command = self._command(document)
            if command is not None and not str(command.scalar).strip() and not self._had_one(base):
                parent = edit.find(document, self.at.path[:-1])
                left = edit.remove(document, parent, _index(parent, self.at.path[-1])) if parent else left
            text = left
        return text

    def _parse(self, text: str) -> Document:
        return parse(text, comments=self.comments)

    def _had_one(self, base: str | None) -> bool:
        try:
            return base is not None and edit.find(self._parse(base), self.at.path) is not None
        except BadJsonError:
            return False

    def _command(self, document: Document) -> Node | None:
        """The command's text; None if there is no status line."""
        node = edit.find(document, self.at.path)
        if node is None:
            return None
        command = node.get(_COMMAND)
        if command is None or not isinstance(command.scalar, str) or document.text[command.start] != '"':
            raise BadJsonError(document.line(node.start), f'"{".".join(self.at.path)}" is no command')
        return command

    def _ours(self, document: Document) -> tuple[int, int] | None:
        """Where our beginning stands, as it is written."""
        try:
            command = self._command(document)
        except BadJsonError:
            return None
        if command is None:
            return None
        # Whoever wrote the file anew may have written what is beyond ASCII in another way.
        for plain in (False, True):
            head = _inside(status_head(self.framework), plain=plain)
            end = _inside(status_end(self.script), plain=plain)
            stop = document.text.find(end, command.start, command.end)
            start = document.text.rfind(head, command.start, stop) if stop >= 0 else -1
            if start >= 0:
                return start, stop + len(end)
        return None


def _inside(text: str, *, plain: bool = False) -> str:
    """As it stands between the quotes of JSON."""
    return json.dumps(text, ensure_ascii=plain)[1:-1]


def _index(parent: Node, key: str) -> int:
    members = parent.members or ()
    return max(at for at, member in enumerate(members) if member.key == key)
