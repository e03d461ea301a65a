"""Bad neighbours of good JSON: the same text with values of another type, without keys, too deep, too long.

All chances come from one generator, so that a seed gives the same text again.
"""

from __future__ import annotations

import json
import random
from typing import Any, Final

DEPTH: Final = 10_000
_LONG: Final = 1_000_000
_FAR: Final = (
    "9999-12-31T23:59:59.999Z", "0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "-0044-03-15T00:00:00Z",
    "9999-12-31T23:59:59.999-23:59", "0001-01-01T00:00:00+23:59", "2026-13-45T99:99:99Z",
    -1, 253_402_300_799_999, 2**53, 10**18,
)  # fmt: skip
_ESCAPES: Final = (
    "\x1b[2J\x1b[1;1H", "\x1b]0;owned\x07", "\x1b]52;c;b3duZWQ=\x1b\\", "\x1bP$q\x1b\\", "\x1b_G\x1b\\",
    "\x9b31m", "\x9d0;owned\x9c", "\x90q\x9c", "\x1b", "a\rb\x08c\x7f", "\u202eabc\u202c", "\u2066x",
    "e" + "\u0301" * 1000, "\u200d\u200b\ufeff", "\u2028\u2029", "[/x] [bold]", "a\tb\nc",
)  # fmt: skip
NAMES: Final = (
    "../../x", "/etc/passwd", "..", ".", "/", "CON", "a\0b", "\0", "x" * 10_000, "-rf",
    "--help", "$(touch x)",
    "`id`", "; true", "%s%n", "\u0430bc", "\uff0e\uff0e\uff0fx", "~root", "C:\\x", "a/b", " ", "",
)  # fmt: skip
_NUMBERS: Final = (
    0, 1, -1, 2**31, 2**32, 2**53, 10**12, 10**12 + 1, 2**63 - 1, 2**63, 2**64, -(2**63), -(2**63) - 1,
    10**400, -(10**400), 0.5, -0.5, 1e308, 5e-324, float("nan"), float("inf"), float("-inf"), 1e18,
)  # fmt: skip
_WORDS: Final = ("\ud800", "\udfff\ud800", "é", "漢字", "👩‍💻", "null", "true", "1", "1e400", "NaN")


class Pair(list[Any]):
    """A key and its value."""


class Object(list[Pair]):
    """A JSON object as its pairs: a key may stand there twice."""


class Raw(str):
    """Text that is written as it is."""

    __slots__ = ()


def parsed(line: bytes) -> Any:
    """A JSON text, its objects as pairs."""
    return json.loads(line, object_pairs_hook=lambda pairs: Object(Pair(pair) for pair in pairs))


def written(value: Any) -> str:
    """The same as text."""
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, Object):
        return "{" + ",".join(f"{json.dumps(key)}:{written(inner)}" for key, inner in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(written, value)) + "]"
    return json.dumps(value)


def _deep(chance: random.Random) -> Raw:
    opening, closing = chance.choice((("[", "]"), ('{"a":', "}"), ('[{"":', "}]")))
    depth = chance.choice((30, 200, 900, 1100, DEPTH))
    return Raw(opening * depth + ("0" if ":" in opening else "") + closing * depth)


def hostile(chance: random.Random) -> Any:
    """A value that nobody wants."""
    match chance.randrange(16):
        case 0 | 1:
            return chance.choice(_NUMBERS)
        case 2 | 3:
            return chance.choice(_ESCAPES)
        case 4 | 5:
            return chance.choice(NAMES)
        case 6:
            return chance.choice(_FAR)
        case 7:
            return chance.choice(_WORDS)
        case 8:
            return chance.choice((None, True, False))
        case 9:
            return chance.choice(([], Object(), [[]], [None], Object([Pair(("", Object()))]), [Object()]))
        case 10:
            return _deep(chance)
        case 11:
            return Raw(
                chance.choice(("1e400", "-0", "NaN", "-Infinity", "1" * 400, "0.1e-400", '"\\ud800\\u0000"'))
            )
        case 12 if chance.random() < 0.05:
            return "x" * _LONG
        case 12:
            return "y" * 5000
        case 13:
            return [hostile(chance) for _ in range(chance.randrange(4))]
        case 14:
            return Object(
                Pair((str(chance.choice(_WORDS + NAMES)), hostile(chance)))
                for _ in range(chance.randrange(4))
            )
        case _:
            return "".join(chr(chance.randrange(0x110000)) for _ in range(chance.randrange(20)))


