"""What a decoder remembers between two runs, as bytes."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar, cast

import msgspec

from mi6_tui.errors import TranscriptError

_S = TypeVar("_S", bound=msgspec.Struct)


@cache
def _decoder(kind: type[msgspec.Struct]) -> msgspec.msgpack.Decoder[Any]:
    return msgspec.msgpack.Decoder(kind)


def load(kind: type[_S], memory: bytes | None, path: str) -> _S:
    """The struct in `memory`, a fresh one for None; TranscriptError if it is not of this kind."""
    if memory is None:
        return kind()
    try:
        return cast(_S, _decoder(kind).decode(memory))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise TranscriptError(
            f"what is remembered of {path} cannot be read", "scan it again in full"
        ) from error


def dump(memory: msgspec.Struct) -> bytes:
    """`memory` as MessagePack."""
    return msgspec.msgpack.encode(memory)
