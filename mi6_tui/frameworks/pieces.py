"""Records and what is in them, whatever stands there."""

from __future__ import annotations

from typing import Any, Final, TypeVar

import msgspec

from mi6_tui.frameworks.records import NOTHING, Json, holds_nul, read, repair, value

_S = TypeVar("_S", bound=msgspec.Struct)
_ITEMS: Final = msgspec.json.Decoder(list[msgspec.Raw])


def parse(cls: type[_S], line: bytes) -> _S | None:
    """The record in `line`, values of a wrong type left out; None if it is no JSON object."""
    record = read(cls, line)
    if record is None or not holds_nul(line):
        return record
    plain = repair(line)
    return record if plain is None else read(cls, plain)


def many(cls: type[_S], data: Json) -> list[_S]:
    """The objects in a list; empty for anything else."""
    return [found for item in _items(data) if (found := read(cls, item)) is not None]


def texts(content: Json) -> list[str]:
    """The texts in a content, which is a text, a part or a list of parts."""
    found = value(content)
    parts: list[Any] = found if isinstance(found, list) else [found]
    told = [part.get("text") if isinstance(part, dict) else part for part in parts]
    return [text for text in told if isinstance(text, str)]


def fields(data: Json) -> dict[str, Any]:
    """An object's fields; empty when it is none."""
    found = value(data)
    return found if isinstance(found, dict) else {}


def _items(data: Json) -> list[msgspec.Raw] | list[bytes]:
    try:
        return _ITEMS.decode(data) if data is not NOTHING else []
    except (ValueError, RecursionError):
        found = value(data)
        return [msgspec.json.encode(item) for item in found] if isinstance(found, list) else []