Place = tuple[list[Any], int]
"""A list, or a pair of an object, and where in it."""


def places(root: list[Any]) -> list[Place]:
    """Everything in a document that can be replaced."""
    found: list[Place] = []
    open_: list[Any] = [root]
    while open_:
        holder = open_.pop()
        if isinstance(holder, Object):
            found += ((pair, 1) for pair in holder)
            open_ += (pair[1] for pair in holder)
        elif isinstance(holder, list):
            found += ((holder, at) for at in range(len(holder)))
            open_ += holder
    return found


def _objects(root: list[Any]) -> list[Object]:
    values = (holder[at] for holder, at in places(root))
    return [value for value in values if isinstance(value, Object)]


def _one(root: list[Any], chance: random.Random) -> None:
    """Change one thing in a document, which is the only item of `root`."""
    everything = places(root)
    holder, at = chance.choice(everything)
    value = holder[at]
    objects = [one for one in _objects(root) if one]
    match chance.randrange(12):
        case 0 if objects:
            del (pairs := chance.choice(objects))[chance.randrange(len(pairs))]
        case 1 if objects:
            pairs = chance.choice(objects)
            key, known = chance.choice(pairs)
            again = known if chance.random() < 0.3 else hostile(chance)
            pairs.insert(chance.randrange(len(pairs) + 1), Pair((key, again)))
        case 2 if objects:
            chance.choice(chance.choice(objects))[0] = str(chance.choice(("", "type", "id", *NAMES, *_WORDS)))
        case 3 if isinstance(value, Object):
            holder[at] = [inner for _, inner in value]
        case 3 | 4 if isinstance(value, list):
            holder[at] = Object(Pair((str(key), inner)) for key, inner in enumerate(value))
        case 4:
            holder[at] = [value] if chance.random() < 0.5 else Object([Pair(("text", value))])
        case 5:
            other, there = chance.choice(everything)
            holder[at], other[there] = other[there], value
            holder[at] = hostile(chance) if _loops(root) else holder[at]
        case 6 if isinstance(value, str):
            holder[at] = value + str(chance.choice(_ESCAPES + NAMES))
        case 7 if isinstance(value, int | float) and not isinstance(value, bool):
            holder[at] = chance.choice((-value, value * 10**15, str(value), [value]))
        case _:
            holder[at] = hostile(chance)


def _loops(root: list[Any]) -> bool:
    """Whether swapping put a value into itself."""
    try:
        written(root)
    except RecursionError:
        return True
    return False


def spoiled(line: bytes, chance: random.Random) -> bytes:
    """A good line made bad in its structure, sometimes in its bytes as well; without a newline."""
    root = [parsed(line)]
    for _ in range(chance.randint(1, 4)):
        _one(root, chance)
        if _loops(root):
            root = [parsed(line)]
    data = written(root[0]).encode("utf-8", "surrogatepass")
    return damaged(data, chance) if chance.random() < 0.2 else data


def damaged(data: bytes, chance: random.Random) -> bytes:
    """A text with bytes that are wrong, missing or too many; without a newline."""
    bad = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(bad) + 1)
        match chance.randrange(6):
            case 0:
                bad[at : at + 1] = bytes((chance.randrange(256),))
            case 1:
                del bad[at : at + chance.randrange(1, 40)]
            case 2:
                bad[at:at] = chance.choice(
                    (
                        b"\0",
                        b"\xff",
                        b"\xed\xa0\x80",
                        b"\xef\xbb\xbf",
                        b"\x1b",
                        b'"',
                        b"{",
                        b"]",
                        b"\\",
                        b",",
                        b"\xc2\x9b",
                    )
                )
            case 3:
                start = chance.randrange(len(bad) + 1)
                bad[at:at] = bad[start : start + chance.randrange(60)]
            case 4:
                del bad[at:]
            case _:
                bad[at:at] = bytes(chance.randrange(256) for _ in range(chance.randrange(8)))
    return bytes(bad).replace(b"\n", b" ")
