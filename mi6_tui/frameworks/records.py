"""Reading JSON that may be damaged: what is wrong is left out, and the rest is kept.

Only the fields a struct names are decoded; everything else costs no more than the scan over it. A
`msgspec.Raw` field is decoded by whoever needs it.
"""

from __future__ import annotations

import math
import re
from functools import cache
from typing import Annotated, Any, Final, TypeVar, cast, get_type_hints

import msgspec

Json = msgspec.Raw | bytes
NOTHING: Final = msgspec.Raw(b"")
"""What a `msgspec.Raw` field holds when it is absent."""

Name = Annotated[str, msgspec.Meta(max_length=512)]
"""Of a field that holds an id or a name, which a decoder may remember: a longer one is left out."""
Folder = Annotated[str, msgspec.Meta(max_length=4096)]
"""The same of a path."""

_S = TypeVar("_S", bound=msgspec.Struct)
_INT64: Final = 2**63
_BEFORE: Final = b"\xef\xbb\xbf \t\r\n"
_MENDABLE: Final = 16 << 20
"""Bytes."""
_MOST_TOKENS: Final = 10**12
"""No request has as many: a number above says nothing."""
_FIELDS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ANY: Final = msgspec.json.Decoder()


class _Shape:
    """What is needed to decode one struct type, whole or field by field."""

    def __init__(self, cls: type[msgspec.Struct]) -> None:
        hints = get_type_hints(cls, include_extras=True)
        self.whole: msgspec.json.Decoder[Any] = msgspec.json.Decoder(cls)
        self.fields = {
            field.encode_name: (field.name, None if hints[field.name] is msgspec.Raw else hints[field.name])
            for field in msgspec.structs.fields(cls)
        }


_shape = cache(_Shape)


def read(cls: type[_S], data: Json) -> _S | None:
    """The struct in `data`, values of a wrong type left out; None if it is no JSON object."""
    if data is NOTHING:
        return None
    try:
        return cast(_S, _shape(cls).whole.decode(data))
    except msgspec.ValidationError:
        if found := _read_by_field(cls, data):
            return found
    except (ValueError, RecursionError):
        pass
    # Most of what is no JSON is no object either: to find that out must not cost more than to read one.
    repaired = repair(data) if bytes(data).lstrip(_BEFORE)[:1] == b"{" else None
    return None if repaired is None else _read_by_field(cls, repaired)


def _read_by_field(cls: type[_S], data: Json) -> _S | None:
    try:
        fields = _FIELDS.decode(data)
    except (ValueError, RecursionError):
        return None
    found = cls()
    for encoded, (name, wanted) in _shape(cls).fields.items():
        if encoded not in fields:
            continue
        raw = fields[encoded]
        if wanted is None:
            setattr(found, name, raw)
            continue
        try:
            setattr(found, name, msgspec.json.decode(raw, type=wanted))
        except (ValueError, RecursionError):
            continue
    return found


def value(data: Json) -> Any:
    """Any JSON value; None for none, or for one that cannot be read."""
    if data is NOTHING:
        return None
    try:
        return _ANY.decode(data)
    except (ValueError, RecursionError):
        repaired = repair(data)
        return None if repaired is None else _ANY.decode(repaired)


def count(number: object) -> int | None:
    """`number` if it is a whole number from 0 up to 64 bits (no bool, no float); else None: unknown."""
    return number if type(number) is int and 0 <= number < _INT64 else None


def token_count(number: object) -> int | None:
    """`number` if it is a count of tokens that a request may have; else None: unknown."""
    return number if type(number) is int and 0 <= number <= _MOST_TOKENS else None


def holds_nul(data: bytes) -> bool:
    """Whether a NUL character stands in `data`, as it is or escaped."""
    return b"\\u0000" in data or b"\0" in data


_UNSAFE: Final = re.compile("[\x00\ud800-\udfff]")


def repair(data: Json) -> bytes | None:
    """`data` as plain JSON: no byte order mark, bad UTF-8, lone surrogate, NUL, NaN or huge number.

    None where that cannot be, or would take too much memory: some thirteen times as much as `data`.
    """
    try:
        if len(memoryview(data)) > _MENDABLE:
            return None
        text = bytes(data).decode("utf-8", "replace").removeprefix("\ufeff")
        import json  # late: few lines need it

        return msgspec.json.encode(_scrub(json.loads(text, strict=False)))
    except (ValueError, RecursionError):
        return None


def _scrub(found: Any) -> Any:
    if isinstance(found, str):
        return _UNSAFE.sub(lambda match: "" if match[0] == "\0" else "\ufffd", found)
    if isinstance(found, dict):
        return {_scrub(key): _scrub(item) for key, item in found.items()}
    if isinstance(found, list):
        return [_scrub(item) for item in found]
    if isinstance(found, float) and not math.isfinite(found):
        return None
    if isinstance(found, int) and not -_INT64 <= found < 2 * _INT64:
        return None
    return found
