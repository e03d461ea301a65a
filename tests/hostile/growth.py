"""How time grows with what is read: four times as much must not take much more than four times as long.

Named so that only `make fuzz` runs it: it measures, and so depends on a machine that has time for it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import pytest

from mi6_tui.frameworks import framework
from mi6_tui.frameworks import text as stored_text
from mi6_tui.frameworks.base import Line
from mi6_tui.frameworks.records import repair
from mi6_tui.ingest.git.config import entries
from mi6_tui.model import secrets
from mi6_tui.query import QueryError, complete, parse, spans
from mi6_tui.query.patterns import compiled
from mi6_tui.report import cells
from mi6_tui.toml_lines import lines_of
from mi6_tui.tui import text as shown_text
from mi6_tui.tui.session import wrapping
from tests.hostile.test_decoders import CLIENTS, samples

_TIMES: Final = 4
_WORSE: Final = 2.5
"""How much more than linear is laid to the machine."""
_LEAST: Final = 0.005
"""Seconds that are worth measuring."""
_LARGEST: Final = 400_000
"""Characters; what is done with so many in no time is no trouble."""

_PIECES: Final = (
    "x", " ", "\t", "\n", "\r\n", "-", "_", ":", "=", "@", "/", ".", "\\", '"', "'", "`", "(", "[", "{", "<",
    "$", "%", "é", "漢", "e\u0301", "\u0301", "\u200d", "\x1b", "\x1b[", "\x1b[1", "\x1b]", "\x1b]0;", "\x9b",
    "\u202e", "a ", " a", "a-", "-a", "a.", "a@", "@a.", "a@a.", "key", "key=", "key: ", "token", "secret=",
    "password=", "password: a ", "api_key=\"", "://", "://a:", "://a:b", "sk-", "sk-a", "xox", "ghp_", "gh",
    "eyJ", "eyJa.", "-----BEGIN ", "-----BEGIN PRIVATE KEY-----", "-----BEGIN A PRIVATE KEY-----\n-",
    "-----END ", "AKIA", "ya29.", "bearer ", "authorization: ", "Authorization: Basic ", "--a-",
    "--password ", " -u ", " -u a", " --user=a:", "org-", "user-a", "user_a", "arn:aws:", ":1",
    ":123456789012", "account_id=", "account-id: a-", "hooks.slack.com/services/", "tenant_", "[x](", "**",
    "```\n", "# ", "| ", "&amp;",
    "\u2028", "\ud800",
)  # fmt: skip


def took(call: Callable[[Any], object], found: Any, times: int = 1) -> float:
    """The least CPU seconds of some calls."""
    spent = []
    for _ in range(times):
        secrets._masked_by_rules.cache_clear()
        began = time.process_time()
        call(found)
        spent.append(time.process_time() - began)
    return min(spent)


def check_linear(call: Callable[[Any], object], make: Callable[[int], Any], size: int, what: str) -> None:
    """Take `size`, larger until it can be measured, and then four times as much."""
    while (once := took(call, make(size))) < _LEAST:
        size *= _TIMES
        if size > _LARGEST:
            return
    if took(call, make(size * _TIMES)) <= once * _TIMES * _WORSE:
        return
    # Once more, with care, before anybody is blamed.
    once, more = took(call, make(size), 3), took(call, make(size * _TIMES), 3)
    told = f"{what}: {size} in {once:.3f} s, {size * _TIMES} in {more:.3f} s"
    assert more <= once * _TIMES * _WORSE, told


def _quietly(call: Callable[[str], object]) -> Callable[[str], object]:
    def quiet(found: str) -> object:
        try:
            return call(found)
        except QueryError:
            return None

    return quiet


_FUNCTIONS: Final[dict[str, Callable[[str], object]]] = {
    "masked": secrets.masked,
    "stored clean": lambda found: stored_text.clean(found, len(found)),
    "stored one_line": lambda found: stored_text.one_line(found, len(found)),
    "shown clean": lambda found: shown_text.clean(found, len(found)),
    "unsteered": shown_text.unsteered,
    "verbatim": shown_text.verbatim,
    "fit": lambda found: shown_text.fit(shown_text.clean(found, len(found)), 80),
    "wrapped": lambda found: shown_text.wrapped(shown_text.clean(found), 40),
    "safe lines": lambda found: [wrapping.wrapped(line, 60) for line in wrapping.safe_lines(found)],
    "report clean": cells.clean,
    "report cut": lambda found: cells.cut(found, 80),
    "query": _quietly(lambda found: parse(found[:2000])),
    "query spans": _quietly(spans),
    "completion": lambda found: complete(found, len(found), [], 0),
    "git config": lambda found: list(entries("[a]\nb=" + found)),
    "toml": lambda found: lines_of.__wrapped__("a = 1\n" + found),
    "repair": lambda found: repair(json.dumps({"a": found}).encode()),
    "pattern": lambda found: compiled("(a+)+$|(x|xx)*y")(found.encode("utf-8", "replace").decode()),
}


@pytest.mark.parametrize("name", _FUNCTIONS)
@pytest.mark.parametrize("before", ["", "key="])
def test_a_text(name: str, before: str) -> None:
    for piece in _PIECES:
        check_linear(_FUNCTIONS[name], partial(_text, before, piece), 5_000, f"{name} of {before + piece!r}")


def _text(before: str, piece: str, size: int) -> str:
    return before + piece * (size // len(piece))


_LINES: Final[dict[str, Callable[[int], bytes]]] = {
    "text": lambda size: b'"' + b"x" * size + b'"',
    "escapes": lambda size: b'"' + b"\\u001b" * (size // 6) + b'"',
    "list": lambda size: b"[" + b",".join([b"1"] * (size // 2)) + b"]",
    "objects": lambda size: b"[" + b",".join([b'{"type":"text","text":"a"}'] * (size // 27)) + b"]",
    "same keys": lambda size: b"{" + b",".join([b'"a":1'] * (size // 6)) + b"}",
    "other keys": lambda size: b"{" + b",".join(b'"%d":1' % at for at in range(size // 10)) + b"}",
    "deep": lambda size: b"[" * (size // 2) + b"]" * (size // 2),
    "not a number": lambda size: b"[" + b"NaN," * (size // 4) + b"NaN]",
    "digits": lambda size: b"1" * min(size, 4000) + b"0" * max(0, size - 4000),
    "open": lambda size: b"[" * size,
    "bad bytes": lambda size: b'"' + b"\xff" * size + b'"',
}


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("kind", _LINES)
def test_a_line(client: str, kind: str) -> None:
    """In the place of any of the values of a real line of each kind."""
    seen: set[frozenset[str]] = set()
    for path, lines in samples(client)[:6]:
        for _, line in lines:
            record = json.loads(line)
            shape = frozenset((*record, str(record.get("type"))))
            if shape in seen or len(seen) > 25:
                continue
            seen.add(shape)
            for key in record.keys() - {"type", "timestamp"}:
                frame = json.dumps(record | {key: "@@"}).encode()
                what = f"{client} {sorted(shape)} {key}"
                check_linear(partial(_decode, client, path), partial(_line, frame, kind), 60_000, what)


def _line(frame: bytes, kind: str, size: int) -> list[Line]:
    return [(0, frame.replace(b'"@@"', _LINES[kind](size)))]


def _decode(client: str, path: str, lines: list[Line]) -> bytes:
    decoder = framework(client).decoder(path, "x", None)
    decoder.decode(lines)
    return decoder.state()


@pytest.mark.parametrize("client", CLIENTS)
def test_many_lines(client: str) -> None:
    for path, lines in samples(client)[:3]:
        check_linear(partial(_decode, client, path), partial(_many, lines), 500, f"{client} {path}")


def _many(lines: list[Line], count: int) -> list[Line]:
    return (lines * (count // len(lines) + 1))[:count]
