"""The syntax of git's configuration files, and which remote of a repository counts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

_BLANK: Final = re.compile(r"(?:\s+|[#;][^\n]*)+")
_HEADER: Final = re.compile(r'\[([A-Za-z0-9.-]+)(?:[ \t]+"((?:[^"\\\n]|\\[^\n])*)")?\]')
_KEY: Final = re.compile(r"([A-Za-z][A-Za-z0-9-]*)[ \t]*(=|(?=\n)|\Z)")
_PIECE: Final = re.compile(r'[^\\"#;\n]+|\\.|[\\"#;\n]', re.DOTALL)
_ESCAPES: Final = {"\\\n": "", "\\n": "\n", "\\t": "\t", "\\b": "\b", '\\"': '"', "\\\\": "\\"}


class Entry(NamedTuple):
    """One setting; `section` and `key` in lower case, `name` is the part of the section in quotes."""

    section: str
    name: str
    key: str
    value: str


def entries(text: str) -> Iterator[Entry]:
    """The settings in a file, in order, up to the first thing that git would not accept.

    Files that are included are not looked at.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    at, section, name = 0, "", ""
    while True:
        if blank := _BLANK.match(text, at):
            at = blank.end()
        if header := _HEADER.match(text, at):
            section, _, dotted = header[1].lower().partition(".")
            name = dotted if header[2] is None else re.sub(r"\\(.)", r"\1", header[2])
            at = header.end()
            continue
        key = _KEY.match(text, at)
        if key is None or not section:
            return
        value, at = _value(text, key.end()) if key[2] else ("true", key.end())
        if value is None:
            return
        yield Entry(section, name, key[1].lower(), value)


def _value(text: str, at: int) -> tuple[str | None, int]:
    """What stands behind an equals sign, without quotes, escapes and comment, and where it ends."""
    pieces: list[str] = []
    length = kept = 0
    quoted = False
    while match := _PIECE.match(text, at):
        piece = match[0]
        if piece == "\n" or (piece in "#;" and not quoted):
            break
        at = match.end()
        if piece == '"':
            quoted = not quoted
            piece = ""
        elif piece[0] == "\\":
            if piece not in _ESCAPES:
                return None, at
            piece = _ESCAPES[piece]
        elif not quoted:
            bare = piece if length else piece.lstrip()
            pieces.append(bare)
            length += len(bare)
            continue
        pieces.append(piece)
        length += len(piece)
        kept = length  # blanks up to here belong to the value
    if quoted:
        return None, at
    whole = "".join(pieces)
    return whole[:kept] + whole[kept:].rstrip(), at


class Remotes:
    """The remotes that a repository's settings name."""

    def __init__(self, settings: Iterable[Entry]) -> None:
        self.urls: dict[str, str] = {}
        """By name; of several URLs the first, which is the one that is fetched from."""
        self._upstream: dict[str, str] = {}
        self._instead: list[tuple[str, str]] = []
        for section, name, key, value in settings:
            if (section, key) == ("remote", "url") and name and value:
                self.urls.setdefault(name, value)
            elif (section, key) == ("branch", "remote"):
                self._upstream[name] = value
            elif (section, key) == ("url", "insteadof") and value:
                self._instead.append((value, name))

    def main(self, branch: str | None) -> str | None:
        """URL of `origin`, else of the only remote, else of the one that `branch` follows."""
        if "origin" in self.urls:
            return self.urls["origin"]
        if len(self.urls) == 1:
            return next(iter(self.urls.values()))
        return self.urls.get(self._upstream.get(branch or "", ""))

    def rewritten(self, url: str) -> str:
        """The URL that git uses in its place (`insteadOf`): of several rules that of the longest prefix."""
        fitting = [rule for rule in self._instead if url.startswith(rule[0])]
        prefix, base = max(fitting, key=lambda rule: len(rule[0]), default=("", ""))
        return base + url[len(prefix) :]
